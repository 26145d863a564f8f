"""The parts of tools/plot.py: runs are read, figures drawn, and a style holds them together."""

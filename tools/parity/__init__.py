"""Runs a scenario on real nodes and lays it beside the simulation: what tools/lab is made of."""

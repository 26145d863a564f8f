"""Starts a program and interrupts it as Ctrl-C does, once it would notice."""

import pathlib
import signal
import subprocess
import time


def interrupted(command, deadline):
    """Its exit code, stdout and stderr."""
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    status = pathlib.Path(f"/proc/{running.pid}/status")
    until = time.monotonic() + deadline
    while time.monotonic() < until:
        caught = int(status.read_text(encoding="ascii").split("SigCgt:")[1].split()[0], 16)
        if caught >> (signal.SIGINT - 1) & 1:
            break
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=deadline)
    return running.returncode, out, err

"""The processes of a lab: nodes, each with an address of its own on loopback, and their shaper.

Everything that is started here is stopped here, by its process id. A node's address has as many
letters as a simulated one, so that hellos have as many bytes.
"""

import http.client
import json
import os
import pathlib
import random
import re
import select
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEADLINE = 30.0  # seconds for a process to start, to answer or to end


class LabFailure(Exception):
    """One line for a person."""


def program(name):
    """The path of a program: $NAME, or built by its launcher."""
    path = os.environ.get(name.upper())
    if path:
        return path
    done = subprocess.run([ROOT / "tools" / name, "--version"], stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise LabFailure(f"{name} cannot be built; its words stand above")
    return str(ROOT / "build/release" / name)


def free_addresses(count):
    """One a node, on one port: 127.AA.BBB.CCC:PPPP, 19 letters as a simulated node's has."""
    dice = random.Random()
    for _ in range(100):
        net, port = dice.randrange(20, 100), dice.randrange(2000, 10000)
        hosts = [f"127.{net}.{100 + i // 100}.{100 + i % 100}" for i in range(count)]
        try:
            for host in (hosts[0], hosts[-1]):
                with socket.socket() as probe:
                    probe.bind((host, port))
        except OSError:
            continue
        return [f"{host}:{port}" for host in hosts]
    raise LabFailure("found no free port on loopback; expected one of 8,000")


class Lines:
    """What a process writes, line by line, with a deadline."""

    def __init__(self, pipe):
        self.pipe, self.rest = pipe, b""

    def next(self, what):
        end = time.monotonic() + DEADLINE
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.pipe], [], [], max(0.0, end - time.monotonic()))
            more = os.read(self.pipe.fileno(), 1 << 16) if ready else b""
            if not more:
                raise LabFailure(f"{what}: found {'its end' if ready else 'no answer'}; "
                                 "expected a line")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()


def wait_for_end(process):
    """Kills it if it does not end by itself."""
    try:
        process.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


class Shaper:
    """chainshaper --control (net-real/shaper/control.h)."""

    def __init__(self, log):
        self.process = subprocess.Popen([program("chainshaper"), "--control"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        self.lines = Lines(self.process.stdout)

    def tell(self, *commands):
        text = "".join(json.dumps(command) + "\n" for command in commands)
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise LabFailure("the shaper has ended; its words stand in shaper.log") from None

    def ask(self, **command):
        self.tell(command)
        return json.loads(self.lines.next("the shaper"))

    def listen(self, dialler, dialled):
        return self.ask(listen=[dialler, dialled], at="127.0.0.1:0")["at"]

    def stop(self):
        self.process.stdin.close()
        wait_for_end(self.process)


class Node:
    """One chainnode: its files, its life and its HTTP calls."""

    def __init__(self, number, facts, address, folder, data):
        self.number, self.address = number, address
        self.folder, self.process = folder, None
        chain = folder / f"chain-{number}.json"
        chain.write_text(json.dumps(facts["chain"]) + "\n")
        self.command = [program("chainnode"), "--data-dir", str(data / f"node-{number}"),
                        "--p2p", address, "--http", "127.0.0.1:0", "--chain", str(chain),
                        "--protocol", facts["protocol"],
                        "--record", str(folder / f"node-{number}.rec")]
        self.http = None

    def start(self):
        with open(self.folder / f"node-{self.number}.log", "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log)

    def wait_until_up(self):
        line = Lines(self.process.stdout).next(f"node {self.number}")
        found = re.fullmatch(r"listening p2p (\S+) http (\S+)", line)
        if not found:
            raise LabFailure(f"node {self.number}: found `{line}`; expected where it listens")
        self.http = found[2]

    def post(self, path, body):
        """(status, answer)."""
        connection = http.client.HTTPConnection(self.http, timeout=DEADLINE)
        try:
            connection.request("POST", path, json.dumps(body),
                               {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def send_signal(self, number):
        self.process.send_signal(number)

    def begin_stop(self):
        if self.is_up():
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()

    def end_stop(self):
        if self.process is not None:
            wait_for_end(self.process)

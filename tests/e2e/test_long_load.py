#!/usr/bin/python3
"""Loads that a node must bear: after each, memory, descriptors and latency are where they were.

LOAD_SECONDS (600) is how long the crowd stays, LOAD_SHARE (1) the part of the other loads that is
put on: 0.01 for a look.
"""

import json
import os
import pathlib
import resource
import subprocess
import unittest

from expensive import flood_of_expensive_frames
from peer import Chainnode, chainnodes, fill_store
from waiting import wait_for

LOAD = pathlib.Path(os.environ.get("CHAINNODE", "")).parent / "load"
SECONDS = int(os.environ.get("LOAD_SECONDS", "600"))
SHARE = float(os.environ.get("LOAD_SHARE", "1"))
MEMORY = 16 << 20  # bytes that a load may leave behind


def start(command, address, count, seconds=0):
    count = max(1, round(count * (1 if seconds else SHARE)))
    return subprocess.Popen([LOAD, command, address, str(count), str(seconds)],
                            stdout=subprocess.PIPE, text=True)


def result(process):
    out, _ = process.communicate()
    assert process.returncode == 0, process.returncode
    return json.loads(out)


def load(*arguments):
    return result(start(*arguments))


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def begin(self, files=None):
        self.node = Chainnode("--protocol", "header_first", files=files)
        self.addCleanup(self.node.close)
        self.idle = self.node.descriptors()
        for i in range(20):
            self.node.mine(str(i))
        load("calls", self.node.http, 300, 2)  # what is allocated once is there
        load("peers", self.node.p2p, 60, 2)
        self.before = self.look()

    def look(self):
        wait_for(lambda: not self.node.json("GET", "/peers"), "all peers gone")
        wait_for(lambda: self.node.descriptors() <= self.idle + 2, "all clients gone")
        ping = load("ping", self.node.p2p, 1, 2)
        return {"bytes": self.node.resident(), "p99_ms": ping["p99_ms"],
                "descriptors": self.node.descriptors()}

    def end(self, what, **facts):
        wait_for(lambda: self.node.resident() < self.before["bytes"] + MEMORY, "memory")
        after = self.look()
        print(f"{what}: {facts}")
        print(f"  before {self.before}")
        print(f"  after  {after}", flush=True)
        self.assertLess(after["bytes"], self.before["bytes"] + MEMORY)
        self.assertLess(after["p99_ms"], max(10, 10 * self.before["p99_ms"]))
        self.assertEqual(self.node.height(), 20)
        self.assertIsNone(self.node.process.poll())

    def pinged_while(self, processes):
        """The worst of an honest peer's 99th percentiles, each over five seconds."""
        worst = 0
        while any(process.poll() is None for process in processes):
            worst = max(worst, load("ping", self.node.p2p, 1, 5)["p99_ms"])
        return worst

    def test_malformed_frames_and_requests(self):
        self.begin()
        loads = [start("bad-frames", self.node.p2p, 1_000_000),
                 start("bad-requests", self.node.http, 500_000)]
        worst = self.pinged_while(loads)
        frames, requests = map(result, loads)
        for each in frames, requests:  # they came to something, all but a few
            self.assertLess(each["failed"], each["done"] / 1000, each)
        self.end("malformed", frames=frames["done"], requests=requests["done"],
                 honest_p99_ms=worst)
        self.assertLess(worst, 250)

    def test_a_crowd(self):
        others = chainnodes(self, 16, "--protocol", "header_first", "--min-peers", "0")
        self.begin()
        self.node.json("POST", "/addPeers", [f"ws://{other.p2p}" for other in others])
        loads = [start("peers", self.node.p2p, 109, SECONDS),
                 start("calls", self.node.http, 2_000, SECONDS)]
        wait_for(lambda: len(self.node.json("GET", "/peers")) == 125, "all peers")
        peers, calls = map(result, loads)
        for other in others:
            self.assertEqual(other.stop(), 0)
        self.assertEqual((peers["failed"], calls["failed"]), (0, 0))
        self.end("125 peers, 2,000 HTTP clients", seconds=SECONDS, peers_p99_ms=peers["p99_ms"],
                 calls=calls["latencies"], calls_p99_ms=calls["p99_ms"])

    def test_more_connections_than_descriptors(self):
        self.begin(files=1024)
        held = start("hold", self.node.http, 10_000, 20)
        answered = 0
        while held.poll() is None:
            answered += self.node.request("GET", "/healthz")[0] == 200
            self.assertLess(load("ping", self.node.p2p, 1, 1)["p99_ms"], 250)
        held = result(held)
        self.end("10,000 HTTP connections, 1,024 descriptors", connected=held["done"],
                 answered_meanwhile=answered)
        self.assertGreater(answered, 5)

    def test_connects_and_disconnects(self):
        self.begin()
        for address in (self.node.p2p, self.node.http):
            done = load("churn", address, 10_000)
            self.assertLess(done["failed"], done["done"] / 100, done)
            self.end("connects and disconnects", done=done["done"], seconds=done["seconds"])

    def test_slow_sockets(self):
        self.begin()
        loads = [start("slow", address, 2_000, 20) for address in (self.node.p2p, self.node.http)]
        worst = self.pinged_while(loads)
        self.end("2,000 slow sockets at either port", honest_p99_ms=worst,
                 held=[result(each)["done"] for each in loads])
        self.assertLess(worst, 250)

    def test_valid_frames_that_are_expensive(self):
        node = Chainnode("--protocol", "header_first")
        self.addCleanup(node.close)
        self.assertEqual(node.stop(), 0)
        fill_store(node.directory, 5000)
        node.start()
        seconds = max(2, 40 * SHARE)
        figures = flood_of_expensive_frames(self, node, node.chain(), peers=12, seconds=seconds)
        print(f"valid and expensive frames, {seconds} s: {figures}", flush=True)
        self.assertLess(figures["ping_median_ms"], 250)
        self.assertLess(figures["peak_bytes"], 64 << 20)
        self.assertEqual(node.height(), 5000)

    def test_the_largest_frames(self):
        self.begin()
        done = load("largest", self.node.p2p, 64)
        self.assertEqual(done["failed"], 0)
        self.end("1,000 frames of 1 MiB from each of so many peers", peers=done["done"],
                 seconds=done["seconds"], MB_per_s=round(done["done"] * 1048.576 / done["seconds"]))


if __name__ == "__main__":
    unittest.main()

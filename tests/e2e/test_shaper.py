#!/usr/bin/python3
"""chainshaper: bytes come unchanged, as late as was asked for, and not before a cut is over."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

from waiting import DEADLINE, wait_for

CHAINSHAPER = os.environ.get("CHAINSHAPER", "chainshaper")


class Echo:
    """A server that sends back what it is sent."""

    def __init__(self, test):
        self.server = socket.create_server(("127.0.0.1", 0))
        test.addCleanup(self.server.close)
        self.at = "127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                threading.Thread(target=self.echo, args=self.server.accept()[:1],
                                 daemon=True).start()
        except OSError:
            pass  # closed

    @staticmethod
    def echo(connection):
        try:
            with connection:
                while data := connection.recv(1 << 16):
                    connection.sendall(data)
        except ConnectionError:
            pass  # a reset is what some tests are about


def shaper(test, *flags):
    process = subprocess.Popen([CHAINSHAPER, *flags], stdin=subprocess.PIPE, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def end():
        process.kill()
        process.communicate()
    test.addCleanup(end)
    return process


def client(test, at):
    host, port = at.split(":")
    connection = socket.create_connection((host, int(port)), DEADLINE)
    test.addCleanup(connection.close)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive(connection, count):
    got = b""
    while len(got) < count:
        more = connection.recv(1 << 16)
        assert more, "the connection ended"
        got += more
    return got


class OneLink(unittest.TestCase):
    def test_latency_rate_and_its_own_error(self):
        process = shaper(self, "--to", Echo(self).at, "--latency", "30 ms", "--rate", "8 Mbit/s")
        connection = client(self, process.stdout.readline().split()[1])
        connection.sendall(b"?")
        self.assertEqual(receive(connection, 1), b"?")  # the dial took its time, too
        sent = os.urandom(100_000)  # 100 ms at 1 MB/s, each way; the ways overlap
        start = time.monotonic()
        connection.sendall(sent)
        self.assertEqual(receive(connection, len(sent)), sent)
        self.assertGreater(time.monotonic() - start, 0.159)
        process.send_signal(signal.SIGINT)
        report = json.loads(process.communicate()[0])
        self.assertEqual(report["bytes"], 2 * len(sent) + 2)
        self.assertLessEqual(report["late_ns"]["median"], report["late_ns"]["max"])

    def test_nobody_behind_it_is_a_reset(self):
        taken = socket.create_server(("127.0.0.1", 0))
        at = "127.0.0.1:%d" % taken.getsockname()[1]
        taken.close()
        process = shaper(self, "--to", at)
        connection = client(self, process.stdout.readline().split()[1])
        with self.assertRaises(ConnectionResetError):
            connection.recv(1)

    def test_what_cannot_be_is_refused_in_one_line(self):
        for flags, words in [(["--to", "127.0.0.1:1", "--latency", "80"], "expected a time"),
                             (["--to", "127.0.0.1:1", "--rate", "fast"], "expected a rate"),
                             (["--to", "nowhere"], "--to: "), ([], "expected one of them")]:
            done = subprocess.run([CHAINSHAPER, *flags], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done)
            self.assertIn(words, done.stderr)


class ManyLinks(unittest.TestCase):
    def setUp(self):
        self.process = shaper(self, "--control")
        self.tell(node=1, at=Echo(self).at)
        self.tell(listen=[0, 1], at="127.0.0.1:0")
        self.at = json.loads(self.process.stdout.readline())["at"]

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def report(self):
        self.tell(report=True)
        return json.loads(self.process.stdout.readline())

    def test_a_cut_holds_bytes_until_a_retransmission_finds_it_over(self):
        connection = client(self, self.at)
        connection.sendall(b"before")
        self.assertEqual(receive(connection, 6), b"before")
        self.tell(link=[0, 1], cut=True)
        self.report()  # the cut is made
        start = time.monotonic()
        connection.sendall(b"during")
        self.tell(link=[0, 1], cut=False, at_ns=time.time_ns() + 300_000_000)
        self.assertEqual(receive(connection, 6), b"during")
        # 200 ms, then 400 ms: that one finds it over.
        self.assertGreater(time.monotonic() - start, 0.599)

    def test_one_way_is_cut_and_the_other_flows(self):
        connection = client(self, self.at)
        connection.sendall(b"before")
        self.assertEqual(receive(connection, 6), b"before")
        self.tell(link=[1, 0], cut=True)
        self.report()
        connection.sendall(b"there")
        wait_for(lambda: self.report()["bytes"] >= 17, "what is sent there")
        self.tell(link=[1, 0], cut=False)
        self.assertEqual(receive(connection, 5), b"there")

    def test_a_dial_into_a_cut_fails_after_its_time(self):
        self.tell(dial_timeout_ns=200_000_000)
        self.tell(link=[0, 1], cut=True)
        self.report()
        start = time.monotonic()
        with self.assertRaises(ConnectionResetError):
            client(self, self.at).recv(1)
        self.assertGreater(time.monotonic() - start, 0.199)

    def test_a_reset_ends_both_ends(self):
        connection = client(self, self.at)
        connection.sendall(b"x")
        receive(connection, 1)
        self.tell(reset=[[1, 0]])
        with self.assertRaises(ConnectionResetError):
            connection.recv(1)

    def test_a_command_that_is_none_ends_it_in_one_line(self):
        self.tell(lnk=[0, 1])
        self.process.wait(DEADLINE)
        self.assertEqual(self.process.returncode, 1)
        self.assertIn("expected node, listen, link", self.process.stderr.read())


if __name__ == "__main__":
    unittest.main()

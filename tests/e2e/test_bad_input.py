#!/usr/bin/python3
"""Nothing that a stranger sends, and nothing in a file, stops a node; what is wrong is told."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

from peer import (CHAINNODE, DEADLINE, GENESIS, QUERY, Chainnode, Closed, chain_after, latest,
                  wait_for, whole)

GARBAGE = ["", "x", "{}", "[]", "null", "1", '{"type":1}', '{"type":1,"payload":{}}',
           '{"type":2,"payload":[]}', '{"type":1,"payload":[{}]}', '{"type":"1","payload":[]}',
           '{"type":1.5,"payload":{}}', '{"type":0,"type":0,"payload":{}}', "[" * 5000,
           '{"type":0,"payload":{}} x', '{"type":0,"payload":' + "[" * 40 + "]" * 40 + "}"]


class BadFrames(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode()
        self.addCleanup(self.node.close)

    def alive(self):
        ws = self.node.greeted()
        ws.send(QUERY)
        self.assertEqual(json.loads(ws.receive())["type"], 1)

    def closed(self, ws):
        """How the node closes the connection."""
        with self.assertRaises(Closed) as caught:
            while True:
                ws.receive()
        return caught.exception

    def test_garbage_closes_the_connection_with_a_reason(self):
        for garbage in GARBAGE:
            ws = self.node.greeted()
            ws.send(garbage)
            end = self.closed(ws)
            self.assertEqual(end.code, 1008, garbage[:40])
            self.assertIn("malformed: ", end.reason)
            ws.close()
        self.alive()

    def test_bytes_that_are_no_websocket_close_the_connection(self):
        for junk in (os.urandom(4000), b"GET / HTTP/1.1\r\n\r\n", b"\r\n" * 2000, b"GET " * 9000):
            with socket.create_connection(self.node.p2p.split(":"), DEADLINE) as sock:
                try:
                    sock.sendall(junk)
                    sock.shutdown(socket.SHUT_WR)
                    while sock.recv(1 << 16):
                        pass
                except OSError:  # closed before all of it was sent, or read
                    pass
        ws = self.node.greeted()
        ws.sock.sendall(b"\xff" * 100)  # no frame
        self.assertIn(self.closed(ws).code, (None, 1002))
        ws = self.node.greeted()
        ws.send(b"\xff\xfe", opcode=1)  # no UTF-8
        self.assertIn(self.closed(ws).code, (None, 1007))
        self.alive()

    def test_a_frame_of_100_MB_closes_the_connection(self):
        ws = self.node.greeted()
        chunk = b" " * (1 << 20)
        before = self.node.resident()
        with self.assertRaises(OSError):
            ws.sock.sendall(ws.frame_header(1, 100 << 20))
            for _ in range(100):
                ws.sock.sendall(chunk)
            self.closed(ws)
            raise ConnectionError("closed after all had been sent")
        self.assertLess(self.node.resident() - before, 16 << 20)
        wait_for(lambda: self.node.count('peer_down peer=0 why="a frame larger than 1048576') == 1)
        self.alive()

    def test_a_frame_over_the_limit_is_answered_with_1009(self):
        ws = self.node.greeted()
        ws.sock.sendall(ws.frame_header(1, (1 << 20) + 1))
        self.assertEqual(self.closed(ws).code, 1009)
        self.alive()

    def test_a_frame_just_within_the_limit_is_read(self):
        ws = self.node.greeted()
        ws.send(QUERY + " " * ((1 << 20) - len(QUERY)))
        self.assertEqual(ws.receive(), '{"type":1,"payload":[' + GENESIS + "]}")

    def test_a_chain_larger_than_a_frame_is_not_sent_and_that_is_said(self):
        for i in range(9):
            self.node.mine("x" * 120_000)
        ws = self.node.greeted()
        ws.send('{"type":1,"payload":[' + GENESIS + "]}")  # asks for the whole chain, so to say
        ws.send(QUERY)
        self.assertEqual(json.loads(ws.receive())["payload"][0]["height"], 9)
        self.assertEqual(self.node.count("chain_not_sent bytes="), 1)

    def test_a_peer_that_reads_nothing_is_dropped_before_memory_fills(self):
        for i in range(7):
            self.node.mine("x" * 120_000)
        ws = self.node.greeted()
        with self.assertRaises(OSError):
            for _ in range(1000):
                ws.send('{"type":1,"payload":[' + GENESIS + "]}")
                if self.node.count("peer_down peer=0"):
                    raise ConnectionError("dropped")
        wait_for(lambda: self.node.count('peer_down peer=0 why="it does not take what is') == 1)
        self.alive()

    def test_a_version_is_no_place_for_a_megabyte(self):
        block = chain_after(json.loads(GENESIS), 1, "x")[1]
        ws = self.node.greeted()
        ws.send(latest({**block, "version": "v" * 65}))
        self.assertEqual(self.closed(ws).reason.split(" at ")[0], "malformed: version_too_long")

    def test_a_flood_of_refused_frames_does_not_fill_the_log(self):
        ws = self.node.greeted()
        frame = latest(chain_after(json.loads(GENESIS), 2, "x")[2])
        for _ in range(3000):
            ws.send(frame)
            ws.receive()
        lines = self.node.count("info refused")
        self.assertLess(lines, 3000)
        wait_for(lambda: ws.send(frame) or ws.receive() and self.node.count("lines_left_out"))

    def test_blocks_over_the_limit_are_malformed(self):
        chain = chain_after(json.loads(GENESIS), 1, "x" * (129 << 10))
        for frame in (latest(chain[-1]), whole(chain)):
            ws = self.node.greeted()
            ws.send(frame)
            self.assertEqual(self.closed(ws).reason.split(" at ")[0], "malformed: block_too_big")


class BadStart(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="chainnode-test-")
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)

    def refused(self, *flags):
        """(exit code, the one line on stderr) of a node that does not start."""
        command = [CHAINNODE, "--data-dir", str(self.directory / "data"), "--p2p", "127.0.0.1:0",
                   "--http", "127.0.0.1:0", *flags]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE,
                              cwd=self.directory)
        lines = [line for line in done.stderr.splitlines() if line.startswith("chainnode: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.returncode, lines[0]

    def test_a_bad_flag(self):
        for flags, piece in [
            (["--nonsense"], "--nonsense"),
            (["--peers", ""], "--peers: found nothing; expected a value"),
            (["--p2p", "nowhere"], "--p2p: found 'nowhere'; expected"),
            (["--p2p", "127.0.0.1:99999"], "--p2p: found"),
            (["--http", "0.0.0.0:3000"], "or a loopback address"),
            (["--mine-timeout", "soon"], "--mine-timeout: found 'soon'; expected"),
            (["--threads", "0"], "--threads: found '0'; expected 1 to 256"),
            (["--rules", "lax"], "--rules: found 'lax'"),
            (["--genesis", "/nowhere"], "--genesis: /nowhere: No such file"),
            (["--protocol", "gossip"], "--protocol: found 'gossip'; expected header_first or"),
            (["--rules", "work", "--genesis", "learn"], "--genesis learn goes with --rules"),
            (["--theads", "2"], "found --theads; did you mean --threads?"),
            (["--threads", "2", "extra"], "found extra; expected one of the flags"),
        ]:
            code, line = self.refused(*flags)
            self.assertEqual(code, 1, flags)
            self.assertIn(piece, line)

    def test_a_busy_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as busy:
            address = "127.0.0.1:%d" % busy.getsockname()[1]
            for flag in ("--p2p", "--http"):
                code, line = self.refused(flag, address)
                self.assertEqual(code, 1)
                self.assertIn(f"{flag} {address} cannot be listened on: Address already in use",
                              line)

    def test_a_data_directory_that_cannot_be_used(self):
        (self.directory / "data").write_text("a file where a directory should be")
        code, line = self.refused()
        self.assertEqual(code, 5)
        self.assertIn("data directory", line)

    def test_a_data_directory_without_permission(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        (self.directory / "data").mkdir(mode=0)
        code, line = self.refused()
        self.assertEqual(code, 5)
        self.assertIn("Permission denied", line)

    def test_a_store_that_is_none(self):
        (self.directory / "data").mkdir()
        (self.directory / "data" / "chain.sqlite").write_bytes(b"not SQLite" * 1000)
        code, line = self.refused()
        self.assertEqual(code, 1)
        self.assertIn("chain.sqlite: file is not a database; chainnode repair saves", line)

    def test_a_genesis_that_is_none(self):
        genesis = self.directory / "genesis.json"
        for text in ("", "{}", GENESIS[:-1], GENESIS.replace('"height":0', '"height":1')):
            genesis.write_text(text)
            code, line = self.refused("--genesis", str(genesis))
            self.assertEqual(code, 1)
            self.assertIn("--genesis: found", line)


if __name__ == "__main__":
    unittest.main()

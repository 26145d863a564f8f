#!/usr/bin/python3
"""Peers that ask and never read: what waits for all of them together has a limit."""

import json
import os
import re
import socket
import unittest

from peer import Chainnode, DEADLINE, WebSocket, compact, greeted, wait_for

READERS = 109
LIMIT = 64 << 20  # bytes


class SlowReaders(unittest.TestCase):
    def slow_reader(self, node, number):
        """A peer that has said hello and takes next to nothing."""
        sock = socket.socket()
        self.addCleanup(sock.close)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, port = node.p2p.split(":")
        sock.settimeout(DEADLINE)
        sock.connect((host, int(port)))
        ws = WebSocket(sock, True)
        ws._shake_hands(node.p2p)
        hello = json.loads(ws.receive())["payload"]
        ws.send(compact({"type": 100, "payload": {**hello, "node": f"{number:016x}"}}))
        return ws

    def metric(self, node, name):
        return int(float(re.search(rf"(?m)^{name} (\S+)$", node.request("GET", "/metrics")[1])[1]))

    def test_they_cost_a_bounded_amount_of_memory_in_all(self):
        # With sanitizers: freed memory is not kept for later.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        node = Chainnode("--protocol", "header_first", ASAN_OPTIONS=options)
        self.addCleanup(node.close)
        blocks = [node.mine("x" * 100_000 + str(number)) for number in range(20)]
        before = node.resident()
        slow = [self.slow_reader(node, number + 1) for number in range(READERS - 1)]
        for turn in range(7):  # never the same page twice in a row
            for ws in slow:
                block = blocks[9 + (turn + slow.index(ws)) % 11]
                try:
                    ws.send(compact({"type": 104, "payload": {"last": block["hash"],
                                                              "count": 10}}))
                except OSError:
                    pass  # it was cut
        wait_for(lambda: self.metric(node, "chainnode_slow_peers_cut_total") > 0, "a cut")
        most = max(self.metric(node, "chainnode_send_queue_bytes") for _ in range(20))
        self.assertLessEqual(most, LIMIT)
        # The allocator holds some more beside it; without the limit it was 360 MiB.
        self.assertLess(node.resident() - before, 3 * LIMIT)
        block = node.mine("news")
        quick = greeted(self, node)
        quick.send(compact({"type": 104, "payload": {"last": block["hash"], "count": 1}}))
        while json.loads(quick.receive())["type"] != 105:
            pass


if __name__ == "__main__":
    unittest.main()

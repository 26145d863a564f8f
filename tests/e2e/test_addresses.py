#!/usr/bin/python3
"""Addresses that peers send: strangers fill their share of the table, and no more."""

import json
import os
import unittest

from peer import WebSocket, chainnodes, compact, wait_for

STRANGERS = [f"127.0.0.{last}" for last in range(2, 18)]
SHARE = 64  # addresses by one source group
HF = ("--protocol", "header_first")


class Addresses(unittest.TestCase):
    def tell(self, node, source, listens, urls):
        """A peer at `source` that listens at `listens`, and answers with `urls`."""
        ws = WebSocket.connect(node.p2p, source)
        hello = json.loads(ws.receive())["payload"]
        ws.send(compact({"type": 100, "payload": {**hello, "node": os.urandom(8).hex(),
                                                  "listen": listens}}))
        while json.loads(ws.receive())["type"] != 106:
            pass
        ws.send(compact({"type": 107, "payload": urls}))
        return ws

    def test_an_honest_address_is_dialed_after_strangers_filled_the_table(self):
        node, honest = chainnodes(self, 2, *HF)
        port = 1000
        for source in STRANGERS:
            for first in range(0, SHARE, 4):
                port += 4
                urls = [f"ws://203.0.{port % 250}.{k + 1}:{port + k}" for k in range(3)]
                self.tell(node, source, f"ws://1.2.3.4:{port}", urls).close()
        ws = self.tell(node, "127.0.0.100", "", [f"ws://{honest.p2p}"])
        self.addCleanup(ws.close)
        wait_for(lambda: honest.json("GET", "/status")["peers"], "a dial of the honest address")


if __name__ == "__main__":
    unittest.main()

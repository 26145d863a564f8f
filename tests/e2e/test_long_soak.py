#!/usr/bin/python3
"""Nodes that run for long, among kills, strangers and forks: they agree, and they do not grow."""

import http.client
import json
import os
import random
import threading
import time
import unittest

from peer import (GENESIS, QUERY, Closed, WebSocket, chain_after, chainnodes, latest, next_block,
                  wait_for, whole)

SANITIZED = "sanitize" in os.environ.get("CHAINNODE", "")


class Stranger(threading.Thread):
    """Connects to whatever node it finds and says what no honest node says, until told to stop."""

    def __init__(self, nodes, seed):
        super().__init__()
        self.nodes, self.random, self.stopped = nodes, random.Random(seed), threading.Event()
        self.said = 0

    def frame(self):
        genesis = json.loads(GENESIS)
        forged = chain_after(genesis, self.random.randint(1, 20), "forged")
        forged[-1]["nonce"] += 1
        far = next_block(genesis, ["far"], height=self.random.randint(2, 1 << 40))
        return self.random.choice([
            QUERY, latest(forged[-1]), whole(forged), latest(far), '{"type":99,"payload":{}}',
            os.urandom(self.random.randint(1, 5000)).hex(), "{" * 1000,
            '{"type":1,"payload":[]}', whole(forged)[:-self.random.randint(1, 200)]])

    def run(self):
        while not self.stopped.is_set():
            try:
                ws = WebSocket.connect(self.random.choice(self.nodes).p2p)
                with ws.sock:
                    for _ in range(self.random.randint(1, 10)):
                        ws.send(self.frame())
                        self.said += 1
                    if self.random.random() < 0.5:
                        ws.receive()
            except (OSError, Closed, AssertionError):
                pass  # closed for what was said, or the node was just killed


class Soak(unittest.TestCase):
    def setUp(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        self.random = random.Random(seed)

    def join(self, node, others):
        node.json("POST", "/addPeers", [f"ws://{other.p2p}" for other in others])

    def test_forks_kills_and_strangers(self):
        nodes = chainnodes(self, 4, "--mine", "--mine-interval", "150ms")
        strangers = [Stranger(nodes, self.random.random()) for _ in range(2)]
        for stranger in strangers:
            stranger.start()
            self.addCleanup(stranger.join)
            self.addCleanup(stranger.stopped.set)
        kills = 0
        while max(node.height() for node in nodes) < 1500:
            node = self.random.choice(nodes)
            node.kill()
            kills += 1
            node.start()
            self.join(node, [other for other in nodes if other is not node])
            target = node.height() + self.random.randint(5, 40)
            wait_for(lambda: node.height() >= target, "more blocks", 300)
        for stranger in strangers:
            stranger.stopped.set()
            stranger.join()
            self.assertGreater(stranger.said, 100)
        self.assertGreater(kills, 20)
        for node in nodes:
            self.assertLess(node.resident(), (600 if SANITIZED else 80) << 20)
            self.assertLess(node.descriptors(), 60)
        self.agree(nodes)

    def agree(self, nodes):
        """The original heals when somebody connects to a chain that is longer by two."""
        for node in nodes:
            self.assertEqual(node.stop(), 0)
            node.flags = ()
            node.start()
        longest = max(nodes, key=lambda node: node.height())
        longest.mine("one longer")
        longest.mine("two longer")
        for node in nodes:
            if node is not longest:
                self.join(node, [longest])
        wait_for(lambda: all(n.chain() == longest.chain() for n in nodes), "one chain")

    def test_twenty_thousand_blocks(self):
        node, = chainnodes(self, 1)
        count, before = (4_000 if SANITIZED else 20_000), 0
        connection = http.client.HTTPConnection(node.http, timeout=30)
        for i in range(count):
            connection.request("POST", "/mineBlock", json.dumps({"data": [f"block {i}"]}))
            self.assertEqual(connection.getresponse().read()[:2], b'{"')
            if i == count // 10:
                before = node.resident()
        connection.close()
        per_block = (node.resident() - before) / (0.9 * count)
        print(f"{per_block:.0f} bytes of memory a block")
        self.assertLess(per_block, 8000 if SANITIZED else 1000)
        chain = node.chain()
        self.assertEqual(node.stop(), 0)
        began = time.monotonic()
        node.start()
        print(f"started in {time.monotonic() - began:.2f} s")
        pages = []
        for first in range(0, count + 1, 1000):
            pages += node.json("GET", f"/chains?from={first}&limit=1000")
        self.assertEqual(pages, chain)


if __name__ == "__main__":
    unittest.main()

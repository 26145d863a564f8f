#!/usr/bin/python3
"""kill -9, again and again, at every moment that chance finds: nothing that was told is lost."""

import json
import random
import sqlite3
import unittest

from peer import Chainnode, Closed, chain_after, whole

KILLS = 150


class Kills(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode()
        self.addCleanup(self.node.close)
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        self.random = random.Random(seed)

    def check_store(self):
        store = sqlite3.connect(self.node.directory / "data" / "chain.sqlite")
        self.assertEqual(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        store.close()

    def test_while_it_mines(self):
        told = []
        for _ in range(KILLS):
            self.node.mine_until_killed(told, self.random.randint(1, 20))
            self.check_store()
            self.node.start()
            blocks = self.node.json("GET", "/chains")
            self.assertLessEqual({b["hash"] for b in told}, {b["hash"] for b in blocks})
            self.assertEqual([b["height"] for b in blocks], list(range(len(blocks))))
        self.assertGreater(len(told), KILLS)

    def test_while_chains_are_replaced(self):
        """Two chains take turns in being the longer; the node stands on one of them, whole."""
        genesis = self.node.chain()[0]
        rivals = [[genesis], [genesis]]
        for i in range(KILLS):
            ws = self.node.greeted()
            killed_after = self.random.randint(0, 4)
            followed = self.node.height()
            for step in range(5):
                one, other = rivals[step % 2], rivals[1 - step % 2]
                longer = len(other) + self.random.randint(2, 5) - len(one)
                one += chain_after(one[-1], longer, f"{i} {step}")[1:]
                ws.send(whole(one))
                if step == killed_after:
                    break
                followed = json.loads(ws.receive())["payload"][-1]["height"]
            self.node.kill()
            try:
                while True:
                    followed = json.loads(ws.receive())["payload"][-1]["height"]
            except Closed:
                ws.close()
            self.check_store()
            self.node.start()
            chain = self.node.chain()
            self.assertIn(chain, [rival[:len(chain)] for rival in rivals])
            self.assertGreaterEqual(len(chain) - 1, followed)
            if max(map(len, rivals)) > 1500:  # a whole chain has to fit into a frame
                self.assertEqual(self.node.stop(), 0)
                (self.node.directory / "data" / "chain.sqlite").unlink()
                self.node.start()
                rivals = [[genesis], [genesis]]


if __name__ == "__main__":
    unittest.main()

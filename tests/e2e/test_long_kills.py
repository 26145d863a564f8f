#!/usr/bin/python3
"""kill -9, a thousand times, at every moment that chance finds: nothing that was told is lost, and
nobody has to mend anything."""

import json
import pathlib
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

from peer import Chainnode, Closed, chain_after, whole

MINING, REORGS, STARTS = 600, 200, 300  # kills
TOLD = 10_000  # blocks, at least, that were answered or announced


class Kills(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode()
        self.addCleanup(self.node.close)
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        self.random = random.Random(seed)
        self.logs = 0  # starts that found a log to recover from
        self.start_seconds = 0.02  # as long as the last start took

    def kill_within(self, seconds):
        try:
            self.node.process.wait(self.random.uniform(0, seconds))
        except subprocess.TimeoutExpired:
            self.node.kill()

    def check_store(self):
        """Opens a copy: SQLite would move the log into the file, which the node has to do."""
        data = self.node.directory / "data"
        log = data / "chain.sqlite-wal"
        with tempfile.TemporaryDirectory() as copy:
            for file in data.glob("chain.sqlite*"):
                if not file.name.endswith("-shm"):
                    shutil.copy(file, copy)
            store = sqlite3.connect(pathlib.Path(copy) / "chain.sqlite")
            self.assertEqual(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            store.close()
        self.logs += log.exists() and log.stat().st_size > 0

    def test_while_it_mines(self):
        told = []
        for _ in range(MINING):
            self.node.mine_until_killed(told, self.random.randint(1, 35))
            self.check_store()
            self.start_again(told)
        self.assertGreater(len({b["hash"] for b in told}), TOLD)
        self.assertEqual(self.logs, MINING)
        print(f"{MINING} kills under mining: {len({b['hash'] for b in told})} blocks told")

    def start_again(self, told):
        """All that was told is there, and nothing had to be mended."""
        before = time.monotonic()
        self.node.start()
        self.start_seconds = time.monotonic() - before
        self.assertNotIn("store_mended", self.node.log())
        blocks = self.pages()
        self.assertLessEqual({b["hash"] for b in told}, {b["hash"] for b in blocks})
        self.assertEqual([b["height"] for b in blocks], list(range(len(blocks))))

    def pages(self):
        blocks = []
        while page := self.node.json("GET", f"/chains?from={len(blocks)}&limit=2000"):
            blocks += page
        return blocks

    def test_while_it_starts(self):
        """After a kill under mining, kills during the starts that follow, until one is let live."""
        told, early = [], 0
        for _ in range(STARTS):
            self.node.mine_until_killed(told, self.random.randint(1, 20))
            self.node.start(wait=False)
            self.kill_within(self.start_seconds)
            early += " info chain height=" not in self.node.log()
            self.check_store()
            self.start_again(told)
        self.assertGreater(min(early, STARTS - early), 20)
        self.assertEqual(self.logs, STARTS)
        print(f"{STARTS} kills during a start, {early} before the chain was read")

    def test_while_chains_are_replaced(self):
        """Two chains take turns in being the longer; the node stands on one of them, whole."""
        genesis = self.node.chain()[0]
        rivals, moved = [[genesis], [genesis]], 0
        for i in range(REORGS):
            ws = self.node.greeted()
            killed_after = self.random.randint(0, 4)
            followed = self.node.height()
            for step in range(5):
                one, other = rivals[step % 2], rivals[1 - step % 2]
                longer = max(2, len(other) + self.random.randint(2, 5) - len(one))
                one += chain_after(one[-1], longer, f"{i} {step}")[1:]
                ws.send(whole(one))
                if step == killed_after:
                    break
                followed = json.loads(ws.receive())["payload"][-1]["height"]
            self.kill_within(0.0005)
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
            moved += len(chain) == len(max(rivals, key=len))
            if max(map(len, rivals)) > 1500:  # a whole chain has to fit into a frame
                self.assertEqual(self.node.stop(), 0)
                (self.node.directory / "data" / "chain.sqlite").unlink()
                self.node.start()
                rivals = [[genesis], [genesis]]
        self.assertGreater(min(moved, REORGS - moved), 20)
        self.assertEqual(self.logs, REORGS)
        print(f"{REORGS} kills around a reorg, {moved} after it was on disk")


if __name__ == "__main__":
    unittest.main()

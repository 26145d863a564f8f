#!/usr/bin/python3
"""What was answered or announced is on disk: across a stop, a kill -9, and a damaged file."""

import http.client
import json
import random
import resource
import signal
import sqlite3
import threading
import unittest

from peer import Chainnode, Closed, chain_after, wait_for, whole


class Durable(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode()
        self.addCleanup(self.node.close)

    def test_a_clean_stop_says_goodbye_and_keeps_the_chain(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.node.mine("kept")
            chain = self.node.request("GET", "/chains")
            ws = self.node.greeted()
            self.node.process.send_signal(number)
            with self.assertRaises(Closed) as caught:
                ws.receive()
            self.assertEqual(caught.exception.code, 1001)
            ws.close()
            self.assertEqual(self.node.process.wait(30), 0)
            self.node.start()
            self.assertEqual(self.node.request("GET", "/chains"), chain)

    def test_a_stop_answers_all_who_wait(self):
        genesis = self.node.directory / "genesis.json"
        genesis.write_text(json.dumps({**self.node.chain()[0], "difficulty": 200}))
        node = Chainnode("--genesis", str(genesis))
        self.addCleanup(node.close)
        answers = []

        def ask():
            answers.append(node.json("POST", "/mineBlock", {"data": ["x"]}, status=503)["code"])

        clients = [threading.Thread(target=ask) for _ in range(70)]
        for client in clients:
            client.start()
        wait_for(lambda: len(answers) == 5, "one in the works, 64 waiting, 5 turned away")
        self.assertEqual(set(answers), {"queue_full"})
        self.assertEqual(node.stop(), 0)
        for client in clients:
            client.join()
        self.assertEqual(answers.count("stopping"), 65)

    def test_a_reorg_is_kept(self):
        genesis = self.node.chain()[0]
        for i in range(3):
            self.node.mine(str(i))
        longer = chain_after(genesis, 5, "longer")
        ws = self.node.greeted()
        ws.send(whole(longer))
        self.assertEqual(json.loads(ws.receive())["payload"], longer)
        self.node.kill()
        self.node.start()
        self.assertEqual(self.node.chain(), longer)
        self.assertEqual(self.node.mine("on")["previousHash"], longer[-1]["hash"])

    def test_nothing_answered_or_announced_is_lost_by_kill_9(self):
        told = []
        pick = random.Random(7)
        for _ in range(8):
            self.node.mine_until_killed(told, pick.randint(1, 25))
            self.node.start()
            blocks = self.node.chain()
            self.assertLessEqual({b["hash"] for b in told}, {b["hash"] for b in blocks})
            self.assertEqual([b["height"] for b in blocks], list(range(len(blocks))))
        self.assertGreater(len(told), 8)

    def test_a_write_that_fails_ends_the_node_before_a_word_is_said(self):
        told = self.node.mine("kept")
        ws = self.node.greeted()
        log = self.node.directory / "data" / "chain.sqlite-wal"
        resource.prlimit(self.node.process.pid, resource.RLIMIT_FSIZE,
                         (log.stat().st_size, resource.RLIM_INFINITY))
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.node.mine("lost")
        with self.assertRaises(Closed) as caught:
            ws.receive()
        self.assertEqual(caught.exception.code, None)
        self.assertEqual(self.node.process.wait(30), 5)
        self.assertRegex(self.node.log(), r"\nchainnode: .*chain.sqlite: .*\n$")
        self.node.start()
        self.assertEqual(self.node.chain()[1:], [told])

    def test_what_is_damaged_is_fetched_again(self):
        blocks = [self.node.mine(str(i)) for i in range(3)]
        for protocol in ("push_chain", "header_first"):
            other = Chainnode("--protocol", protocol)
            self.addCleanup(other.close)
            other.connect_to(self.node)
            wait_for(lambda: other.height() == 3, "a copy")
            self.assertEqual(other.stop(), 0)
            self.change_store("UPDATE blocks SET nonce = nonce + 1 WHERE height = 2", other)
            other.start()
            self.assertEqual(other.chain()[1:], blocks[:1])
            self.assertIn("store_mended first=\"block 2: the hash is not that of the block's fields"
                          "\" blocks_removed=2 index=sound tip=moved", other.log())
            other.connect_to(self.node)
            wait_for(lambda: other.chain()[1:] == blocks, "all of it again")

    def change_store(self, sql, node=None):
        store = sqlite3.connect((node or self.node).directory / "data" / "chain.sqlite")
        with store:
            store.executescript(sql)
        store.close()

    def test_a_store_of_the_first_version_is_brought_up_to_date(self):
        blocks = [self.node.mine(str(i)) for i in range(3)]
        self.assertEqual(self.node.stop(), 0)
        self.change_store("""
            DROP TABLE discouraged;
            ALTER TABLE blocks RENAME TO present;
            CREATE TABLE blocks (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
              previous_hash BLOB NOT NULL, height INTEGER NOT NULL, version TEXT NOT NULL,
              timestamp_ms INTEGER NOT NULL, merkle_root BLOB, difficulty INTEGER NOT NULL,
              nonce INTEGER NOT NULL, key_order TEXT NOT NULL, data_json TEXT NOT NULL);
            INSERT INTO blocks SELECT * FROM present;
            DROP TABLE present;
            UPDATE meta SET value = '1' WHERE key = 'schema';""")
        self.node.start()
        self.assertEqual(self.node.chain()[1:], blocks)
        block = self.node.mine("more")
        self.node.kill()
        self.node.start()
        self.assertEqual(self.node.chain()[1:], [*blocks, block])

    def test_a_store_of_a_later_version_is_refused(self):
        self.assertEqual(self.node.stop(), 0)
        self.change_store("UPDATE meta SET value = '4' WHERE key = 'schema'")
        self.node.start(wait=False)
        self.assertEqual(self.node.process.wait(30), 1)
        self.assertIn("has schema 4; this version reads schema 3", self.node.log())


if __name__ == "__main__":
    unittest.main()

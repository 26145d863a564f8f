#!/usr/bin/python3
"""What was answered or announced is on disk: across a stop, a kill -9, and a damaged file."""

import http.client
import json
import random
import resource
import signal
import sqlite3
import subprocess
import threading
import unittest

from peer import CHAINNODE, Chainnode, Closed, chain_after, wait_for, whole


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
            self.assertIn("store_mended first=\"block 2 is not as it was written: its checksum "
                          "differs\" blocks_removed=2 index=sound tip=moved", other.log())
            other.connect_to(self.node)
            wait_for(lambda: other.chain()[1:] == blocks, "all of it again")

    def test_one_flipped_bit_is_found_and_its_block_comes_from_a_peer(self):
        """The data of a block, under the default rules: no hash is over it."""
        blocks = [self.node.mine(f"data of block {i}") for i in range(5)]
        other = Chainnode("--protocol", "header_first")
        self.addCleanup(other.close)
        other.connect_to(self.node)
        wait_for(lambda: other.height() == 5, "a copy")
        self.assertEqual(other.stop(), 0)
        file = other.directory / "data" / "chain.sqlite"
        stored = file.read_bytes()
        self.assertEqual(stored.count(b"data of block 2"), 1)
        damaged = stored.replace(b"data of block 2", b"data of clock 2")
        file.write_bytes(damaged)
        code, out, err = other.verb("verify")
        self.assertEqual((code, out),
                         (2, "blocks with the genesis: 3, 3 of them whole; damaged\n"))
        self.assertIn("block 3 is not as it was written: its checksum differs; 3 blocks", err)
        other.start()
        self.assertEqual(other.chain()[1:], blocks[:2])
        self.assertEqual((file.parent / "chain.sqlite.damaged").read_bytes(), damaged)
        other.connect_to(self.node)
        wait_for(lambda: other.chain()[1:] == blocks, "the removed blocks")
        self.assertEqual(other.verb("verify")[0], 0)

    def test_verify_reports_another_merkle_root_and_nothing_is_removed(self):
        """Of data that rotted before rows had checksums."""
        for i in range(3):
            self.node.mine(f"data {i}")
        self.assertEqual(self.node.stop(), 0)
        self.change_store("""
            UPDATE blocks SET data_json = '["Data 1"]' WHERE id = 2;
            ALTER TABLE blocks DROP COLUMN checksum;
            DELETE FROM meta WHERE key IN ('genesis_checksum', 'tip_hash');
            UPDATE meta SET value = '3' WHERE key = 'schema';""")
        self.node.start()
        self.assertEqual([block["data"] for block in self.node.chain()[1:]],
                         [["data 0"], ["Data 1"], ["data 2"]])
        self.assertEqual(self.node.count("store_mended"), 0)
        code, out, err = self.node.verb("verify")
        self.assertEqual((code, out),
                         (0, "blocks with the genesis: 4, 4 of them whole; all is well\n"))
        self.assertEqual(err, "chainnode: note: block 2: the merkle root is not that of its data; "
                         "1 such blocks, which are kept\n")

    def flip_in_log(self, node, at):
        """Of the byte `at` of the write-ahead log; from the end, if `at` is negative."""
        with open(node.directory / "data" / "chain.sqlite-wal", "r+b") as log:
            log.seek(at, 0 if at >= 0 else 2)
            byte = log.read(1)
            log.seek(-1, 1)
            log.write(bytes([byte[0] ^ 1]))

    def test_a_damaged_log_is_kept_and_its_blocks_come_from_peers(self):
        blocks, others = [], [Chainnode("--protocol", "header_first") for _ in range(3)]
        for other in others:
            self.addCleanup(other.close)
            other.connect_to(self.node)
        for i in range(40):
            blocks.append(self.node.mine(str(i)))
            wait_for(lambda: all(other.height() == len(blocks) for other in others), "copies")
        for other, at in zip(others, (5, 30000, 200000)):
            other.kill()
            self.flip_in_log(other, at)
            data = other.directory / "data"
            damaged = [(data / name).read_bytes() for name in ("chain.sqlite", "chain.sqlite-wal")]
            other.start()
            self.assertLess(other.height(), 40)
            self.assertEqual(other.chain()[1:], blocks[:other.height()])
            self.assertRegex(other.log(), r"store_mended first=\"(frame \d+ of \d+|the header) of "
                             r"the write-ahead log is damaged\" .* log=cut")
            kept = [data / name for name in ("chain.sqlite.damaged", "chain.sqlite.damaged-wal")]
            self.assertEqual([path.read_bytes() for path in kept], damaged)
            other.mine("on")
            other.kill()
            other.start()
            self.assertEqual(other.count("store_mended"), 0)
            other.connect_to(self.node)
            wait_for(lambda: other.chain()[1:] == blocks, "the chain of a peer")

    def test_a_torn_commit_is_no_damage(self):
        blocks = [self.node.mine(str(i)) for i in range(10)]
        self.node.kill()
        self.flip_in_log(self.node, -1)
        self.node.start()
        self.assertEqual(self.node.chain()[1:], blocks[:9])
        self.assertEqual(self.node.count("store_mended"), 0)

    def change_store(self, sql, node=None):
        store = sqlite3.connect((node or self.node).directory / "data" / "chain.sqlite")
        with store:
            store.executescript(sql)
        store.close()

    def test_a_full_disk_stops_mining_and_nothing_else(self):
        disk = self.node.directory / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("no disk can be mounted")
        self.addCleanup(subprocess.run, ["umount", str(disk)], check=True)
        node = Chainnode("--protocol", "header_first", "--data-dir", str(disk / "data"))
        other = Chainnode("--protocol", "header_first")
        self.addCleanup(other.close)
        self.addCleanup(node.close)
        kept = node.mine("kept")
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(30 << 20))  # less than the reserve is left
        answer = node.json("POST", "/mineBlock", {"data": ["x"]}, status=507)
        self.assertEqual(answer["code"], "no_space")
        self.assertEqual(node.json("GET", "/blocks/tip"), kept)
        other.mine("of another")
        other.mine("and one more")
        other.connect_to(node)  # what peers tell is asked for later
        wait_for(lambda: node.count("peer_up"), "a peer")
        self.assertEqual(node.height(), 1)
        self.assertIn("\nchainnode_disk_full 1\n", node.request("GET", "/metrics")[1])
        ballast.unlink()
        node.mine("again")
        other.mine("a third")
        wait_for(lambda: node.height() == 3, "the longer chain")

    def test_verify_tells_what_is_damaged(self):
        for i in range(3):
            self.node.mine(str(i))
        self.assertEqual(self.node.verb("verify"),
                         (0, "blocks with the genesis: 4, 4 of them whole; all is well\n", ""))
        self.assertEqual(self.node.stop(), 0)
        self.change_store("UPDATE blocks SET nonce = nonce + 1 WHERE height = 2")
        code, out, err = self.node.verb("verify")
        self.assertEqual((code, out),
                         (2, "blocks with the genesis: 2, 2 of them whole; damaged\n"))
        self.assertIn("block 2 is not as it was written: its checksum differs; 2 blocks are not "
                      "valid", err)
        self.assertIn("the tip is none of the blocks that are whole", err)

    def test_a_backup_is_one_moment_of_a_running_node(self):
        self.node.mine("before")
        stop = threading.Event()

        def mine_on():
            while not stop.is_set():
                self.node.mine("x")

        miner = threading.Thread(target=mine_on)
        miner.start()
        copies = [self.node.directory / f"copy {i}" for i in range(5)]
        try:
            for copy in copies:
                self.assertEqual(self.node.verb("backup", str(copy))[0], 0)
        finally:
            stop.set()
            miner.join()
        chain = self.node.chain()
        heights = []
        for copy in copies:
            found = Chainnode("--data-dir", str(copy))
            self.addCleanup(found.close)
            heights.append(found.height())
            self.assertEqual(found.chain(), chain[:heights[-1] + 1])
        self.assertEqual(heights, sorted(heights))
        self.assertGreater(heights[0], 0)
        code, _, err = self.node.verb("backup", str(copies[0]))
        self.assertEqual(code, 1)
        self.assertIn("cannot be locked: another node uses it", err)

    def test_repair_saves_what_can_be_read(self):
        """Pages of a table are overwritten with noise: the node does not start, says what helps,
        and what it says helps. The blocks lost with their pages come from a peer again."""
        for i in range(300):
            self.node.mine("x" * 500, str(i))
        chain = self.node.chain()
        copy = Chainnode()
        self.addCleanup(copy.close)
        copy.connect_to(self.node)
        wait_for(lambda: copy.height() == 300, "a copy")
        self.assertEqual(copy.stop(), 0)
        file = copy.directory / "data" / "chain.sqlite"
        pages = file.stat().st_size // 4096
        self.assertGreater(pages, 40)
        with open(file, "r+b") as store:
            store.seek(4096 * (pages - 8))
            store.write(random.Random(7).randbytes(4096))
        damaged = file.read_bytes()
        copy.start(wait=False)
        self.assertEqual(copy.process.wait(30), 1)
        self.assertIn("chainnode repair saves what can be read of it", copy.log())
        self.assertEqual(copy.verb("verify")[0], 2)
        code, out, err = copy.verb("repair")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"^blocks after the genesis: 2\d\d could be read, 2\d\d of them are ")
        kept = copy.directory / "data" / "chain.sqlite.damaged"
        self.assertEqual(kept.read_bytes(), damaged)
        copy.start()
        self.assertGreater(copy.height(), 200)
        self.assertEqual(copy.chain(), chain[:copy.height() + 1])
        self.assertEqual(copy.count("store_mended"), 0)
        copy.connect_to(self.node)
        wait_for(lambda: copy.chain() == chain, "all of it again")

    def test_a_sound_store_is_repaired_to_itself(self):
        chain = [self.node.mine(str(i)) for i in range(20)]
        self.assertEqual(self.node.stop(), 0)
        for copies in (1, 2):
            code, out, err = self.node.verb("repair")
            self.assertEqual((code, err), (0, ""))
            self.assertIn("20 could be read, 20 of them are sound; the tip's height is 20",
                          out)
            kept = list((self.node.directory / "data").glob("chain.sqlite.damaged*"))
            self.assertEqual(len(kept), copies)
        self.assertEqual(self.node.verb("verify")[0], 0)
        self.node.start()
        self.assertEqual(self.node.chain()[1:], chain)

    def test_repair_keeps_the_file_of_a_killed_node_with_its_log(self):
        data = self.node.directory / "data"
        self.node.mine("x")
        self.node.kill()
        before = [(data / name).read_bytes() for name in ("chain.sqlite", "chain.sqlite-wal")]
        self.assertEqual(self.node.verb("repair")[0], 0)
        kept = ("chain.sqlite.damaged", "chain.sqlite.damaged-wal")
        self.assertEqual([(data / name).read_bytes() for name in kept], before)
        self.assertEqual(sorted(path.name for path in data.iterdir()),
                         ["chain.sqlite", *kept, "lock"])
        self.node.start()
        self.assertEqual(self.node.height(), 1)

    def test_a_page_that_stands_twice_leads_to_repair(self):
        for i in range(300):
            self.node.mine("x" * 500, str(i))
        self.assertEqual(self.node.stop(), 0)
        with open(self.node.directory / "data" / "chain.sqlite", "r+b") as store:
            store.seek(4096 * 20)
            page = store.read(4096)
            store.seek(4096 * 30)
            store.write(page)
        self.node.start(wait=False)
        self.assertEqual(self.node.process.wait(30), 1)
        self.assertIn("chainnode repair saves what can be read of it", self.node.log())
        self.assertEqual(self.node.verb("repair")[0], 0)
        self.node.start()
        self.assertGreater(self.node.height(), 50)

    def test_a_lost_tip_is_found_again(self):
        blocks = [self.node.mine(str(i)) for i in range(3)]
        self.assertEqual(self.node.stop(), 0)
        self.change_store("DELETE FROM meta WHERE key = 'tip'")
        self.assertEqual(self.node.verb("verify")[0], 2)
        self.node.start()
        self.assertEqual(self.node.chain()[1:], blocks)
        self.assertIn("tip=moved", self.node.log())

    def test_a_backup_that_was_cut_short_is_none(self):
        self.node.mine("x")
        copy = self.node.directory / "copy"
        directory = self.node.directory / "data"
        done = subprocess.run(["bash", "-c", f"ulimit -f 8; exec '{CHAINNODE}' backup '{copy}' "
                               f"--data-dir '{directory}'"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 5)
        self.assertFalse((copy / "chain.sqlite").exists())
        self.assertEqual(self.node.verb("backup", str(copy))[0], 0)
        self.assertTrue((copy / "chain.sqlite").exists())

    def test_a_store_of_the_first_version_is_brought_up_to_date(self):
        blocks = [self.node.mine(str(i)) for i in range(3)]
        self.assertEqual(self.node.stop(), 0)
        self.change_store("""
            DROP TABLE discouraged;
            DELETE FROM meta WHERE key IN ('genesis_checksum', 'tip_hash');
            ALTER TABLE blocks DROP COLUMN checksum;
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
        self.change_store("UPDATE meta SET value = '5' WHERE key = 'schema'")
        self.node.start(wait=False)
        self.assertEqual(self.node.process.wait(30), 1)
        self.assertIn("has schema 5; this version reads schema 4", self.node.log())
        for verb in (["verify"], ["repair"], ["backup", str(self.node.directory / "copy")]):
            code, _, err = self.node.verb(*verb)
            self.assertEqual(code, 1)
            self.assertIn("has schema 5; this version reads schema 4", err)
        self.assertFalse((self.node.directory / "copy").exists())


if __name__ == "__main__":
    unittest.main()

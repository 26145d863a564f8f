#!/usr/bin/python3
"""Real nodes that speak the replacement: with each other, and with the original's."""
import json
import random
import re
import sqlite3
import unittest

from peer import (GENESIS, QUERY, Chainnode, TutorialPeer, WebSocket, chain_after, chainnodes,
                  compact, fill_store, greeted, next_block, wait_for, whole)

NEW = ("--protocol", "header_first")


def tip(node):
    return node.json("GET", "/chains")[-1]


def tip_height(node):
    heights = re.findall(r" (?:tip|reorg|chain) height=(\d+)", node.log())
    return int(heights[-1]) if heights else 0


class HeaderFirst(unittest.TestCase):
    def test_two_nodes_find_out_what_they_speak(self):
        a, b = chainnodes(self, 2, *NEW)
        b.connect_to(a)
        wait_for(lambda: all(peer["protocol"] == "header_first"
                             for node in (a, b) for peer in node.json("GET", "/peers")), "hello")
        block = a.mine("x")
        wait_for(lambda: tip(b) == block, "the block")

    def test_a_node_that_comes_late_fetches_the_chain(self):
        a, b = chainnodes(self, 2, *NEW)
        for i in range(30):
            a.mine(str(i))
        b.connect_to(a)
        wait_for(lambda: tip(b) == tip(a), "the chain")

    def test_the_longer_side_wins_when_they_meet(self):
        a, b = chainnodes(self, 2, *NEW)
        for i in range(3):
            a.mine(f"a{i}")
        for i in range(5):
            b.mine(f"b{i}")
        a.connect_to(b)
        wait_for(lambda: tip(a) == tip(b), "one chain")
        self.assertEqual(tip(a)["height"], 5)
        self.assertEqual(a.count(" reorg "), 1, a.log())

    def test_proof_of_work(self):
        a, b = chainnodes(self, 2, *NEW, "--rules", "work")
        block = a.mine("x")
        self.assertLess(int(block["hash"], 16), 1 << (256 - block["difficulty"]))
        self.assertGreater(block["difficulty"], 0)
        b.connect_to(a)
        wait_for(lambda: tip(b) == block, "the block")
        a.kill()
        a.start()
        self.assertEqual(tip(a), block, "it is on the disk")

    def test_networks_with_other_rules_do_not_mix(self):
        a, = chainnodes(self, 1, *NEW, "--rules", "work")
        b, = chainnodes(self, 1, *NEW)
        b.connect_to(a)
        wait_for(lambda: "another genesis or other rules" in a.log() + b.log(), "the reason")

    def test_a_node_of_the_original_follows(self):
        a, = chainnodes(self, 1, *NEW)
        clone = TutorialPeer(WebSocket.connect(a.p2p))
        self.addCleanup(clone.ws.close)
        mined = [a.mine("1"), a.mine("2")]
        while clone.chain[1:] != mined:
            clone.answer_one()
        block = next_block(clone.chain[-1], ["3"])
        clone.chain.append(block)
        clone.ws.send(compact({"type": 1, "payload": [block]}))
        wait_for(lambda: tip(a) == block, "the clone's block")

    def test_a_block_passes_a_bridge_both_ways(self):
        left, bridge, right = Chainnode(), Chainnode(*NEW), Chainnode()
        for node in (left, bridge, right):
            self.addCleanup(node.close)
        for node in (left, right):
            bridge.connect_to(node)
        block = left.mine("x")
        wait_for(lambda: tip(right) == block, "the block behind the bridge")
        block = right.mine("y")
        wait_for(lambda: tip(left) == block, "and back")

    def test_a_peer_that_rejects_the_tip_is_sent_it_once_in_reply_to_its_chains(self):
        """It sends its chain for each tip, as the original does; a better chain marks the end."""
        genesis = json.loads(GENESIS)
        for blocks, form in ((1, 1), (2, 2)):
            with self.subTest(blocks=blocks):
                node, = chainnodes(self, 1, *NEW)
                for i in range(blocks):
                    node.mine(str(i))
                ws = node.peer()
                for _ in range(50):
                    ws.send(whole([genesis]))
                ws.send(whole(chain_after(genesis, blocks + 2, "x")))
                ws.send(QUERY)
                tips = []
                while not tips or tips[-1][1] < blocks + 2:
                    message = json.loads(ws.receive())
                    if message["type"] in (1, 2):
                        tips.append((message["type"], message["payload"][-1]["height"]))
                self.assertEqual(tips, [(form, blocks), (1, blocks + 2)])


class Sync(unittest.TestCase):
    BLOCKS, KILLS = 20_000, 20

    def test_killed_again_and_again_it_resumes_where_it_was(self):
        source, node = chainnodes(self, 2, *NEW)
        self.assertEqual(source.stop(), 0)
        fill_store(source.directory, self.BLOCKS)
        source.start()
        (node.directory / "peer.json").write_text(json.dumps(["ws://" + source.p2p]))
        node.flags = (*node.flags, "--peers", "peer.json")
        chance, steps = random.Random(1), 2 * self.BLOCKS // self.KILLS
        before = (0, 0)
        for _ in range(self.KILLS):
            node.kill()
            found = self.stored(node)
            self.assertGreaterEqual(found[0], before[0], "a header once stored stays")
            self.assertGreaterEqual(found[1], before[1], "a body, too")
            before = found
            node.start()
            wanted = min(sum(before) + chance.randint(1, steps), 2 * self.BLOCKS)
            wait_for(lambda: sum(self.stored(node)) >= wanted, f"{wanted} headers and bodies")
        wait_for(lambda: tip_height(node) == self.BLOCKS, "the whole chain")
        self.assertLess(node.resident(), 256 << 20)  # sanitizers treble it

    @staticmethod
    def stored(node):
        """Headers and bodies on the disk."""
        store = sqlite3.connect(node.directory / "data" / "chain.sqlite")
        try:
            return store.execute("SELECT count(*), count(data_json) FROM blocks").fetchone()
        finally:
            store.close()


class DeepFork(unittest.TestCase):
    """Two chains that share the genesis alone. The low-work depth and a page of headers are shorter
    than the fork, so that the longer chain is downloaded in two passes."""
    SHORTER, LONGER = 7000, 9000

    def test_the_longer_chain_wins_whoever_dials(self):
        for longer_dials in (False, True):
            with self.subTest(longer_dials=longer_dials):
                shorter, longer = chainnodes(self, 2, *NEW)
                for node, blocks, word in ((shorter, self.SHORTER, "a"),
                                           (longer, self.LONGER, "b")):
                    self.assertEqual(node.stop(), 0)
                    fill_store(node.directory, blocks, word)
                    node.start()
                    self.assertEqual(tip(node)["height"], blocks)
                expected = tip(longer)
                caller, called = (longer, shorter) if longer_dials else (shorter, longer)
                caller.connect_to(called)
                wait_for(lambda: tip_height(shorter) == self.LONGER, "the longer chain",
                         120)  # with sanitizers, on a busy machine
                self.assertEqual(tip(shorter), expected)
                self.assertEqual(tip(longer), expected)
                self.assertEqual(shorter.count(" reorg "), 1, "all blocks at once")
                self.assertEqual(longer.count(" reorg "), 0)


class Liars(unittest.TestCase):
    def setUp(self):
        self.node, = chainnodes(self, 1, *NEW, "--rules", "work")
        self.first = self.node.mine("x")
        self.ws = greeted(self, self.node)

    def say(self, kind, payload):
        self.ws.send(compact({"type": kind, "payload": payload}))

    def header(self, **changes):
        header = {key: value for key, value in self.first.items() if key != "data"}
        return {**header, **changes}

    def test_forged_proof_of_work_is_told_and_dropped(self):
        self.say(102, [self.header(nonce=1)])
        reject = json.loads(self.ws.receive())
        self.assertEqual((reject["type"], reject["payload"]["code"]), (110, "invalid_block"))
        wait_for(lambda: not self.node.json("GET", "/peers"), "the end")

    def test_what_does_not_connect_is_no_fault(self):
        self.say(102, [self.header(previousHash="ab" * 32)])
        self.assertEqual(json.loads(self.ws.receive())["type"], 101, "it asks for what is between")
        self.assertEqual(len(self.node.json("GET", "/peers")), 1)

    def test_names_of_nothing_cost_nothing(self):
        """Each hash has enough work to be given a name; far more come than names are kept."""
        before, names = self.node.reset_peak(), 20_000
        for i in range(names):
            self.say(103, {"tip": "%064x" % (i + 1), "height": 2 if i % 2 else 9000,
                           "work": "f" * 16})
        self.say(108, {"tip": self.first["hash"], "height": 1, "work": "0" * 16})
        asked = []
        while (message := json.loads(self.ws.receive()))["type"] != 109:
            if message["type"] == 104:
                asked.append(int(message["payload"]["last"], 16))
        self.assertEqual(asked, list(range(2, 34, 2)), "a request by name for each, up to 16")
        self.assertEqual(len(self.node.json("GET", "/peers")), 1)
        self.assertLess(self.node.resident("VmHWM") - before, 16 << 20)


class Flood(unittest.TestCase):
    """Page after page of headers of a branch that is valid and stays below the low-work floor."""
    PAGES, IN_A_PAGE, OWN = 45, 100, 5000

    def test_costs_bounded_memory_and_no_connection(self):
        # With sanitizers: freed memory is not kept for later.
        node = Chainnode(*NEW, ASAN_OPTIONS="quarantine_size_mb=1")
        self.addCleanup(node.close)
        self.assertEqual(node.stop(), 0)
        fill_store(node.directory, self.OWN)
        node.start()
        ws = greeted(self, node)
        branch = chain_after(json.loads(GENESIS), self.PAGES * self.IN_A_PAGE, "light")[1:]
        headers = [{key: value for key, value in block.items() if key != "data"}
                   for block in branch]
        ws.send(compact({"type": 103, "payload": {"tip": "ab" * 32, "height": 9000,
                                                  "work": "f" * 16}}))
        self.assertEqual(json.loads(ws.receive())["type"], 101, "it asks for what is between")
        before = 0
        for i in range(self.PAGES):
            page = headers[i * self.IN_A_PAGE:(i + 1) * self.IN_A_PAGE]
            ws.send(compact({"type": 102, "payload": page}))
            asked = json.loads(ws.receive())
            self.assertEqual((asked["type"], asked["payload"]), (101, [page[-1]["hash"]]))
            if i == 4:
                before = node.reset_peak()
        self.assertLess(node.resident("VmHWM") - before, 32 << 20)
        self.assertEqual(len(node.json("GET", "/peers")), 1, "a light branch is no fault")
        self.assertEqual(Sync.stored(node), (self.OWN, self.OWN))


if __name__ == "__main__":
    unittest.main()

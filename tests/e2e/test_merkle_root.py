#!/usr/bin/python3
"""Bodies of another merkle root than their header's: not followed, asked of others, no fault."""

import json
import unittest

from peer import (GENESIS, WebSocket, chainnodes, compact, latest, next_block, wait_for)

NEW = ("--protocol", "header_first")
GOOD = next_block(json.loads(GENESIS), ["pay Alice 5"])
# The same hash text: a digit of the timestamp stands in the version.
BAD = {**GOOD, "data": ["pay Mallory 5"], "version": "1.0.01",
       "timestamp": int(str(GOOD["timestamp"])[1:])}
OTHER_BODY = {**GOOD, "data": ["pay Mallory 5"]}


def header(block):
    return {key: value for key, value in block.items() if key != "data"}


def headers(*blocks):
    return compact({"type": 102, "payload": [header(block) for block in blocks]})


def bodies(*blocks):
    return compact({"type": 105, "payload": list(blocks)})


class MerkleRoot(unittest.TestCase):
    def node(self, *flags, rules=None):
        node, = chainnodes(self, 1, *flags)
        if rules:
            self.assertEqual(node.stop(), 0)
            file = node.directory / "chain.json"
            file.write_text(json.dumps(rules))
            node.flags = (*node.flags, "--chain", str(file))
            node.start()
        return node

    def peer(self, node, name):
        """A connection to `node` of a peer with this name, after the greetings."""
        ws = WebSocket.connect(node.p2p)
        self.addCleanup(ws.close)
        hello = json.loads(ws.receive())["payload"]
        ws.send(compact({"type": 100, "payload": {**hello, "node": f"{name:016x}"}}))
        self.assertEqual([json.loads(ws.receive())["type"] for _ in range(2)], [0, 106])
        return ws

    def requested(self, ws):
        message = json.loads(ws.receive())
        self.assertEqual(message["type"], 104, message)

    def refused(self, node, count=1):
        wait_for(lambda: node.count(" refused .*code=merkle_root") >= count, "a refusal")

    def test_the_body_is_asked_of_another_peer_and_its_sender_stays(self):
        node = self.node(*NEW)
        liar, honest = self.peer(node, 1), self.peer(node, 2)
        liar.send(headers(GOOD))
        self.requested(liar)
        honest.send(headers(GOOD))
        liar.send(bodies(OTHER_BODY))
        self.requested(honest)
        self.refused(node)
        self.assertEqual(node.height(), 0)
        honest.send(bodies(GOOD))
        wait_for(lambda: node.chain()[1:] == [GOOD], "the block")
        self.assertEqual(len(node.json("GET", "/peers")), 2)
        self.assertEqual(node.count("peer_dropped"), 0)
        self.assertEqual(node.count('accepted_with="check_merkle_root: false in the --chain'), 1)

    def test_a_tip_that_only_its_name_is_known_of_is_asked_of_another_peer(self):
        node = self.node(*NEW)
        liar, honest = self.peer(node, 1), self.peer(node, 2)
        tip = {"tip": GOOD["hash"], "height": 1, "work": "0000000000000002"}
        told, ping = (compact({"type": kind, "payload": tip}) for kind in (103, 108))
        liar.send(told)
        self.requested(liar)
        honest.send(told)
        honest.send(ping)
        self.assertEqual(json.loads(honest.receive())["type"], 109)  # what came before is heard
        liar.send(bodies(OTHER_BODY))
        self.requested(honest)
        honest.send(bodies(GOOD))
        wait_for(lambda: node.chain()[1:] == [GOOD], "the block")

    def test_no_node_follows_what_it_cannot_pass_on(self):
        for flags in (NEW, ("--protocol", "push_chain")):
            with self.subTest(flags=flags):
                node = self.node(*flags)
                ws = node.peer()
                for count, block in enumerate((BAD, OTHER_BODY), 1):
                    ws.send(latest(block))
                    self.refused(node, count)
                self.assertEqual(node.height(), 0)
                ws.send(latest(GOOD))
                wait_for(lambda: node.chain()[1:] == [GOOD], "the block")

    def test_two_nodes_agree_on_one_of_two_blocks_with_one_hash(self):
        a, b = chainnodes(self, 2, *NEW)
        for node, block in ((a, GOOD), (b, BAD)):
            self.peer(node, 7).send(bodies(block))
        self.refused(b)
        wait_for(lambda: a.height() == 1, "the block")
        b.connect_to(a)
        a.mine("next")
        wait_for(lambda: a.chain() == b.chain(), "one chain")
        self.assertEqual(b.chain()[1], GOOD)

    def test_a_chain_file_accepts_the_blocks_of_a_clone_with_other_roots(self):
        rules = {"rules": "tutorial", "check_merkle_root": False, "max_block": 131072}
        node = self.node("--protocol", "push_chain", rules=rules)
        node.peer().send(latest(OTHER_BODY))
        wait_for(lambda: node.chain()[1:] == [OTHER_BODY], "the block")
        self.assertEqual(node.stop(), 0)
        node.start()
        self.assertEqual(node.chain()[1:], [OTHER_BODY])

    def test_a_stored_block_stays_when_the_rule_is_on(self):
        rules = {"rules": "tutorial", "check_merkle_root": False}
        node = self.node("--protocol", "push_chain", rules=rules)
        node.peer().send(latest(OTHER_BODY))
        wait_for(lambda: node.chain()[1:] == [OTHER_BODY], "the block")
        self.assertEqual(node.stop(), 0)
        (node.directory / "chain.json").write_text('{"rules": "tutorial"}')
        node.start()
        self.assertEqual(node.chain()[1:], [OTHER_BODY])

    def test_networks_with_and_without_the_rule_do_not_mix(self):
        a = self.node(*NEW, rules={"rules": "tutorial", "check_merkle_root": False})
        b = self.node(*NEW)
        b.connect_to(a)
        wait_for(lambda: "another genesis or other rules" in a.log() + b.log(), "the reason")


if __name__ == "__main__":
    unittest.main()

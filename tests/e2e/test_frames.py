#!/usr/bin/python3
"""The original protocol on the wire, byte for byte, against a peer that shares no code with it."""

import json
import socket
import unittest

from peer import (GENESIS, QUERY, Chainnode, TutorialPeer, WebSocket, block_hash,
                  chain_after, compact, latest, merkle_root, next_block, whole)

TIP_OF_GENESIS = '{"type":1,"payload":[' + GENESIS + "]}"
ROOTS = {
    ("a",): "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB",
    ("a", "b"): "6A20F2EE7789E6BB7F404CC2DD729FF308B724D904F6A455B74D4851ADE5AECB",
    ("a", "b", "c"): "FF36C95E778FE3AE472A287AD85D8F8B15EC0499B3DC08E9027A098CE3EB49BB",
    ("a", "b", "c", "d", "e"): "16E6BEB3E080910740A2923D6091618CAA9968AEAD8A52D187D725D199548E2C",
    ("한글",): "BD87F9BB68B67D2FA1CB82B6751820E946D5B1316D25D5FD96512FB4BE44A2A8",
    ("",): "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    (): None,
}


class Frames(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode()
        self.addCleanup(self.node.close)

    def tip_told(self, ws):
        """The node's answer to a question: all that was sent before has had its effect."""
        ws.send(QUERY)
        return ws.receive()

    def test_opens_with_a_question_and_answers_one(self):
        ws = self.node.peer()
        self.assertEqual(ws.receive(), '{"type":0,"payload":{}}')
        ws.send(QUERY)
        self.assertEqual(ws.receive(), TIP_OF_GENESIS)

    def test_asks_too_where_it_dials(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            self.node.json("POST", "/addToPeer", {"peer": f"ws://127.0.0.1:{port}"})
            ws = WebSocket.accept(listener)
            self.assertEqual(ws.receive(), QUERY)
            ws.close()

    def test_takes_binary_frames_and_ignores_unknown_types(self):
        ws = self.node.greeted()
        ws.send('{"type":3,"payload":[{"a":1}]}')
        ws.send('{"type":100,"payload":null}')
        ws.send(QUERY.encode(), opcode=2)
        self.assertEqual(ws.receive(), TIP_OF_GENESIS)

    def test_a_mined_block_goes_to_all(self):
        peers = [self.node.greeted() for _ in range(3)]
        status, text = self.node.request("POST", "/mineBlock", '{"data":["hello"]}')
        self.assertEqual(status, 200)
        for ws in peers:
            self.assertEqual(ws.receive(), '{"type":1,"payload":[' + text + "]}")

    def test_mined_blocks_hash_as_the_protocol_says(self):
        previous = json.loads(GENESIS)
        for data, root in ROOTS.items():
            block = self.node.mine(*data)
            self.assertEqual(merkle_root(list(data)), root)
            self.assertEqual(block.get("merkleRoot"), root)
            self.assertEqual(block["hash"], block_hash(block))
            self.assertEqual(block["previousHash"], previous["hash"])
            self.assertEqual((block["version"], block["data"]), ("1.0.0", list(data)))
            previous = block

    def test_a_block_on_the_tip_is_appended_and_told_to_all_the_sender_included(self):
        sender, other = self.node.greeted(), self.node.greeted()
        block = next_block(json.loads(GENESIS), ["from outside"])
        shuffled = {key: block[key] for key in sorted(block)}
        sender.send(latest(shuffled))
        for ws in (sender, other):
            self.assertEqual(ws.receive(), latest(shuffled))  # key order is carried through
        self.assertEqual(self.node.request("GET", "/chains")[1],
                         "[" + GENESIS + "," + compact(shuffled) + "]")

    def test_a_block_that_does_not_extend_is_answered_with_the_whole_chain(self):
        first = self.node.mine("one")
        genesis = json.loads(GENESIS)
        own = '{"type":2,"payload":[' + GENESIS + "," + compact(first) + "]}"
        bad = {
            "height": next_block(next_block(first, ["x"]), ["y"]),
            "previous_hash": next_block({**first, "hash": "1" * 64}, ["x"]),
            "hash": next_block(first, ["x"], hash="2" * 64),
        }
        ws = self.node.greeted()
        for code, block in bad.items():
            ws.send(latest(block))
            self.assertEqual(ws.receive(), own, code)
            self.assertEqual(self.node.count(f"refused peer=0 code={code} "), 1)
        ws.send(latest(genesis))
        self.assertEqual(ws.receive(), own)
        self.assertEqual(self.node.height(), 1)

    def test_a_longer_chain_replaces_the_own_and_is_told_to_all(self):
        self.node.mine("mine")
        chain = chain_after(json.loads(GENESIS), 3, "other")
        sender, other = self.node.greeted(), self.node.greeted()
        sender.send(whole(chain))
        for ws in (sender, other):
            self.assertEqual(ws.receive(), whole(chain))
        self.assertEqual(self.node.chain(), chain)
        self.assertEqual(self.node.count("reorg height=3"), 1)

    def test_the_three_refusals_of_a_chain(self):
        own = [json.loads(GENESIS), self.node.mine("one"), self.node.mine("two")]
        refused = {
            "genesis_tip": own[:1],
            "not_longer": chain_after(own[0], 2, "as long"),
            "one_block_short": own + [next_block(own[-1], ["just one on top"])],
        }
        ws = self.node.greeted()
        for code, chain in refused.items():
            ws.send(whole(chain))
            self.assertEqual(self.tip_told(ws), latest(own[-1]), code)
            self.assertEqual(self.node.count(f"refused peer=0 code={code} "), 1)
        self.assertEqual(self.node.chain(), own)

    def test_an_invalid_chain_is_refused(self):
        chain = chain_after(json.loads(GENESIS), 4, "x")
        chain[2] = {**chain[2], "nonce": 7}
        ws = self.node.greeted()
        ws.send(whole(chain))
        self.assertEqual(self.tip_told(ws), TIP_OF_GENESIS)
        self.assertEqual(self.node.count("refused peer=0 code=hash "), 1)

    def test_a_peer_that_compares_the_genesis_as_text_adopts_the_chain(self):
        for word in ("one", "두울", "three"):
            self.node.mine(word)
        peer = TutorialPeer(self.node.peer())
        while peer.chain[-1]["height"] < 3:
            peer.answer_one()
        self.assertEqual(peer.chain, self.node.chain())
        fourth = self.node.mine("four")
        while peer.chain[-1] != fourth:
            peer.answer_one()

    def test_a_genesis_with_other_keys_first_is_another_genesis(self):
        genesis = json.loads(GENESIS)
        chain = chain_after({key: genesis[key] for key in sorted(genesis)}, 3, "x")
        ws = self.node.greeted()
        ws.send(whole(chain))
        self.assertEqual(self.tip_told(ws), TIP_OF_GENESIS)
        self.assertEqual(self.node.count("refused peer=0 code=wrong_genesis "), 1)

    def test_a_peer_that_leaves_is_the_one_removed(self):
        first, second, third = (self.node.greeted() for _ in range(3))
        second.close()
        for ws in (first, third):
            ws.send(QUERY)
            ws.receive()
        block = self.node.mine("for those who stay")
        for ws in (first, third):
            self.assertEqual(ws.receive(), latest(block))


if __name__ == "__main__":
    unittest.main()

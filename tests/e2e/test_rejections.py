#!/usr/bin/python3
"""What was not taken, and why: the original's Korean, byte for byte, wherever a node tells it."""

import http.client
import json
import unittest

from peer import (DEADLINE, GENESIS, chain_after, chainnodes, latest, next_block, wait_for, whole)

HEIGHT = "블록 높이가 맞지않습니다."
PREVIOUS_HASH = "이전 블록 해시가 맞지않습니다"
HASH = "블록해시가 올바르지 않습니다"
GENESIS_TIP = "받은 최신블록이 제네시스 블록입니다. "
NOT_LONGER = "자신의 체인이 더 길거나 같습니다. "
ONE_BLOCK_SHORT = "블록이 하나 모자랍니다. "


class Rejections(unittest.TestCase):
    def setUp(self):
        self.node, = chainnodes(self, 1, "--log-json")
        self.chain = [json.loads(GENESIS), self.node.mine("one"), self.node.mine("two")]

    def lines(self, event):
        lines = [json.loads(line) for line in self.node.log().splitlines()]
        return [line for line in lines if line["event"] == event]

    def frames(self):
        """(code, Korean text, a frame that is refused for it)."""
        tip = self.chain[-1]
        return [("height", HEIGHT, latest(next_block(self.chain[0], ["low"]))),
                ("previous_hash", PREVIOUS_HASH, latest(next_block({**tip, "hash": "a" * 64}, []))),
                ("hash", HASH, latest(next_block(tip, ["x"], hash="b" * 64))),
                ("genesis_tip", GENESIS_TIP, whole(self.chain[:1])),
                ("not_longer", NOT_LONGER, whole(chain_after(self.chain[0], 2, "as long"))),
                ("one_block_short", ONE_BLOCK_SHORT, whole(self.chain + [next_block(tip, ["n"])]))]

    def test_each_korean_text_stands_in_status_events_and_log(self):
        ws = self.node.greeted()
        frames = self.frames()
        for _, _, frame in frames:
            ws.send(frame)
        wait_for(lambda: len(self.lines("refused")) == len(frames), "the rejections")
        expected = [(code, ko) for code, ko, _ in frames]
        self.assertEqual([(line["code"], line["ko"]) for line in self.lines("refused")], expected)

        def told(status):
            return [(entry["code"], entry["ko"]) for entry in status["rejections"]]

        status = self.node.json("GET", "/status")
        self.assertEqual(told(status), expected)
        self.assertEqual({entry["peer"] for entry in status["rejections"]},
                         {self.node.json("GET", "/peers")[0]["peer"]})
        connection = http.client.HTTPConnection(self.node.http, timeout=DEADLINE)
        self.addCleanup(connection.close)
        connection.request("GET", "/events")
        response = connection.getresponse()
        response.readline()
        self.assertEqual(told(json.loads(response.readline()[len("data: "):])), expected)
        for _, text, _ in frames:  # not only after JSON was read: the bytes themselves
            self.assertIn(f'"ko":"{text}"', self.node.log())
            self.assertIn(f'"ko":"{text}"', self.node.request("GET", "/status")[1])

    def test_a_reason_without_a_korean_text_is_null(self):
        foreign = json.loads(GENESIS)
        foreign["data"] = ["ANOTHER GENESIS"]
        self.node.greeted().send(whole(chain_after(foreign, 5, "foreign")))
        wait_for(lambda: self.lines("refused"), "the rejection")
        self.assertNotIn("ko", self.lines("refused")[0])
        entry, = self.node.json("GET", "/status")["rejections"]
        self.assertEqual((entry["code"], entry["ko"]), ("wrong_genesis", None))

    def test_a_tip_line_says_appended_or_replaced(self):
        ws = self.node.greeted()
        ws.send(latest(next_block(self.chain[-1], ["three"])))
        wait_for(lambda: len(self.lines("tip")) == 3, "the block")
        own = self.node.chain()
        ws.send(whole(own[:-1] + chain_after(own[-1], 2, "longer")))
        wait_for(lambda: len(self.lines("tip")) == 4, "the chain")
        self.assertEqual([(line["height"], line["from"], line["change"])
                          for line in self.lines("tip")],
                         [("1", "here", "appended"), ("2", "here", "appended"),
                          ("3", "peer", "appended"), ("5", "peer", "replaced")])


if __name__ == "__main__":
    unittest.main()

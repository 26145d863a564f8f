#!/usr/bin/python3
"""Several chainnodes: they mine, fork and agree again, or, as the original, do not."""

import json
import unittest

from peer import chainnodes, wait_for


class Network(unittest.TestCase):
    def test_three_nodes_in_a_line_follow_each_block(self):
        a, b, c = chainnodes(self, 3)
        a.connect_to(b)
        b.connect_to(c)
        for node in (a, c, b, a):
            block = node.mine("from " + node.p2p)
            wait_for(lambda: all(n.chain()[-1] == block for n in (a, b, c)), "one tip")

    def test_a_newcomer_gets_the_chain(self):
        a, b = chainnodes(self, 2)
        for i in range(20):
            a.mine(str(i))
        b.connect_to(a)
        wait_for(lambda: b.chain() == a.chain(), "one chain")

    def test_a_fork_is_settled_by_the_longer_side_at_the_connection(self):
        a, b = chainnodes(self, 2)
        for i in range(3):
            a.mine(f"a {i}")
        b.mine("b 0")
        a.connect_to(b)
        wait_for(lambda: b.chain() == a.chain(), "one chain")
        self.assertEqual(a.height(), 3)
        self.assertEqual(b.count("reorg height=3 .* abandoned=1"), 1)

    def test_three_nodes_mine_by_themselves_and_fork(self):
        """All mine at once into a full mesh, until forks have come and gone."""
        nodes = chainnodes(self, 3, "--mine", "--mine-interval", "40ms")
        for i, node in enumerate(nodes):
            for other in nodes[:i]:
                node.connect_to(other)
        wait_for(lambda: min(n.height() for n in nodes) >= 30, "30 blocks")
        for node in nodes:
            self.assertEqual(node.stop(), 0)
            node.flags = ()
            node.start()
        heights = {n.height(): n for n in nodes}
        longest = heights[max(heights)]
        longest.mine("so that one is longer by two, at the least")
        longest.mine("than any other")
        for node in nodes:
            if node is not longest:
                node.connect_to(longest)
        wait_for(lambda: all(n.chain() == longest.chain() for n in nodes), "one chain")
        chain = longest.chain()
        self.assertEqual([b["height"] for b in chain], list(range(len(chain))))

    def fork(self):
        """Two nodes on equal heights, connected since, so that neither has followed the other."""
        a, b = chainnodes(self, 2, "--protocol", "push_chain")
        self.common = a.mine("common")
        b.connect_to(a)
        wait_for(lambda: b.height() == 1)
        for node in (a, b):
            self.assertEqual(node.stop(), 0)
            node.start()
            node.mine("apart, on " + node.p2p)
        b.connect_to(a)
        for node in (a, b):  # each has told its chain, each has refused the other's
            wait_for(lambda: node.count("code=not_longer") == 1, "a refusal")
        return a, b

    def test_two_equal_forks_never_heal_while_the_longer_side_mines(self):
        longer, shorter = self.fork()
        for i in range(5):
            longer.mine(str(i))
            # The block does not connect there; the answer is the shorter chain, refused here.
            wait_for(lambda: longer.count("code=not_longer") == 2 + i, "the shorter chain")
            self.assertEqual(shorter.count("code=(previous_hash|height)"), 2 + i)
            self.assertEqual((longer.height(), shorter.height()), (3 + i, 2))
        self.assertNotEqual(longer.chain()[2], shorter.chain()[2])

    def test_they_heal_when_the_shorter_side_mines_and_is_still_shorter(self):
        longer, shorter = self.fork()
        longer.mine("1")
        longer.mine("2")
        wait_for(lambda: longer.count("code=not_longer") == 3)
        shorter.mine("a cry for help")
        wait_for(lambda: shorter.chain() == longer.chain(), "one chain")
        self.assertEqual(shorter.height(), 4)

    def test_they_heal_when_someone_connects_again(self):
        longer, shorter = self.fork()
        longer.mine("1")
        wait_for(lambda: longer.count("code=not_longer") == 2)
        self.assertEqual(shorter.stop(), 0)
        shorter.start()
        shorter.connect_to(longer)
        wait_for(lambda: shorter.chain() == longer.chain(), "one chain")

    def test_one_connection_a_pair_whoever_asks_how_often(self):
        a, b = chainnodes(self, 2)
        for _ in range(3):
            a.json("POST", "/addPeers", [f"ws://{b.p2p}"] * 4)
        self.assertEqual(len(a.json("GET", "/peers")), 1)
        self.assertEqual(len(b.json("GET", "/peers")), 1)

    def test_one_connection_a_pair_whoever_dials(self):
        nodes = chainnodes(self, 3)
        urls = [f"ws://{node.p2p}" for node in nodes]
        for node in nodes:  # as a class does: everyone has everyone's address, the own one, too
            node.json("POST", "/addPeers", urls)
        wait_for(lambda: all(len(n.json("GET", "/peers")) == 2 for n in nodes), "two peers each")
        block = nodes[0].mine("one")
        wait_for(lambda: all(n.chain()[-1] == block for n in nodes), "one tip")

    def test_the_log_is_json_where_asked(self):
        node, = chainnodes(self, 1, "--log-json")
        node.mine('a "quote"')
        lines = [json.loads(line) for line in node.log().splitlines()]
        self.assertEqual([line["event"] for line in lines], ["chain", "tip"])
        self.assertEqual(lines[1]["height"], "1")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""A network of one's own in a file, and the test networks whose blocks need no proof of work."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from peer import CHAINNODE, ZEROS, Chainnode, compact, wait_for

TEST_NETWORK = {"rules": "work", "seal": "simulated", "first_difficulty": 20}


def chain_file(test, what):
    """The path of a chain file that ends with the test."""
    descriptor, name = tempfile.mkstemp(suffix=".json", prefix="chain-")
    test.addCleanup(os.unlink, name)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(what if isinstance(what, str) else json.dumps(what))
    return name


def node(test, what, *flags):
    made = Chainnode("--protocol", "header_first", "--chain", chain_file(test, what), *flags)
    test.addCleanup(made.close)
    return made


class TestNetwork(unittest.TestCase):
    def test_says_so_and_gives_blocks_at_once(self):
        tester = node(self, TEST_NETWORK)
        self.assertEqual(tester.count("warn test_network"), 1)
        block = tester.mine("found by an oracle")
        self.assertEqual(block["difficulty"], 20)  # a million hashes, were they asked for
        self.assertEqual(tester.chain()[0]["data"], ["TEST NETWORK!"])

    def test_fills_a_block_up_to_the_bytes_asked_for(self):
        tester = node(self, TEST_NETWORK)
        for nonce, size in [(1, 2000), (123, 2000), (4, 5000)]:
            status, text = tester.request("POST", "/mineBlock",
                                          {"block_bytes": size, "nonce": nonce})
            self.assertEqual((status, len(text)), (200, size))
            self.assertEqual(json.loads(text)["nonce"], nonce)
        for wish in [{"block_bytes": 2000}, {"block_bytes": 1 << 20, "nonce": 1},
                     {"block_bytes": 2000, "nonce": 0}, {"block_bytes": 9, "nonce": 1, "data": []}]:
            refused = tester.json("POST", "/mineBlock", wish, status=400)
            self.assertEqual(refused["code"], "bad_block")

    def test_its_nodes_agree_and_all_others_refuse_them(self):
        first, second = node(self, TEST_NETWORK), node(self, TEST_NETWORK)
        honest = node(self, {**TEST_NETWORK, "seal": "hash", 
                             "genesis": compact(first.chain()[0])})
        first.connect_to(second)
        tip = first.mine("x")["hash"]
        wait_for(lambda: second.json("GET", "/blocks/tip")["hash"] == tip, "the same tip")
        honest.json("POST", "/addPeers", [f"ws://{second.p2p}"])
        wait_for(lambda: honest.count("peer_dropped"), "a refusal")
        self.assertEqual(honest.height(), 0)

    def test_blocks_of_sealed_networks_are_not_filled(self):
        sealed = node(self, {"rules": "work"})
        refused = sealed.json("POST", "/mineBlock", {"block_bytes": 2000, "nonce": 1}, status=400)
        self.assertEqual(refused["code"], "no_test_network")
        self.assertEqual(sealed.count("test_network"), 0)

    def test_the_data_directory_remembers_the_seal(self):
        tester = node(self, TEST_NETWORK)
        tester.mine("x")
        genesis = compact(tester.chain()[0])
        self.assertEqual(tester.stop(), 0)
        tester.flags = ("--chain", chain_file(self, {**TEST_NETWORK, "seal": "hash",
                                                     "genesis": genesis}))
        tester.start(wait=False)
        self.assertEqual(tester.process.wait(), 1)
        self.assertIn("simulated seal", tester.log())


class Refused(unittest.TestCase):
    def refusal(self, what, *flags):
        """The one line of a node that does not start."""
        with tempfile.TemporaryDirectory() as directory:
            done = subprocess.run([CHAINNODE, "--data-dir", directory, "--p2p", "127.0.0.1:0",
                                   "--http", "127.0.0.1:0", "--chain", chain_file(self, what),
                                   *flags], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def test_what_was_found_and_what_was_expected_stand_in_one_line(self):
        widespread = ('{"version":"1.0.0","height":0,"hash":"' + ZEROS + '","timestamp":1231006506,'
                      '"previousHash":"' + ZEROS + '","merkleRoot":"' + ZEROS + '","difficulty":0,'
                      '"nonce":0,"data":["GENESIS BLOCK"]}')
        for what, words in [
                ("{", "found no JSON"),
                ("[]", "found []; expected an object"),
                ('{"rules":"work","rules":"work"}', "each key once"),
                ({"rules": "free"}, 'rules: found "free"; expected tutorial or work'),
                ({"seel": "hash"}, 'seel: found "hash"; expected no such key, but'),
                ({"first_difficulty": 41}, "first_difficulty: found 41; expected 0 to 40"),
                ({"first_difficulty": 18, "min_difficulty": 19, "retarget": 10},
                 "min_difficulty: found 19; expected 0 to 18"),
                ({"first_difficulty": 18, "min_difficulty": 18},
                 "min_difficulty: found 18 where the difficulty is fixed"),
                ({"block_interval": 10}, "block_interval: found 10; expected a time"),
                ({"genesis": "no such file"}, "genesis: "),
                ({"test": 1}, "test: found 1; expected an object"),
                ({**TEST_NETWORK, "test": {"relay": "x"}}, 'test.relay: found "x"; expected block'),
                ({"max_block": (1 << 20) - 63}, "max_block: found 1048513 bytes; expected at most "
                 "1048512, which a frame of 1048576 bytes can carry"),
                ({"check_merkle_root": 0}, "check_merkle_root: found 0; expected true or false"),
                ({"check_merkle_root": False}, "check_merkle_root: found false; expected true"),
                ({**TEST_NETWORK, "genesis": widespread}, "expected one of its own")]:
            self.assertIn(words, self.refusal(what), what)

    def test_beside_flags_that_say_the_same(self):
        for flags in [("--rules", "work"), ("--genesis", "learn")]:
            refused = self.refusal(TEST_NETWORK, *flags)
            self.assertIn(f"--chain: found {flags[0]} beside it", refused)

    def test_a_genesis_file_stands_beside_the_chain_file(self):
        with tempfile.TemporaryDirectory() as folder:
            genesis = pathlib.Path(folder) / "own.json"
            genesis.write_text('{"data":["own"],"height":0,"version":"1.0.0","timestamp":1,'
                               '"previousHash":"' + ZEROS + '","merkleRoot":"' + ZEROS +
                               '","difficulty":0,"nonce":0,"hash":"' + ZEROS + '"}')
            path = pathlib.Path(folder) / "chain.json"
            path.write_text('{"rules":"tutorial","genesis":"own.json"}')
            made = Chainnode("--chain", str(path))
            self.addCleanup(made.close)
            self.assertEqual(made.chain()[0]["data"], ["own"])


if __name__ == "__main__":
    unittest.main()

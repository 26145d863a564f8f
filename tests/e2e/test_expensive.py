#!/usr/bin/python3
"""Frames that are valid and as expensive as frames can be: a node that gets them from several peers
answers others in good time, stores nothing and needs little memory at its peak."""

import unittest

from expensive import flood_of_expensive_frames
from peer import Chainnode, fill_store

OWN = 3000  # blocks; a branch from the genesis is far below the low-work floor


class Expensive(unittest.TestCase):
    def test_a_flood_of_valid_frames(self):
        node = Chainnode("--protocol", "header_first", ASAN_OPTIONS="quarantine_size_mb=1")
        self.addCleanup(node.close)
        self.assertEqual(node.stop(), 0)
        fill_store(node.directory, OWN)
        node.start()
        chain = node.chain()
        figures = flood_of_expensive_frames(self, node, chain, peers=4, seconds=3)
        print(figures, flush=True)
        self.assertLess(figures["ping_median_ms"], 250)
        self.assertLess(figures["peak_bytes"], 64 << 20)
        self.assertEqual(node.height(), OWN)


if __name__ == "__main__":
    unittest.main()

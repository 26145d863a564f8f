#!/usr/bin/python3
"""A chain of 100,000 blocks over loopback, with its speed; a million headers that nobody wants."""

import time
import unittest

from peer import chainnodes, fill_store, wait_for
from test_header_first import NEW, Flood, tip_height

BLOCKS = 100_000


class LongSync(unittest.TestCase):
    def test_a_long_chain(self):
        source, node = chainnodes(self, 2, *NEW)
        self.assertEqual(source.stop(), 0)
        fill_store(source.directory, BLOCKS)
        source.start()
        started = time.monotonic()
        node.connect_to(source)
        wait_for(lambda: tip_height(node) == BLOCKS, "the whole chain", 600)
        seconds = time.monotonic() - started
        print(f"{BLOCKS} blocks in {seconds:.1f} s: {BLOCKS / seconds:.0f} blocks/s;"
              f" memory {node.resident() >> 20} MiB, of the source {source.resident() >> 20} MiB")


class LongFlood(Flood):
    PAGES = 500


del Flood  # only the long one is run here

if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""Every scenario of scenarios/parity on real nodes, five runs each: both worlds agree.

On a busy machine times say nothing; what must be equal is judged all the same.
"""

import unittest

from test_lab import ROOT, lab

RUNS = 5


class Parity(unittest.TestCase):
    def test_all_scenarios_agree(self):
        files = sorted((ROOT / "scenarios/parity").glob("*.yaml"))
        self.assertEqual(len(files), 6)
        for file in files:
            with self.subTest(file.stem):
                code, report, errors = lab((f"parity/{file.stem}",), "--runs", str(RUNS))
                self.assertIn(code, (0, 2), errors)
                differing = [q for q in report["quantities"] if q["verdict"] == "DIFFERS"]
                if report["machine"]["busy"]:
                    differing = [q for q in differing if q["unit"] != "s"]
                self.assertEqual(differing, [], report["machine"])


if __name__ == "__main__":
    unittest.main()

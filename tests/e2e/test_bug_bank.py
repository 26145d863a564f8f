#!/usr/bin/python3
"""The planted faults fit the sources of today; tools/bug_bank builds and explores them."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def bank():
    loader = importlib.machinery.SourceFileLoader("bug_bank", str(ROOT / "tools/bug_bank"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bug_bank", loader))
    loader.exec_module(module)
    return module


class BugBank(unittest.TestCase):
    def test_every_fault_is_planted_in_the_copy_and_nowhere_else(self):
        module = bank()
        bugs = module.bugs()
        self.assertGreaterEqual(len(bugs), 30)
        self.assertGreaterEqual(sum(bug.kind == "mutation" for bug in bugs), 10)
        with tempfile.TemporaryDirectory() as folder:
            module.BUILD = pathlib.Path(folder)
            source = module.plant(bugs)
            text = "".join((source / file).read_text(encoding="utf-8")
                           for file in {bug.file for bug in bugs})
            for number in range(1, len(bugs) + 1):
                self.assertIn(f"planted({number})", text)
            module.configure(source)  # the copy has all that its CMakeLists.txt asks for
        for bug in bugs:
            self.assertNotIn("planted(", (ROOT / bug.file).read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()

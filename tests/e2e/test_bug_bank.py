#!/usr/bin/python3
"""The planted faults fit the sources of today; tools/bug_bank builds the copy and finds them."""

import importlib.machinery
import importlib.util
import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANY_FILES = """# A comment.

two_places hole core/one.cpp property Suite.A* Suite.B
Two sentences. One fault.
< first();
> (void)0;
@ core/two.h
< a &&
      b
> a

usual mutation core/one.cpp
One.
< c
> d
"""


def bank():
    loader = importlib.machinery.SourceFileLoader("bug_bank", str(ROOT / "tools/bug_bank"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bug_bank", loader))
    loader.exec_module(module)
    return module


def changes(bugs):
    return [(bug, change) for bug in bugs for change in bug.replacements]


class BugBank(unittest.TestCase):
    def setUp(self):
        self.module = bank()

    def test_a_fault_has_several_places_and_a_finder(self):
        with tempfile.TemporaryDirectory() as folder:
            self.module.BANK = pathlib.Path(folder) / "bugs.txt"
            self.module.BANK.write_text(MANY_FILES, encoding="utf-8")
            two, usual = self.module.bugs()
        self.assertEqual(two.finding, ("property", "Suite.A*", "Suite.B"))
        self.assertEqual(two.what, "Two sentences. One fault.")
        self.assertEqual([(str(c.file), c.original, c.planted) for c in two.replacements],
                         [("core/one.cpp", "first();", "(void)0;"),
                          ("core/two.h", "a &&\n      b", "a")])
        self.assertEqual(two.replacements[1].text(7), "(planted(7) ? (a) : (a &&\n      b))")
        self.assertEqual(usual.finding, ("explore", "--protocol", "header_first"))

    def test_each_text_to_be_changed_stands_once_in_its_file(self):
        for bug, change in changes(self.module.bugs()):
            text = (ROOT / change.file).read_text(encoding="utf-8")
            self.assertEqual(text.count(change.original), 1, f"{bug.name}: {change.original}")
            self.assertNotIn("planted(", text)
            self.assertNotEqual(change.planted, "", bug.name)
            is_statement = change.planted.endswith((";", "}"))
            self.assertEqual(is_statement, change.original.endswith(";"), bug.name)

    def test_what_an_entry_names_exists(self):
        bugs = self.module.bugs()
        self.assertEqual(len({bug.name for bug in bugs}), len(bugs))
        tests = " ".join(file.read_text(encoding="utf-8") for file in ROOT.glob("tests/*/*.cpp"))
        for bug in bugs:
            self.assertIn(bug.kind, ("hole", "mutation"), bug.name)
            self.assertNotEqual(bug.what, "", bug.name)
            for name in bug.arguments:
                if bug.finder != "explore":
                    suite, test = [re.escape(part).replace(r"\*", r"\w*")
                                   for part in name.split(".")]
                    self.assertRegex(tests, rf"TEST\w*\({suite}, {test}\)", bug.name)
                elif name.endswith(".yaml"):
                    self.assertTrue((ROOT / name).is_file(), name)

    def test_every_fault_is_planted_in_the_copy_and_nowhere_else(self):
        bugs = self.module.bugs()
        self.assertGreaterEqual(len(bugs), 50)
        self.assertGreaterEqual(sum(bug.kind == "mutation" for bug in bugs), 10)
        with tempfile.TemporaryDirectory() as folder:
            self.module.BUILD = pathlib.Path(folder)
            source = self.module.plant(bugs)
            files = {change.file for _, change in changes(bugs)}
            text = "".join((source / file).read_text(encoding="utf-8") for file in files)
            for number, bug in enumerate(bugs, 1):
                self.assertEqual(text.count(f"planted({number})"), len(bug.replacements), bug.name)
            self.module.configure(source, True)  # the copy has all that its CMakeLists.txt asks for


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""simchain explore as a user meets it: exit codes, the document, and failures that run again."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

SIMCHAIN = os.environ["SIMCHAIN"]
FAULTS = pathlib.Path(__file__).resolve().parents[2] / "scenarios/faults-of-the-original"
DEADLINE = 600  # with sanitizers, on a busy machine
KEYS = {"runs", "wall_seconds", "events", "node_years", "failed", "cut_short", "not_drawn",
        "passed", "coverage", "failures"}


class Explore(unittest.TestCase):
    def run_it(self, *arguments, code=0):
        done = subprocess.run([SIMCHAIN, *arguments], capture_output=True, text=True,
                              timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout[:2000])
        return done

    def test_the_replacement_keeps_every_invariant(self):
        done = self.run_it("explore", "-", "--seeds", "1..150", "--protocol", "header_first",
                           "--jobs", "1", "--json")
        document = json.loads(done.stdout)
        self.assertEqual(set(document), KEYS)
        self.assertEqual(document["runs"], 150)
        self.assertEqual(document["failures"], [])
        self.assertGreater(document["passed"]["with_partition"], 0)
        self.assertGreater(document["coverage"]["messages"]["Blocks"], 0)

    def test_what_the_original_breaks_is_a_file_that_breaks_it_again(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_it("explore", "-", "--seeds", "1..60", "--protocol", "push_chain",
                               "--jobs", "1", "--json", "--out", folder, code=3)
            failures = json.loads(done.stdout)["failures"]
            names = {failure["invariant"] for failure in failures}
            self.assertLessEqual({"byte_budget", "equal_work"}, names)
            for failure in failures:
                text = pathlib.Path(failure["file"]).read_text(encoding="utf-8")
                self.assertTrue(text.startswith("# Does it hold here that "))
                again = subprocess.run([SIMCHAIN, "run", failure["file"], "--check", "all",
                                        "--json"], capture_output=True, text=True,
                                       timeout=DEADLINE, check=False)
                self.assertIn(again.returncode, (2, 3))
                broken = {v["invariant"] for v in json.loads(again.stdout)["violations"]}
                self.assertIn(failure["invariant"], broken)
                recording = pathlib.Path(failure["file"]).with_suffix(".rec")
                self.assertIn("each as recorded", self.run_it("replay", recording).stdout)

    def test_the_first_failure_may_be_enough(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_it("explore", "-", "--first", "--protocol", "push_chain", "--jobs", "1",
                               "--json", "--out", folder, code=3)
            document = json.loads(done.stdout)
            self.assertEqual(document["failed"], 1)
            self.assertGreater(document["failures"][0]["nodes"], 1)

    def test_a_seed_is_shown_and_runs(self):
        text = self.run_it("explore", "-", "--show", "7").stdout
        self.assertTrue(text.startswith("# What seed 7 draws."))
        run = subprocess.run([SIMCHAIN, "run", "-", "--json"], input=text, capture_output=True,
                             text=True, timeout=DEADLINE, check=False)
        self.assertEqual((run.returncode, json.loads(run.stdout)["violations"]), (0, []))

    def test_what_breaks_is_told_on_stderr_and_in_junit(self):
        file = str(FAULTS / "h1_echo.yaml")
        with tempfile.TemporaryDirectory() as folder:
            junit = pathlib.Path(folder, "junit.xml")
            done = self.run_it("run", file, "--quiet", "--check", "all", "--junit", str(junit),
                               "--out", folder, code=3)
            self.assertIn("violated (resources): byte_budget", done.stderr)
            self.assertIn('name="invariant byte_budget"', junit.read_text(encoding="utf-8"))
            self.run_it("replay", str(pathlib.Path(folder, "violation.rec")))

    def test_a_base_stands_and_what_cannot_be_run_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            base = pathlib.Path(folder, "base.yaml")
            base.write_text("chain: {rules: tutorial}\nnetwork: {nodes: 3}\n", encoding="utf-8")
            done = self.run_it("explore", str(base), "--seeds", "1..10", "--json", "--jobs", "1")
            self.assertEqual(json.loads(done.stdout)["runs"], 10)
            base.write_text("chain: {rules: tutorial, difficulty: {retarget: 10 blocks}}\n",
                            encoding="utf-8")
            done = self.run_it("explore", str(base), "--seeds", "1..10", code=1)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_bad_input_is_one_line(self):
        for arguments in (["explore"], ["explore", "nowhere.yaml"], ["explore", "-", "--for", "5"],
                          ["explore", "-", "--seeds", "3..1"],
                          ["explore", "-", "--protocol", "none"]):
            done = self.run_it(*arguments, code=1)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()

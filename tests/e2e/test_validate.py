#!/usr/bin/python3
"""simchain validate as a user meets it: the table, the document, exit codes, shown scenarios."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from interrupting import interrupted

SIMCHAIN = os.environ["SIMCHAIN"]
DEADLINE = 120
KEYS = {"suite", "check", "question", "unit", "runs", "value", "interval95", "reference",
        "reference_interval95", "tolerance", "judged", "source", "verdict"}


class Validate(unittest.TestCase):
    def run_it(self, *arguments, code=0):
        done = subprocess.run([SIMCHAIN, *arguments], capture_output=True, text=True,
                              timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout[:500])
        return done

    def document(self, *arguments):
        return json.loads(self.run_it("validate", *arguments, "--json").stdout)

    def test_the_table_is_on_stdout_and_says_the_totals(self):
        done = self.run_it("validate", "propagation")
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        for column in ("check", "ours", "95 % interval", "reference", "tolerance", "source",
                       "verdict"):
            self.assertIn(column, lines[0])
        rows = [line for line in lines if line.startswith("propagation.")]
        self.assertTrue(rows)
        self.assertTrue(all(line.endswith(" pass") for line in rows), done.stdout)
        self.assertRegex(lines[-1], rf"^{len(rows)} checks: {len(rows)} pass, 0 fail; "
                                    r"\d+ runs in \d+\.\d s$")

    def test_the_document_has_the_keys_on_record(self):
        document = self.document("propagation")
        self.assertEqual(document["suite"], "propagation")
        self.assertEqual(document["failed"], 0)
        self.assertEqual(document["passed"], len(document["checks"]))
        for check in document["checks"]:
            self.assertEqual(set(check), KEYS)
            self.assertEqual(check["value"], check["reference"])

    def test_the_findings_are_the_same_for_any_number_of_jobs(self):
        for suite in ["propagation", "draws"]:
            one, four = (self.document(suite, "--jobs", jobs)["checks"] for jobs in "14")
            self.assertEqual(one, four)

    def test_a_shown_scenario_runs(self):
        text = self.run_it("validate", "--show", "propagation.tree to 50 %").stdout
        self.assertTrue(text.startswith("# When "))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "tree.yaml")
            path.write_text(text, encoding="utf-8")
            run = json.loads(self.run_it("run", str(path), "--json").stdout)
        (check,) = [check for check in self.document("propagation.tree")["checks"]
                    if check["check"] == "propagation.tree to 50 %"]
        self.assertAlmostEqual(run["propagation_seconds"]["p50"], check["value"], delta=0.001)

    def test_what_is_unknown_is_refused_in_one_line(self):
        for arguments, says in ((["propagatoin"], "did you mean `propagation`?"),
                                (["everything"], "expected one of `stale`"),
                                (["--show", "propagation.lime"], "`propagation.line`"),
                                (["--jobs", "many"], "--jobs")):
            done = self.run_it("validate", *arguments, code=1)
            self.assertEqual(done.stdout, "")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(says, done.stderr)

    def test_a_full_stdout_is_5(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([SIMCHAIN, "validate", "propagation"], stdout=full,
                                  stderr=subprocess.PIPE, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 5)

    def test_an_interrupt_is_130_and_the_document_is_whole(self):
        code, out, err = interrupted([SIMCHAIN, "validate", "stale", "--json"], DEADLINE)
        self.assertEqual(code, 130, err)
        self.assertIn("interrupted", err)
        self.assertTrue(json.loads(out)["interrupted"])


if __name__ == "__main__":
    unittest.main()

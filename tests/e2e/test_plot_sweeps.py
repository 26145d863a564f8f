#!/usr/bin/python3
"""Runs small sweeps, lets tools/plot.py draw them, and holds its numbers against simchain's."""

import csv
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from sweeping import SCENARIO

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIMCHAIN = os.environ.get("SIMCHAIN", str(ROOT / "build/release/simchain"))
sys.path.insert(0, str(ROOT / "tools"))
from plotting import sweeps, theory  # noqa: E402  (they lie beside plot.py)

PLAN = """\
scenario: scenario.yaml
vary:
  protocol: [push_chain, header_first]
  chain.block_interval: {from: 5 s, to: 80 s, steps: 5, scale: log}
  network.topology: [ring]
seeds: 1..4
measure: [convergence_time, stale_rate, bytes_total, bytes_total/blocks.mined]
"""
ATTACKS = """\
scenario: {scenario}
vary: {vary}
seeds: 1..3
measure: {measure}
"""


SUMMARY = "point,measure,n,n_null,mean,low95,high95\n"


class PlotSweeps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="plot-sweeps-"))
        (cls.work / "scenario.yaml").write_text(SCENARIO, encoding="ascii")
        cls.intervals = cls.sweep("intervals", PLAN)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work)

    @classmethod
    def sweep(cls, name, plan):
        """The directory of the sweep that was run."""
        file = cls.work / f"{name}.yaml"
        file.write_text(plan, encoding="utf-8")
        subprocess.run([SIMCHAIN, "sweep", str(file), "--quiet", "--out", str(cls.work / name)],
                       check=True, capture_output=True)
        return cls.work / name

    def attack(self, name, vary, measure):
        return self.sweep(name, ATTACKS.format(scenario=ROOT / f"scenarios/{name}.yaml", vary=vary,
                                               measure=measure))

    def plot(self, *arguments, code=0):
        done = subprocess.run([sys.executable, str(ROOT / "tools/plot.py"),
                               *map(str, arguments)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.splitlines(), done.stderr.splitlines()

    def drawn(self, directory, *arguments):
        """The text of the SVG."""
        written, errors = self.plot(directory, "--format", "svg", "--out", self.work / "drawn",
                                    *arguments)
        self.assertEqual((written, errors), ([str(self.work / "drawn/sweep.svg")], []))
        return pathlib.Path(written[0]).read_text(encoding="utf-8")

    def refused(self, *arguments, code=1):
        """The one line of a refusal."""
        said, errors = self.plot(*arguments, "--out", self.work / "never", code=code)
        self.assertEqual((said, len(errors)), ([], 1), errors)
        self.assertFalse((self.work / "never").exists())
        return errors[0]

    # --- figures -----------------------------------------------------------------------------

    def test_measures_against_the_parameter_with_most_values(self):
        svg = self.drawn(self.intervals)
        for word in ("time to agree", "stale rate", "bytes sent", "bytes a block", "push_chain",
                     "header_first", "block interval (logarithmic)", ">5 s<", ">80 s<", " MB<",
                     "means of 4 runs a point", "95 % intervals", "with network.topology=ring",
                     "intervals.yaml, 40 runs, 4 seeds 1 to 4, SHA-256 of runs.csv "
                     + sweeps.Sweep(self.intervals).digest):
            self.assertIn(word, svg)

    def test_other_axes_and_a_measure_by_another(self):
        svg = self.drawn(self.intervals, "--x", "protocol", "--y",
                         "bytes_total/blocks.mined,convergence_time", "--by",
                         "chain.block_interval")
        for word in ("Bytes a block and time to agree, by protocol", "block interval 5 s",
                     "block interval 80 s", ">header_first<", ">protocol<"):
            self.assertIn(word, svg)
        one = self.drawn(self.intervals, "--where", "protocol=header_first", "--y", "stale_rate")
        self.assertIn("Stale rate, by block interval", one)
        self.assertIn("protocol=header_first", one)
        self.assertNotIn("push_chain", one)

    def test_theory_stands_beside_the_attacks_that_it_knows(self):
        vary = "{nodes.0.behaviour.gamma: [0, 0.5], nodes.0.power: [20 %, 30 %, 40 %], " \
            "until: ['{blocks: 500}']}"
        svg = self.drawn(self.attack("selfish_mining", vary, "attack_revenue"))
        for word in ("Attacker's revenue, by attacker's power", "gamma 0.5", ">20 %<",
                     "Eyal and Sirer 2014", "honest mining"):
            self.assertIn(word, svg)
        vary = "{nodes.0.behaviour.premined: [1], nodes.0.power: [20 %, 40 %], " \
            "nodes.0.behaviour.confirmations: 1..4, until: ['{blocks: 2000}']}"
        svg = self.drawn(self.attack("double_spend", vary, "attack_rate"))
        for word in ("Attempts that succeed, by confirmations", "power 40 %", "Rosenfeld 2014",
                     ">confirmations<"):
            self.assertIn(word, svg)

    def test_same_data_same_bytes(self):
        for out in ("first", "second"):
            self.plot(self.intervals, "--out", self.work / out)
        for name in ("sweep.svg", "sweep.png"):
            self.assertEqual((self.work / "first" / name).read_bytes(),
                             (self.work / "second" / name).read_bytes())

    def test_runs_without_a_value_are_told(self):
        holes = self.work / "holes"
        shutil.copytree(self.intervals, holes)
        with (holes / "summary.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        n, measure = rows[0].index("n"), rows[0].index("measure")
        row = next(row for row in rows if row[measure] == "stale_rate")
        row[n:n + 2] = ["3", "1"]
        with (holes / "summary.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        svg = self.drawn(holes, "--y", "stale_rate")
        self.assertIn("left out, having no stale_rate: 1 of 40 runs", svg)
        self.assertIn("means of 3 to 4 runs a point", svg)

    def test_what_moves_with_x_makes_no_lines_of_its_own(self):
        together = self.work / "together"  # and, as of merged shards, without a journal
        together.mkdir()
        (together / "runs.csv").write_text("point,n,shape,seed,digest,m,error\n" + "".join(
            f"{i},{i + 1},{shape},{seed},d,{i * seed * 90},\n"
            for i, shape in enumerate(("line", "ring", "star")) for seed in (1, 2)),
            encoding="utf-8")
        (together / "summary.csv").write_text(SUMMARY + "".join(
            f"{i},m,2,0,{i * 135},{i * 90},{i * 180}\n" for i in range(3)), encoding="utf-8")
        svg = self.drawn(together)
        self.assertIn("M, by n", svg)
        self.assertIn("together.yaml, 6 runs", svg)
        self.assertNotIn("ring", svg)

    # --- numbers -----------------------------------------------------------------------------

    def test_a_ratio_is_that_of_each_run(self):
        with (self.intervals / "runs.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            report = float(row["bytes_total/blocks.mined"])
            self.assertLess(report, float(row["bytes_total"]))
            self.assertAlmostEqual(float(row["bytes_total"]) / report % 1, 0, delta=1e-9)

    def test_theory_gives_the_values_of_the_papers(self):
        for (power, gamma), share in {(1 / 3, 0): 1 / 3, (0.25, 0.5): 0.25, (0.4, 0): 0.48372,
                                      (0.45, 1): 0.70942}.items():
            self.assertAlmostEqual(theory.revenue(power, gamma), share, places=5)
        for arguments, chance in {(0.1, 1, 1): 0.2, (0.25, 3, 1): 0.20703, (0.3, 6, 1): 0.15645,
                                  (0.5, 6, 1): 1}.items():
            self.assertAlmostEqual(theory.double_spend(*arguments), chance, places=5)
        self.assertAlmostEqual(theory.double_spend(0.25, 1, 0),
                               0.75 / 9 + 0.75 * 0.25 / 3 + 0.25 ** 2)

    def test_quantities_are_read_with_their_units(self):
        for text, read_as in {"5 s": ("time", 5), "2 min": ("time", 120), "20 kB": ("size", 2e4),
                              "30 %": ("share", 0.3), "10 Mbit/s": ("rate", 1.25e6),
                              "12": ("number", 12), "-1.5": ("number", -1.5)}.items():
            kind, value = sweeps.quantity(text)
            self.assertEqual((kind, round(value, 9)), read_as)
        for text in ("push_chain", "5 parsecs", "{kind: ring}", "1.2.3", ""):
            self.assertIsNone(sweeps.quantity(text))

    # --- refusals ----------------------------------------------------------------------------

    def test_wishes_that_cannot_be_met_are_one_line(self):
        here = self.intervals
        for wish, complaint in ((("--x", "nodes"), "--x: found `nodes`; expected one of protocol"),
                                (("--y", "joy"), "--y: found `joy`"),
                                (("--y", "stale_rate/seed"), "--y: found `stale_rate/seed`"),
                                (("--by", "seed"), "--by: found `seed`"),
                                (("--by", "network.topology"), "--by: found no protocol"),
                                (("--where", "protocol"), "--where: found `protocol`"),
                                (("--where", "protocol=x"), "--where: found `x`"),
                                (("--where", "protocol=push_chain", "--x", "chain.block_interval",
                                  "--y", ",".join(["stale_rate"] * 5)), "--y: found 5 measures"),
                                (("--what", "tips"), "--what: found `tips`; expected sweep"),
                                ((here,), "expected a sweep alone")):
            with self.subTest(wish):
                self.assertIn(complaint, self.refused(here, *wish))

    def test_options_of_sweeps_need_one(self):
        subprocess.run([SIMCHAIN, "run", "--quiet", "--out", str(self.work / "run"),
                        str(self.work / "scenario.yaml")], check=True, capture_output=True)
        self.assertIn("--x: found no sweep", self.refused(self.work / "run", "--x", "seed"))

    def test_a_bad_table_is_named_with_its_line(self):
        broken = self.work / "broken"
        broken.mkdir()
        runs = "point,n,seed,digest,m,error\n"
        two = runs + "0,1,1,d,5,\n1,2,1,d,5,\n"
        eight = "point,n,k,seed,digest,m,error\n" + "".join(
            f"{i},{i % 2},{i // 2},1,d,1,\n" for i in range(16))
        for text, summary, complaint in (
                ("", "", "runs.csv: the file is empty"),
                ("a,b\n1,2\n", "", "runs.csv:1: found no column point"),
                (runs, "", "runs.csv: found no rows"),
                (runs + "0,1,1,d,5\n", "", "runs.csv:2: found 5 cells"),
                (two, "", "summary.csv: the file is empty"),
                (two, SUMMARY + "0,m,1,0,x,,\n", "summary.csv:2: found no numbers of m"),
                (two, SUMMARY + "0,m,0,1,,,\n", "found no value of m"),
                (runs + "0,1,1,d,5,\n", SUMMARY + "0,m,1,0,5,,\n",
                 "found no parameter that varies"),
                (eight, SUMMARY + "0,m,1,0,5,,\n", "found 8 lines")):
            with self.subTest(text=text, summary=summary):
                (broken / "runs.csv").write_text(text, encoding="utf-8")
                (broken / "summary.csv").write_text(summary, encoding="utf-8")
                wish = ("--x", "n") if text == eight else ()
                self.assertIn(complaint, self.refused(broken, *wish))

    def test_an_output_that_cannot_be_written_is_one_line(self):
        blocked = self.work / "file"
        blocked.write_text("", encoding="utf-8")
        _, errors = self.plot(self.intervals, "--out", blocked / "figures", code=5)
        self.assertEqual(len(errors), 1)
        self.assertIn("cannot be written", errors[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)

#!/usr/bin/python3
"""Runs scenarios, lets tools/plot.py draw them, and looks at what it draws and what it refuses."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIMCHAIN = os.environ.get("SIMCHAIN", str(ROOT / "build/release/simchain"))
PLOT = ROOT / "tools/plot.py"
sys.path.insert(0, str(ROOT / "tools"))
from plotting import runs  # noqa: E402  (it lies beside plot.py)

TITLES = {
    "convergence": "How long until all nodes agree again?",
    "propagation": "How fast does a block reach the nodes?",
    "tips": "Do the nodes agree?",
    "bytes": "Which messages fill the network?",
    "reorgs": "How deep do reorgs go?",
    "shares": "Does everyone get what their power is worth?",
    "sequence": "Who says what to whom?",
}
OF_SEVERAL = [name for name in TITLES if name != "sequence"]  # the others are of one run


def plot(*arguments, code=0):
    done = subprocess.run([sys.executable, str(PLOT), *map(str, arguments)], capture_output=True,
                          text=True, check=False)
    if done.returncode != code:
        raise AssertionError(f"plot.py {arguments}: exit {done.returncode}, {done.stderr}")
    return done.stdout.splitlines(), done.stderr.splitlines()


def pixels(path):
    """Width, height, and the different bytes of a PNG's image: of an empty one only a few."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    width, height = struct.unpack(">II", data[16:24])
    at, compressed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            compressed += data[at + 8:at + 8 + length]
        at += 12 + length
    return width, height, len(set(zlib.decompress(compressed)))


class Plot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="plot-"))
        cls.runs = cls.work / "runs"
        subprocess.run([SIMCHAIN, "run", "--quiet", "--out", str(cls.runs / "one"),
                        str(ROOT / "scenarios/partition.yaml")], check=True, capture_output=True)
        subprocess.run([SIMCHAIN, "run", "--quiet", "--seeds", "1..3", "--out",
                        str(cls.runs / "seeds"), "--set", "duration=30 min",
                        str(ROOT / "scenarios/partition.yaml")], check=False,
                       capture_output=True)
        subprocess.run([SIMCHAIN, "run", "--quiet", "--out", str(cls.runs / "forked"),
                        str(ROOT / "scenarios/unhealed_fork.yaml")], check=True,
                       capture_output=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work)

    def broken(self, name, **files):
        """A copy of a run with other files: a text, or None for none at all."""
        copy = self.work / name
        shutil.copytree(self.runs / "one", copy)
        for stem, text in files.items():
            path = copy / (stem + (".json" if stem == "summary" else ".csv"))
            if text is None:
                path.unlink()
            else:
                path.write_text(text, encoding="utf-8")
        return copy

    def refused(self, *arguments, code=1):
        """The one line of a refusal."""
        said, errors = plot(*arguments, code=code)
        self.assertEqual(said, [])
        self.assertEqual(len(errors), 1, errors)
        self.assertTrue(errors[0].startswith("plot.py: "), errors[0])
        return errors[0]

    def test_one_run_gives_every_figure_in_both_formats(self):
        out = self.work / "all"
        written, _ = plot(self.runs / "one", "--out", out)
        self.assertEqual(sorted(written),
                         sorted(str(out / f"{name}.{kind}")
                                for name in TITLES for kind in ("svg", "png")))
        for name, title in TITLES.items():
            svg = (out / f"{name}.svg").read_text(encoding="utf-8")
            self.assertIn(title, svg)
            self.assertRegex(svg, r"partition, seed 1, digest [0-9a-f]{16}")
            width, height, different = pixels(out / f"{name}.png")
            self.assertGreaterEqual(min(width, height), 500)
            self.assertGreater(different, 50)

    def test_units_and_legends_are_there(self):
        out = self.work / "labels"
        plot(self.runs / "one", self.runs / "forked", "--out", out, "--format", "svg")
        for name, words in {
            "convergence": ["time to agree", "at 20 min", "never", "partition", "unhealed_fork"],
            "propagation": ["share of blocks", "100 ms", "to half of the nodes", "unhealed_fork"],
            "tips": ["distinct tips", "blocks behind", "simulated time, min", "heal"],
            "bytes": ["bytes sent", "WholeChain", "LatestBlock", "messages", "GB"],
            "reorgs": ["blocks given up", "share of reorgs", "partition: 25 reorgs", "100 %"],
            "shares": ["share of the power", "share of the main chain", "unhealed_fork", "%"],
        }.items():
            svg = (out / f"{name}.svg").read_text(encoding="utf-8")
            for word in words:
                self.assertIn(word, svg, name)

    def test_seeds_of_one_scenario_are_one_series(self):
        out = self.work / "of-seeds"
        plot(self.runs / "seeds", "--out", out, "--format", "svg")
        for name in OF_SEVERAL:
            svg = (out / f"{name}.svg").read_text(encoding="utf-8")
            self.assertIn("partition, 3 seeds 1 to 3", svg)
        self.assertIn("partition, seed 1, ", (out / "sequence.svg").read_text(encoding="utf-8"))
        self.assertIn("median", (out / "convergence.svg").read_text(encoding="utf-8"))

    def test_same_data_same_bytes(self):
        series = [self.runs / "one", self.runs / "seeds", self.runs / "forked"]
        first, second = self.work / "first", self.work / "second"
        written, _ = plot(*series, "--out", first)
        plot(*series, "--out", second)
        self.assertEqual(len(written), 2 * len(OF_SEVERAL))
        for out in (first, second):
            written += plot(self.runs / "one", "--what", "sequence", "--out", out)[0]
        for path in map(pathlib.Path, written):
            self.assertEqual(path.read_bytes(), (second / path.name).read_bytes(), path.name)

    def test_only_what_was_asked_for(self):
        out = self.work / "asked"
        written, _ = plot(self.runs / "one", "--what", "tips,bytes", "--format", "svg",
                          "--out", out)
        self.assertEqual(written, [str(out / "tips.svg"), str(out / "bytes.svg")])
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["bytes.svg", "tips.svg"])

    def test_a_figure_without_data_is_named_and_the_others_are_drawn(self):
        quiet = self.broken("quiet", propagation="eligible_nodes,p50_s,p90_s,p100_s\n")
        written, errors = plot(quiet, "--out", self.work / "rest", "--format", "svg")
        self.assertEqual(len(written), len(TITLES) - 1)
        self.assertEqual(len(errors), 1)
        self.assertIn("no figure propagation", errors[0])
        self.assertIn("propagation: ", self.refused(quiet, "--what", "propagation",
                                                    "--out", self.work / "rest"))

    def test_the_first_messages_are_arrows_between_lanes(self):
        small = self.work / "small"
        subprocess.run([SIMCHAIN, "run", "--quiet", "--out", str(small), "--set",
                        "network.nodes=3", "--set", "network.topology=line",
                        str(ROOT / "scenarios/first_run.yaml")], check=True, capture_output=True)
        plot(small, "--what", "sequence", "--format", "svg", "--out", small)
        svg = (small / "sequence.svg").read_text(encoding="utf-8")
        for word in ("node 0", "node 2", "0 s", "50 ms", "QueryLatest", "LatestBlock 1", "later"):
            self.assertIn(f">{word}" if word != "later" else " later", svg)
        self.assertNotIn("node 3", svg)
        self.assertIn("several series", self.refused(small, self.runs / "one", "--what",
                                                     "sequence", "--out", small))
        lost = "sent_s,received_s,from,to,type,height\n1,,0,1,Hello,0\n"
        plot(self.broken("lost", first_messages=lost), "--what", "sequence", "--out", small)
        self.assertIn("with a cross: it never came",
                      (small / "sequence.svg").read_text(encoding="utf-8"))
        none = self.broken("none", first_messages=lost.splitlines()[0] + "\n",
                           reorgs="depth_blocks\n")
        self.assertIn("no message was sent", self.refused(none, "--what", "sequence"))
        self.assertIn("no node ever left", self.refused(none, "--what", "reorgs"))

    def test_bad_directories_and_files_are_one_line(self):
        out = ("--out", self.work / "never")
        one = self.runs / "one"
        self.assertIn("no such directory", self.refused(self.work / "missing", *out))
        empty = self.work / "empty"
        empty.mkdir()
        self.assertIn("found no summary.json", self.refused(empty, *out))
        self.assertIn("summary.json: the file is empty",
                      self.refused(self.broken("no-summary", summary=""), *out))
        self.assertIn("summary.json: found no JSON",
                      self.refused(self.broken("no-json", summary="{"), *out))
        self.assertIn("found no usable 'seed'",
                      self.refused(self.broken("no-seed", summary='{"scenario": "x"}'), *out))
        gone = self.broken("gone", tips=None)
        self.assertIn("tips.csv: no such file", self.refused(gone, "--what", "tips", *out))
        self.assertIn("found `pie`", self.refused(one, "--what", "pie", *out))
        self.assertIn("found `pdf`", self.refused(one, "--format", "pdf", *out))
        self.assertIn("--help", self.refused())
        self.assertFalse((self.work / "never").exists())

    def test_a_bad_table_is_named_with_its_line(self):
        table = self.work / "tips.csv"
        for text, complaint in (
                ("", "tips.csv: the file is empty"),
                ("a,b\n1,2\n", "tips.csv:1: found no column time_s"),
                ("time_s,distinct_tips\n0,1\n1,two\n", "tips.csv:3: found no number for distinct"),
                ("time_s,distinct_tips\n0\n", "tips.csv:2: found no number for distinct")):
            with self.subTest(text):
                table.write_text(text, encoding="utf-8")
                with self.assertRaisesRegex(runs.BadInput, complaint):
                    runs.read_table(table, ["time_s", "distinct_tips"])

    def test_an_output_that_cannot_be_written_is_one_line(self):
        blocked = self.work / "file"
        blocked.write_text("", encoding="utf-8")
        line = self.refused(self.runs / "one", "--out", blocked / "figures", code=5)
        self.assertIn("cannot be written", line)

    def findings(self, name, checks):
        path = self.work / f"{name}.json"
        path.write_text(json.dumps({"checks": [
            {"check": check, "value": value, "interval95": [value * 0.9, value * 1.1],
             "reference": reference, "reference_interval95": None, "tolerance": 0.25,
             "source": "a study"} for check, value, reference in checks]}), encoding="utf-8")
        return path

    def test_the_published_curve_has_both_panels_and_every_interval(self):
        rows = [(f"published.{prefix}{seconds}s {check}", value, value * 1.05)
                for prefix, seconds in (("", 600), ("", 10), ("", 1500), ("patient.", 1500))
                for check, value in (("stale/all", 0.02), ("median", 1.0 + seconds / 50))]
        rows.append(("published.curve within in all", 3, 3))
        names, errors = plot(self.findings("curve", rows), "--out", self.work / "published")
        self.assertEqual(errors, [])
        svg, png = map(pathlib.Path, names)
        text = svg.read_text(encoding="utf-8")
        for word in ("How do stale rate and propagation depend", "10 s", "10 min", "25 min",
                     "here, 1,000 nodes", "as patient as theirs", "published", "a study"):
            self.assertIn(word, text)
        self.assertNotIn("6,000 nodes", text)
        self.assertGreater(pixels(png)[2], 30)

    def test_findings_of_other_suites_are_refused(self):
        other = self.findings("other", [("stale.many.x1 stale/all", 0.5, 0.5)])
        self.assertIn("found no check of the suite published", self.refused(other))
        half = self.findings("half", [("published.10s median", 1.0, 1.0)])
        self.assertIn("found no check of the suite published", self.refused(half))
        empty = self.work / "empty.json"
        empty.write_text("{}", encoding="utf-8")
        self.assertIn("found no usable 'checks'", self.refused(empty))
        self.assertIn("found `tips`", self.refused(other, "--what", "tips"))


if __name__ == "__main__":
    unittest.main(verbosity=2)

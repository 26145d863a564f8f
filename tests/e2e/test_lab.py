#!/usr/bin/python3
"""tools/lab: real nodes do what the simulation does, and a fault in one world alone is noticed.

What must be equal is judged here, on however busy a machine; times are judged where it is quiet
(test_long_lab.py).
"""

import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LINE = ("parity/line", "duration=2500 ms", "events.0.times=1", "events.0.from=500 ms",
        "events.1.times=1", "events.1.from=1500 ms", "network.nodes=5", "events.1.mine.node=4")
PARTITION = ("parity/partition", "duration=9 s", "events.0.at=2 s", "events.0.for=2 s",
             "events.1.at=6 s", "network.nodes=6", "events.0.partition.groups=[[0, 1, 2], rest]",
             "chain.block_interval=1 s")


def lab(scenario, *more):
    """(exit code, report, stderr)"""
    name, *settings = scenario
    command = ["/usr/bin/python3", str(ROOT / "tools/lab"), str(ROOT / f"scenarios/{name}.yaml"),
               "--json", "--quiet", *more]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def verdicts(report):
    return {quantity["name"]: quantity["verdict"] for quantity in report["quantities"]}


class Lab(unittest.TestCase):
    def test_a_quiet_line_is_equal_to_the_byte(self):
        code, report, errors = lab(LINE)
        self.assertIn(code, (0, 2), errors)
        judged = verdicts(report)
        timed = [name for name in judged if name.startswith(("propagation", "convergence"))]
        self.assertEqual(len(timed), 4)
        for name in judged.keys() - set(timed):
            self.assertEqual(judged[name], "equal", report["quantities"])
        self.assertIsNone(report["beside_simulation"][0]["first"])
        self.assertGreater(report["machine"]["shaper_late_ms"]["max"], 0)

    def test_two_halves_find_together(self):
        with tempfile.TemporaryDirectory() as folder:
            earlier = pathlib.Path(folder) / "seed-2/node-0.rec"  # is not gone on with
            earlier.parent.mkdir()
            earlier.write_text("left by an earlier run")
            code, report, errors = lab(PARTITION, "--seed", "2", "--out", folder)
            self.assertIn(code, (0, 2), errors)
            for name, verdict in verdicts(report).items():
                if name in ("final chain", "tips, by node", "blocks abandoned, by node"):
                    self.assertIn(verdict, ("equal", "not judged"), report["quantities"])
            heal = [q for q in report["quantities"] if q["name"] == "convergence after heal"]
            self.assertIsNotNone(heal[0]["real"][0])
            kept = {path.name for path in pathlib.Path(folder).iterdir()}
            self.assertLessEqual({"report.json", "report.txt", "parity.svg", "seed-2"}, kept)
            tables = {path.name for path in (pathlib.Path(folder) / "seed-2/tables").iterdir()}
            self.assertLessEqual({"summary.json", "blocks.csv", "tips.csv"}, tables)

    def test_another_relay_in_reality_is_noticed(self):
        code, report, errors = lab(LINE, "--real", "relay=block")
        self.assertEqual(code, 2, errors)
        judged = verdicts(report)
        self.assertEqual(judged["Headers messages"], "DIFFERS")
        self.assertEqual(judged["final chain"], "equal")
        first = report["beside_simulation"][0]["first"]
        self.assertEqual(first["simulated"]["differs"]["what"], "Headers 1 0.1")
        self.assertEqual(first["real"]["differs"]["what"], "Blocks 1 0.1")

    def test_thirty_milliseconds_more_in_reality_are_noticed(self):
        code, report, errors = lab(LINE, "--real", "network.latency=70 ms")
        self.assertEqual(code, 2, errors)
        judged = verdicts(report)
        self.assertEqual(judged["propagation p50"], "DIFFERS")
        self.assertEqual(judged["Blocks bytes"], "equal")

    def test_what_real_nodes_cannot_do_is_refused_in_one_line(self):
        for setting, words in [("chain.tie_break=random", "chain.tie_break"),
                               ("network.discovery=true", "network.discovery"),
                               ("until=converged", "until")]:
            code, report, errors = lab((*LINE, setting))
            self.assertEqual((code, report, errors.count("\n")), (1, None, 1), errors)
            self.assertIn(f"found {words}; expected a scenario that real nodes", errors)


if __name__ == "__main__":
    unittest.main()

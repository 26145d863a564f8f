#!/usr/bin/python3
"""simchain sweep as a user meets it: tables, shards, engines, kills, and what is refused."""

import csv
import json
import os
import pathlib
import random
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

import slurm
from sweeping import SCENARIO
from waiting import wait_for

SIMCHAIN = os.environ["SIMCHAIN"]
DEADLINE = 300  # with sanitizers, on a busy machine
PLAN = """\
scenario: scenario.yaml
vary:
  protocol: [push_chain, header_first]
  network.nodes: [6, 12]
seeds: 1..6
measure: [convergence_time, stale_rate, bytes_total, blocks.mined]
compare: {baseline: {protocol: push_chain}}
"""
SAME = ("runs.csv", "summary.csv", "paired.csv", "paired_summary.csv", "results.sqlite")


class Sweep(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "scenario.yaml").write_text(SCENARIO, encoding="ascii")
        self.plan = self.write_plan(PLAN)

    def write_plan(self, text, name="plan.yaml"):
        plan = self.folder / name
        plan.write_text(text, encoding="utf-8")
        return plan

    def sweep(self, *arguments, code=0, **environment):
        done = subprocess.run([SIMCHAIN, "sweep", *map(str, arguments)], capture_output=True,
                              text=True, timeout=DEADLINE, check=False, cwd=self.folder,
                              env={**os.environ, **environment})
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def rows(self, out, table="runs"):
        with (self.folder / out / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def run_alone(self, seed, setting):
        """The report of one run of the scenario, apart from a sweep."""
        done = subprocess.run([SIMCHAIN, "run", "scenario.yaml", "--json", "--seed", seed, "--set",
                               setting], capture_output=True, text=True, check=True,
                              timeout=DEADLINE, cwd=self.folder)
        return json.loads(done.stdout)

    def local(self):
        self.sweep(self.plan, "--out", "local")
        return "local"

    def assert_same(self, out, other):
        for name in SAME:
            ours, theirs = self.folder / out / name, self.folder / other / name
            self.assertEqual(ours.read_bytes(), theirs.read_bytes(), name)

    # --- tables ----------------------------------------------------------------------------------

    def test_tables(self):
        out = self.local()
        rows = self.rows(out)
        self.assertEqual(len(rows), 24)
        self.assertEqual(list(rows[0]), ["point", "protocol", "network.nodes", "seed", "digest",
                                         "convergence_time_seconds", "stale_rate", "bytes_total",
                                         "blocks.mined", "error"])
        report = self.run_alone("3", "network.nodes=12")
        row = next(r for r in rows if (r["point"], r["seed"]) == ("3", "3"))
        self.assertEqual((row["digest"], float(row["bytes_total"]), float(row["stale_rate"])),
                         (report["digest"], report["bytes_total"], report["stale_rate"]["of_all"]))
        self.assertEqual(float(row["convergence_time_seconds"]),
                         max(entry["seconds"] for entry in report["convergence"]))
        summary = self.rows(out, "summary")
        self.assertEqual(len(summary), 4 * 4)
        mined = [float(r["blocks.mined"]) for r in rows if r["point"] == "0"]
        of_mined = next(r for r in summary if r["measure"] == "blocks.mined")
        self.assertAlmostEqual(float(of_mined["mean"]), sum(mined) / len(mined))
        self.assertLess(float(of_mined["low95"]), float(of_mined["mean"]))
        paired = self.rows(out, "paired")
        self.assertEqual({(r["point"], r["baseline"]) for r in paired}, {("2", "0"), ("3", "1")})
        by = {(r["point"], r["seed"]): float(r["bytes_total"]) for r in rows}
        for each in paired:
            self.assertAlmostEqual(float(each["bytes_total_difference"]),
                                   by[each["point"], each["seed"]] -
                                   by[each["baseline"], each["seed"]])
        with sqlite3.connect(self.folder / out / "results.sqlite") as database:
            count, = database.execute('SELECT count(*) FROM runs WHERE "network.nodes" > 6')
        self.assertEqual(count, (12,))

    def test_ranges_and_keys_that_move_together(self):
        self.write_plan("scenario: scenario.yaml\nseeds: 1..1\nmeasure: blocks.mined\nvary:\n"
                        "  chain.block_interval: {from: 5 s, to: 40 s, steps: 4, scale: log}\n"
                        "  zip: {network.nodes: [3, 4], network.topology: [line, {kind: ring}]}\n")
        self.sweep(self.plan, "--out", "ranges")
        rows = self.rows("ranges")
        self.assertEqual([r["chain.block_interval"] for r in rows],
                         [v for v in ("5 s", "10 s", "20 s", "40 s") for _ in range(2)])
        self.assertEqual([(r["network.nodes"], r["network.topology"]) for r in rows[:2]],
                         [("3", "line"), ("4", "{kind: ring}")])

    def test_a_limit_of_the_protocol_is_varied(self):
        """A body takes longer than the shorter timeout: it is requested of two peers."""
        (self.folder / "scenario.yaml").write_text(
            "duration: 20 min\nprotocol: header_first\n"
            "chain: {block_interval: 1 min, block_size: 500 kB}\n"
            "network: {nodes: 4, topology: full_mesh, latency: 50 ms,"
            " bandwidth: {up: 1 Mbit/s, down: 1 Mbit/s}}\n", encoding="ascii")
        self.write_plan("scenario: scenario.yaml\nseeds: 1..2\nmeasure: bytes_total\n"
                        "vary: {options.header_first.body_timeout: [3 s, 30 s]}\n")
        self.sweep(self.plan, "--out", "limits")
        rows = self.rows("limits")
        timeouts = [row["options.header_first.body_timeout"] for row in rows]
        self.assertEqual(timeouts, ["3 s", "3 s", "30 s", "30 s"])
        for row in rows:
            report = self.run_alone(row["seed"], "options.header_first.body_timeout="
                                    + row["options.header_first.body_timeout"])
            self.assertEqual(row["digest"], report["digest"])
        sent = [int(row["bytes_total"]) for row in rows]
        for short, long in zip(sent[:2], sent[2:]):
            self.assertGreater(short, 1.5 * long)

    def test_stops_a_point_when_its_interval_is_narrow(self):
        self.write_plan("scenario: scenario.yaml\nseeds: 1..200\nmeasure: blocks.mined\n"
                        "vary: {chain.block_interval: [2 s, 30 s]}\n"
                        "until: {blocks.mined: ±4 %}\n")
        self.sweep(self.plan, "--out", "narrow")
        first, second = self.rows("narrow", "summary")
        self.assertLess(int(first["n"]), int(second["n"]))
        self.assertLess(int(second["n"]), 200)
        for row in (first, second):
            self.assertLessEqual(float(row["high95"]) - float(row["mean"]),
                                 0.04 * float(row["mean"]))
        for shard in ("1/2", "2/2"):
            self.sweep(self.plan, "--shard", shard, "--out", f"n{shard[0]}", "--jobs", "3")
        self.sweep("merge", "n2", "n1", "--out", "narrow-merged")
        for name in ("runs.csv", "summary.csv", "results.sqlite"):
            self.assertEqual((self.folder / "narrow" / name).read_bytes(),
                             (self.folder / "narrow-merged" / name).read_bytes())

    def test_a_run_that_fails_is_a_row(self):
        self.write_plan("scenario: scenario.yaml\nseeds: 1..2\nmeasure: blocks.mined\n"
                        "vary: {duration: [1 s, 100000 min], network.nodes: [100]}\n")
        self.sweep(self.plan, "--out", "late", "--wall-limit", "1 ms", code=4)
        errors = {(r["point"], r["error"]) for r in self.rows("late")}
        self.assertIn(("1", "stopped by the wall limit"), errors)
        self.assertEqual(len(self.rows("late")), 4)

    # --- killed, and in parts --------------------------------------------------------------------

    def test_killed_at_any_moment_and_resumed(self):
        expected = self.local()
        rng = random.Random(5)
        for attempt in range(8):
            out = f"killed{attempt}"
            process = subprocess.Popen([SIMCHAIN, "sweep", self.plan, "--out", out, "--jobs", "2"],
                                       cwd=self.folder, stdout=subprocess.DEVNULL)
            wanted = rng.randrange(1, 24)
            journal = self.folder / out / "journal.jsonl"
            wait_for(lambda: process.poll() is not None or
                     (journal.exists() and journal.read_bytes().count(b"\n") > wanted))
            process.kill()
            process.wait()
            with journal.open("ab") as file:
                file.write(b'{"point": 1, "se')  # torn, as a kill within a write leaves it
            before = journal.read_bytes().count(b"\n")
            self.sweep(self.plan, "--out", out, "--resume")
            lines = journal.read_text(encoding="utf-8").splitlines()[1:]
            runs = [(row["point"], row["seed"]) for row in map(json.loads, lines)]
            self.assertEqual(len(set(runs)), len(runs))
            self.assertEqual(len(runs), 24)
            self.assertGreaterEqual(before, 1)
            self.assert_same(out, expected)

    def test_shards_make_the_same_bytes(self):
        expected = self.local()
        for of in (1, 3, 7):
            parts = [f"of{of}/shard-{number}" for number in range(1, of + 1)]
            for number, part in enumerate(parts, 1):
                self.sweep(self.plan, "--shard", f"{number}/{of}", "--out", part)
            random.Random(of).shuffle(parts)
            self.sweep("merge", *parts, "--out", f"merged{of}")
            self.assert_same(f"merged{of}", expected)

    def test_a_shard_is_the_task_of_an_array(self):
        for task in (4, 5):
            self.sweep(self.plan, "--out", f"task{task}", SLURM_ARRAY_TASK_ID=str(task),
                       SLURM_ARRAY_TASK_COUNT="2", SLURM_ARRAY_TASK_MIN="4")
        self.sweep("merge", "task4", "task5", "--out", "tasks")
        self.assert_same("tasks", self.local())

    def test_what_cannot_be_merged_is_told(self):
        for number in (1, 2):
            self.sweep(self.plan, "--shard", f"{number}/3", "--out", f"s{number}")
        line = self.sweep("merge", "s1", "s2", "--out", "m", code=1).stderr
        self.assertEqual(line, "simchain: shard 3/3 is missing; expected the directories of all "
                               "3\n")
        line = self.sweep("merge", "s1", "s1", "--out", "m", code=1).stderr
        self.assertIn("s1 holds shard 1, as does s1", line)
        journal = self.folder / "s2" / "journal.jsonl"
        journal.write_bytes(b"".join(journal.read_bytes().splitlines(True)[:-2]))
        line = self.sweep("merge", "s1", "s2", "--out", "m", code=1).stderr
        self.assertIn("s2: 2 runs are missing; simchain sweep --resume makes them", line)
        self.assertFalse((self.folder / "m").exists())
        line = self.sweep("merge", "nothing", "--out", "m", code=1).stderr
        self.assertEqual(line, "simchain: nothing: no sweep was run into it\n")

    # --- engines ---------------------------------------------------------------------------------

    def emitted(self, engine, out):
        job = self.sweep("emit", self.plan, "--engine", engine, "--shards", "3", "--out", out)
        file = self.folder / f"{engine}.sh"
        file.write_text(job.stdout, encoding="utf-8")
        return file

    @unittest.skipIf(shutil.which("parallel") is None, "GNU parallel is not installed")
    def test_gnu_parallel(self):
        subprocess.run(["bash", self.emitted("parallel", "by $parallel")], check=True,
                       cwd=self.folder, timeout=DEADLINE, stdout=subprocess.DEVNULL)
        self.assert_same("by $parallel", self.local())

    @unittest.skipIf(slurm.missing(), f"not installed: {', '.join(slurm.missing())}")
    def test_slurm(self):
        job = self.emitted("slurm", self.folder / "by-slurm")
        with tempfile.TemporaryDirectory() as folder, slurm.Cluster(folder) as cluster:
            cluster.run("sbatch", "--wait", job)
            cut = self.folder / "by-slurm/shard-2/journal.jsonl"  # as of a task that was killed
            cut.write_bytes(cut.read_bytes()[:-40])
            cluster.run("sbatch", "--wait", "--array=2", job)
        self.sweep("merge", *(self.folder / "by-slurm").iterdir(), "--out", "by-slurm-merged")
        self.assert_same("by-slurm-merged", self.local())

    # --- what is refused -------------------------------------------------------------------------

    def test_bad_plans_are_one_line(self):
        wrong = {
            "vary: {network.nodes: [3]}": "no `scenario`; expected the path of one",
            "scenario: none.yaml": "no file",
            "scenario: scenario.yaml\nmeasure: [stale_rat]": "did you mean `stale_rate`?",
            "scenario: scenario.yaml\nmeasure: [blocks]": "`blocks`, which is no number",
            "scenario: scenario.yaml\nmeasure: [bytes_total/convergence_time]":
                "a divisor that is no convergence time",
            "scenario: scenario.yaml\nmeasure: [stale_rate]\nseed: 1": "did you mean `seeds`?",
            "scenario: scenario.yaml\nmeasure: [stale_rate]\nseeds: 3..1": "a range such as",
            "scenario: scenario.yaml\nmeasure: [stale_rate]\nvary: {network.node: [3]}":
                "did you mean `nodes`?",
            "scenario: scenario.yaml\nmeasure: [stale_rate]\nvary: {network.nodes: []}":
                "a list of values, or a range",
            "scenario: scenario.yaml\nmeasure: [stale_rate]\n"
            "vary: {zip: {network.nodes: [2, 3], seed: [1]}}": "as many as of `network.nodes`, 2",
            "scenario: scenario.yaml\nmeasure: [stale_rate]\nuntil: {bytes_total: 5 %}":
                "`bytes_total`, which is not measured",
            "scenario: scenario.yaml\nmeasure: [stale_rate]\nvary: {protocol: [push_chain]}\n"
            "compare: {baseline: {protocol: header_first}}": "one of the values of `protocol`",
            "scenario: [": "not YAML",
        }
        for plan, expected in wrong.items():
            self.write_plan(plan)
            done = self.sweep(self.plan, "--out", "bad", code=1)
            self.assertIn(expected, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn("plan.yaml", done.stderr)
        self.assertFalse((self.folder / "bad").exists())
        self.assertIn("no such file; expected a plan",
                      self.sweep("nowhere.yaml", code=1).stderr)
        self.assertIn("expected a shard such as `2/8`",
                      self.sweep(self.plan, "--shard", "9/8", code=1).stderr)

    def test_what_is_there_is_not_written_over(self):
        out = self.local()
        self.assertIn("is there already; --resume goes on with it",
                      self.sweep(self.plan, "--out", out, code=1).stderr)
        self.sweep(self.plan, "--out", out, "--resume")
        self.write_plan(PLAN.replace("1..6", "1..7"))
        self.assertIn("is of another plan, or of an earlier version of it",
                      self.sweep(self.plan, "--out", out, "--resume", code=1).stderr)

    def test_a_full_disk_in_the_midst_loses_nothing(self):
        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

        done = subprocess.run([SIMCHAIN, "sweep", self.plan, "--out", "full"], timeout=DEADLINE,
                              capture_output=True, text=True, check=False, cwd=self.folder,
                              preexec_fn=small_files, restore_signals=False)
        self.assertEqual(done.returncode, 5)
        self.assertEqual(done.stderr, "simchain: cannot write full/journal.jsonl; what it holds is "
                                      "whole, and --resume goes on with it\n")
        self.sweep(self.plan, "--out", "full", "--resume")
        self.assert_same("full", self.local())

    def test_outputs_that_cannot_be_written(self):
        self.assertIn("cannot create /proc/none",
                      self.sweep(self.plan, "--out", "/proc/none", code=5).stderr)
        for name in ("runs.csv", "results.sqlite"):
            out = self.folder / f"full-{name}"
            out.mkdir()
            (out / f"{name}.part").symlink_to("/dev/full")
            if name == "results.sqlite":
                (out / f"{name}.part").unlink()
                (out / f"{name}.part").mkdir()
                (out / f"{name}.part" / "in the way").touch()
            line = self.sweep(self.plan, "--out", out, code=5).stderr
            self.assertIn(f"cannot write {out}/{name}", line)
            self.assertEqual(line.count("\n"), 1, line)
            shutil.rmtree(out / f"{name}.part", ignore_errors=True)
            self.sweep(self.plan, "--out", out, "--resume")  # nothing is lost
            self.assertEqual(len(self.rows(out)), 24)


if __name__ == "__main__":
    unittest.main()

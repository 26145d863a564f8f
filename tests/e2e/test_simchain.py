#!/usr/bin/python3
"""simchain as a user meets it: exit codes, what stands on stdout and stderr, files written."""

import csv
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from interrupting import interrupted

SIMCHAIN = os.environ["SIMCHAIN"]
DEADLINE = 60

SMALL = """# Does a small network agree?
seed: 1
duration: 5 min
protocol: push_chain
chain: {block_interval: 20 s, block_size: 1 kB}
network: {nodes: 6, topology: ring, latency: {kind: constant, value: 50 ms}}
events:
  - {at: 1 min, for: 30 s, partition: {groups: [50 %, rest]}}
expect:
  - distinct_tips: {equals: 1}
  - heights.min: {above: 3}
"""
ENDLESS = """# Does it ever end?
duration: 5000000 min
protocol: push_chain
chain: {block_interval: 1 s, block_size: 1 kB}
network: {nodes: 30}
"""

# The keys of scenarios' JSON that studies rely on; a run may have more.
KEYS = {
    "scenario": str, "version": str, "seed": int, "digest": str, "nodes": int,
    "simulated_seconds": float, "events": int, "wall_seconds": float, "events_per_second": float,
    "peak_memory_bytes": int, "distinct_tips": int, "bytes_total": int, "redundancy": float,
    "blocks": {"mined", "main_chain", "stale"},
    "stale_rate": {"of_all", "of_main_chain", "forked_heights"},
    "heights": {"min", "max"},
    "propagation_seconds": {"p50", "p90", "p99", "p100"},
    "reorgs": {"count", "max_depth", "by_depth"},
}
LIST_KEYS = {
    "convergence": {"after", "at_seconds", "seconds"},
    "miners": {"node", "power", "main_chain_share", "stale"},
    "expectations": {"expect", "verdict", "measured"},
}
GRAPHS = {"topology.graphml", "topology.dot", "blocks.graphml", "blocks.dot"}
TABLES = {
    "blocks.csv": "height,hash,parent,finder_node,found_s,size_bytes,main_chain",
    "propagation.csv": "height,hash,found_s,eligible_nodes,reached_nodes,p50_s,p90_s,p99_s,p100_s",
    "tips.csv": "time_s,distinct_tips",
    "reorgs.csv": "time_s,node,depth_blocks,from,to",
    "messages.csv": "type,count,bytes",
    "confirmations.csv": "confirmations,reached_pairs,abandoned_pairs",
    "timeseries.csv": "time_s,distinct_tips,min_height,max_height,bytes_total,messages_in_flight",
    "first_messages.csv": "sent_s,received_s,from,to,type,block,height",
}


class Simchain(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.small = self.write("small.yaml", SMALL)
        self.endless = self.write("endless.yaml", ENDLESS)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def run_it(self, *arguments, code=0, stdin=None):
        done = subprocess.run([SIMCHAIN, *arguments], capture_output=True, text=True, input=stdin,
                              timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout[:500])
        return done

    def documents(self, *arguments, code=0):
        out = self.run_it("run", *arguments, "--json", code=code).stdout
        return [json.loads(line) for line in out.splitlines()]

    def refused(self, *arguments, says):
        """Exit 1, one line on stderr that says so, nothing on stdout."""
        done = self.run_it(*arguments, code=1)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, done.stderr)


class BadInput(Simchain):
    def test_what_cannot_be_a_scenario(self):
        self.refused("run", str(self.folder / "none.yaml"), says="none.yaml")
        self.refused("run", str(self.folder), says=str(self.folder))
        self.refused("check", str(self.folder / "none.yaml"), says="none.yaml")
        bad = self.write("bad.yaml", "# What?\nnetwork:\n  nods: 4\n")
        self.refused("run", bad, says=[f"{bad}:3:3: ", "`nods`", "`nodes`"])
        self.refused("run", self.write("b.yaml", "duration: [1\n"), says="b.yaml:")
        self.refused("run", self.write("c.yaml", "duration: 5\n"), says="c.yaml:1:11: ")
        self.refused("run", self.small, bad, says=bad)

    def test_a_bad_argument(self):
        self.refused(says="--help")
        self.refused("walk", says="walk")
        self.refused("run", says="FILE")
        self.refused("run", self.small, "--frob", says="--frob")
        self.refused("run", self.small, "--jobs", "many", says="--jobs")
        self.refused("run", self.small, "--seed", "-1", says="--seed")
        self.refused("run", self.small, "--seed", "18446744073709551616", says="--seed")
        self.refused("run", self.small, "--seeds", "5..1", says="5..1")
        self.refused("run", self.small, "--seeds", "1..2", "--seed", "3", says="--seed")
        self.refused("run", self.small, "--wall-limit", "soon", says="soon")
        self.refused("run", self.small, "--set", "network.nodes", says="network.nodes")
        self.refused("run", self.small, "--set", "network.nodez=4", says=["nodez", "`nodes`"])
        self.refused("run", self.small, "--set", "network.nodes=many", says="many")
        self.refused("check", says="scenario file")


class FileTopology(Simchain):
    """A topology stands beside its scenario, wherever simchain is started."""

    SCENARIO = """# Does a block cross a line of three?
protocol: push_chain
mining: {power: none}
network: {topology: {kind: file, path: graphs/line.txt}, latency: 10 ms}
events: [{at: 1 min, mine: {node: 0}}]
until: quiet
"""

    def setUp(self):
        super().setUp()
        (self.folder / "graphs").mkdir()
        self.scenario = self.write("from_file.yaml", self.SCENARIO)

    def test_a_file_is_found_from_another_directory(self):
        self.write("graphs/line.txt", "a b 1000\nb c\n")
        for start in ["/", str(self.folder / "graphs")]:
            done = subprocess.run([SIMCHAIN, "run", self.scenario, "--json"], cwd=start,
                                  capture_output=True, text=True, timeout=DEADLINE, check=True)
            run = json.loads(done.stdout)
            self.assertEqual(run["nodes"], 3)
            self.assertEqual(run["heights"], {"min": 1, "max": 1})
            self.assertAlmostEqual(run["propagation_seconds"]["p100"], 1.01, places=2)

    def test_graphml_is_read_too(self):
        self.write("graphs/line.txt", """<graphml><graph edgedefault="undirected">
<node id="a"/><node id="b"/><edge source="a" target="b"/></graph></graphml>""")
        document = json.loads(self.run_it("check", self.scenario, "--json").stdout)
        self.assertEqual((document["nodes"], document["links"]), (2, 1))

    def test_what_is_malformed_names_the_line_of_the_file(self):
        path = self.write("graphs/line.txt", "a b\nb c fast\n")
        self.refused("run", self.scenario, says=[f"{path}:2: ", "`fast`", "latency_ms"])
        self.write("graphs/line.txt", "a b\n")
        self.refused("check", self.scenario, "--set", "network.nodes=5", says="2 nodes")


class Output(Simchain):
    def test_the_document_has_the_keys_on_record(self):
        (run,) = self.documents(self.small)
        for key, shape in KEYS.items():
            if isinstance(shape, set):
                self.assertEqual(set(run[key]), shape, key)
            else:
                self.assertIsInstance(run[key], shape, key)
        for key, shape in LIST_KEYS.items():
            self.assertTrue(run[key], key)
            for entry in run[key]:
                self.assertEqual(set(entry), shape, key)
        for entry in run["messages"].values():
            self.assertEqual(set(entry), {"count", "bytes"})
        self.assertEqual(run["scenario"], "small")
        self.assertRegex(run["digest"], "^[0-9a-f]{16}$")
        self.assertEqual([c["after"] for c in run["convergence"]], ["partition", "heal"])
        self.assertEqual(run["bytes_total"], sum(m["bytes"] for m in run["messages"].values()))
        self.assertEqual(run["blocks"]["mined"],
                         run["blocks"]["main_chain"] + run["blocks"]["stale"])

    def test_what_does_not_exist_is_null(self):
        (run,) = self.documents(self.small, "--set", "mining.power=none", "--set", "expect=[]")
        self.assertEqual(run["blocks"]["mined"], 0)
        self.assertEqual(set(run["stale_rate"].values()), {None})
        self.assertEqual(set(run["propagation_seconds"].values()), {None})
        self.assertIsNone(run["redundancy"])
        self.assertEqual(run["reorgs"], {"count": 0, "max_depth": 0, "by_depth": {}})

    def test_the_page_is_for_people_and_stderr_stays_empty(self):
        done = self.run_it("run", self.small)
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout.startswith("small: Does a small network agree?\n"))
        self.assertNotIn("\033", done.stdout)
        self.assertIn("distinct_tips equals 1", done.stdout)

    def test_seeds_come_in_order_whatever_the_jobs(self):
        one = self.documents(self.small, "--seeds", "1..9", "--jobs", "1", "--set", "expect=[]")
        four = self.documents(self.small, "--seeds", "1..9", "--jobs", "4", "--set", "expect=[]")
        self.assertEqual([run["seed"] for run in four], list(range(1, 10)))
        self.assertEqual([run["digest"] for run in one], [run["digest"] for run in four])
        self.assertEqual(len({run["digest"] for run in one}), 9)
        largest = 2 ** 64 - 1
        (run,) = self.documents(self.small, "--seed", str(largest), "--set", "expect=[]")
        self.assertEqual(run["seed"], largest)
        (alone,) = self.documents(self.small, "--seed", "7", "--set", "expect=[]")
        self.assertEqual(alone["digest"], one[6]["digest"])

    def test_standard_input_is_a_file_too(self):
        done = self.run_it("run", "-", "--json", stdin=SMALL)
        (run,) = self.documents(self.small)
        self.assertEqual(json.loads(done.stdout)["digest"], run["digest"])

    def test_the_tables(self):
        out = self.folder / "out"
        (run,) = self.documents(self.small, "--out", str(out))
        self.assertEqual({path.name for path in out.iterdir()},
                         {*TABLES, *GRAPHS, "summary.json", "scenario.yaml"})
        for name, header in TABLES.items():
            lines = (out / name).read_text(encoding="utf-8").splitlines()
            self.assertEqual(lines[0], header)
            self.assertEqual({len(row) for row in csv.reader(lines)}, {len(header.split(","))})
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual(summary["digest"], run["digest"])
        with open(out / "messages.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self.assertEqual(run["messages"][row["type"]],
                                 {"count": int(row["count"]), "bytes": int(row["bytes"])})
        blocks = (out / "blocks.csv").read_text(encoding="utf-8").splitlines()
        self.assertEqual(len(blocks) - 1, run["blocks"]["mined"])

    def test_the_tables_are_the_same_bytes_every_time(self):
        for name in ("a", "b"):
            self.run_it("run", self.small, "--out", str(self.folder / name))
        for name in TABLES:
            self.assertEqual((self.folder / "a" / name).read_bytes(),
                             (self.folder / "b" / name).read_bytes(), name)

    def test_several_runs_have_a_directory_each(self):
        out = self.folder / "out"
        self.documents(self.small, "--seeds", "1..3", "--out", str(out), "--set", "expect=[]")
        self.assertEqual(sorted(path.name for path in out.iterdir()),
                         ["small-seed1", "small-seed2", "small-seed3"])

    def test_junit(self):
        report = self.folder / "report.xml"
        wrong = self.write("wrong.yaml", SMALL + "  - heights.max: {above: 1000}\n")
        self.run_it("run", self.small, wrong, "--junit", str(report), "--quiet", code=2)
        suites = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual(suites.tag, "testsuites")
        self.assertEqual([suite.get("failures") for suite in suites], ["0", "1"])
        self.assertEqual([int(suite.get("tests")) for suite in suites], [3, 4])
        for suite in suites:
            self.assertEqual(len(suite), int(suite.get("tests")))
        (failure,) = suites[1].iter("failure")
        self.assertIn("measured", failure.get("message"))

    def test_check_and_new(self):
        self.assertIn("small", self.run_it("check", self.small).stdout)
        json.loads(self.run_it("check", self.small, "--json").stdout)
        json.loads(self.run_it("check", "--schema").stdout)
        mine = self.write("mine.yaml", self.run_it("new").stdout)
        self.run_it("check", mine)
        self.run_it("run", mine)
        self.assertRegex(self.run_it("--version").stdout, r"^\d+\.\d+\.\d+\S*\n$")


class Endings(Simchain):
    def test_an_expectation_that_fails_is_2(self):
        (run,) = self.documents(self.small, "--set", "expect=[{heights.min: {above: 1000}}]",
                                code=2)
        self.assertEqual(run["expectations"][0]["verdict"], "not met")

    def test_of_several_runs_the_worst(self):
        wrong = self.write("wrong.yaml", SMALL + "  - heights.max: {above: 1000}\n")
        self.assertEqual(len(self.documents(self.small, wrong, code=2)), 2)
        self.assertEqual(len(self.documents(wrong, self.small, code=2)), 2)

    def test_a_wall_limit_is_4_and_shows_what_there_was(self):
        done = self.run_it("run", self.endless, "--json", "--wall-limit", "200ms", code=4)
        self.assertIn("wall_limit", done.stderr)
        run = json.loads(done.stdout)
        self.assertEqual(run["ended_by"], "wall_limit")
        self.assertGreater(run["events"], 0)

    def test_output_that_cannot_be_written_is_5(self):
        done = self.run_it("run", self.small, "--json", "--out", "/dev/null/out", code=5)
        self.assertIn("/dev/null/out", done.stderr)
        json.loads(done.stdout)
        self.assertIn("report.xml", self.run_it(
            "run", self.small, "--junit", str(self.folder / "no" / "report.xml"), code=5).stderr)
        (self.folder / "out" / "tips.csv").mkdir(parents=True)
        done = self.run_it("run", self.small, "--out", str(self.folder / "out"), code=5)
        self.assertIn("tips.csv", done.stderr)
        self.assertEqual(list((self.folder / "out").glob("*.part")), [])

    def test_a_full_stdout_is_5(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([SIMCHAIN, "run", self.small], stdout=full, timeout=DEADLINE,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 5)

    def interrupt(self, *arguments):
        """Starts a run, interrupts it once it would notice; its stdout and stderr."""
        code, out, err = interrupted([SIMCHAIN, "run", *arguments], DEADLINE)
        self.assertEqual(code, 130, err)
        return out, err

    def test_an_interrupt_is_130_and_shows_what_there_was(self):
        tables = self.folder / "out"
        out, err = self.interrupt(self.endless, "--json", "--out", str(tables))
        run = json.loads(out)
        self.assertEqual(run["ended_by"], "interrupted")
        self.assertIn("interrupted", err)
        summary = json.loads((tables / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual(summary["digest"], run["digest"])

    def test_an_interrupt_of_many_runs_prints_those_that_ran(self):
        out, _ = self.interrupt(self.endless, "--seeds", "1..50", "--jobs", "2", "--json")
        seeds = [json.loads(line)["seed"] for line in out.splitlines()]
        self.assertEqual(seeds, list(range(1, len(seeds) + 1)))
        self.assertLessEqual(len(seeds), 4)


if __name__ == "__main__":
    unittest.main()

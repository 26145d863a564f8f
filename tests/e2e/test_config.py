#!/usr/bin/python3
"""Flags win over the environment, the environment over the file; `config` tells who said what."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import tomllib
import unittest

from peer import CHAINNODE, DEADLINE, Chainnode


class Config(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="chainnode-test-")
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)

    def file(self, text, name="node.toml"):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def run_it(self, *arguments, **environment):
        return subprocess.run([CHAINNODE, *arguments], capture_output=True, text=True,
                              timeout=DEADLINE, cwd=self.directory,
                              env={**os.environ, "HOME": str(self.directory), **environment})

    def settings(self, *flags, **environment):
        done = self.run_it("config", "--json", *flags, **environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def refused(self, *arguments, **environment):
        done = self.run_it(*arguments, **environment)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def test_flags_win_over_the_environment_and_that_over_the_file(self):
        path = self.file('threads = 2\nmin-peers = 3\nmine-interval = "1s"\n')
        found = self.settings("--config", path, "--threads", "4", CHAINNODE_THREADS="3",
                              CHAINNODE_MIN_PEERS="5")
        said = {key: (row["value"], row["from"], row["where"]) for key, row in found.items()}
        self.assertEqual(said["threads"], ("4", "flag", "--threads"))
        self.assertEqual(said["min-peers"], ("5", "environment", "CHAINNODE_MIN_PEERS"))
        self.assertEqual(said["mine-interval"], ("1s", "file", path + ":3"))
        self.assertEqual(said["rules"], ("tutorial", "default", None))
        self.assertEqual(said["record"], (None, "default", None))

    def test_the_environment_may_name_the_file(self):
        path = self.file("threads = 2")
        self.assertEqual(self.settings(CHAINNODE_CONFIG=path)["threads"]["value"], "2")

    def test_what_config_prints_is_a_file_that_means_the_same(self):
        path = self.file('mine = true\npeers = "a \\"b\\" # c"\nthreads = 2\n')
        printed = self.run_it("config", "--config", path, "--min-peers", "0").stdout
        self.assertEqual(tomllib.loads(printed), {"mine": True, "peers": 'a "b" # c', "threads": 2,
                                                  "min-peers": 0})
        self.assertIn(f"# {path}:1", printed)
        again = self.settings("--config", self.file(printed, "again.toml"))
        first = self.settings("--config", path, "--min-peers", "0")
        for key in first.keys() - {"config"}:
            self.assertEqual(first[key]["value"], again[key]["value"], key)

    def test_what_config_prints_of_odd_values_means_the_same(self):
        flags = ["--data-dir", "007", "--peers", 'a\nb\t"c"\\d # e\r\x0c', "--record", "0",
                 "--tls-ca", "9" * 30, "--chain", "true", "--threads", "2"]
        path = self.file("min-peers = 0\nmine = true", "odd\nname = 1.toml")
        done = self.run_it("config", "--config", path, *flags)
        self.assertEqual(done.stderr, "")
        again = self.settings("--config", self.file(done.stdout, "again.toml"))
        for key, row in self.settings("--config", path, *flags).items():
            if key != "config":
                self.assertEqual(row["value"], again[key]["value"], key)
        self.assertEqual(tomllib.loads(done.stdout)["data-dir"], "007")

    def test_mistakes_in_a_file_are_told_with_their_line(self):
        for text, line in [
            ("\ntheads = 2", "{}:2: unknown key theads; did you mean threads?"),
            ("nonsense = 2", "{}:1: unknown key nonsense; expected a flag of chainnode --help"),
            ("threads = 0", "{}:1: threads: found '0'; expected 1 to 256"),
            ("threads = [1, 2]", "{}:1: threads: found a list; expected one value"),
            ('peers = ""', "{}:1: peers: found nothing; expected a value"),
            ('mine = "maybe"', "{}:1: mine: found 'maybe'; expected true or false"),
            ('config = "x"', "{}:1: unknown key config"),
            ("[node]", "{}:1: found `[node]`; expected key = value"),
        ]:
            path = self.file(text)
            self.assertIn("chainnode: " + line.format(path), self.refused("--config", path))
        self.assertIn("--config: nowhere: No such file", self.refused("--config", "nowhere"))

    def test_mistakes_of_the_environment_name_the_variable(self):
        self.assertIn("CHAINNODE_THREADS: found '0'; expected 1 to 256",
                      self.refused("config", CHAINNODE_THREADS="0"))
        for variable in ("CHAINNODE_REQUIRE_TOKEN", "CHAINNODE_RULES", "CHAINNODE_CONFIG"):
            self.assertIn(f"{variable}: found nothing; expected a value",
                          self.refused("config", **{variable: ""}))

    def test_variables_that_no_setting_has_are_told_and_no_mistake(self):
        done = self.run_it("config", "--json", CHAINNODE_REQUIRE_TOKN="true",
                           CHAINNODE_PORT_3000_TCP="x", CHAINNODES="5")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["require-token"]["value"], "false")
        self.assertEqual(sorted(done.stderr.splitlines()), [
            "chainnode: found CHAINNODE_PORT_3000_TCP in the environment; no setting has that name",
            "chainnode: found CHAINNODE_REQUIRE_TOKN in the environment; did you mean "
            "CHAINNODE_REQUIRE_TOKEN?"])

    def test_verbs_need_not_be_able_to_listen(self):
        node = Chainnode()
        self.addCleanup(node.close)
        odd = ("--tls-cert", "/nowhere/tls.pem", "--http", "0.0.0.0:3000")
        for verb, *words in (["verify"], ["backup", str(self.directory / "copy")]):
            code, _, errors = node.verb(verb, *words, *odd)
            self.assertEqual((code, errors), (0, ""), verb)
        self.assertEqual(node.stop(), 0)
        self.assertEqual(node.verb("repair", *odd)[0], 0)
        self.assertIn("--tls-cert and --tls-key go together", self.refused(*odd))

    def test_unknown_words_and_flags_are_told_what_was_meant(self):
        self.assertIn("found confg; did you mean config?", self.refused("confg"))
        self.assertIn("found --min-pers=1; did you mean --min-peers?",
                      self.refused("--min-pers=1"))
        self.assertIn("found x; expected", self.refused("config", "x"))

    def test_a_node_runs_with_what_a_file_says(self):
        node = Chainnode("--config", self.file("log-json = true\nmin-peers = 0\n"))
        self.addCleanup(node.close)
        self.assertEqual(node.request("GET", "/readyz")[0], 200)
        node.mine("x")
        self.assertTrue(json.loads(node.log().splitlines()[0]))

    def test_the_version_tells_what_it_was_built_from(self):
        done = self.run_it("--version")
        self.assertRegex(done.stdout, r"^chainnode \d+\.\d+\.\d+\S* \((g\+\+|clang) [^,]+, \w+, "
                                      r"Boost [\d.]+, OpenSSL \S+, SQLite [\d.]+\)\n$")

    def test_help_names_every_setting(self):
        flags = set(re.findall(r"^  --([a-z0-9-]+)", self.run_it("--help").stdout, re.M))
        self.assertLessEqual({"config", "data-dir", "p2p", "http", "threads"}, flags)


if __name__ == "__main__":
    unittest.main()

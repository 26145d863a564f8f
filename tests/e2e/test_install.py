#!/usr/bin/python3
"""What `cmake --install` leaves: programs that run, manuals, completions that know every flag, and
a library that another project finds and builds with."""

import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAMS = {"chainnode": os.environ["CHAINNODE"], "simchain": os.environ["SIMCHAIN"]}
BUILD = pathlib.Path(PROGRAMS["chainnode"]).resolve().parent
DEADLINE = 240

CONSUMER = {
    "CMakeLists.txt": """cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
find_package(simchain 0.1 REQUIRED)
add_executable(consumer main.cpp)
target_link_libraries(consumer PRIVATE simchain::core)
""",
    "main.cpp": """#include <cstdio>

#include "core/json_codec.h"
#include "core/merkle.h"
#include "core/node.h"
#include "core/version.h"

int main() {
  const auto genesis = chain::parse_genesis(chain::kWidespreadGenesis);
  if (!genesis) return 1;
  chain::BlockTree tree;
  const chain::BlockId root = tree.add_root(genesis->block.header, genesis->text);
  const auto merkle = chain::merkle_root(chain::Texts{"a", "b"});
  if (!merkle) return 2;
  std::printf("%s %u\\n", chain::upper_hex(*merkle).c_str(), tree.height(root));
  return 0;
}
"""}


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=DEADLINE, check=False, **options)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def is_sanitized():
    cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
    return "SIMCHAIN_SANITIZE:STRING=\n" not in cache


def described(name):
    return json.loads(run(PROGRAMS[name], "--describe"))


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="simchain-install-")
        cls.addClassCleanup(holder.cleanup)
        cls.prefix = pathlib.Path(holder.name) / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.share = cls.prefix / "share"

    def test_programs_run(self):
        for name in PROGRAMS:
            self.assertIn("0.", run(self.prefix / "bin" / name, "--version"))
        scenario = self.share / "simchain" / "scenarios" / "partition.yaml"
        self.assertIn("partition", run(self.prefix / "bin" / "simchain", "check", scenario))

    def test_the_settings_that_are_installed_are_settings(self):
        printed = run(self.prefix / "bin" / "chainnode", "config", "--config",
                      self.prefix / "etc" / "chainnode" / "chainnode.toml")
        self.assertIn("# p2p = ", printed)

    def manual(self, name):
        page = gzip.open(self.share / "man" / "man1" / f"{name}.1.gz").read().decode("utf-8")
        self.assertNotIn("@", page.replace("ADDRESS", ""))
        return page

    def test_manuals_name_every_command_and_flag(self):
        for name in PROGRAMS:
            page = self.manual(name).replace("\\-", "-")
            about = described(name)
            for command in (about, *about["commands"]):
                self.assertIn(command["name"], page)
                for flag in command["flags"]:
                    self.assertIn(flag["name"], page)

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc: apt-get install mandoc")
    def test_manuals_are_good_roff(self):
        for name in PROGRAMS:
            self.assertEqual(run("mandoc", "-T", "lint", input=self.manual(name)), "")

    def complete(self, *words):
        """What bash offers for the last word."""
        file = self.share / "bash-completion" / "completions" / words[0]
        script = (f'source "{file}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _{words[0]};'
                  ' printf "%s\\n" "${COMPREPLY[@]}"')
        return run("bash", "-c", script, "bash", *words).split()

    def test_bash_completes_flags_commands_and_their_words(self):
        self.assertEqual(self.complete("chainnode", "--mine-t"), ["--mine-timeout"])
        self.assertEqual(self.complete("chainnode", "conf"), ["config"])
        self.assertEqual(self.complete("chainnode", "--rules", "w"), ["work"])
        self.assertEqual(self.complete("chainnode", "config", "--js"), ["--json"])
        self.assertEqual(self.complete("chainnode", "--threads", "4", "--htt"), ["--http"])
        self.assertEqual(self.complete("simchain", "sweep", "emit", "--engine", "s"), ["slurm"])
        self.assertEqual(self.complete("simchain", "sweep", "me"), ["merge"])
        for name in PROGRAMS:
            flags = {flag["name"] for flag in described(name)["flags"]}
            self.assertLessEqual(flags, set(self.complete(name, "--")))

    def test_zsh_and_fish_can_read_theirs(self):
        for name in PROGRAMS:
            for shell, file in (("zsh", self.share / "zsh" / "vendor-completions" / f"_{name}"),
                                ("fish", self.share / "fish" / "vendor_completions.d"
                                 / f"{name}.fish")):
                self.assertGreater(file.stat().st_size, 100)
                if shutil.which(shell):
                    run(shell, "-n", file)

    @unittest.skipUnless(shutil.which("fish"), "no fish: apt-get install fish")
    def test_fish_completes(self):
        file = self.share / "fish" / "vendor_completions.d" / "simchain.fish"
        offered = run("fish", "-c", f"source {file}; complete -C 'simchain sweep emit --engine s'")
        self.assertEqual(offered.split()[:1], ["slurm"])

    @unittest.skipIf(is_sanitized(), "a library with sanitizers asks its user for them")
    def test_another_project_finds_the_library(self):
        project = self.prefix.parent / "consumer"
        project.mkdir()
        for name, text in CONSUMER.items():
            (project / name).write_text(text, encoding="utf-8")
        run("cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", project / "build")
        root = "6A20F2EE7789E6BB7F404CC2DD729FF308B724D904F6A455B74D4851ADE5AECB"
        self.assertEqual(run(project / "build" / "consumer"), f"{root} 0\n")


if __name__ == "__main__":
    unittest.main()

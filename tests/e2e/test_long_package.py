#!/usr/bin/python3
"""tools/package: packages without fault, whose programs run where they were unpacked."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGES = {"simchain", "chainnode", "simchain-dev"}


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("lintian"),
                     "no lintian: apt-get install lintian")
class Package(unittest.TestCase):
    def test_packages_are_without_fault_and_hold_what_runs(self):
        done = subprocess.run([ROOT / "tools" / "package"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        files = [pathlib.Path(line) for line in done.stdout.split()]
        self.assertEqual({file.name.split("_")[0] for file in files}, PACKAGES)
        with tempfile.TemporaryDirectory() as folder:
            for file in files:
                subprocess.run(["dpkg-deb", "-x", file, folder], check=True)
            config = os.path.join(folder, "etc", "chainnode", "chainnode.toml")
            for command in (["chainnode", "config", "--config", config], ["simchain", "--version"]):
                program = os.path.join(folder, "usr", "bin", command[0])
                ran = subprocess.run([program, *command[1:]], capture_output=True, check=False)
                self.assertEqual(ran.returncode, 0, ran.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""What comes from npm is what was looked at: pinned by version and checksum, and runs no script."""

import json
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tracked(*patterns):
    done = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True,
                          check=True)
    return [ROOT / line for line in done.stdout.splitlines()]


class NpmLocks(unittest.TestCase):
    def test_every_package_has_a_version_and_a_checksum(self):
        manifests = tracked("*package.json")
        self.assertGreaterEqual(len(manifests), 2)
        for manifest in manifests:
            lock = json.loads((manifest.parent / "package-lock.json").read_text(encoding="utf-8"))
            packages = {name: entry for name, entry in lock["packages"].items() if name}
            self.assertTrue(packages, manifest)
            for name, entry in packages.items():
                self.assertRegex(entry["version"], r"^\d+\.\d+\.\d+", name)
                self.assertRegex(entry["integrity"], r"^sha512-[A-Za-z0-9+/]{86}==$", name)
            wanted = json.loads(manifest.read_text(encoding="utf-8"))
            self.assertEqual(lock["packages"][""]["dependencies"], wanted["dependencies"])

    def test_no_script_installs_anything_else(self):
        calls = []
        for path in tracked("tools", "CMakeLists.txt", "tests/load"):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if re.search(r"(?:\bnpm|NPM\}) (?:ci|install|i)\b", line):
                    calls.append(line.strip())
                    self.assertIn(" ci --ignore-scripts", line, path)
        self.assertGreaterEqual(len(calls), 2)


if __name__ == "__main__":
    unittest.main()

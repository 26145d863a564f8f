#!/usr/bin/python3
"""Every scenario of scenarios/parity on real nodes, five runs each: both worlds agree; and a codec
that drops a field, in reality alone, is noticed.

On a busy machine times say nothing; what must be equal is judged all the same.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from test_lab import LINE, ROOT, lab, verdicts

RUNS = 5
OF_CHAINNODE = ["CMakeLists.txt", "core", "net-real", "tools", "scenarios/presets"]
RELAY = '''  out += ",\\"relay\\":";
  append_string(out, kRelayWords[message.detail]);
'''


def chainnode_without_relay(folder):
    """A chainnode whose hello has lost a field; some minutes of compiling."""
    source, build = folder / "source", folder / "build"
    for name in OF_CHAINNODE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, source / name)
    codec = source / "core/json_encode.cpp"
    text = codec.read_text(encoding="utf-8")
    assert text.count(RELAY) == 1, "core/json_encode.cpp writes hello otherwise"
    codec.write_text(text.replace(RELAY, ""), encoding="utf-8")
    for command in (["cmake", "-S", source, "-B", build, "-G", "Ninja", "-D", "BUILD_TESTING=OFF",
                     "-D", "SIMCHAIN_BENCH=OFF", "-D", "SIMCHAIN_VIEWER=OFF",
                     "-D", "CMAKE_UNITY_BUILD=ON"],
                    ["cmake", "--build", build, "--target", "chainnode"]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout[-3000:]
    return build / "chainnode"


class Parity(unittest.TestCase):
    def test_all_scenarios_agree(self):
        files = sorted((ROOT / "scenarios/parity").glob("*.yaml"))
        self.assertEqual(len(files), 6)
        for file in files:
            with self.subTest(file.stem):
                code, report, errors = lab((f"parity/{file.stem}",), "--runs", str(RUNS))
                self.assertIn(code, (0, 2), errors)
                differing = [q for q in report["quantities"] if q["verdict"] == "DIFFERS"]
                if report["machine"]["busy"]:
                    differing = [q for q in differing if q["unit"] != "s"]
                self.assertEqual(differing, [], report["machine"])


class Codec(unittest.TestCase):
    def test_a_field_that_is_dropped_in_reality_is_noticed(self):
        with tempfile.TemporaryDirectory(prefix="chainnode-test-") as folder:
            program = chainnode_without_relay(pathlib.Path(folder))
            proper = os.environ["CHAINNODE"]
            self.addCleanup(os.environ.update, {"CHAINNODE": proper})
            os.environ["CHAINNODE"] = str(program)
            code, report, errors = lab(LINE)
        self.assertEqual(code, 2, errors)
        self.assertEqual(verdicts(report)["Blocks messages"], "DIFFERS")
        first = report["beside_simulation"][0]["first"]
        self.assertTrue(first["simulated"]["differs"]["what"].startswith("Hello"), first)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""The pages for people tell the truth: examples pass their check, links lead somewhere."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIMCHAIN = os.environ.get("SIMCHAIN", str(ROOT / "build/release/simchain"))
PAGES = ["README.md", "scenarios/README.md", "net-real/API.md"]
ORIGINAL = ["listen", "connectToPeer", "addPeers", "connectSocket", "errorHandler", "send",
            "broadcast", "messageHandler", "handleChainResponse", "addToChain", "isValidChain",
            "replaceChain", "isValidNewBlock", "mineBlock"]


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def simchain(*arguments):
    done = subprocess.run([SIMCHAIN, *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


class Pages(unittest.TestCase):
    def test_every_link_leads_to_a_file(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)#]+)", text_of(page)):
                self.assertTrue((ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}")

    def test_the_api_table_has_every_code_and_every_korean_text(self):
        table = text_of("net-real/API.md")
        sources = "".join(path.read_text(encoding="utf-8")
                          for path in (ROOT / "net-real").glob("*.cpp"))
        codes = re.findall(r'(?:error_response\(\s*\S+?,|bad_request\()\s*"(\w+)"', sources)
        self.assertGreater(len(codes), 20)
        for code in set(codes):
            self.assertIn(f"`{code}`", table)
        texts = re.findall(r'"([^"]*[가-힣][^"]*)"', text_of("core/refusal.cpp"))
        self.assertEqual(len(texts), 6)
        for text in texts:
            self.assertIn(f"`{text}`", table)

    def test_every_fence_is_closed(self):
        for page in PAGES:
            parts = re.split(r"^```", text_of(page), flags=re.MULTILINE)
            self.assertEqual(len(parts) % 2, 1, page)
            for code in parts[1::2]:
                self.assertNotRegex(code, r"(?m)^## ", page)

    def test_every_scenario_in_the_readme_passes_its_check_and_its_run(self):
        examples = re.findall(r"```yaml\n(.*?)```", text_of("README.md"), re.DOTALL)
        self.assertTrue(examples)
        for example in examples:
            with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
                file.write(example)
                file.flush()
                self.assertEqual(simchain("check", file.name)[0], 0)
                self.assertEqual(simchain("run", "--quiet", file.name)[0], 0)
                code, page, _ = simchain("run", "--quiet", file.name, "--set",
                                         "network.topology=ring")
                self.assertEqual((code, "NOT MET" in page), (2, True))

    def test_the_page_in_the_readme_is_what_the_run_prints(self):
        code, printed, _ = simchain("run", "--quiet", ROOT / "scenarios/partition.yaml")
        self.assertEqual(code, 0)
        shown = printed.rsplit("\n\n", 1)[0]  # the last line tells of the machine
        self.assertIn(shown, text_of("README.md"), "the run has changed: paste its page there")

    def test_the_comparison_in_the_readme_is_what_the_tool_prints(self):
        done = subprocess.run([ROOT / "tools/compare.py"], capture_output=True, text=True,
                              check=True, env={**os.environ, "SIMCHAIN": SIMCHAIN})
        self.assertIn(done.stdout, text_of("README.md"), "paste what tools/compare.py prints")

    def test_the_table_of_checks_in_the_readme_is_what_validate_prints(self):
        shown = [" ".join(line.split()) for line in text_of("README.md").splitlines()]
        for suite in ["propagation", "draws"]:  # of those that take no time
            code, printed, _ = simchain("validate", suite, "--quiet")
            self.assertEqual(code, 0)
            rows = [line for line in printed.splitlines() if line.startswith(suite + ".")]
            self.assertTrue(rows)
            for row in rows:
                self.assertIn(" ".join(row.split()), shown, "paste what validate prints")

    def test_the_table_names_every_function_where_it_really_is(self):
        page = text_of("scenarios/README.md")
        for half in page.split("\n## English", 1):
            for function in ORIGINAL:
                self.assertIn(f"| `{function}`", half)
        rows = [row for row in page.splitlines() if row.startswith("| `")]
        self.assertEqual(len(rows), 2 * (len(ORIGINAL) + 2))  # messageHandler has three cases
        for row in rows:
            places = re.findall(r"\]\(\.\./((?:core|net-\w+)/[^)]+)\) `([\w:]+)`", row)
            self.assertTrue(places, row)
            for file, name in places:
                source = (ROOT / file).read_text(encoding="utf-8")
                needle = name.split("::")[-1] + "(" if file.endswith(".h") else name + "("
                self.assertIn(needle, source, row)

    def test_every_scenario_is_explained_in_both_languages(self):
        page = text_of("scenarios/README.md")
        for scenario in (ROOT / "scenarios").glob("*.yaml"):
            self.assertEqual(page.count(f"\n### {scenario.stem}:"), 2, scenario.name)

    def test_no_table_in_the_readme_has_a_row_twice(self):
        rows = [line.split("|")[1].strip() for line in text_of("README.md").splitlines()
                if line.startswith("| `")]
        self.assertEqual([row for row in set(rows) if rows.count(row) > 1], [])

    def test_figures_show_the_runs_of_today(self):
        for scenario in ("first_run", "partition", "echo_storm", "unhealed_fork", "deep_reorg"):
            _, printed, _ = simchain("run", "--quiet", ROOT / f"scenarios/{scenario}.yaml")
            digest = re.search(r"digest +([0-9a-f]{16})", printed)[1]
            self.assertTrue(digest in text_of(f"scenarios/figures/{scenario}.svg"),
                            f"{scenario} has changed: tools/figures")
            picture = ROOT / f"scenarios/figures/view_{scenario}.png"
            if picture.exists():
                self.assertIn(digest.encode(), picture.read_bytes(), "tools/figures")

    def test_the_sequence_is_that_of_the_run_of_today(self):
        _, printed, _ = simchain("run", "--quiet", ROOT / "scenarios/first_run.yaml", "--set",
                                 "network.nodes=4", "--set", "network.topology=line")
        digest = re.search(r"digest +([0-9a-f]{16})", printed)[1]
        self.assertTrue(digest in text_of("scenarios/figures/sequence.svg"),
                        "the run has changed: tools/figures")

    def test_every_plan_has_its_figure(self):
        for plan in (ROOT / "scenarios/sweeps").glob("*.yaml"):
            first, last = re.search(r"^seeds: (\d+)\.\.(\d+)$", plan.read_text(encoding="utf-8"),
                                    re.MULTILINE).groups()
            caption = re.search(rf"{plan.name}, ([\d,]+) runs, {last} seeds {first} to {last},",
                                text_of(f"scenarios/figures/sweep_{plan.stem}.svg"))
            self.assertTrue(caption, f"{plan.name} has changed: tools/figures")
            _, job, _ = simchain("sweep", "emit", plan, "--engine", "parallel", "--shards", "2")
            self.assertIn(caption[1].replace(",", "") + " runs in 2 shards", job)


if __name__ == "__main__":
    unittest.main()

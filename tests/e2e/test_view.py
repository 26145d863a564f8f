#!/usr/bin/python3
"""simchain view as a person meets it: the page in a real browser with real clicks, the trace for
Perfetto, and one clear line for what cannot be shown or written."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from browser import Browser, why_not

SIMCHAIN = os.environ["SIMCHAIN"]
SCENARIOS = pathlib.Path(__file__).resolve().parent.parent.parent / "scenarios"
DEADLINE = 120

THOUSAND = """# A thousand nodes for an hour
duration: 60 min
network: {nodes: 1000}
chain: {block_interval: 10 s}
events:
  - {at: 20 min, for: 10 min, partition: {groups: [40 %, rest]}}
"""
MANY_COLOURS = 12
MOST_BYTES = 10_000_000  # of the page of a thousand nodes and an hour


def run(*arguments, code=0):
    done = subprocess.run([SIMCHAIN, *map(str, arguments)], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def has_viewer():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([SIMCHAIN, "view", folder], capture_output=True, text=True,
                              timeout=DEADLINE, check=False)
    return "no viewer" not in done.stderr


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="view-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def fails(self, code, *arguments):
        """The one line on stderr."""
        done = run(*arguments, code=code)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr


@unittest.skipUnless(has_viewer(), "built without the viewer: apt-get install nodejs npm")
class Command(Folder):
    def ran(self, name="unhealed_fork", *more):
        out = self.folder / "out"
        run("run", SCENARIOS / f"{name}.yaml", "--out", out, "--quiet", *more)
        return out

    def test_the_page_is_one_file_that_asks_for_no_other(self):
        out = self.ran()
        self.assertEqual(run("view", out).stdout, f"{out}/view.html\n")
        page = (out / "view.html").read_text(encoding="utf-8")
        self.assertIsNone(re.search(r"(src|href)=[\"']?(https?:)?//", page))
        self.assertTrue("Permission to use, copy, modify" in page)  # licences of what is in it

    def test_the_same_page_every_time_and_to_another_file(self):
        out = self.ran()
        run("view", out)
        run("view", out, "--out", self.folder / "other.html")
        self.assertEqual((out / "view.html").read_bytes(),
                         (self.folder / "other.html").read_bytes())

    def test_overrides_and_seed_are_those_of_the_run(self):
        out = self.ran("partition", "--seed", "3", "--set", "network.nodes=12",
                       "--set", "expect=[]")
        run("view", out)
        page = (out / "view.html").read_text(encoding="utf-8")
        digest = json.loads((out / "summary.json").read_text(encoding="utf-8"))["digest"]
        self.assertTrue(f'"digest":"{digest}"' in page)
        self.assertTrue("12 nodes with" in page)

    def test_text_of_a_scenario_cannot_end_the_script(self):
        file = self.folder / "evil.yaml"
        file.write_text("# </script><script>alert(1)</script><!--\nduration: 1 min\n"
                        "network: {nodes: 3}\n", encoding="utf-8")
        run("run", file, "--out", self.folder / "out", "--quiet")
        run("view", self.folder / "out")
        page = (self.folder / "out" / "view.html").read_text(encoding="utf-8")
        self.assertFalse("<script>alert" in page)

    def test_what_is_no_run_is_one_line(self):
        self.assertIn("no such directory", self.fails(1, "view", self.folder / "none"))
        self.assertIn("found no run", self.fails(1, "view", self.folder))
        run("run", SCENARIOS / "unhealed_fork.yaml", "--seeds", "1..2", "--quiet",
            "--out", self.folder / "two")
        self.assertIn("name one of them: unhealed_fork-seed1, unhealed_fork-seed2",
                      self.fails(1, "view", self.folder / "two"))

    def test_a_summary_or_scenario_that_is_none_is_one_line(self):
        out = self.ran()
        good = (out / "summary.json").read_text(encoding="utf-8")
        for text, said in (("{", "no JSON of a run"), ("{}", "no text `scenario`"),
                           (good.replace('"events":', '"event":'), "no number `events`")):
            (out / "summary.json").write_text(text, encoding="utf-8")
            self.assertIn(said, self.fails(1, "view", out))
        (out / "summary.json").write_text(good, encoding="utf-8")
        (out / "scenario.yaml").write_text("duratoin: 1 s\n", encoding="utf-8")
        self.assertIn("did you mean `duration`", self.fails(1, "view", out))

    def test_a_run_of_another_version_is_said_to_be_one(self):
        out = self.ran()
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        summary.update(digest="0123456789abcdef", version="0.0.7")
        (out / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        line = self.fails(1, "view", out)
        self.assertIn("digest 0123456789abcdef by version 0.0.7", line)
        self.assertFalse((out / "view.html").exists())

    def test_a_run_that_was_stopped_is_shown_as_far_as_it_went(self):
        file = self.folder / "endless.yaml"
        file.write_text("duration: 5000000 min\nprotocol: push_chain\nnetwork: {nodes: 30}\n"
                        "chain: {block_interval: 1 s, block_size: 1 kB}\n", encoding="utf-8")
        run("run", file, "--wall-limit", "1s", "--out", self.folder / "out", "--quiet", code=4)
        run("view", self.folder / "out", "--quiet")

    def test_output_that_cannot_be_written_is_5(self):
        out = self.ran()
        self.assertIn("cannot write /dev/full", self.fails(5, "view", out, "--out", "/dev/full"))
        self.assertIn("cannot write", self.fails(5, "view", out, "--out", self.folder / "no" / "a"))
        self.assertIn("cannot write", self.fails(5, "view", out, "--out", out))
        self.assertEqual(list(self.folder.glob("**/*.part")), [])


class Trace(Folder):
    def test_arrows_begin_and_end_inside_spans_that_do_not_overlap(self):
        out = self.folder / "out"
        run("run", SCENARIOS / "crash_recovery.yaml", "--out", out, "--trace", "--quiet")
        trace = json.loads((out / "trace.json").read_text(encoding="utf-8"))
        events = trace["traceEvents"]
        spans, starts, ends = {}, {}, {}
        for event in events:
            if event["ph"] == "X":
                spans.setdefault(event["tid"], []).append((event["ts"], event["dur"]))
            if event["ph"] in "sf":
                {"s": starts, "f": ends}[event["ph"]][event["id"]] = event
        self.assertEqual(len(spans), 40)
        for track in spans.values():
            for (at, lasts), (after, _) in zip(track, track[1:]):
                self.assertLessEqual(at + lasts, after + 0.001)
        self.assertEqual(starts.keys(), ends.keys())
        self.assertGreater(len(starts), 1000)
        self.assertEqual(trace["otherData"]["messages_shown"], len(starts))
        for name, end in ends.items():
            self.assertLessEqual(starts[name]["ts"], end["ts"])
            self.assertTrue(any(at <= end["ts"] <= at + lasts for at, lasts in spans[end["tid"]]))
        words = " ".join(event["name"] for event in events)
        self.assertRegex(words, r"finds \d+ [0-9a-f]{8}")
        self.assertIn("gives up 1", words)
        self.assertIn("crash: ", words)

    def test_it_goes_into_the_directory_of_the_run(self):
        self.assertIn("--trace requires --out",
                      self.fails(1, "run", SCENARIOS / "unhealed_fork.yaml", "--trace"))


@unittest.skipUnless(has_viewer() and not why_not(), why_not() or "built without the viewer")
class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="view-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def page(cls, name):
        out = cls.folder / name
        if not out.exists():
            file = SCENARIOS / f"{name}.yaml"
            if name == "thousand":
                file = cls.folder / "thousand.yaml"
                file.write_text(THOUSAND, encoding="utf-8")
            run("run", file, "--out", out, "--quiet", "--check", "none")
            run("view", out, "--quiet")
        return out / "view.html"

    def setUp(self):
        self.faults_expected = []

    def tearDown(self):
        self.assertEqual(self.browser.faults(), self.faults_expected)

    def colours(self, selector):
        """How many different colours stand on a canvas, thinned."""
        return self.browser.evaluate(f"""(() => {{
            const canvas = document.querySelector('{selector}');
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width,
                                                                canvas.height).data;
            const seen = new Set();
            for (let i = 0; i < pixels.length; i += 4) {{
              if (pixels[i + 3] > 200) seen.add(pixels.slice(i, i + 3).join());
            }}
            return seen.size;
        }})()""")

    def screenshot_colours(self, name):
        """Of a screenshot as a person sees it, decoded apart from the browser."""
        from matplotlib import image
        file = self.folder / f"{name}.png"
        self.browser.shot(file)
        pixels = (image.imread(file)[::3, ::3, :3] * 255).astype(int)
        return len({tuple(pixel) for row in pixels for pixel in row})

    def test_the_partition_answers_by_itself(self):
        self.browser.open(self.page("partition"))
        self.assertRegex(
            self.browser.text("#headline"),
            r"Forked at 10:16.7 .* won at 21:41.6; 25 nodes gave up 13 blocks. "
            r"Healed by the message WholeChain from node \d+ to node \d+")
        story = self.browser.text("#story")
        for part in ("cut into 2 parts: 25 nodes", "The chain forks", "mended after 10 min",
                     "25 nodes have given up at most 13 blocks each", "101.6 s after the heal",
                     "one chain of 137 blocks"):
            self.assertIn(part, story)
        self.assertGreater(self.screenshot_colours("partition"), MANY_COLOURS)
        self.assertIn("25 nodes on the branch", self.browser.text("#legend"))

    def test_the_unhealed_fork_answers_by_itself(self):
        self.browser.open(self.page("unhealed_fork"))
        self.assertIn("Never healed", self.browser.text("#headline"))
        story = self.browser.text("#story")
        self.assertIn("still 2 chains, nobody has won", story)
        self.assertIn("told 5 times of a higher block and did not follow", story)
        self.assertIn("3 nodes on the branch of node 5", self.browser.text("#legend"))
        self.assertGreater(self.screenshot_colours("unhealed"), MANY_COLOURS)

    def test_it_plays_and_pauses_by_button_and_by_key(self):
        self.browser.open(self.page("partition"), at="t=0")
        self.assertEqual(self.browser.text("#controls .clock"), "0:00.0")
        self.browser.click("#play")
        self.browser.until("parseInt(document.querySelector('.clock').textContent) >= 1")
        self.browser.press("Space")  # on the button, which has the focus
        self.assertEqual(self.browser.evaluate(
            "document.querySelector('#play').getAttribute('aria-label')"), "Play")
        stood = self.browser.text("#controls .clock")
        self.browser.press("ArrowRight")
        self.assertNotEqual(self.browser.text("#controls .clock"), stood)
        self.browser.press("Home")
        self.browser.press("Shift+ArrowRight")
        self.assertEqual(self.browser.text("#controls .clock"), "21:41.4")
        speed = self.browser.text("#speed")
        self.browser.press("+")
        self.assertNotEqual(self.browser.text("#speed"), speed)

    def test_the_slider_moves_time_and_the_network_follows(self):
        self.browser.open(self.page("partition"), at="t=0")
        width = self.browser.evaluate("document.querySelector('#slider').clientWidth")
        few = self.colours("#network canvas")
        self.browser.click("#slider", x=width * 0.3, y=20)  # during the cut, which is at 17 to 33 %
        self.assertRegex(self.browser.text("#controls .clock"), r"1[78]:")
        self.assertIn("nodes on the branch of node", self.browser.text("#legend"))
        self.assertGreater(self.colours("#network canvas"), few)
        self.assertGreater(self.colours("#blocks canvas"), 4)
        self.assertGreater(self.colours("#time canvas"), 4)

    def test_a_click_on_a_node_tells_what_it_knew_when(self):
        self.browser.open(self.page("unhealed_fork"), at="t=700")
        x, y = self.browser.evaluate("viewed.network.place(3)")
        self.browser.click("#network canvas", x=x, y=y)
        about = self.browser.text("#about")
        self.assertIn("Node 3", about)
        self.assertRegex(about, r"Follows\s+3 · [0-9a-f]{8}\s+on the branch of node 5")
        self.assertRegex(about, r"3:00.* 3 · [0-9a-f]{8} LatestBlock from node [45], 50 ms")
        self.browser.fill("#detail input", "0")
        self.browser.click("#detail form button")
        self.assertIn("on the main chain", self.browser.text("#about"))
        self.browser.press("Home")

    def test_a_click_on_a_reorg_tells_which_messages_caused_it(self):
        self.browser.open(self.page("partition"), at="t=0")
        self.browser.click("#forks .rows:last-of-type .row")
        self.assertRegex(self.browser.text("#cause"),
                         r"WholeChain \(.*whole chain\) from node \d+ to node \d+, "
                         r"sent at 21:3\d.*before")
        about = self.browser.text("#about")
        self.assertIn("gives up 13 blocks", about)
        self.assertIn("heard from node", about)
        self.assertEqual(self.browser.text("#controls .clock"), "21:41.4")
        self.browser.click("#cause .reorg")
        self.browser.until("document.querySelector('.clock').textContent > '21:34'")
        self.assertLess(float(self.browser.text("#speed").rstrip("×")), 10)
        self.browser.click("#play")
        self.browser.click("#story button.turn")
        self.assertIn("changes chains", self.browser.text("#about"))

    def test_a_click_on_a_block_tells_of_its_branch(self):
        self.browser.open(self.page("unhealed_fork"))
        x, y = self.browser.evaluate("viewed.tree.place(4)")
        self.browser.click("#blocks canvas", x=x + 8, y=y + 8)
        self.assertRegex(self.browser.text("#about"), r"Block 3 · [0-9a-f]{8}")
        self.assertIn("3 nodes still there at the end", self.browser.text("#about"))

    def test_charts_show_both_curves_and_a_click_leads_there(self):
        self.browser.open(self.page("partition"))
        for chart in ("#tips", "#traffic"):
            self.assertGreater(self.colours(f"{chart} canvas"), 1)
        self.browser.click("#tips .u-over", x=5, y=40)
        self.assertRegex(self.browser.text("#controls .clock"), r"^[01]:")

    def test_it_fits_a_phone_and_a_projector_in_dark_and_light(self):
        for width, height in ((360, 740), (768, 1024), (1280, 720), (1920, 1080)):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.browser.open(self.page("partition"), width, height, dark)
                    self.assertLessEqual(
                        self.browser.evaluate("document.documentElement.scrollWidth"), width)
                    self.assertEqual(
                        self.browser.evaluate("document.documentElement.dataset.theme"),
                        "dark" if dark else "light")
                    name = f"{width}-{dark}"
                    self.assertGreater(self.screenshot_colours(name), MANY_COLOURS)
        self.browser.click("#theme")
        self.assertEqual(self.browser.evaluate("document.documentElement.dataset.theme"), "light")

    def test_everything_can_be_reached_by_tab_and_has_a_name(self):
        self.browser.open(self.page("unhealed_fork"))
        reached = set()
        for _ in range(60):
            self.browser.press("Tab")
            reached.add(self.browser.evaluate("""(() => {
                const at = document.activeElement;
                return at.id || at.closest('section')?.id + ' ' + at.tagName.toLowerCase();
            })()"""))
        for one in ("theme", "help", "story button", "network canvas", "detail input",
                    "blocks canvas", "play", "slider", "slower", "faster"):
            self.assertIn(one, reached)
        nameless = self.browser.evaluate("""[...document.querySelectorAll(
            'button, input, canvas:not([aria-hidden])')].filter((each) => !(
              each.getAttribute('aria-label') || each.textContent.trim() ||
              each.labels?.length)).length""")
        self.assertEqual(nameless, 0)

    def test_a_thousand_nodes_for_an_hour(self):
        page = self.page("thousand")
        self.assertLess(page.stat().st_size, MOST_BYTES)
        self.browser.open(page)
        self.assertRegex(self.browser.text("#notes"), r"of [\d,]+ messages [\d,]+ are drawn")
        self.browser.press("Space")
        self.browser.until("Number(document.body.dataset.fps) > 0 && "
                           "performance.now() > 4000")
        fps = self.browser.evaluate("document.body.dataset.fps")
        print(f"1,000 nodes: {fps} pictures a second", file=sys.stderr)  # told, never judged
        self.assertGreater(self.screenshot_colours("thousand"), MANY_COLOURS)
        self.assertIsNotNone(re.search("nodes at height", self.browser.text("#legend")))


if __name__ == "__main__":
    unittest.main()

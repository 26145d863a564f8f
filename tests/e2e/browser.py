"""A headless Chromium that opens files and pages, clicks and looks, for tests; see browser.mjs.

It needs node, the modules that the build has fetched for the viewer (VIEWER_MODULES) and Debian's
package chromium; `why_not()` says what is missing, and how to get it.
"""

import json
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
MODULES = os.environ.get("VIEWER_MODULES", "")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def why_not():
    if not shutil.which("node") or not pathlib.Path(MODULES, "playwright-core").is_dir():
        return "no node or no modules of npm's: apt-get install nodejs npm, then build again"
    if not CHROMIUM:
        return "no Chromium: apt-get install chromium"
    return ""


class Browser:
    """`flags`: further ones of Chromium's."""

    def __init__(self, *flags):
        self.process = subprocess.Popen(
            ["node", str(HERE / "browser.mjs"), MODULES, CHROMIUM, *flags], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def do(self, command, **options):
        self.process.stdin.write(json.dumps({"do": command, **options}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the browser has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(f"{command} {options}: {answer['error']}")
        return answer["result"]

    def open(self, file, width=1280, height=800, dark=False, at=""):
        url = pathlib.Path(file).resolve().as_uri() + (f"#{at}" if at else "")
        self.visit(url, width, height, dark)

    def visit(self, url, width=1280, height=800, dark=False):
        self.do("open", url=url, width=width, height=height, dark=dark)

    def click(self, selector, x=None, y=None):
        place = {} if x is None else {"x": x, "y": y}
        self.do("click", selector=selector, **place)

    def press(self, key):
        self.do("press", key=key)

    def fill(self, selector, text):
        self.do("fill", selector=selector, text=text)

    def text(self, selector):
        return self.do("text", selector=selector)

    def count(self, selector):
        return self.do("count", selector=selector)

    def evaluate(self, code):
        return self.do("evaluate", code=code)

    def until(self, code):
        return self.do("until", code=code)

    def shot(self, file):
        return self.do("shot", file=str(file))

    def faults(self):
        return self.do("faults")

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

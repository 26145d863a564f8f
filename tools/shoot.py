#!/usr/bin/python3
"""A picture of a page of `simchain view`: tools/shoot.py PAGE PICTURE.png [t=SECONDS]

Needs what the tests of the page need (tests/e2e/browser.py) and Debian's python3-pil. The picture
is made small by a palette: a page has few colours.
"""

import os
import pathlib
import sys

from PIL import Image
from PIL.PngImagePlugin import PngInfo

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1280, 800
COLOURS = 96

os.environ.setdefault("VIEWER_MODULES", str(ROOT / "build/release/viewer/node_modules"))
sys.path.insert(0, str(ROOT / "tests/e2e"))
from browser import Browser, why_not  # pylint: disable=wrong-import-position


def main(page, picture, at=""):
    if why_not():
        print(f"{picture} stays as it is: {why_not()}", file=sys.stderr)
        return 0
    browser = Browser()
    browser.open(page, WIDTH, HEIGHT, at=at)
    browser.shot(picture)
    text = PngInfo()
    text.add_text("digest", browser.evaluate("viewed.run.digest"))  # of the run that it shows
    browser.close()
    small = Image.open(picture).convert("RGB").quantize(COLOURS)
    small.save(picture, optimize=True, pnginfo=text)
    return 0


if not 3 <= len(sys.argv) <= 4:
    print(__doc__.strip(), file=sys.stderr)
    sys.exit(1)
sys.exit(main(*sys.argv[1:]))

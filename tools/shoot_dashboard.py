#!/usr/bin/python3
"""A picture of a node's dashboard: tools/shoot_dashboard.py PICTURE.png

Three nodes mine, twice one of them apart from the others, so that there are forks and reorgs to
see. Needs what the tests of the page need (tests/e2e/browser.py) and Debian's python3-pil;
$CHAINNODE names the program.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1280, 1000
COLOURS = 192
FLAGS = ("--protocol", "header_first", "--rules", "work")

os.environ.setdefault("VIEWER_MODULES", str(ROOT / "build/release/viewer/node_modules"))
os.environ.setdefault("CHAINNODE", str(ROOT / "build/release/chainnode"))
sys.path.insert(0, str(ROOT / "tests/e2e"))
from browser import Browser, why_not  # pylint: disable=wrong-import-position
from peer import CHAINNODE, Chainnode, wait_for  # pylint: disable=wrong-import-position


def went_apart(node, ours, theirs):
    """A node that began with the chain of `node`, and mined more than it meanwhile; connected."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chainnode-picture-"))
    subprocess.run([CHAINNODE, "backup", "--data-dir", node.directory / "data", *FLAGS[2:],
                    directory / "data"], check=True, capture_output=True)
    other = Chainnode(*FLAGS, "--mine", "--mine-interval", "2s", directory=directory)
    other.owns_directory = True  # it goes with the node
    for number in range(theirs):
        other.mine(f"payment {number} of another branch")
    for number in range(ours):
        node.mine(f"payment {number} of a branch that is given up")
    node.connect_to(other)
    wait_for(lambda: node.json("GET", "/status")["tip"] == other.json("GET", "/status")["tip"])
    return other


def main(picture):
    if why_not():
        print(f"{picture} stays as it is: {why_not()}", file=sys.stderr)
        return 0
    browser, nodes = Browser(), [Chainnode(*FLAGS)]
    try:
        shown = nodes[0]
        for number in range(12):
            shown.mine(f"payment {number}")
        nodes.append(went_apart(shown, 2, 4))
        for number in range(6):
            shown.mine(f"payment {number} after the first fork")
        nodes.append(went_apart(shown, 3, 6))
        browser.visit(f"http://{shown.http}/", WIDTH, HEIGHT)
        browser.until("document.querySelectorAll('#peers tr').length === 2 && "
                      "document.querySelectorAll('#blocks tr').length > 5")
        shown.mine("alice pays bob 3", "bob pays carol 1")
        browser.until("/[kM]H/.test(document.getElementById('rate').textContent)")
        browser.click("#blocks tr")
        browser.until("document.querySelectorAll('#detail-list dd').length > 3")
        browser.click("h1")  # so that no row is under the pointer
        browser.shot(picture)
    finally:
        browser.close()
        for node in nodes:
            node.close()
    small = Image.open(picture).convert("RGB").quantize(COLOURS)
    small.save(picture, optimize=True)
    return 0


if len(sys.argv) != 2:
    print(__doc__.strip(), file=sys.stderr)
    sys.exit(1)
sys.exit(main(sys.argv[1]))

#!/usr/bin/python3
"""Both protocols on the same scenarios, side by side: prints the table of README.md.

    compare.py            each scenario once with push_chain and once with header_first, same seed

Bytes are of JSON frames. Both dial a lost neighbour again, so that what differs is the protocol.
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIMCHAIN = os.environ.get("SIMCHAIN", str(ROOT / "tools/simchain"))
REDIAL = "network.reconnect={first: 1 s, max: 2 min}"
# Scenario, what else is set, for both and for push_chain alone, what the row says.
ROWS = [
    ("echo_storm", (), (), "20 blocks in a network at rest"),
    ("late_join", (), (), "100 blocks in a mesh, one node comes late"),
    ("partition", (), (), "ten minutes apart, silent"),
    ("partition", ("events.0.partition.sockets=reset",), (), "ten minutes apart, sockets reset"),
    ("deep_reorg", (), (), "200 minutes apart, sockets reset"),
    ("forged_block", (), ("chain.rules=tutorial",), "30 blocks without work, from one forger"),
]
PROTOCOLS = ("push_chain", "header_first")


def run(scenario, protocol, settings):
    command = [SIMCHAIN, "run", ROOT / f"scenarios/{scenario}.yaml", "--json",
               "--quiet", "--set", f"protocol={protocol}", "--set", REDIAL]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 2):  # a scenario's expectations are those of one protocol
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def size(count):
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.2f} {unit}"
    return f"{count:.0f} B"


def agreed(report):
    if "attack" in report:
        return f"{report['attack']['revenue'] * 100:.0f} % forged"
    if not report["convergence"]:
        return "–"
    seconds = report["convergence"][-1]["seconds"]
    return "never" if seconds is None else f"{seconds:.1f} s"


def main():
    print("| scenario | what happens | bytes: push_chain | header_first | agreed after it: "
          "push_chain | header_first |")
    print("|---|---|--:|--:|--:|--:|")
    for scenario, settings, originals, words in ROWS:
        old, new = (run(scenario, protocol, settings + extra)
                    for protocol, extra in zip(PROTOCOLS, (originals, ())))
        print(f"| {scenario} | {words} | {size(old['bytes_total'])} | {size(new['bytes_total'])} | "
              f"{agreed(old)} | {agreed(new)} |")


if __name__ == "__main__":
    main()

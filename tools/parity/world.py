"""One run of a scenario on real nodes: the timetable that `simchain check --json --draws` gives,
carried out at its times.

Before the start all neighbours are connected, through a shaper that does not shape yet, in the
order in which the simulation connects them; so every node counts its connections alike. From the
start on the shaper does what it was told beforehand, at its own times; blocks, crashes and dials
are done from here. What is left behind is what `simchain measure` reads.
"""

import concurrent.futures
import heapq
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from parity.processes import LabFailure, Node, Shaper, free_addresses, program

LEAD = 0.5        # seconds between the last connection and the start
START_LEAD = 0.8  # seconds that a process is started before its time, to be up at it
SETTLE = 0.5      # seconds for the last greetings
DIFFICULTY = 10   # with proof of work: a thousand hashes a block, less than a millisecond
HEADER = 332      # bytes of a block's JSON text without its data, about


def draws(scenario, seed, settings):
    """All that the seed draws, and the scenario with every key spelt out."""
    command = [program("simchain"), "check", str(scenario), "--json", "--draws"]
    if seed is not None:
        command += ["--seed", str(seed)]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise LabFailure(done.stderr.strip())
    return json.loads(done.stdout)


def pressure():
    """Microseconds that something waited for a CPU, since the machine started; None: not told."""
    try:
        line = pathlib.Path("/proc/pressure/cpu").read_text().splitlines()[0]
        return int(line.rsplit("total=", 1)[1])
    except (OSError, IndexError, ValueError):
        return None


class RealRun:
    def __init__(self, checked, folder, mines=False):
        self.plan, self.folder, self.mines = checked["draws"], folder, mines
        if mines:
            for node in self.plan["nodes"]:
                node["chain"].update(seal="hash", first_difficulty=DIFFICULTY)
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("node-*"):  # a node would go on with an earlier run's recording
            left.unlink()
        (folder / "scenario.yaml").write_text(json.dumps(checked["resolved"]) + "\n")
        memory = pathlib.Path("/dev/shm")
        self.data = pathlib.Path(tempfile.mkdtemp(
            prefix="simchain-lab-", dir=memory if os.access(memory, os.W_OK) else None))
        self.nodes, self.shaper, self.doors = [], None, {}
        self.actions, self.order = [], 0
        self.lateness = []  # seconds, of blocks asked for
        self.pool = concurrent.futures.ThreadPoolExecutor(16)
        self.pending = []

    def run(self):
        """Returns what the machine did meanwhile."""
        try:
            self.build()
            self.connect()
            return self.carry_out()
        finally:
            self.stop()

    # --- before the start ----------------------------------------------------

    def build(self):
        facts = self.plan["nodes"]
        with open(self.folder / "shaper.log", "wb") as log:
            self.shaper = Shaper(log)
        self.shaper.tell({"shaping": False},
                         {"dial_timeout_ns": self.plan["dial_timeout_ns"]})
        for number, address in enumerate(free_addresses(len(facts))):
            self.nodes.append(Node(number, facts[number], address, self.folder, self.data))
            self.shaper.tell({"node": number, "at": address, "up": facts[number]["up"],
                              "down": facts[number]["down"]})
        pairs = {tuple(edge) for edge in self.plan["edges"]}
        pairs |= {(dial["node"], dial["to"]) for dial in self.plan["dials"]}
        for pair in sorted(pairs):
            self.doors[pair] = "ws://" + self.shaper.listen(*pair)
        there = [node for node, fact in zip(self.nodes, facts) if not fact["absent"]]
        for node in there:
            node.start()
        for node in there:
            node.wait_until_up()

    def connect(self):
        for dialler, dialled in self.plan["edges"]:
            if not (self.nodes[dialler].is_up() and self.nodes[dialled].is_up()):
                continue
            status, report = self.nodes[dialler].post(
                "/addToPeer", {"peer": self.doors[dialler, dialled]})
            if status != 200 or report["state"] != "connected":
                raise LabFailure(f"nodes {dialler} and {dialled}: found {report}; "
                                 "expected a connection")
        time.sleep(SETTLE)

    # --- the timetable -------------------------------------------------------

    def at(self, seconds, action):
        self.order += 1
        heapq.heappush(self.actions, (seconds, self.order, action))

    def schedule(self):
        for block in self.plan["blocks"]:
            self.at(block["at_ns"] / 1e9, lambda block=block: self.mine(block))
        for life in self.plan["lives"]:
            seconds, node = life["at_ns"] / 1e9, self.nodes[life["node"]]
            if life["live"]:
                self.at(seconds - START_LEAD, node.start)
                self.at(seconds - START_LEAD / 8, node.wait_until_up)
            else:
                self.at(seconds, node.kill)
        for dial in self.plan["dials"]:
            self.at(dial["at_ns"] / 1e9, lambda dial=dial: self.dial(dial))
        for pause in self.plan["pauses"]:
            number = signal.SIGSTOP if pause["paused"] else signal.SIGCONT
            for node in pause["nodes"]:
                self.at(pause["at_ns"] / 1e9,
                        lambda node=node, number=number: self.nodes[node].send_signal(number))

    def carry_out(self):
        self.schedule()
        start_ns = time.time_ns() + int(LEAD * 1e9)
        start = time.monotonic() + (start_ns - time.time_ns()) / 1e9
        self.shaper.tell(*[{**link, "at_ns": 0} for link in self.plan["links"]],
                         {"shaping": True},
                         *[{**change, "at_ns": start_ns + change["at_ns"]}
                           for change in self.plan["changes"]])
        self.write_journal(start_ns)
        waited, load = pressure(), os.getloadavg()[0]
        while self.actions:
            seconds, _, action = heapq.heappop(self.actions)
            time.sleep(max(0.0, start + seconds - time.monotonic()))
            self.now = time.monotonic() - start
            action()
        time.sleep(max(0.0, start + self.plan["duration_ns"] / 1e9 - time.monotonic()))
        for each in self.pending:
            each.result()
        waited = None if waited is None else (pressure() - waited) / 1e6
        late = sorted(self.lateness)
        return {"seconds": self.plan["duration_ns"] / 1e9,
                "shaper": self.shaper.ask(report=True),
                "load_before": load, "load_after": os.getloadavg()[0],
                "cpu_waited_seconds": waited,
                "blocks_late_seconds": {"median": late[len(late) // 2], "max": late[-1]}
                if late else None}

    def mine(self, block):
        node = self.nodes[block["node"]]
        self.lateness.append(self.now - block["at_ns"] / 1e9)
        wish = {"block_bytes": block["block_bytes"], "nonce": block["nonce"]}
        if self.mines:
            wish = {"data": ["x" * max(0, block["block_bytes"] - HEADER)]}

        self.pending.append(self.pool.submit(self.ask, node, "/mineBlock", wish))

    def dial(self, dial):
        node, door = self.nodes[dial["node"]], self.doors[dial["node"], dial["to"]]
        self.pending.append(self.pool.submit(self.ask, node, "/addToPeer", {"peer": door}))

    @staticmethod
    def ask(node, path, body):
        try:
            status, answer = node.post(path, body)
        except OSError as error:
            status, answer = 0, error
        if status != 200:
            raise LabFailure(f"node {node.number}, {path}: found {answer}; expected what was asked "
                             f"for; its words stand in node-{node.number}.log")

    def write_journal(self, start_ns):
        absent = [i for i, fact in enumerate(self.plan["nodes"]) if fact["absent"]]
        journal = {"start_ns": start_ns, "absent": absent, "lives": self.plan["lives"],
                   "marks": self.plan["marks"]}
        (self.folder / "lab.json").write_text(json.dumps(journal) + "\n")

    def stop(self):
        for node in self.nodes:
            node.begin_stop()
        for node in self.nodes:
            node.end_stop()
        if self.shaper is not None:
            self.shaper.stop()
        self.pool.shutdown()
        shutil.rmtree(self.data, ignore_errors=True)


def measured(folder):
    """The run as `simchain measure` sees it."""
    done = subprocess.run([program("simchain"), "measure", str(folder), "--json", "--out",
                           str(folder / "tables")], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 2):  # expectations are the scenario's business
        raise LabFailure(done.stderr.strip())
    return json.loads(done.stdout)

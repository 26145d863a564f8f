#!/usr/bin/python3
"""A real node's recording: through kills, restarts and parts, stepped again to the same digest."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

from peer import Chainnode, chainnodes, fill_store, latest, next_block, wait_for

SIMCHAIN = os.environ["SIMCHAIN"]
DEADLINE = 60


def replay(file, *flags, code=0):
    """(stdout, stderr) of a replay that ends with `code`."""
    done = subprocess.run([SIMCHAIN, "replay", str(file), *flags], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def replayed(file):
    return json.loads(replay(file, "--json")[0])


class Record(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "node.rec"

    def recorded(self, *flags, **options):
        node = Chainnode(*flags, "--record", str(self.file), **options)
        self.addCleanup(node.close)
        return node

    def digest_at_the_end(self, node):
        """What the node says that it has recorded."""
        self.assertEqual(node.stop(), 0)
        return re.search(r" recorded steps=(\d+) digest=(\w{16})", node.log())[2]

    def test_one_of_five_killed_and_restarted(self):
        for protocol in ("header_first", "push_chain"):
            with self.subTest(protocol):
                self.file.unlink(missing_ok=True)
                self.one_of_five_killed_and_restarted("--protocol", protocol)

    def one_of_five_killed_and_restarted(self, *flags):
        others = chainnodes(self, 4, *flags)
        node = self.recorded(*flags)
        self.connect(node, others)
        for other in others:
            block = other.mine("before, by " + other.p2p)
            # All of them, or the next one mines beside it.
            wait_for(lambda: all(n.chain()[-1] == block for n in (node, *others)), "one tip")
        mined = self.mine_and_be_killed(node)
        killed = replayed(self.file)
        self.assertEqual(killed["lives"], 1)
        self.assertGreater(killed["steps"], 10)

        for i in range(mined):
            others[1].mine(f"meanwhile {i}")
        node.start()
        self.connect(node, others)
        others[1].mine("so that somebody is ahead by more than one")
        others[1].mine("for the original's sake")
        wait_for(lambda: len({json.dumps(n.chain()) for n in (node, *others)}) == 1, "one chain")
        node.mine("after")
        digest = self.digest_at_the_end(node)
        again = replayed(self.file)
        self.assertEqual(again["digest"], digest)
        self.assertEqual((again["lives"], again["torn_bytes"]), (2, 0))
        self.assertGreater(again["steps"], killed["steps"])

    def connect(self, node, others):
        for other in others:
            state = node.json("POST", "/addPeers", [f"ws://{other.p2p}"])[0]["state"]
            self.assertIn(state, ("connected", "already"))  # addresses get around

    def mine_and_be_killed(self, node):
        """How many blocks it has mined, at the least."""
        mined = []
        client = threading.Thread(target=node.mine_until_gone, args=[mined])
        client.start()
        wait_for(lambda: len(mined) > 5, "blocks")
        node.kill()
        client.join()
        return len(mined)

    def test_at_whatever_moment_it_is_killed(self):
        """Ten lives, ended in the midst of work; what was torn of one is cut by the next."""
        node = self.recorded("--protocol", "header_first", "--mine", "--mine-interval", "10ms")
        other, = chainnodes(self, 1, "--protocol", "header_first")
        for life in range(1, 11):
            other.connect_to(node)
            height = node.height()
            wait_for(lambda: node.height() > height + life, "blocks")
            node.kill()
            self.assertEqual(replayed(self.file)["lives"], life)
            with open(self.file, "ab") as recording:
                recording.write(b"\0\0\0" if life % 2 else b"")  # less than a frame's beginning
            node.start()
        digest = self.digest_at_the_end(node)
        again = replayed(self.file)
        self.assertEqual((again["digest"], again["lives"]), (digest, 11))

    def test_goes_on_in_parts(self):
        node = self.recorded("--record-limit", "1")
        self.assertEqual(node.stop(), 0)
        fill_store(node.directory, 8000)
        for _ in range(3):
            node.start()
            node.mine("x")
            node.kill()
        node.start()
        digest = self.digest_at_the_end(node)
        again = replayed(self.file)
        self.assertEqual((again["digest"], again["lives"]), (digest, 5))
        self.assertGreater(again["parts"], 1)
        self.assertEqual(again["parts"], len(list(self.file.parent.iterdir())))
        self.file.unlink()
        later = replayed(f"{self.file}.1")  # from the first life on that begins in it
        self.assertEqual(later["digest"], digest)
        self.assertGreater(again["lives"], later["lives"])
        node.start()  # goes on in the last part, whatever is left of those before it
        digest = self.digest_at_the_end(node)
        went_on = replayed(f"{self.file}.1")
        self.assertEqual((went_on["digest"], went_on["lives"]), (digest, later["lives"] + 1))
        self.assertFalse(self.file.exists())

    def test_begins_with_the_genesis(self):
        node = self.recorded("--genesis", "learn")
        self.assertEqual(replayed(self.file)["lives"], 0)
        other, = chainnodes(self, 1)
        for i in range(3):
            other.mine(str(i))
        node.connect_to(other)
        wait_for(lambda: node.count(r" tip ") or node.count(" reorg "), "the chain")
        digest = self.digest_at_the_end(node)
        again = replayed(self.file)
        self.assertEqual((again["digest"], again["lives"]), (digest, 1))

    def test_is_written_within_a_second_while_nothing_is_stored(self):
        node = self.recorded()
        before = replayed(self.file)["steps"]
        node.greeted()
        wait_for(lambda: replayed(self.file)["steps"] > before, "a step", deadline=5)

    def test_the_first_difference_is_shown(self):
        node = self.recorded()
        ws = node.greeted()
        block = next_block(node.chain()[0], ["one"])
        ws.send(latest(block))
        wait_for(lambda: node.height() == 1)
        node.kill()
        plant(self.file)
        out, _ = replay(self.file, code=3)
        self.assertRegex(out, r"^\S+node\.rec:\d+: found a step that makes the check \w{8}; "
                              r"expected a step that makes the check \w{8}\n")
        self.assertIn("told       from peer 0: LatestBlock up to " + block["hash"][:12], out)
        self.assertIn(f"does now   takes {block['hash'][:12]} at height 1\n", out)
        self.assertIn(f"stands at  {block['hash'][:12]} at height 1\npeers      0 push_chain\n",
                      out)

    def test_what_is_no_recording_is_left_alone(self):
        self.file.write_text("my thesis, the only copy of it, which is longer than a header")
        node = self.recorded(wait=False)
        self.assertEqual(node.process.wait(DEADLINE), 1)
        self.assertIn(f"--record: {self.file}:0: found no recording; expected", node.log())
        self.assertIn("thesis", self.file.read_text())

    def test_a_damaged_recording_keeps_no_node_from_its_work(self):
        node = self.recorded()
        node.mine("one")
        node.kill()
        damaged = bytearray(self.file.read_bytes())
        damaged[60] ^= 1
        self.file.write_bytes(damaged)
        node.start()
        node.mine("two")
        self.assertEqual(node.count("recording_stopped"), 1)
        self.assertEqual(self.file.read_bytes(), damaged)
        _, line = replay(self.file, code=1)
        self.assertRegex(line, r"^\S+node\.rec:40: found a frame of \d+ bytes that does not fit "
                               r"its check; expected a recording without damage\n$")

    def test_a_recording_belongs_to_one_node(self):
        self.recorded()
        second = self.recorded(wait=False)
        self.assertEqual(second.process.wait(DEADLINE), 1)
        self.assertIn("is in use by another node", second.log())

    def test_a_full_disk_ends_the_recording_and_not_the_node(self):
        self.file = "/dev/full"
        node = self.recorded()
        for i in range(3):
            node.mine(str(i))
        self.assertEqual(node.height(), 3)
        self.assertEqual(node.count("recording_stopped"), 1)

    def test_a_folder_that_is_not_there(self):
        self.file = self.file.parent / "nowhere" / "node.rec"
        node = self.recorded(wait=False)
        self.assertEqual(node.process.wait(DEADLINE), 5)
        self.assertRegex(node.log(), r"^chainnode: --record: \S+: No such file or directory\n$")


SCENARIO = """# Does what is recorded come again?
duration: 20 min
chain: {block_interval: 20 s, block_size: 1 kB}
network: {nodes: 8, topology: ring, latency: 50 ms, reconnect: {first: 1 s, max: 1 min}}
events:
  - {at: 5 min, crash: {select: 30 %}, restart_after: 60 s}
"""
FORGER = "nodes: [{select: 2, behaviour: {kind: forger, fault: work}, power: 20 %}]\n"


class OfARun(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "run.rec"

    def run_it(self, *flags, scenario=SCENARIO, code=0, file=None):
        done = subprocess.run([SIMCHAIN, "run", "-", "--json", "--record", str(file or self.file),
                               *flags], input=scenario, capture_output=True, text=True,
                              timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_has_its_digest(self):
        digest = json.loads(self.run_it().stdout)["digest"]
        again = replayed(self.file)
        self.assertEqual((again["digest"], again["left_out"]), (digest, 0))
        self.assertGreater(again["lives"], again["nodes"])
        self.assertRegex(replay(self.file)[0], rf"\nnodes      8\n(.*\n)*digest     {digest}\n")

    def test_the_steps_of_a_node_are_told_in_words(self):
        self.run_it()
        out, _ = replay(self.file, "--steps", "2")
        self.assertRegex(out, r"(?m)^\d+\.\d{9} s  from peer \d+: (Inv|Headers|Blocks) .*$")
        self.assertRegex(out, r"(?m)^    follows [0-9a-f]{12} at height \d+$")
        self.assertIn("each as recorded", out)

    def test_says_who_is_left_out(self):
        self.run_it(scenario=SCENARIO + FORGER)
        self.assertIn("\nleft out   1 adversary: only honest nodes are recorded\n",
                      replay(self.file)[0])

    def test_a_shorter_one_leaves_no_part_of_a_longer_one(self):
        self.run_it("--record-limit", "1", "--set", "duration=500 min", "--set", "network.nodes=40")
        self.assertTrue((self.folder / "run.rec.1").exists())
        _, line = replay(self.folder / "run.rec.1", code=1)
        self.assertIn("run.rec.1:40: found the midst of a recording; expected", line)
        digest = json.loads(self.run_it().stdout)["digest"]
        self.assertEqual([p.name for p in self.folder.iterdir()], ["run.rec"])
        self.assertEqual(replayed(self.file)["digest"], digest)

    def test_what_cannot_be_is_one_line(self):
        self.assertRegex(self.run_it("--seeds", "1..2", code=1).stderr,
                         "^--record: found 2 runs; expected one, .*\n$")
        self.assertIn("cannot be written: No such file or directory",
                      self.run_it(file="/nowhere/f", code=5).stderr)
        self.assertIn("cannot be written: No space left on device",
                      self.run_it(file="/dev/full", code=5).stderr)
        _, line = replay(self.folder / "none", code=1)
        self.assertRegex(line, r"^\S+none:0: found no such file; expected a recording\n$")


def mix(state, word):
    """The recording's check, written a second time."""
    return ((state << 23 | state >> 41) & MASK ^ word) * 0x9fb21c651e98df25 & MASK


MASK = (1 << 64) - 1


def finished(state):
    state = (state + 0x9e3779b97f4a7c15) & MASK
    state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9 & MASK
    state = (state ^ state >> 27) * 0x94d049bb133111eb & MASK
    return state ^ state >> 31


def check_of(before, data):
    state = mix(before, len(data))
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        state = mix(state, int.from_bytes(data[at:at + 8], "little"))
    return finished(mix(state, int.from_bytes(data[whole:], "little")))


def plant(file):
    """Changes the check of the last step in the recording, and fits the frames to that."""
    data = bytearray(file.read_bytes())
    frames, at = [], 40
    while at < len(data):
        frames.append(at)
        at += 16 + int.from_bytes(data[at:at + 4], "little")
    check = int.from_bytes(data[32:40], "little")
    for at in frames:
        length = int.from_bytes(data[at:at + 4], "little")
        end = at + 8 + length
        if at == frames[-1]:
            data[end - 9] ^= 1  # before the digest at the end of the payload
        check = check_of(check, bytes(data[at + 8:end]))
        data[end:end + 8] = check.to_bytes(8, "little")
    file.write_bytes(data)


if __name__ == "__main__":
    unittest.main()

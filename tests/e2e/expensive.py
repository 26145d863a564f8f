"""Traffic of header_first that is valid and as expensive as a frame can be, many frames on each
connection, and a ping that the node itself answers while it lasts."""

import itertools
import json
import statistics
import threading
import time

from peer import GENESIS, chain_after, compact, greeted

PAGE, LIGHT_PAGES, IN_A_PAGE = 2000, 40, 100


def headers_of(blocks):
    return [{key: value for key, value in block.items() if key != "data"} for block in blocks]


def message(kind, payload):
    return compact({"type": kind, "payload": payload})


class Expensive:
    """Peers that flood a node whose chain is `chain`, from the genesis on."""

    def __init__(self, test, node, chain):
        self.test, self.node = test, node
        self.frames, self.over, self.failures = 0, threading.Event(), []
        tip = chain[-1]
        self.tip = {"tip": tip["hash"], "height": tip["height"], "work": "0" * 16}
        known = headers_of(chain[1:])
        self.known = [message(102, known[first:first + PAGE])
                      for first in range(0, len(known) - PAGE, 97)]
        unknown = ["%064x" % (i + 1) for i in range(63)]
        self.rounds = [message(101, [*unknown, chain[0]["hash"]]),
                       message(104, {"last": tip["hash"], "count": 512})]
        light = headers_of(chain_after(json.loads(GENESIS), LIGHT_PAGES * IN_A_PAGE, "light")[1:])
        self.light = [message(102, light[first:first + IN_A_PAGE])
                      for first in range(0, len(light), IN_A_PAGE)]

    def _flood(self, ws):
        """All kinds in turn; full pages are requested, and read."""
        try:
            for known, light in zip(itertools.cycle(self.known), itertools.cycle(self.light)):
                if self.over.is_set():
                    return
                for frame in (known, light, *self.rounds):
                    ws.send(frame)
                self.frames += 2 + len(self.rounds)
                while not ws.receive().startswith('{"type":105'):
                    pass
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(error)

    def run(self, peers, seconds):
        """Floods from so many connections; returns the seconds of each answer to a ping."""
        sockets = [greeted(self.test, self.node) for _ in range(peers)]
        honest = greeted(self.test, self.node)
        threads = [threading.Thread(target=self._flood, args=[ws]) for ws in sockets]
        for thread in threads:
            thread.start()
        took, end = [], time.monotonic() + seconds
        while time.monotonic() < end or len(took) < 20:
            began = time.monotonic()
            honest.send(message(108, self.tip))
            while not honest.receive().startswith('{"type":109'):
                pass
            took.append(time.monotonic() - began)
        self.over.set()
        for thread in threads:
            thread.join()
        return took


def flood_of_expensive_frames(test, node, chain, peers, seconds):
    """Judges a node that knows `chain`; returns the figures."""
    flood, before = Expensive(test, node, chain), node.reset_peak()
    took = flood.run(peers, seconds)
    test.assertEqual(flood.failures, [])
    test.assertEqual(len(node.json("GET", "/peers")), peers + 1, "it is all valid")
    return {"frames": flood.frames, "pings": len(took),
            "ping_median_ms": round(1000 * statistics.median(took), 1),
            "ping_worst_ms": round(1000 * max(took), 1),
            "peak_bytes": node.resident("VmHWM") - before}

#!/usr/bin/python3
"""Who comes in, by IP address: no liar for a day, no crowd; the operator's own nodes always."""

import json
import sqlite3
import unittest

from peer import Closed, WebSocket, chainnodes, compact, greeted, wait_for

DAY_MS = 24 * 3600 * 1000
PER_IP = 16  # connections from one IP address
INBOUND = 109  # connections that may come in


class Unwelcome(unittest.TestCase):
    def setUp(self):
        self.node, = chainnodes(self, 1, "--protocol", "header_first")

    def comes_in(self, source):
        """A connection from the IP address `source`, None if it is turned away."""
        try:
            ws = WebSocket.connect(self.node.p2p, source)
        except (Closed, ConnectionError):
            return None
        self.addCleanup(ws.close)
        return ws

    def lie(self, source):
        """A node at `source` says hello, then a header with a forged hash; it is dropped."""
        header = {key: value for key, value in self.node.mine("x").items() if key != "data"}
        ws = greeted(self, self.node, source)
        ws.send(compact({"type": 102, "payload": [{**header, "hash": "ab" * 32}]}))
        self.assertEqual(json.loads(ws.receive())["payload"]["code"], "invalid_block")
        with self.assertRaises(Closed) as caught:
            ws.receive()
        self.assertEqual(caught.exception.code, 1008)

    def test_a_liar_does_not_come_in_again_for_a_day(self):
        self.lie("127.0.0.5")
        self.assertIsNone(self.comes_in("127.0.0.5"))
        self.assertTrue(self.comes_in("127.0.0.6"))
        self.assertIn("peer_turned_away remote=127.0.0.5 why=", self.node.log())
        self.node.kill()
        self.node.start()
        self.assertIsNone(self.comes_in("127.0.0.5"), "it is on the disk")
        self.assertTrue(self.comes_in("127.0.0.6"))
        self.assertEqual(self.node.stop(), 0)
        store = sqlite3.connect(self.node.directory / "data" / "chain.sqlite")
        with store:
            store.execute("UPDATE discouraged SET since_ms = since_ms - ?", (DAY_MS,))
        store.close()
        self.node.start()
        self.assertTrue(self.comes_in("127.0.0.5"), "a day later")

    def test_a_liar_at_127_0_0_1_is_dropped_and_may_come_again(self):
        self.lie("127.0.0.1")
        self.assertTrue(self.comes_in("127.0.0.1"))

    def test_who_goes_or_speaks_garbage_as_the_originals_do_is_welcome(self):
        self.comes_in("127.0.0.5").close()
        ws = self.comes_in("127.0.0.5")
        ws.send("{}")
        with self.assertRaises(Closed) as caught:
            while True:
                ws.receive()
        self.assertEqual(caught.exception.code, 1008)
        self.assertTrue(self.comes_in("127.0.0.5"))

    def test_a_frame_over_the_limit_is_a_fault_of_who_knows_the_limit(self):
        original = self.comes_in("127.0.0.5")
        original.send('{"type":0,"payload":{}}')
        for ws in original, greeted(self, self.node, "127.0.0.6"):
            ws.sock.sendall(ws.frame_header(1, (1 << 20) + 1))
            with self.assertRaises(Closed) as caught:
                while True:
                    ws.receive()
            self.assertEqual(caught.exception.code, 1009)
        self.assertTrue(self.comes_in("127.0.0.5"))
        self.assertIsNone(self.comes_in("127.0.0.6"))
        metrics = self.node.request("GET", "/metrics")[1]
        self.assertIn('chainnode_peers_dropped_total{reason="oversized"} 2', metrics)

    def test_one_ip_address_has_so_many_connections(self):
        crowd = [self.comes_in("127.0.0.7") for _ in range(PER_IP)]
        self.assertNotIn(None, crowd)
        self.assertIsNone(self.comes_in("127.0.0.7"), "one more")
        self.assertTrue(self.comes_in("127.0.0.8"))
        for _ in range(PER_IP + 1):
            self.assertTrue(self.comes_in("127.0.0.1"), "the operator's own are not counted")
        crowd[0].close()
        wait_for(lambda: self.comes_in("127.0.0.7"), "the place that became free")
        self.assertIsNone(self.comes_in("127.0.0.7"))

    def test_silent_connections_do_not_keep_an_honest_peer_out(self):
        silent = [self.comes_in("127.0.0.1") for _ in range(INBOUND)]
        self.assertNotIn(None, silent)
        for _ in range(3):
            greeted(self, self.node)
        self.assertIn("peer_evicted", self.node.log())
        self.assertNotIn("peer_turned_away", self.node.log())
        status = self.node.json("GET", "/status")
        honest = [p for p in status["peers"] if p["protocol"] == "header_first"]
        self.assertEqual(len(honest), 3, "no newcomer took the place of another")
        self.assertEqual(len(status["peers"]), INBOUND)


if __name__ == "__main__":
    unittest.main()

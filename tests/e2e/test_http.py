#!/usr/bin/python3
"""The HTTP API: the tutorial's endpoints, what they answer and what they refuse."""

import json
import socket
import unittest

from peer import (DEADLINE, GENESIS, Chainnode, WebSocket, chain_after, chainnodes, compact,
                  greeted, latest, next_block, wait_for)


class Http(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode()
        self.addCleanup(self.node.close)
        self.peers_file = self.node.directory / "peer.json"

    def refused(self, method, target, status, code, body=None):
        answer = self.node.json(method, target, body, status=status)
        self.assertEqual(answer["code"], code)
        self.assertTrue(answer["error"])
        return answer["error"]

    def test_chains_gives_the_chain_and_pages_it(self):
        self.assertEqual(self.node.request("GET", "/chains"), (200, "[" + GENESIS + "]"))
        blocks = [json.loads(GENESIS)] + [self.node.mine(str(i)) for i in range(5)]
        self.assertEqual(self.node.chain(), blocks)
        self.assertEqual(self.node.json("GET", "/chains?from=2&limit=3"), blocks[2:5])
        self.assertEqual(self.node.json("GET", "/chains?from=4"), blocks[4:])
        self.assertEqual(self.node.json("GET", "/chains?limit=1"), blocks[:1])
        self.assertEqual(self.node.json("GET", "/chains?from=77"), [])
        for query in ("from=-1", "from=x", "limit=0", "limit=", "page=1", "from=4294967296"):
            self.refused("GET", "/chains?" + query, 400, "bad_query")

    def test_mine_block_takes_only_an_array_of_strings(self):
        for body, code in [(b"", "bad_json"), (b'{"data":["x"]', "bad_json"), (b"\xff", "bad_json"),
                           (b'{"data":["\\ud800"]}', "bad_json"), (b"[]", "bad_data"),
                           (b"{}", "bad_data"), (b'{"data":"x"}', "bad_data"),
                           (b'{"data":[1]}', "bad_data"), (b'{"data":[["x"]]}', "bad_data"),
                           (b'{"data":["x"],"data":["y"]}', "bad_json"),
                           (b"[" * 50_000, "bad_json")]:
            self.refused("POST", "/mineBlock", 400, code, body)
        self.assertEqual(self.node.height(), 0)

    def test_sizes_have_limits(self):
        self.refused("POST", "/mineBlock", 413, "block_too_big", {"data": ["x" * (130_500)]})
        self.refused("POST", "/mineBlock", 413, "too_large", {"data": ["x" * (200 << 10)]})
        with socket.create_connection(self.node.http.split(":"), DEADLINE) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nx: " + b"y" * 9000 + b"\r\n\r\n")
            self.assertIn(b"HTTP/1.1 431 ", sock.recv(1 << 16))
        self.assertEqual(self.node.mine("x" * 100_000)["height"], 1)

    def test_what_is_no_http_is_refused(self):
        for junk in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"hello\r\n\r\n",
                     b"POST /mineBlock HTTP/1.1\r\nContent-Length: -5\r\n\r\n"):
            with socket.create_connection(self.node.http.split(":"), DEADLINE) as sock:
                sock.sendall(junk)
                self.assertIn(b"HTTP/1.1 400 ", sock.recv(1 << 16))
        self.assertEqual(self.node.height(), 0)

    def test_paths_and_methods(self):
        for target in ("/nothing", "/mineBlock/", "/chains/1", "*", "/blocks/"):
            self.refused("GET", target, 404, "not_found")
        for method, target in [("GET", "/mineBlock"), ("POST", "/chains"), ("DELETE", "/peers"),
                               ("GET", "/addPeers"), ("PUT", "/addToPeer")]:
            self.refused(method, target, 405, "method_not_allowed")

    def test_blocks_by_hash_height_and_tip(self):
        blocks = [json.loads(GENESIS)] + [self.node.mine(str(i)) for i in range(3)]
        self.assertEqual(self.node.json("GET", "/blocks/tip"), blocks[3])
        for height, block in enumerate(blocks):
            self.assertEqual(self.node.json("GET", f"/block-height/{height}"), block)
            self.assertEqual(self.node.json("GET", f"/blocks/{block['hash']}"), block)
        self.refused("GET", "/block-height/4", 404, "no_block")
        self.refused("GET", "/blocks/" + "0" * 63 + "1", 404, "no_block")
        self.refused("GET", "/blocks/tip0", 400, "bad_hash")

    def metrics(self, node):
        status, text = node.request("GET", "/metrics")
        self.assertEqual(status, 200)
        names = set()
        values = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                names.add(line.split()[2])
            elif not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                self.assertIn(name.split("{")[0], names)
                values[name] = float(value)
        return values

    def test_metrics_and_readiness(self):
        self.assertEqual(self.node.json("GET", "/healthz"), {"alive": True})
        self.refused("GET", "/readyz", 503, "no_peers")
        other = Chainnode("--min-peers", "0")
        self.addCleanup(other.close)
        self.assertEqual(other.json("GET", "/readyz"), {"ready": True, "height": 0, "peers": 0})
        self.node.json("POST", "/addToPeer", {"peer": f"ws://{other.p2p}"})
        self.node.mine("x")
        wait_for(lambda: other.height() == 1)
        wait_for(lambda: self.node.request("GET", "/readyz")[0] == 200)
        ours, theirs = self.metrics(self.node), self.metrics(other)
        for values in (ours, theirs):
            peers = [value for name, value in values.items() if "_peers{" in name]
            self.assertEqual(sorted(peers), [0, 0, 0, 0, 0, 1])
        self.assertEqual((ours["chainnode_height"], theirs["chainnode_height"]), (1, 1))
        self.assertEqual(theirs["chainnode_blocks_taken_total"], 1)
        self.assertGreater(theirs['chainnode_frames_received_total{type="LatestBlock"}'], 0)
        self.assertGreater(ours["chainnode_sent_bytes_total"], 300)
        self.assertGreater(ours["process_open_fds"], 3)
        peer = WebSocket.connect(other.p2p)
        self.addCleanup(peer.close)
        peer.send("no message")
        wait_for(lambda: self.metrics(other)["chainnode_frames_malformed_total"] == 1)

    def test_who_follows_a_miner_is_on_its_chain(self):
        miner, follower = chainnodes(self, 2, "--protocol", "header_first")
        miner.connect_to(follower)
        for i in range(3):
            miner.mine(str(i))
        wait_for(lambda: follower.height() == 3)
        for node in miner, follower:
            self.assertEqual(self.metrics(node)["chainnode_peers_on_another_tip"], 0)
            self.assertTrue(node.json("GET", "/peers")[0]["on_our_chain"])
        stranger = chain_after(miner.chain()[0], 5, "stranger")
        ws = greeted(self, miner)
        ws.send(compact({"type": 102, "payload": [{k: v for k, v in block.items() if k != "data"}
                                                  for block in stranger[1:]]}))
        wait_for(lambda: self.metrics(miner)["chainnode_peers_on_another_tip"] == 1)

    def test_no_page_becomes_a_peer(self):
        upgrade = ("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n")
        for origin, answer in (("", b"HTTP/1.1 101"), ("Origin: http://evil.example\r\n", b""),
                               ("Origin: null\r\n", b"")):
            with socket.create_connection(self.node.p2p.split(":"), DEADLINE) as sock:
                sock.sendall((upgrade + origin + "\r\n").encode("ascii"))
                self.assertEqual(sock.recv(12), answer)

    def test_add_peers_reports_each(self):
        other, third = Chainnode(), Chainnode()
        self.addCleanup(other.close)
        self.addCleanup(third.close)
        with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes the connection, says nothing
            silent = "ws://127.0.0.1:%d" % deaf.getsockname()[1]
            urls = ["ws://192.168.0.256:7545", f"ws://{other.p2p}", "ftp://127.0.0.1:1", silent,
                    f"ws://{other.p2p}/", "http://x", f"ws://{self.node.p2p}", f"ws://{third.p2p}",
                    f"ws://LOCALHOST:{third.p2p.split(':')[1]}"]
            report = self.node.json("POST", "/addPeers", urls)
        self.assertEqual([line["peer"] for line in report], urls)
        states = [line["state"] for line in report]
        self.assertEqual(states[:8], ["invalid", "connected", "invalid", "dialing", "already",
                                      "invalid", "invalid", "connected"])
        self.assertIn(states[8], ("already", "connected"))  # the name may be another address
        for line in report:
            self.assertEqual(line["reason"] != "", line["state"] in ("invalid", "already"), line)
        self.assertIn("192.168.0.256 is no IPv4 address", report[0]["reason"])
        self.assertIn("ws:// or wss://", report[2]["reason"])
        again = self.node.json("POST", "/addPeers", urls[1:2])
        self.assertEqual([line["state"] for line in again], ["already"])

    def test_add_peers_reads_the_peers_file_at_each_call(self):
        other = Chainnode()
        self.addCleanup(other.close)
        self.refused("POST", "/addPeers", 400, "bad_peers_file")  # there is none
        self.peers_file.write_text('["ws://192.168.0.256:7545", "ws://127.0')
        self.assertIn("peer.json: no JSON: it goes wrong at byte",
                      self.refused("POST", "/addPeers", 400, "bad_peers_file"))
        self.peers_file.write_text("[]")
        self.assertEqual(self.node.json("POST", "/addPeers"), [])
        self.peers_file.write_text(f'["ws://192.168.0.256:7545", "ws://{other.p2p}"]\n')
        self.assertEqual([line["state"] for line in self.node.json("POST", "/addPeers")],
                         ["invalid", "connected"])

    def test_a_truncated_peers_file_loses_no_peer(self):
        ws = self.node.greeted()
        self.peers_file.write_text("[")
        self.refused("POST", "/addPeers", 400, "bad_peers_file")
        self.assertEqual(len(self.node.json("GET", "/peers")), 1)
        block = self.node.mine("still here")
        self.assertEqual(json.loads(ws.receive())["payload"], [block])

    def test_add_to_peer(self):
        other = Chainnode()
        self.addCleanup(other.close)
        url = f"ws://{other.p2p}"
        self.assertEqual(self.node.json("POST", "/addToPeer", {"peer": url})["state"], "connected")
        self.assertEqual(self.node.json("POST", "/addToPeer", {"peer": url})["state"], "already")
        self.refused("POST", "/addToPeer", 400, "bad_peer", {"peer": "ws://192.168.0.256:7545"})
        self.refused("POST", "/addToPeer", 400, "bad_peer", {"peer": 5})
        self.refused("POST", "/addToPeer", 400, "bad_json", b"x")
        outbound, = self.node.json("GET", "/peers")
        self.assertEqual((outbound["address"], outbound["direction"]), (url, "outbound"))
        self.assertEqual(outbound["protocol"], "push_chain")
        inbound, = other.json("GET", "/peers")
        self.assertEqual((inbound["address"], inbound["direction"]), (None, "inbound"))

    def test_a_lost_peer_is_dialled_again(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = "ws://127.0.0.1:%d" % listener.getsockname()[1]
            status = self.node.json("POST", "/addPeers", [url])[0]["state"]
            self.assertEqual(status, "dialing")  # nobody has answered the handshake yet
            for _ in range(3):
                ws = WebSocket.accept(listener)
                ws.receive()
                ws.close()

    def test_the_peers_file_is_dialled_at_the_start(self):
        self.peers_file.write_text(f'["ws://{self.node.p2p}"]')
        other = Chainnode("--peers", str(self.peers_file))
        self.addCleanup(other.close)
        wait_for(lambda: len(self.node.json("GET", "/peers")) == 1, "a connection")
        self.peers_file.write_text('["ws://')
        third = Chainnode("--peers", str(self.peers_file))  # starts all the same
        self.addCleanup(third.close)
        self.assertEqual(third.count("warn bad_peers_file"), 1)

    def test_a_page_of_another_site_may_not_call(self):
        for header in ("Origin: http://evil.example", "Host: evil.example:3000"):
            with socket.create_connection(self.node.http.split(":"), DEADLINE) as sock:
                sock.sendall(f"GET /chains HTTP/1.1\r\n{header}\r\n\r\n".encode())
                self.assertIn(b"HTTP/1.1 403 ", sock.recv(1 << 16))

    def test_the_answer_to_head_has_no_body(self):
        with socket.create_connection(self.node.http.split(":"), DEADLINE) as sock:
            sock.sendall(b"HEAD /peers HTTP/1.1\r\n\r\nGET /peers HTTP/1.1\r\n"
                         b"Connection: close\r\n\r\n")
            answers = b""
            while piece := sock.recv(1 << 16):
                answers += piece
        first, _, rest = answers.partition(b"\r\n\r\n")
        self.assertIn(b"HTTP/1.1 200 ", first)
        self.assertIn(b"Content-Length: 2", first)
        self.assertTrue(rest.startswith(b"HTTP/1.1 200 "), rest)
        self.assertTrue(rest.endswith(b"[]"), rest)

    def test_answers_that_nobody_reads_have_a_limit_and_a_stop_still_gives_them(self):
        for _ in range(60):
            self.node.mine("x" * 120_000)
        whole_chain = self.node.request("GET", "/chains")[1]
        host, port = self.node.http.split(":")
        socks = []
        for _ in range(12):
            socks.append(socket.socket())
            self.addCleanup(socks[-1].close)
            socks[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            socks[-1].connect((host, int(port)))
            socks[-1].sendall(b"GET /chains HTTP/1.1\r\nConnection: close\r\n\r\n")
            socks[-1].settimeout(DEADLINE)
            socks[-1].recv(1, socket.MSG_PEEK)  # the answer is under way
        starts = [sock.recv(12, socket.MSG_WAITALL) for sock in socks]
        self.assertEqual(starts[0], b"HTTP/1.1 200")
        self.assertEqual(starts[-1], b"HTTP/1.1 503")
        self.node.process.send_signal(15)
        answer = b""
        while piece := socks[0].recv(1 << 20):
            answer += piece
        self.assertEqual(answer.partition(b"\r\n\r\n")[2].decode(), whole_chain)
        self.assertEqual(self.node.process.wait(DEADLINE), 0)

    def test_a_block_that_is_not_found_in_time(self):
        node = Chainnode("--mine-timeout", "200ms")
        self.addCleanup(node.close)
        ws = node.greeted()
        ws.send(latest(next_block(json.loads(GENESIS), ["hard"], difficulty=200)))
        ws.receive()  # taken; the next block has its parent's difficulty
        answer = node.json("POST", "/mineBlock", {"data": ["never"]}, status=503)
        self.assertEqual(answer["code"], "mine_timeout")
        self.assertEqual(node.height(), 1)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""The page that a node serves, in a real browser; and what it is made of: status, tree, events."""

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import tempfile
import unittest

from browser import Browser, why_not
from certificates import Authority
from peer import (DEADLINE, GENESIS, Chainnode, chainnodes, compact, greeted, latest, next_block,
                  wait_for)

MARKUP = "<img src=x onerror=document.title='owned'>"


class Api(unittest.TestCase):
    def setUp(self):
        [self.node] = chainnodes(self, 1, "--protocol", "header_first")

    def events(self, node=None):
        """The answer to GET /events, open until the test ends."""
        connection = http.client.HTTPConnection((node or self.node).http, timeout=DEADLINE)
        self.addCleanup(connection.close)
        connection.request("GET", "/events")
        return connection.getresponse()

    def next_status(self, response):
        self.assertEqual(response.readline(), b"event: status\n")
        line = response.readline()
        self.assertTrue(line.startswith(b"data: "), line)
        self.assertEqual(response.readline(), b"\n")
        return json.loads(line[len(b"data: "):])

    def test_events_tell_at_once_and_at_every_tip(self):
        response = self.events()
        self.assertEqual(response.getheader("Content-Type"), "text/event-stream; charset=utf-8")
        self.assertEqual(self.next_status(response)["height"], 0)
        mined = self.node.mine("x")
        while (status := self.next_status(response))["height"] == 0:
            pass
        self.assertEqual(status["tip"], mined["hash"])
        self.assertGreater(status["hashes"], 0)

    def test_only_so_many_may_watch_and_a_node_that_stops_ends_it(self):
        watching = [self.events() for _ in range(32)]
        for response in watching:
            self.next_status(response)
        self.assertEqual(self.events().status, 503)
        self.assertEqual(self.node.stop(), 0)
        for response in watching:
            response.read()

    def test_those_who_leave_make_room_for_others(self):
        for _ in range(40):
            with socket.create_connection(self.node.http.split(":"), DEADLINE) as sock:
                sock.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertTrue(sock.recv(100).startswith(b"HTTP/1.1 "))
            self.node.mine("x")  # told to all who are there
        wait_for(lambda: self.events().status == 200)

    def test_who_does_not_read_costs_one_event(self):
        # With sanitizers what is freed is kept for a while, which is no cost of the node's.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        self.node = Chainnode("--protocol", "header_first", ASAN_OPTIONS=options)
        self.addCleanup(self.node.close)
        with contextlib.ExitStack() as open_sockets:
            for _ in range(8):
                sock = open_sockets.enter_context(socket.socket())
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                host, port = self.node.http.split(":")
                sock.connect((host, int(port)))
                sock.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.node.mine("x")
            before = self.node.resident()
            for number in range(1000):
                self.node.mine(str(number))
            self.assertLess(self.node.resident() - before, 16 << 20)

    def test_a_token_that_opens_nothing_any_more_ends_what_it_opened(self):
        node, = chainnodes(self, 1, "--protocol", "header_first", "--require-token")
        file = node.directory / "data" / "api-token"
        connection = http.client.HTTPConnection(node.http, timeout=DEADLINE)
        self.addCleanup(connection.close)
        token = file.read_text().strip()
        connection.request("GET", "/events", headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        self.next_status(response)
        node.process.send_signal(signal.SIGHUP)  # the same token opens the same
        wait_for(lambda: node.count(" reloaded") == 1, "a reload")
        for _ in range(3):
            self.next_status(response)
        file.write_text("b" * 64 + "\n")
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: node.count(" reloaded") == 2, "the new token")
        response.read()  # it ends

    def test_events_come_over_tls_too(self):
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(folder)
            certificate, key = map(str, authority.make("node"))
            node, = chainnodes(self, 1, "--tls-cert", certificate, "--tls-key", key, "--mine",
                               "--mine-interval", "20ms")
            trusted = ssl.create_default_context(cafile=authority.certificate)
        connection = http.client.HTTPSConnection(node.http, timeout=DEADLINE, context=trusted)
        self.addCleanup(connection.close)
        connection.request("GET", "/events")
        response = connection.getresponse()
        while self.next_status(response)["height"] < 5:
            pass

    def test_a_head_of_what_does_not_end_ends(self):
        for _ in range(40):  # more than may watch: it is no watcher
            self.assertEqual(self.node.request("HEAD", "/events"), (200, ""))
        self.next_status(self.events())

    def test_the_tree_has_both_branches_and_is_paged(self):
        other, = chainnodes(self, 1, "--protocol", "header_first")
        ours = [self.node.mine(f"a{i}") for i in range(3)]
        theirs = [other.mine(f"b{i}") for i in range(5)]
        self.node.connect_to(other)
        wait_for(lambda: self.node.height() == 5)
        tree = self.node.json("GET", "/tree")
        self.assertEqual(tree["to"], 5)
        heights = [block["height"] for block in tree["blocks"]]
        self.assertEqual(heights, [5, 4, 3, 3, 2, 2, 1, 1, 0])
        main = {block["hash"] for block in tree["blocks"] if block["main"]}
        side = {block["hash"] for block in tree["blocks"] if not block["main"]}
        self.assertLessEqual({block["hash"] for block in theirs}, main)
        self.assertEqual({block["hash"] for block in ours}, side)
        older = self.node.json("GET", "/tree?to=1")["blocks"]
        self.assertEqual([block["height"] for block in older], [1, 1, 0])
        self.assertEqual(self.node.json("GET", "/tree?to=99"), tree)
        for query in ("to=", "to=-1", "to=x", "from=1", "to=4294967296"):
            self.node.json("GET", f"/tree?{query}", status=400)

    def test_the_tree_has_a_hundred_heights(self):
        for number in range(120):
            self.node.mine(str(number))
        blocks = self.node.json("GET", "/tree")["blocks"]
        self.assertEqual([block["height"] for block in blocks], list(range(120, 20, -1)))

    def test_status_tells_reorgs_and_peers(self):
        other, = chainnodes(self, 1, "--protocol", "header_first")
        ours = [self.node.mine(f"a{i}") for i in range(2)]
        theirs = [other.mine(f"b{i}") for i in range(4)]
        self.node.connect_to(other)
        wait_for(lambda: self.node.height() == 4)
        status = self.node.json("GET", "/status")
        self.assertEqual([status["reorgs"][key] for key in ("count", "deepest")], [1, 2])
        reorg = status["reorgs"]["log"][0]
        self.assertEqual((reorg["depth"], reorg["from"]), (2, ours[-1]["hash"]))
        self.assertIn(reorg["to"], [block["hash"] for block in theirs])
        wait_for(lambda: self.node.json("GET", "/peers")[0]["on_our_chain"])
        peer, = self.node.json("GET", "/peers")
        self.assertEqual((peer["address"], peer["height"]), (f"ws://{other.p2p}", 4))
        self.assertGreater(peer["latency_ms"], 0)
        self.assertGreater(peer["received_bytes"], 4 * 300)
        self.assertGreater(peer["sent_bytes"], 0)

    def test_a_peer_whose_tip_is_unknown_has_no_height(self):
        ws = greeted(self, self.node)
        tip = {"tip": "ab" * 32, "height": 9, "work": "00000000000000ff"}
        ws.send(compact({"type": 103, "payload": tip}))
        self.assertEqual(json.loads(ws.receive())["type"], 101)  # it asks for the headers
        peer, = self.node.json("GET", "/peers")
        self.assertEqual((peer["height"], peer["on_our_chain"]), (None, False))

    def test_a_node_that_learns_has_a_status_and_no_tree(self):
        learner, = chainnodes(self, 1, "--genesis", "learn")
        status = learner.json("GET", "/status")
        self.assertEqual((status["learning"], status["tip"]), (True, None))
        self.assertEqual(learner.json("GET", "/tree", status=503)["code"], "no_genesis")

    def test_the_page_may_run_nothing_but_its_own(self):
        for path, kind in (("/", "html"), ("/dashboard.js", "javascript"),
                           ("/dashboard.css", "css")):
            connection = http.client.HTTPConnection(self.node.http, timeout=DEADLINE)
            self.addCleanup(connection.close)
            connection.request("GET", path)
            response = connection.getresponse()
            text = response.read().decode("utf-8")
            self.assertEqual(response.status, 200)
            self.assertEqual(response.getheader("Content-Type"), f"text/{kind}; charset=utf-8")
            self.assertIn("script-src 'self'", response.getheader("Content-Security-Policy"))
            self.assertNotIn("https://", text)


@unittest.skipIf(why_not(), why_not())
class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.node, self.other = chainnodes(self, 2, "--protocol", "header_first")
        self.node.connect_to(self.other)

    def visit(self, **options):
        self.browser.visit(f"http://{self.node.http}/", **options)
        self.browser.until("document.getElementById('live').textContent === 'live'")

    def shows(self, selector, text):
        self.browser.until(f"document.querySelector({json.dumps(selector)})?.textContent"
                           f".includes({json.dumps(text)})")

    def no_faults(self):
        self.assertEqual(self.browser.faults(), [])

    def test_it_shows_the_chain_and_what_is_mined_elsewhere(self):
        self.node.mine("first")
        self.visit()
        self.shows("#height", "1")
        self.shows("#blocks tr:last-child", "genesis")
        self.shows("#peers", "header_first")
        block = self.other.mine("elsewhere")
        self.shows("#height", "2")
        self.browser.until("document.querySelector('#blocks tr').dataset.hash === "
                           f"'{block['hash']}'")
        self.browser.until("document.querySelectorAll('#tree circle.main').length === 3")
        self.browser.click("#blocks tr")
        self.shows("#detail-data", "elsewhere")
        self.shows("#detail-list", block["hash"])
        self.no_faults()

    def test_it_shows_forks_and_reorgs_as_they_happen(self):
        third, = chainnodes(self, 1, "--protocol", "header_first")
        for number in range(4):
            third.mine(f"c{number}")
        self.node.mine("a0")
        wait_for(lambda: self.other.height() == 1)
        self.visit()
        self.shows("#no-reorgs", "None")
        third.connect_to(self.node)
        self.shows("#reorgs", "1 block")
        self.shows("#height", "4")
        self.browser.until("document.querySelectorAll('#tree circle:not(.main)').length === 1")
        self.shows("#tree-words", "1 block beside the chain")
        self.no_faults()

    def test_it_mines(self):
        self.visit()
        self.browser.fill("#mine-text", "one\ntwo")
        self.browser.click("#mine button")
        self.shows("#mine-answer", "Block 1 is on the chain.")
        self.shows("#height", "1")
        self.assertEqual(self.node.chain()[-1]["data"], ["one", "two"])
        self.no_faults()

    def test_it_adds_peers_and_tells_what_became_of_them(self):
        third, = chainnodes(self, 1, "--protocol", "header_first")
        self.visit()
        self.browser.fill("#connect-text", f"ws://{third.p2p}\nhttp://nonsense")
        self.browser.click("#connect button")
        self.shows("#connect-answer", f"ws://{third.p2p}: connected")
        self.shows("#connect-answer", "http://nonsense: invalid")
        self.browser.until("document.querySelectorAll('#peers tr').length === 2")
        self.no_faults()

    def test_it_finds_blocks_and_pages_through_them(self):
        hashes = [self.node.mine(str(number))["hash"] for number in range(30)]
        self.visit()
        self.shows("#blocks tr:first-child", "30")
        self.browser.click("#older")
        self.shows("#blocks tr:first-child", "10")
        self.browser.fill("#find-text", "17")
        self.browser.click("#find button")
        self.shows("#detail-list", hashes[16])
        self.browser.fill("#find-text", hashes[4])
        self.browser.click("#find button")
        self.shows("#detail-list", hashes[4])
        self.browser.click("#newer")
        self.shows("#blocks tr:first-child", "30")
        self.no_faults()

    def test_the_keyboard_chooses_a_block_and_keeps_its_place(self):
        self.node.mine("x")
        self.visit()
        self.shows("#height", "1")
        self.browser.until("document.querySelector('#blocks tr:nth-child(2)')")
        self.browser.evaluate("document.querySelector('#blocks tr:nth-child(2)').focus()")
        self.browser.press("Enter")
        self.shows("#detail-data", "GENESIS BLOCK")
        self.other.mine("y")
        self.shows("#height", "2")
        self.assertEqual(self.browser.evaluate("document.activeElement.localName"), "tr")
        self.no_faults()

    def test_without_the_token_it_asks_for_it_and_keeps_it_for_the_tab(self):
        node, = chainnodes(self, 1, "--protocol", "header_first", "--require-token")
        token = (node.directory / "data" / "api-token").read_text().strip()
        self.browser.visit(f"http://{node.http}/")
        self.shows("#live", "token needed")
        self.assertTrue(self.browser.evaluate("document.querySelector('main').hidden"))
        self.browser.fill("#token", "0" * 64)
        self.browser.click("#token-form button")
        self.shows("#token-answer", "not the token")
        self.browser.fill("#token", token)
        self.browser.click("#token-form button")
        self.shows("#live", "live")
        self.browser.fill("#mine-text", "with a token")
        self.browser.click("#mine button")
        self.shows("#mine-answer", "Block 1 is on the chain.")
        self.assertEqual(self.browser.evaluate(
            "[document.getElementById('token-form').hidden, localStorage.length,"
            " sessionStorage.getItem('chainnode-token'), document.body.innerHTML"
            f".includes('{token}')]"), [True, 0, token, False])
        self.browser.evaluate("location.reload()")
        self.shows("#height", "1")

    def test_a_new_token_is_asked_for_and_one_connection_goes_on(self):
        node, = chainnodes(self, 1, "--protocol", "header_first", "--require-token")
        file = node.directory / "data" / "api-token"
        self.browser.visit(f"http://{node.http}/")
        self.shows("#live", "token needed")
        self.browser.fill("#token", file.read_text().strip())
        self.browser.click("#token-form button")
        self.shows("#live", "live")
        file.write_text("b" * 64 + "\n")
        node.process.send_signal(signal.SIGHUP)
        self.shows("#live", "token needed")
        self.shows("#token-answer", "not the token")
        self.browser.evaluate("""(() => {
          const really = fetch;
          window.asked = 0;
          window.fetch = (path, ...rest) => {
            if (path === '/events') ++asked;
            return really(path, ...rest);
          };
          for (let i = 0; i < 3; ++i) {
            document.getElementById('token').value = 'b'.repeat(64);
            document.getElementById('token-form').requestSubmit();
          }
        })()""")
        self.shows("#live", "live")
        self.browser.fill("#mine-text", "with the new token")
        self.browser.click("#mine button")
        self.shows("#height", "1")
        self.assertEqual(self.browser.evaluate("asked"), 1)

    def test_a_time_that_no_calendar_has_is_a_number(self):
        ws = self.node.peer()
        ws.receive()
        block = next_block(json.loads(GENESIS), ["x"], timestamp=8_640_000_000_000_001)
        ws.send(latest(block))
        wait_for(lambda: self.node.height() == 1)
        self.visit()
        self.shows("#height", "1")
        self.browser.click("#blocks tr")
        self.shows("#detail-list", "8640000000000001")
        self.no_faults()

    def test_what_a_stranger_wrote_is_text(self):
        self.other.mine(MARKUP)
        wait_for(lambda: self.node.height() == 1)
        self.visit()
        self.shows("#height", "1")
        self.browser.click("#blocks tr")
        self.shows("#detail-data", MARKUP)
        self.assertEqual(self.browser.count("#detail-data img"), 0)
        self.assertEqual(self.browser.evaluate("document.title"), "chainnode")
        self.no_faults()

    def test_it_comes_back_when_the_node_does(self):
        self.node.mine("x")
        self.visit()
        port = self.node.http
        self.node.stop()
        self.shows("#live", "no connection")
        self.node.flags += ("--http", port)
        self.node.start()
        self.shows("#live", "live")
        self.shows("#height", "1")

    def test_a_phone_needs_no_sideways_scrolling(self):
        for number in range(40):
            self.node.mine("x" * 50 + str(number))
        for width, dark in ((320, False), (390, True), (1280, True)):
            self.visit(width=width, height=844, dark=dark)
            self.shows("#height", "40")
            self.browser.click("#blocks tr")
            self.shows("#detail-data", "xx")
            self.assertEqual(self.browser.evaluate("document.documentElement.scrollWidth"), width)
        self.no_faults()


if __name__ == "__main__":
    unittest.main()

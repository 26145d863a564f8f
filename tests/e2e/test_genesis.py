#!/usr/bin/python3
"""The genesis is text: given in a file it goes out exactly so, learnt from a peer likewise."""

import json
import pathlib
import socket
import subprocess
import tempfile
import unittest

from peer import (CHAINNODE, GENESIS, QUERY, Chainnode, TutorialPeer, WebSocket, ZEROS, chain_after,
                  latest, wait_for, whole)

# Keys in an order of its own, spaces, an escape that JSON.stringify would not write.
OWN_GENESIS = ('{ "data":["\\u0041 class", "of 2026"], "height": 0,"version":"1.0.0",  '
               '"timestamp":1700000000000,"previousHash":"' + ZEROS + '","merkleRoot":"' + ZEROS +
               '","difficulty":0,"nonce":0,"hash":"' + ZEROS + '"}')


def refusal(directory, *flags):
    """What a node says that does not start on `directory`."""
    done = subprocess.run([CHAINNODE, "--data-dir", str(directory), "--p2p", "127.0.0.1:0",
                           "--http", "127.0.0.1:0", *flags], capture_output=True, text=True)
    assert done.returncode == 1, done
    return done.stderr


class GivenGenesis(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode()
        self.addCleanup(self.node.close)
        self.file = self.node.directory / "genesis.json"
        self.file.write_text(OWN_GENESIS + "\n")

    def test_is_sent_back_in_exactly_that_text(self):
        node = Chainnode("--genesis", str(self.file))
        self.addCleanup(node.close)
        ws = node.greeted()
        ws.send(QUERY)
        self.assertEqual(ws.receive(), '{"type":1,"payload":[' + OWN_GENESIS + "]}")
        status, first = node.request("POST", "/mineBlock", '{"data":["one"]}')
        self.assertEqual(status, 200)
        ws.receive()
        ws.send(latest(json.loads(OWN_GENESIS)))
        self.assertEqual(ws.receive(), '{"type":2,"payload":[' + OWN_GENESIS + "," + first + "]}")
        self.assertEqual(node.request("GET", "/chains"),
                         (200, "[" + OWN_GENESIS + "," + first + "]"))

    def test_the_data_directory_remembers_it(self):
        node = Chainnode("--genesis", str(self.file))
        self.addCleanup(node.close)
        self.assertEqual(node.stop(), 0)
        node.flags = ()
        node.start()
        self.assertEqual(node.request("GET", "/chains"), (200, "[" + OWN_GENESIS + "]"))

    def test_another_genesis_does_not_open_the_data_directory(self):
        self.assertEqual(self.node.stop(), 0)
        data = self.node.directory / "data"
        self.assertIn("another network", refusal(data, "--genesis", str(self.file)))
        self.node.start()

    def test_two_nodes_do_not_share_a_data_directory(self):
        self.assertIn("another node uses it", refusal(self.node.directory / "data"))


class LearntGenesis(unittest.TestCase):
    def learner(self, *flags):
        node = Chainnode("--genesis", "learn", *flags)
        self.addCleanup(node.close)
        return node

    def test_before_it_knows_one_it_says_so(self):
        node = self.learner()
        for method, target, body in [("POST", "/mineBlock", {"data": ["x"]}),
                                     ("GET", "/chains", None)]:
            self.assertEqual(node.json(method, target, body, status=503)["code"], "no_genesis")
        self.assertEqual(node.json("GET", "/peers"), [])

    def test_learns_from_a_peer_that_has_only_its_genesis(self):
        node = self.learner()
        ws = node.greeted()
        ws.send('{"type":1,"payload":[' + OWN_GENESIS + "]}")
        self.assertEqual(ws.receive(), QUERY)  # the node proper begins as on a new connection
        self.assertEqual(ws.receive(), '{"type":2,"payload":[' + OWN_GENESIS + "]}")
        self.assertEqual(node.mine("now it can")["height"], 1)

    def test_learns_from_a_tutorial_node_with_a_chain_and_remembers(self):
        genesis = json.dumps(json.loads(OWN_GENESIS), separators=(",", ":"))
        node = self.learner()
        peer = TutorialPeer(node.peer(), genesis)
        peer.chain = chain_after(json.loads(genesis), 4, "class")
        peer.ws.send(QUERY)  # as the original does when a connection opens
        answers = [peer.answer_one()]  # the node asks, too
        while node.request("GET", "/chains")[0] != 200 or node.height() < 4:
            answers.append(peer.answer_one())
        self.assertEqual(answers[0][0], 0)
        self.assertEqual(answers[1], (1, [peer.chain[-1]]))  # its own tip, told back to it
        self.assertEqual(node.chain(), peer.chain)
        mined = node.mine("on top")
        while peer.chain[-1] != mined:
            peer.answer_one()

        self.assertEqual(node.stop(), 0)
        node.start()
        self.assertEqual(node.chain(), peer.chain)

    def test_dials_again_and_learns_from_chainnodes(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            node = self.learner()
            node.json("POST", "/addPeers", ["ws://127.0.0.1:%d" % listener.getsockname()[1]])
            ws = WebSocket.accept(listener)
            self.assertEqual(ws.receive(), QUERY)
            ws.close()
            WebSocket.accept(listener).close()
        teacher = Chainnode()
        self.addCleanup(teacher.close)
        teacher.mine("one")
        teacher.mine("two")
        node.connect_to(teacher)
        wait_for(lambda: node.request("GET", "/chains") == teacher.request("GET", "/chains"),
                 "the teacher's chain")

    def test_whom_it_wished_for_before_it_dials_afterwards(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            absent = listener.getsockname()
        node, teacher = self.learner(), Chainnode()
        self.addCleanup(teacher.close)
        url = "ws://127.0.0.1:%d" % absent[1]
        self.assertEqual(node.json("POST", "/addPeers", [url])[0]["state"], "dialing")
        node.connect_to(teacher)
        wait_for(lambda: node.request("GET", "/chains")[0] == 200, "a genesis")
        with socket.create_server(absent) as listener:
            WebSocket.accept(listener).close()

    def test_a_stranger_teaches_nothing_while_peers_are_configured(self):
        teacher = Chainnode()
        self.addCleanup(teacher.close)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            absent = "ws://127.0.0.1:%d" % listener.getsockname()[1]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = pathlib.Path(folder.name, "peer.json")
        for text in (json.dumps([absent]), "[no JSON"):  # not there; not to be read
            with self.subTest(text=text):
                file.write_text(text)
                node = self.learner("--peers", str(file))
                ws = node.greeted()
                ws.send(whole([json.loads(OWN_GENESIS)]))
                ws.send('{"type":1,"payload":[' + OWN_GENESIS + "]}")
                wait_for(lambda: node.count(" genesis_ignored ") == 2, "the stranger's word")
                self.assertEqual(node.request("GET", "/chains")[0], 503)
                node.connect_to(teacher)
                wait_for(lambda: node.request("GET", "/chains") == (200, "[" + GENESIS + "]"),
                         "the configured peer's genesis")

    def test_peers_of_the_default_file_are_configured(self):
        """peer.json of the start directory is not dialed at the start. The node waits for POST
        /addPeers. A URL that cannot be dialed is a configured peer, too."""
        teacher = Chainnode()
        self.addCleanup(teacher.close)
        file = json.dumps([f"ws://{teacher.p2p}"])
        for text, flags in ((file, ()), ("[no JSON", ()), ('["nonsense"]', ()),
                            ('["nonsense"]', ("--peers", "peer.json"))):
            with self.subTest(text=text, flags=flags):
                folder = tempfile.TemporaryDirectory()
                self.addCleanup(folder.cleanup)
                pathlib.Path(folder.name, "peer.json").write_text(text)
                node = Chainnode("--genesis", "learn", *flags, directory=folder.name)
                self.addCleanup(node.close)
                node.greeted().send(whole([json.loads(OWN_GENESIS)]))
                wait_for(lambda: node.count(" genesis_ignored ")
                         or node.request("GET", "/chains")[0] == 200, "the stranger's word")
                self.assertEqual(node.request("GET", "/chains")[0], 503)
                self.assertEqual(node.count(" genesis_ignored "), 1)
                pathlib.Path(folder.name, "peer.json").write_text(file)
                node.request("POST", "/addPeers")
                wait_for(lambda: node.request("GET", "/chains") == (200, "[" + GENESIS + "]"),
                         "the configured peer's genesis")

    def test_a_configured_peer_that_dialed_first_teaches(self):
        teacher = Chainnode()
        self.addCleanup(teacher.close)
        for _ in range(3):
            teacher.mine("x")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            absent = "ws://127.0.0.1:%d" % listener.getsockname()[1]
        for _ in range(6):  # which of the two connections stays depends on a number drawn
            node = self.learner()
            node.json("POST", "/addPeers", [absent])
            teacher.connect_to(node)
            wait_for(lambda: node.json("GET", "/peers"), "the inbound connection")
            node.json("POST", "/addPeers", [f"ws://{teacher.p2p}"])
            wait_for(lambda: node.request("GET", "/chains") == teacher.request("GET", "/chains"),
                     "the teacher's chain")

    def test_with_an_empty_list_of_peers_the_first_one_teaches(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "peer.json")
            file.write_text("[]")
            node = self.learner("--peers", str(file))
        node.greeted().send(whole([json.loads(OWN_GENESIS)]))
        wait_for(lambda: node.request("GET", "/chains")[0] == 200, "a genesis")

    def test_what_was_learnt_is_not_replaced(self):
        node = self.learner()
        ws = node.greeted()
        ws.send(whole([json.loads(GENESIS)]))
        self.assertEqual(ws.receive(), QUERY)
        ws.send(whole(chain_after(json.loads(OWN_GENESIS), 3, "other")))
        ws.send(QUERY)
        self.assertEqual(ws.receive(), '{"type":1,"payload":[' + GENESIS + "]}")


if __name__ == "__main__":
    unittest.main()

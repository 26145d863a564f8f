#!/usr/bin/python3
"""TLS: https with a token, wss between nodes, who is believed, and what SIGHUP reads again."""

import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import tempfile
import unittest

from certificates import Authority
from peer import CHAINNODE, GENESIS, Chainnode, Closed, WebSocket
from waiting import DEADLINE, wait_for


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="chainnode-tls-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        cls.ca, cls.other_ca = (Authority(directory.name, name) for name in ("ca", "other"))
        cls.certificate, cls.key = cls.ca.make("node")

    def node(self, *flags, certificate=None, key=None):
        node = Chainnode("--protocol", "header_first", "--tls-cert",
                         str(certificate or self.certificate), "--tls-key", str(key or self.key),
                         *flags)
        self.addCleanup(node.close)
        return node

    def call(self, node, method, target, body=None, trusted=None, **headers):
        """(status, text, headers) of a request over https."""
        context = ssl.create_default_context(cafile=(trusted or self.ca).certificate)
        connection = http.client.HTTPSConnection(node.http, timeout=DEADLINE, context=context)
        try:
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, target, body and json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.read().decode(), response.headers
        finally:
            connection.close()

    def report(self, node, other, port=None, host="127.0.0.1", scheme="wss"):
        port = port or other.p2p.rsplit(":", 1)[1]
        status, text, _ = self.call(node, "POST", "/addPeers", [f"{scheme}://{host}:{port}"])
        self.assertEqual(status, 200, text)
        return json.loads(text)[0]

    def assert_connects(self, node, other, **where):
        self.assertEqual(self.report(node, other, **where)["state"], "connected", node.log())

    def assert_fails(self, node, other, why, **where):
        report = self.report(node, other, **where)
        self.assertEqual(report["state"], "dialing")
        wait_for(lambda: node.count("dial_failed"), "an outcome")
        self.assertRegex(node.log(), why)
        self.assertEqual(json.loads(self.call(node, "GET", "/peers")[1]), [])

    def test_https_and_a_token(self):
        node = self.node("--require-token")
        file = node.directory / "data" / "api-token"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        token = file.read_text().strip()
        status, text, headers = self.call(node, "GET", "/peers")
        self.assertEqual((status, json.loads(text)["code"]), (401, "no_token"))
        self.assertEqual(headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(self.call(node, "GET", "/healthz")[0], 200)
        bearer = {"Authorization": f"Bearer {token}"}
        self.assertEqual(self.call(node, "GET", "/peers", **bearer)[0], 200)
        status, text, _ = self.call(node, "POST", "/mineBlock", {"data": ["x"]}, **bearer)
        self.assertEqual((status, json.loads(text)["height"]), (200, 1))
        metrics = self.call(node, "GET", "/metrics", **bearer)[1]
        self.assertRegex(metrics, r"\nchainnode_certificate_expiry_timestamp_seconds 1\.\d+e\+09|"
                                  r"\nchainnode_certificate_expiry_timestamp_seconds \d{10}\n")
        with self.assertRaises((OSError, http.client.HTTPException)):
            node.request("GET", "/healthz")  # plain HTTP

        file.write_text("b" * 64 + "\n")
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: node.count(" reloaded"), "the new token")
        self.assertEqual(self.call(node, "GET", "/peers", **bearer)[0], 401)
        self.assertEqual(self.call(node, "GET", "/peers", Authorization="Bearer " + "b" * 64)[0],
                         200)

    def test_off_loopback_without_tls_it_does_not_start(self):
        for flags, words in (
                (["--http", "0.0.0.0:0"], "can be reached from elsewhere; expected --tls-cert"),
                (["--tls-cert", str(self.certificate)], "--tls-cert and --tls-key go together"),
                (["--tls-cert", str(self.certificate), "--tls-key", str(self.ca.key)],
                 "is not the key of the certificate|key values mismatch"),
                (["--tls-cert", "/nowhere", "--tls-key", str(self.key)], "--tls-cert /nowhere: "),
                (["--tls-client-ca", str(self.ca.certificate)], "peers that come in over wss"),
                (["--pin", "abc"], "64 lower-case hex digits")):
            done = subprocess.run(
                [CHAINNODE, "--data-dir", str(self.directory / "unused"), "--p2p", "127.0.0.1:0",
                 "--http", "127.0.0.1:0", *flags], capture_output=True, text=True,
                timeout=DEADLINE, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertRegex(done.stderr.splitlines()[-1], words)

    def test_wss_between_nodes_by_a_ca(self):
        one, two = self.node("--tls-ca", str(self.ca.certificate)), self.node()
        self.assert_connects(one, two)
        self.call(two, "POST", "/mineBlock", {"data": ["over TLS"]})
        wait_for(lambda: json.loads(self.call(one, "GET", "/blocks/tip")[1])["height"] == 1,
                 "a block over wss")

    def test_who_is_not_believed(self):
        two = self.node()
        self.assert_fails(self.node("--tls-ca", str(self.other_ca.certificate)), two,
                          "TLS: certificate verify failed")
        elsewhere = self.node(certificate=self.ca.make("far", "DNS:far.example")[0],
                              key=self.directory / "far.key")
        self.assert_fails(self.node("--tls-ca", str(self.ca.certificate)), elsewhere,
                          "TLS: certificate verify failed")
        self.assert_fails(self.node(), two, "handshake", scheme="ws")

    def test_a_pinned_key_is_believed_whoever_signed_it(self):
        two = self.node()
        pin = subprocess.run([CHAINNODE, "pin", "--tls-cert", str(self.certificate), "--tls-key",
                              str(self.key)], capture_output=True, text=True, check=True).stdout
        self.assertRegex(pin, "^[0-9a-f]{64}\n$")
        self.assert_connects(self.node("--pin", "0" * 64, "--pin", pin.strip()), two)
        self.assert_fails(self.node("--pin", "0" * 64, "--tls-ca", str(self.ca.certificate)), two,
                          "TLS: certificate verify failed")

    def test_a_private_network_asks_for_certificates(self):
        ca = str(self.ca.certificate)
        two = self.node("--tls-client-ca", ca)
        self.assert_connects(self.node("--tls-ca", ca), two)
        stranger = self.node("--tls-ca", ca, certificate=self.other_ca.make("stranger")[0],
                             key=self.directory / "stranger.key")
        # Of TLS 1.3 the dialler learns it a moment after it believed to be connected.
        port = two.p2p.rsplit(":", 1)[1]
        self.call(stranger, "POST", "/addPeers", [f"wss://127.0.0.1:{port}"],
                  trusted=self.other_ca)
        wait_for(lambda: two.count("handshake_failed"), "a refusal")
        self.assertIn("TLS: certificate verify failed", two.log())
        with self.assertRaises((Closed, OSError)):
            WebSocket.connect(two.p2p)
        self.assertEqual(two.count("peer_up"), 1)

    def test_plain_peers_beside_https(self):
        node = self.node("--plain-peers")
        ws = WebSocket.connect(node.p2p)
        self.addCleanup(ws.close)
        self.assertEqual(json.loads(ws.receive())["type"], 100)

    def test_a_new_certificate_is_read_at_sighup(self):
        certificate, key = self.ca.make("short", days=1)
        node = self.node(certificate=certificate, key=key)

        def expiry():
            text = self.call(node, "GET", "/metrics")[1]
            return text.split("\nchainnode_certificate_expiry_timestamp_seconds ")[1].split("\n")[0]

        before = expiry()
        self.ca.make("short", days=9)
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: expiry() != before, "the new certificate")
        certificate.write_text("no certificate")
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: node.count("not_reloaded"), "a word about it")
        self.assertEqual(self.call(node, "GET", "/healthz")[0], 200)

    def test_where_one_file_is_wrong_nothing_is_reloaded(self):
        certificate, key = self.ca.make("half", days=1)
        node = self.node("--require-token", certificate=certificate, key=key)
        file = node.directory / "data" / "api-token"
        bearer = {"Authorization": f"Bearer {file.read_text().strip()}"}

        def shown():
            host, port = node.http.split(":")
            return ssl.get_server_certificate((host, int(port)))

        before = shown(), self.call(node, "GET", "/peers", **bearer)
        self.ca.make("half", days=9)
        file.chmod(0o644)
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: node.count("not_reloaded"), "a word about it")
        self.assertEqual((shown(), self.call(node, "GET", "/peers", **bearer)[:2]),
                         (before[0], before[1][:2]))
        file.chmod(0o600)
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: node.count(" reloaded"), "the new certificate")
        self.assertNotEqual(shown(), before[0])

    def test_sighup_does_not_end_a_node_that_is_still_starting(self):
        with tempfile.TemporaryDirectory() as folder:
            genesis = pathlib.Path(folder) / "genesis.json"
            os.mkfifo(genesis)
            node = Chainnode("--genesis", str(genesis), wait=False)
            self.addCleanup(node.close)
            with open(genesis, "w", encoding="utf-8") as file:  # once it reads there
                node.process.send_signal(signal.SIGHUP)
                file.write(GENESIS)
            wait_for(lambda: node.process.poll() is not None or node._listening(), "a start")
            self.assertIsNone(node.process.poll())
            node.process.send_signal(signal.SIGHUP)
            wait_for(lambda: node.count(" reloaded"), "it is heard from then on")

    def test_who_guesses_tokens_is_slowed_down(self):
        node = Chainnode("--require-token")
        self.addCleanup(node.close)
        host, port = node.http.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE,
                                                source_address=("127.0.0.2", 0))
        self.addCleanup(connection.close)
        found = []
        while 429 not in found and len(found) < 5000:
            connection.request("GET", "/peers", headers={"Authorization": "Bearer " + "0" * 64})
            response = connection.getresponse()
            response.read()
            found.append(response.status)
        self.assertEqual(set(found), {401, 429})
        self.assertEqual(node.request("GET", "/healthz")[0], 200)  # others are not


if __name__ == "__main__":
    unittest.main()

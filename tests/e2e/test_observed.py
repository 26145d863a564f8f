#!/usr/bin/python3
"""What others see of a node: its metrics by promtool's rules, alerts that ring when they should, a
dashboard that asks for nothing the node has not, and what a service manager is told."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

import yaml

from certificates import Authority
from peer import DEADLINE, Chainnode, wait_for

DEPLOY = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "deploy"
ALERTS = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
METRIC = re.compile(r"\b(?:chainnode|process)_[a-z_]+\b(?!=)")


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True,
                          timeout=DEADLINE, cwd=DEPLOY)


def queries():
    """Every expression of the dashboard, with what Grafana puts in for its variables."""
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    marks = [mark["expr"] for mark in DASHBOARD["annotations"]["list"]]
    return [query.replace("$__rate_interval", "1m").replace("$instance", ".*")
            for query in panels + marks]


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="chainnode-test-")
        cls.addClassCleanup(folder.cleanup)
        authority = Authority(folder.name)
        certificate, key = map(str, authority.make("node"))
        node = Chainnode("--protocol", "header_first", "--mine", "--mine-interval", "10ms",
                         "--tls-cert", certificate, "--tls-key", key)
        cls.addClassCleanup(node.close)
        trusted = ssl.create_default_context(cafile=authority.certificate)

        def metrics():
            url = f"https://{node.http}/metrics"
            with urllib.request.urlopen(url, timeout=DEADLINE, context=trusted) as response:
                cls.text = response.read().decode("utf-8")
            return "chainnode_hashes_total 0" not in cls.text
        wait_for(metrics)
        cls.names = set(re.findall(r"^# TYPE (\S+)", cls.text, re.M))

    def asks_only_for_what_there_is(self, query):
        asked = set(METRIC.findall(query))
        self.assertTrue(asked or "up{" in query, query)
        self.assertLessEqual(asked, self.names, query)

    def test_alerts_and_dashboard_ask_only_for_what_a_node_has(self):
        for query in [rule["expr"] for rule in RULES] + queries():
            self.asks_only_for_what_there_is(query)
        variable = DASHBOARD["templating"]["list"][1]["query"]
        self.asks_only_for_what_there_is(variable)

    def test_a_count_of_no_peers_is_zero_and_not_missing(self):
        self.assertEqual(len(re.findall(r"^chainnode_peers\{.*\} 0$", self.text, re.M)), 6)

    def test_hashes_are_counted(self):
        self.assertRegex(self.text, r"(?m)^chainnode_hashes_total [1-9]")

    @unittest.skipUnless(shutil.which("promtool"), "no promtool: apt-get install prometheus")
    def test_promtool_finds_nothing_to_say_of_the_metrics(self):
        done = promtool("check", "metrics", text=self.text)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


@unittest.skipUnless(shutil.which("promtool"), "no promtool: apt-get install prometheus")
class Alerts(unittest.TestCase):
    def test_alerts_ring_when_they_should(self):
        done = promtool("test", "rules", "alerts_test.yaml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_is_seen_to_ring_and_to_be_silent(self):
        cases = yaml.safe_load((DEPLOY / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
        seen = {(case["alertname"], bool(case["exp_alerts"]))
                for test in cases for case in test["alert_rule_test"]}
        for rule in RULES:
            self.assertIn((rule["alert"], True), seen)
            self.assertIn((rule["alert"], False), seen)

    def test_every_query_of_the_dashboard_is_one(self):
        rules = [{"record": f"query:{number}", "expr": query}
                 for number, query in enumerate(queries())]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
            file.flush()
            done = promtool("check", "rules", file.name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class ServiceManager(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="chainnode-test-")
        self.addCleanup(holder.cleanup)
        self.directory = holder.name

    def hears(self, address, name):
        """Start and stop of a node, told to a socket that is bound to `address`."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.settimeout(DEADLINE)
            node = Chainnode(NOTIFY_SOCKET=name)
            try:
                self.assertEqual(manager.recv(100), b"READY=1")
                self.assertEqual(node.request("GET", "/healthz")[0], 200)
                node.process.send_signal(signal.SIGHUP)
                self.assertRegex(manager.recv(100), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
                self.assertEqual(manager.recv(100), b"READY=1")
                self.assertEqual(node.stop(), 0)
                self.assertEqual(manager.recv(100), b"STOPPING=1")
            finally:
                node.close()

    def test_a_socket_that_is_a_file(self):
        path = os.path.join(self.directory, "notify")
        self.hears(path, path)

    def test_an_abstract_socket(self):
        name = f"chainnode-test-{os.getpid()}"
        self.hears("\0" + name, "@" + name)

    def test_a_socket_that_is_none_stops_nobody(self):
        for name in (os.path.join(self.directory, "nobody"), "@", "nonsense", "/" + "x" * 200):
            node = Chainnode(NOTIFY_SOCKET=name)
            self.assertEqual(node.stop(), 0)
            node.close()


if __name__ == "__main__":
    unittest.main()

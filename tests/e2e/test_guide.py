#!/usr/bin/python3
"""The README's guide to three nodes with TLS, taken at its word: its commands, its files."""

import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

from peer import CHAINNODE, DEADLINE, Chainnode, Closed, WebSocket, wait_for

README = pathlib.Path(__file__).resolve().parent.parent.parent / "README.md"
MACHINES = (1, 2, 3)


def free_port():
    """One that is free on all three machines, which are addresses of this one."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        return server.getsockname()[1]


class Guide(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="chainnode-guide-")
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)
        text = README.read_text(encoding="utf-8").split("### Three nodes on three machines")[1]
        self.blocks = {kind: block.replace("192.0.2.", "127.0.0.") for kind, block in
                       re.findall(r"```(\w+)\n(.*?)```", text.split("\n## ")[0], re.S)}

    def start(self, machine, port):
        etc = self.directory / f"etc{machine}"
        etc.mkdir()
        for name, source in (("ca.pem", "ca.pem"), ("tls.pem", f"127.0.0.{machine}.pem"),
                             ("tls.key", f"127.0.0.{machine}.key")):
            (etc / name).write_bytes((self.directory / source).read_bytes())
        for name, kind in (("chainnode.toml", "toml"), ("peer.json", "json")):
            text = self.blocks[kind].replace("/etc/chainnode", str(etc)).replace("7545", str(port))
            (etc / name).write_text(text, encoding="utf-8")
        node = Chainnode("--config", str(etc / "chainnode.toml"), "--protocol", "header_first",
                         "--p2p", f"127.0.0.{machine}:{port}",
                         CHAINNODE_TLS_KEY=str(etc / "tls.key"))
        self.addCleanup(node.close)
        return node

    def call(self, node, target, body=None):
        trusted = ssl.create_default_context(cafile=self.directory / "ca.pem")
        address = "localhost:" + node.http.rsplit(":", 1)[1]
        request = urllib.request.Request(f"https://{address}{target}", body,
                                         {"Content-Type": "application/json"} if body else {})
        with urllib.request.urlopen(request, timeout=DEADLINE, context=trusted) as response:
            return json.loads(response.read())

    def test_three_nodes_become_a_private_network(self):
        subprocess.run(["bash", "-e", "-c", self.blocks["sh"]], cwd=self.directory, check=True,
                       capture_output=True)
        port = free_port()
        nodes = [self.start(machine, port) for machine in MACHINES]
        for node in nodes:
            wait_for(lambda node=node: len(self.call(node, "/peers")) == 2, "two peers")
            for peer in self.call(node, "/peers"):
                self.assertEqual(peer["protocol"], "header_first")
        self.call(nodes[0], "/mineBlock", b'{"data": ["from one to all"]}')
        for node in nodes:
            wait_for(lambda node=node: self.call(node, "/blocks/tip")["height"] == 1, "the block")
        with self.assertRaises((OSError, Closed)):  # it shows no certificate, nor speaks TLS
            WebSocket.connect(nodes[0].p2p)

    def test_the_store_is_looked_after_as_the_guide_says(self):
        text = README.read_text(encoding="utf-8").split("## Deploy")[1].split("### Three nodes")[0]
        commands = re.findall(r"^\$ sudo (chainnode (?:backup|verify|repair) .*)$", text, re.M)
        self.assertEqual([command.split()[1] for command in commands],
                         ["backup", "verify", "repair"])
        # As the service has them: the key is known to its unit alone.
        settings = self.directory / "chainnode.toml"
        settings.write_text('tls-cert = "/nowhere/tls.pem"\nhttp = "0.0.0.0:3000"\n',
                            encoding="utf-8")
        copy = self.directory / "copy"
        copy.mkdir()
        node = Chainnode()
        self.addCleanup(node.close)
        block = node.mine("to be kept")
        for command in commands:
            if "repair" in command:
                self.assertEqual(node.stop(), 0)
            for told, here in (("/etc/chainnode/chainnode.toml", settings),
                               ("/var/lib/chainnode", node.directory / "data"),
                               ("/srv/chain-backup", copy / "data")):
                command = command.replace(told, str(here))
            done = subprocess.run([CHAINNODE, *command.split()[1:]], capture_output=True, text=True,
                                  timeout=DEADLINE, env={**os.environ, "HOME": "/nowhere"},
                                  check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        for directory in (node.directory, copy):
            again = Chainnode(directory=directory)
            self.addCleanup(again.close)
            self.assertEqual(again.json("GET", "/blocks/tip"), block)

    def test_the_unit_hands_over_a_setting_that_there_is(self):
        variable = re.search(r"Environment=(CHAINNODE_\w+)=", self.blocks["ini"])[1]
        done = subprocess.run([CHAINNODE, "config", "--json"], capture_output=True, check=True,
                              cwd=self.directory)
        keys = json.loads(done.stdout)
        self.assertIn(variable[len("CHAINNODE_"):].lower().replace("_", "-"), keys)


if __name__ == "__main__":
    unittest.main()

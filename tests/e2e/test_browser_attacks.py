#!/usr/bin/python3
"""What pages of other sites try with a node on the visitor's machine, in a real browser: nothing of
it is answered to them, nothing changes the node."""

import http.server
import json
import socket
import threading
import unittest

from browser import Browser, why_not
from peer import Chainnode

# Names that an attacker owns and lets point here.
EVIL_HOSTS = ("evil.example", "127.evil.example", "localhost.evil.example",
              "127.0.0.1.evil.example")
BODIES = {"mineBlock": '{"data":["owned"]}', "addPeers": '["LISTENER"]',
          "addToPeer": '{"peer":"LISTENER"}'}

# Each attack says what its page could read: "" is nothing.
HELPERS = """
const body_of = (path) => BODIES[path].replace('LISTENER', LISTENER);
const read = async (promise) => {
  try {
    const answer = await promise;
    return answer.type === 'opaque' || !answer.ok ? '' : await answer.text();
  } catch { return ''; }
};
const loaded = (element) => new Promise((done) => {
  element.onload = () => done(''); element.onerror = () => done('');
  setTimeout(() => done(''), 3000);
  document.body.append(element);
});
const frame = (fields) => Object.assign(document.createElement('iframe'), fields);
async function form(path, enctype, json = body_of(path)) {
  const name = 'f' + Math.random();
  const sink = frame({name});
  const form = Object.assign(document.createElement('form'),
                             {action: API + '/' + path, method: 'POST', enctype, target: name});
  if (json) {  // NAME=VALUE is JSON as a whole, where the type is text/plain
    const end = json.lastIndexOf('"') + 1;
    const input = Object.assign(document.createElement('input'),
                                {name: json.slice(0, end - 1), value: json.slice(end - 1)});
    form.append(input);
  }
  const done = loaded(sink);
  document.body.append(form);
  form.submit();
  await done;
  try { return sink.contentDocument.body.innerText; } catch { return ''; }
}
const socket = (url) => new Promise((done) => {
  const ws = new WebSocket(url);
  ws.onopen = () => done('open'); ws.onmessage = (m) => done(m.data);
  ws.onerror = ws.onclose = () => done('');
});
const in_frame = (fields, code) => new Promise((done) => {
  addEventListener('message', (m) => done(String(m.data)), {once: true});
  setTimeout(() => done(''), 3000);
  const script = `<script>(async () => { const API = '${API}', WS = '${WS}';
    let said = ''; try { said = await (${code})(); } catch {}
    parent.postMessage(said, '*'); })()</` + 'script>';
  document.body.append(frame({...fields(script)}));
});
const sandboxed = (script) => ({sandbox: 'allow-scripts allow-forms', srcdoc: script});
const as_data = (script) => ({src: 'data:text/html,' + encodeURIComponent(script)});
"""


def fetch(path, options, target="API"):
    return f"read(fetch({target} + '/{path}', {options}))"


def post(path, mode, content_type, target="API"):
    headers = f"headers: {{'Content-Type': '{content_type}'}}, " if content_type else ""
    return fetch(path, f"{{method: 'POST', mode: '{mode}', {headers}body: body_of('{path}')}}",
                 target)


CROSS_SITE = {
    **{f"a form with {path} as {enctype}": f"form('{path}', '{enctype}')"
       for path in BODIES for enctype in ("application/x-www-form-urlencoded",
                                          "multipart/form-data", "text/plain")},
    "a form without a body": "form('addPeers', 'text/plain', '')",
    **{f"a simple fetch of {path}": post(path, "no-cors", "text/plain") for path in BODIES},
    **{f"a fetch of {path} after a preflight": post(path, "cors", "application/json")
       for path in BODIES},
    "a fetch without a type": fetch("mineBlock", "{method: 'POST', mode: 'no-cors', body: "
                                    "new Blob([body_of('mineBlock')])}"),
    "a fetch with credentials": fetch("addPeers", "{method: 'POST', mode: 'no-cors', "
                                      "credentials: 'include', body: ''}"),
    "a fetch that outlives its page": fetch("addPeers", "{method: 'POST', mode: 'no-cors', "
                                            "keepalive: true, body: body_of('addPeers')}"),
    "a beacon of text": "(navigator.sendBeacon(API + '/mineBlock', body_of('mineBlock')), '')",
    "a beacon of JSON": "(navigator.sendBeacon(API + '/mineBlock', new Blob("
                        "[body_of('mineBlock')], {type: 'application/json'})), '')",
    "a beacon of nothing": "(navigator.sendBeacon(API + '/addPeers'), '')",
    **{f"reading {path}": fetch(path, "{}") for path in ("peers", "chains", "metrics", "status",
                                                         "blocks/tip")},
    "an EventSource": "new Promise((done) => { const s = new EventSource(API + '/events');"
                      "s.onerror = () => { s.close(); done(''); };"
                      "s.addEventListener('status', (e) => done(e.data)); })",
    "the chain as a script": "loaded(Object.assign(document.createElement('script'),"
                             "{src: API + '/chains'}))",
    "the chain as an image": "loaded(Object.assign(document.createElement('img'),"
                             "{src: API + '/blocks/tip'}))",
    "the page in a frame": "(async () => { const f = frame({src: API + '/'}); await loaded(f);"
                           "try { return f.contentDocument.body.innerText; } catch { return ''; }"
                           "})()",
    **{f"a WebSocket to the {what} by {host}": f"socket('ws://{host}:' + new URL({url}).port)"
       for what, url in (("peers' port", "WS"), ("API", "API"))
       for host in ("127.0.0.1", "localhost")},
    "no origin: a sandboxed fetch": "in_frame(sandboxed, `async () => (await fetch(API + "
                                    "'/mineBlock', {method: 'POST', mode: 'no-cors', body: "
                                    "'{\"data\":[\"owned\"]}'})).text()`)",
    "no origin: a sandboxed read": "in_frame(sandboxed, `async () => (await fetch(API + "
                                   "'/peers')).text()`)",
    "no origin: a data: page": "in_frame(as_data, `async () => (await fetch(API + '/addPeers', "
                               "{method: 'POST', mode: 'no-cors'})).text()`)",
    "no origin: a WebSocket": "in_frame(sandboxed, `() => new Promise((done) => { const ws = new "
                              "WebSocket(WS); ws.onopen = () => done('open'); ws.onerror = () => "
                              "done(''); })`)",
}
# From a page whose own address has come to point to the node: all is of the same origin.
REBOUND = {
    "reads": fetch("peers", "{}", "''"),
    "mines": post("mineBlock", "cors", "application/json", "''"),
    "adds peers": post("addPeers", "cors", "application/json", "''"),
    "speaks to peers": "socket(WS.replace('127.0.0.1', location.hostname))",
}
SMUGGLED = ["ws://127.0.0.1:6379@evil.example", "ws://evil.example#@127.0.0.1:1",
            "ws://evil.example\r\nHost: x", "file:///etc/passwd", "http://127.0.0.1:1",
            "gopher://127.0.0.1:1", "javascript:alert(1)", "ws://[::1", "wss://user:pw@host",
            "ws://0x7f.0.0.1:1", "ws://2130706433:1", "ws://127.1:1", "ws://host:99999",
            "ws://host:0", "ws://ho st", "ws://host\t", " ws://host", "ws://", "WS://host",
            "ws://192.168.0.256:7545", "ws://" + "a" * 600]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>a page</title><body>")

    def log_message(self, *_):
        pass


@unittest.skipIf(why_not(), why_not())
class Attacks(unittest.TestCase):
    def setUp(self):
        self.node = Chainnode("--protocol", "header_first")
        self.addCleanup(self.node.close)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.listens = "ws://127.0.0.1:%d" % self.listener.getsockname()[1]
        (self.node.directory / "peer.json").write_text(json.dumps([self.listens]))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(self.server.server_close)
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.shutdown)
        self.browser = Browser("--host-resolver-rules=" + ",".join(
            f"MAP {host} 127.0.0.1" for host in EVIL_HOSTS), "--disable-features=HttpsUpgrades")
        self.addCleanup(self.browser.close)

    def port(self):
        return self.node.http.rsplit(":", 1)[1]

    def attack(self, code):
        facts = {"API": f"http://127.0.0.1:{self.port()}", "WS": f"ws://{self.node.p2p}/",
                 "LISTENER": self.listens, "BODIES": BODIES}
        constants = "".join(f"const {name} = {json.dumps(value)};" for name, value in facts.items())
        return self.browser.evaluate(
            f"(async () => {{ {constants} {HELPERS} return await {code}; }})()")

    def assert_unchanged(self):
        self.assertEqual(self.node.height(), 0)
        self.assertEqual(self.node.json("GET", "/peers"), [])
        self.assertEqual(self.node.count(r" (tip|peer_up|dial_failed) "), 0, self.node.log())
        self.listener.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.listener.accept()

    def test_pages_of_other_sites(self):
        self.browser.visit(f"http://evil.example:{self.server.server_address[1]}/")
        for name, code in CROSS_SITE.items():
            with self.subTest(name):
                self.assertEqual(self.attack(code), "")
                self.assert_unchanged()
        print(f"{len(CROSS_SITE)} attacks of a page of another site")

    def test_names_that_come_to_point_here(self):
        hosts = [*EVIL_HOSTS, "0.0.0.0"]
        for host in hosts:
            self.browser.visit(f"http://{host}:{self.port()}/chains")
            self.assertIn("not_local", self.browser.text("body"))
            for name, code in REBOUND.items():
                with self.subTest(f"{host} {name}"):
                    self.assertEqual(self.attack(code), "")
                    self.assert_unchanged()
        print(f"{len(hosts) * len(REBOUND)} attacks of rebound names")

    def test_addresses_that_are_none(self):
        for line in self.node.json("POST", "/addPeers", SMUGGLED):
            self.assertEqual(line["state"], "invalid", line)
        self.assert_unchanged()
        print(f"{len(SMUGGLED)} smuggled addresses")

    def test_the_nodes_own_page_may(self):
        """The same calls from the one page that may make them."""
        self.browser.visit(f"http://127.0.0.1:{self.port()}/")
        self.assertIn("owned", self.attack(post("mineBlock", "cors", "application/json")))
        self.assertEqual(self.node.height(), 1)
        self.assertEqual(self.attack(fetch("peers", "{}")), "[]")


if __name__ == "__main__":
    unittest.main()

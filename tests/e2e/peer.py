"""The tests' own side: an independent peer, and a chainnode held by a test.

The peer shares no line with the project: WebSocket framing, hash and merkle root are written here a
second time, from the protocol, so that both sides would have to err alike. Everything waits for a
condition, with a deadline; nothing sleeps and hopes.
"""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading

from waiting import DEADLINE, wait_for

CHAINNODE = os.environ.get("CHAINNODE", "")

ZEROS = "0" * 64
GENESIS = ('{"version":"1.0.0","height":0,"hash":"' + ZEROS + '","timestamp":1231006506,'
           '"previousHash":"' + ZEROS + '","merkleRoot":"' + ZEROS + '",'
           '"difficulty":0,"nonce":0,"data":["GENESIS BLOCK"]}')
KEYS = ["version", "height", "timestamp", "merkleRoot", "previousHash", "hash", "difficulty",
        "nonce", "data"]
QUERY = '{"type":0,"payload":{}}'


def compact(value):
    """JSON as JavaScript's JSON.stringify writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sha256_hex(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def merkle_root(data):
    level = [t if re.fullmatch("[0-9A-F]{64}", t) else sha256_hex(t).upper() for t in data]
    if not level:
        return None
    while len(level) > 1:
        pairs = [sha256_hex(level[i] + level[i + 1]).upper() for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def block_hash(block):
    return sha256_hex("".join(str(part) for part in (
        block["version"], block["timestamp"], block["height"], block.get("merkleRoot", "undefined"),
        block["previousHash"], block["difficulty"], block["nonce"])))


def next_block(previous, data, **changes):
    """A valid block after `previous`; changes are made before it is hashed."""
    block = {"version": "1.0.0", "height": previous["height"] + 1,
             "timestamp": 1700000000000 + previous["height"], "merkleRoot": merkle_root(data),
             "previousHash": previous["hash"], "hash": "", "difficulty": 0, "nonce": 1,
             "data": data}
    if block["merkleRoot"] is None:
        del block["merkleRoot"]
    block.update(changes)
    if "hash" not in changes:
        block["hash"] = block_hash(block)
    return block


def chain_after(first, count, word):
    """`first` and `count` blocks after it."""
    chain = [first]
    for i in range(count):
        chain.append(next_block(chain[-1], [f"{word} {i}"]))
    return chain


def latest(block):
    return compact({"type": 1, "payload": [block]})


def whole(chain):
    return compact({"type": 2, "payload": chain})


class Closed(Exception):
    """The other side closed; `code` is its WebSocket close code, None for a bare end."""

    def __init__(self, code, reason):
        super().__init__(f"closed: {code} {reason}")
        self.code, self.reason = code, reason


class WebSocket:
    """One connection, client or server, one frame at a time."""

    def __init__(self, sock, is_client):
        self.sock, self.is_client, self.buffer = sock, is_client, b""
        sock.settimeout(DEADLINE)

    @classmethod
    def connect(cls, address, source="127.0.0.1"):
        """A client at the IP address `source`."""
        host, port = address.rsplit(":", 1)
        ws = cls(socket.create_connection((host, int(port)), DEADLINE, (source, 0)), True)
        try:
            ws._shake_hands(address)
        except (Closed, OSError):
            ws.close()
            raise
        return ws

    def _shake_hands(self, address):
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((f"GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n"
                           f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                           "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        head = self._head()
        assert head.startswith("HTTP/1.1 101"), head

    @classmethod
    def accept(cls, listener):
        listener.settimeout(DEADLINE)
        ws = cls(listener.accept()[0], False)
        key = re.search(r"(?i)sec-websocket-key:\s*(\S+)", ws._head())[1]
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        ws.sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Accept: "
                         f"{base64.b64encode(digest).decode()}\r\n\r\n").encode())
        return ws

    def _head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head.decode()

    def _more(self):
        try:
            data = self.sock.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            raise Closed(None, "")
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def frame_header(self, opcode, length):
        header = bytes([0x80 | opcode])
        mask = 0x80 if self.is_client else 0
        if length < 126:
            header += bytes([mask | length])
        elif length < 1 << 16:
            header += bytes([mask | 126]) + struct.pack(">H", length)
        else:
            header += bytes([mask | 127]) + struct.pack(">Q", length)
        return header + (b"\0\0\0\0" if self.is_client else b"")  # a mask of zeros changes nothing

    def send(self, text, opcode=1):
        payload = text.encode("utf-8") if isinstance(text, str) else text
        self.sock.sendall(self.frame_header(opcode, len(payload)) + payload)

    def receive(self):
        """The text of the next message. Answers pings; raises Closed at the end."""
        while True:
            first, second = self._take(2)
            length = second & 0x7f
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            mask = self._take(4) if second & 0x80 else b""
            payload = self._take(length)
            if mask:
                payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
            opcode = first & 0x0f
            assert first & 0x80, "a message of the original is one frame"
            assert bool(mask) != self.is_client, "clients mask, servers do not"
            if opcode == 8:
                code = struct.unpack(">H", payload[:2])[0] if payload else None
                raise Closed(code, payload[2:].decode())
            if opcode == 9:
                self.send(payload, opcode=10)
            elif opcode != 10:
                assert opcode == 1, f"the node speaks in text frames, not {opcode}"
                return payload.decode("utf-8")

    def close(self):
        self.sock.close()


class TutorialPeer:
    """What a classroom node does, on one connection; its genesis is compared as text."""

    def __init__(self, ws, genesis=GENESIS):
        self.ws, self.genesis = ws, genesis
        self.chain = [json.loads(genesis)]

    def answer_one(self):
        """Takes one message as the original does, and returns its type and payload."""
        message = json.loads(self.ws.receive())
        kind, payload = message["type"], message["payload"]
        if kind == 0:
            self.ws.send(latest(self.chain[-1]))
        elif kind == 1:
            self._on_latest(payload[0])
        elif kind == 2:
            self._on_chain(payload)
        return kind, payload

    def _extends(self, block, tip):
        return (block["height"] == tip["height"] + 1 and block["previousHash"] == tip["hash"]
                and block["hash"] == block_hash(block))

    def _on_latest(self, block):
        if self._extends(block, self.chain[-1]):
            self.chain.append(block)
            self.ws.send(latest(block))
        else:
            self.ws.send(whole(self.chain))

    def _on_chain(self, chain):
        valid = all(self._extends(b, a) for a, b in zip(chain, chain[1:]))
        same_genesis = compact(chain[0]) == self.genesis
        height, own = chain[-1]["height"], self.chain[-1]
        just_one = chain[-1]["previousHash"] == own["hash"]
        if valid and same_genesis and 0 != height > own["height"] and not just_one:
            self.chain = chain
            self.ws.send(whole(chain))


class Chainnode:
    """A running chainnode with a directory of its own, on ports that the system chose. It speaks
    the original alone unless the flags say otherwise."""

    def __init__(self, *flags, directory=None, wait=True, files=None, **environment):
        self.owns_directory = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="chainnode-test-"))
        original = () if "--protocol" in flags else ("--protocol", "push_chain")
        self.flags, self.environment = (*original, *flags), environment
        self.sockets, self.files = [], files  # descriptors that it may have; None: as we
        self.start(wait)

    def start(self, wait=True):
        out, err = self.directory / "out.txt", self.directory / "log.txt"
        out.unlink(missing_ok=True)
        command = [CHAINNODE, "--data-dir", str(self.directory / "data"), "--p2p", "127.0.0.1:0",
                   "--http", "127.0.0.1:0", *self.flags]
        with open(out, "wb") as out_file, open(err, "wb") as err_file:
            self.process = subprocess.Popen(command, stdout=out_file, stderr=err_file,
                                            cwd=self.directory,
                                            env={**os.environ, **self.environment},
                                            preexec_fn=self.files and self._limit_files)
        if wait:
            wait_for(lambda: self._listening() or self.process.poll() is not None, "a start")
            self.p2p, self.http = self._listening() or self._failed()

    def _limit_files(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))

    def _listening(self):
        line = re.fullmatch(r"listening p2p (\S+) http (\S+)\n",
                            (self.directory / "out.txt").read_text())
        return line and line.groups()

    def _failed(self):
        raise AssertionError(f"chainnode ended with {self.process.poll()}: {self.log()}")

    def log(self):
        return (self.directory / "log.txt").read_text()

    def count(self, pattern):
        return len(re.findall(pattern, self.log()))

    def request(self, method, target, body=None):
        """(status, text) of one HTTP request; a body that is no text or bytes becomes JSON."""
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode("utf-8")
        connection = http.client.HTTPConnection(self.http, timeout=DEADLINE)
        try:
            headers = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8")
        finally:
            connection.close()

    def json(self, method, target, body=None, status=200):
        found, text = self.request(method, target, body)
        assert found == status, (found, text)
        return json.loads(text)

    def mine(self, *data):
        return self.json("POST", "/mineBlock", {"data": list(data)})

    def mine_until_gone(self, told):
        """Mines block after block, and appends each to `told`, until the node answers no more."""
        try:
            while True:
                told.append(self.mine("x"))
        except (OSError, http.client.HTTPException):
            pass

    def mine_until_killed(self, told, announced):
        """Two clients mine; after so many announcements to a peer the node is killed. Whatever it
        answered or announced is appended to `told`."""
        ws = self.greeted()
        clients = [threading.Thread(target=self.mine_until_gone, args=[told]) for _ in range(2)]
        for client in clients:
            client.start()
        for _ in range(announced):
            told.append(json.loads(ws.receive())["payload"][0])
        self.kill()
        for client in clients:
            client.join()
        try:
            while True:  # what had left the node before it died counts, too
                told.append(json.loads(ws.receive())["payload"][0])
        except Closed:
            ws.close()

    def chain(self):
        return self.json("GET", "/chains")

    def height(self):
        return self.chain()[-1]["height"]

    def connect_to(self, other):
        report = self.json("POST", "/addPeers", [f"ws://{other.p2p}"])
        assert report[0]["state"] == "connected", report

    def peer(self):
        """A WebSocket that has exchanged no message yet."""
        ws = WebSocket.connect(self.p2p)
        self.sockets.append(ws)
        return ws

    def greeted(self):
        """A WebSocket after the node's first question, itself unasked."""
        ws = self.peer()
        assert ws.receive() == QUERY
        return ws

    def resident(self, line="VmRSS"):
        """Bytes of memory that the node has in use."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(status.split(f"{line}:")[1].split()[0])

    def reset_peak(self):
        """From now on resident("VmHWM") is the peak; returns the bytes in use."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.resident()

    def descriptors(self):
        """How many files and sockets the node has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def verb(self, verb, *words):
        """(exit code, stdout, stderr) of another process at work on this node's directory."""
        done = subprocess.run([CHAINNODE, verb, "--data-dir", str(self.directory / "data"), *words],
                              capture_output=True, text=True, timeout=DEADLINE, check=False)
        return done.returncode, done.stdout, done.stderr

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, number=signal.SIGTERM):
        """The exit code of a clean stop."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)

    def close(self):
        """Whatever a test did to it, a node that still runs stops cleanly."""
        for ws in self.sockets:
            ws.close()
        try:
            if self.process.poll() is None:
                code = self.stop()
                assert code == 0, f"chainnode ended with {code}: {self.log()}"
        finally:
            if self.process.poll() is None:
                self.kill()
            if self.owns_directory:
                shutil.rmtree(self.directory)


def row_checksum(fields):
    """Of a row of the store's table `blocks`: its columns from hash to data_json."""
    summed = b""
    for field in fields:
        field = field if field is None or isinstance(field, bytes) else str(field).encode()
        summed += b"-," if field is None else b"%d:%s," % (len(field), field)
    return hashlib.sha256(summed).digest()[:8]


def fill_store(directory, count, word="block"):
    """Puts `count` blocks that hold `word` into the store of a node that ran and is stopped."""
    genesis, rows = json.loads(GENESIS), []
    previous, root, data = genesis["hash"], merkle_root([word]), compact([word])
    for height in range(1, count + 1):
        stamp = 1_700_000_000_000 + height
        text = f"1.0.0{stamp}{height}{root}{previous}01"
        found = hashlib.sha256(text.encode("utf-8")).hexdigest()
        fields = (bytes.fromhex(found), bytes.fromhex(previous), height, "1.0.0", stamp,
                  bytes.fromhex(root), 0, 1, "VGTMPHDNX", data)
        rows.append((*fields, row_checksum(fields)))
        previous = found
    store = sqlite3.connect(pathlib.Path(directory) / "data" / "chain.sqlite")
    store.executemany("INSERT INTO blocks (hash, previous_hash, height, version, timestamp_ms,"
                      " merkle_root, difficulty, nonce, key_order, data_json, checksum)"
                      " VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
    store.execute("INSERT OR REPLACE INTO meta VALUES ('tip', ?), ('tip_hash', ?)",
                  (str(count), previous))
    store.commit()
    store.close()


def chainnodes(test, count, *flags):
    """Running nodes that end with the test."""
    made = []
    for _ in range(count):
        made.append(Chainnode(*flags))
        test.addCleanup(made[-1].close)
    return made


def greeted(test, node, source="127.0.0.1"):
    """A connection, from the IP address `source`, on which both sides have said hello."""
    ws = WebSocket.connect(node.p2p, source)
    test.addCleanup(ws.close)
    hello = json.loads(ws.receive())
    test.assertEqual(hello["type"], 100)
    ws.send(compact({"type": 100, "payload": {**hello["payload"], "node": "00000000000000ff"}}))
    test.assertEqual([json.loads(ws.receive())["type"] for _ in range(2)], [0, 106])
    return ws

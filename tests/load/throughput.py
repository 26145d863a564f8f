"""The table of tools/throughput: DIR with the programs, npm's modules, rounds."""

import contextlib
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from peer import GENESIS, QUERY, Chainnode, WebSocket, chain_after, compact, whole  # noqa: E402

DIR, MODULES, ROUNDS = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 3  # of each measurement
CHAINS, BLOCKS = 40, 280  # whole chains, of about 100 KB each
MEMORY = pathlib.Path("/dev/shm")  # a disk's syncs are the disk's, and no server's else


@contextlib.contextmanager
def server(*command):
    """The address of a server that prints its port, while it runs."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def bare(what):
    return server(DIR / "bare_server", what)


def node_js():
    return server("node", HERE / "node_server.mjs", MODULES)


@contextlib.contextmanager
def chainnode(*flags):
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as directory:
        node = Chainnode(*flags, directory=directory)
        try:
            yield node
        finally:
            node.close()


def exchange(address, messages, answer, connections=8, window=32, greeting=""):
    done = subprocess.run(
        [DIR / "exchange", address, str(connections), str(SECONDS), str(window), answer, greeting],
        input="".join(f"{message}\n" for message in messages), capture_output=True, text=True,
        check=True)
    return float(done.stdout)


def wrk(address, path):
    done = subprocess.run(["wrk", "-t1", "-c64", f"-d{SECONDS}s", f"http://{address}{path}"],
                          capture_output=True, text=True, check=True)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def ping_and_hello(node):
    """A ping as a peer would send it, and the hello before it."""
    ws = WebSocket.connect(node.p2p)
    hello = json.loads(ws.receive())
    ws.close()
    tip = {key: hello["payload"][key] for key in ("tip", "work")}
    ping = {"type": 108, "payload": {**tip, "height": 0}}
    hello["payload"]["node"] = "00000000000000ff"
    return compact(ping), compact(hello)


def pings():
    with chainnode("--protocol", "header_first") as node:
        ping, hello = ping_and_hello(node)
        ours = exchange(node.p2p, [ping], '{"type":109', greeting=hello)
    with bare("echo") as address:
        return ours, exchange(address, [ping], '{"type":108')


def small_messages():
    """The tip asked for: 300 bytes or so in answer."""
    with chainnode() as node:
        node.mine("x" * 16)
        ours = exchange(node.p2p, [QUERY], '{"type":1,')
    with node_js() as address:
        return ours, exchange(address, [QUERY], '{"type":1,')


def give_longer_chain(address, chain):
    ws = WebSocket.connect(address)
    ws.send(whole(chain))
    while not ws.receive().startswith('{"type":2,'):
        pass
    ws.close()


def whole_chains():
    """Chains that are decoded and verified, and no longer than what is there; behind each, the tip
    is asked for, whose answer tells that this is done."""
    genesis = json.loads(GENESIS)
    longer = chain_after(genesis, 2 * BLOCKS, "longer")
    chains = [f"{whole(chain_after(genesis, BLOCKS, f'chain {i}'))}\t{QUERY}"
              for i in range(CHAINS)]
    with chainnode() as node:
        give_longer_chain(node.p2p, longer)
        ours = exchange(node.p2p, chains, '{"type":1,', connections=4, window=2)
    with node_js() as address:
        give_longer_chain(address, longer)
        return ours, exchange(address, chains, '{"type":1,', connections=4, window=2)


def tips_over_http():
    with chainnode() as node:
        node.mine("x" * 16)
        ours = wrk(node.http, "/blocks/tip")
    with bare("http") as address:
        return ours, wrk(address, "/")


ROWS = (("ping and pong of peers", "bare Beast echo", pings, 0.8),
        ("tips asked for by peers", "Node.js ws, JSON", small_messages, 1.3),
        ("whole chains of 100 KB, verified", "Node.js ws, JSON", whole_chains, 3.0),
        ("GET /blocks/tip, 64 connections", "bare Beast HTTP", tips_over_http, 0.7))


def main():
    found = {row: [] for row in ROWS}
    for i in range(ROUNDS):
        for row in ROWS:
            print(f"round {i + 1}: {row[0]}", file=sys.stderr)
            found[row].append(row[2]())
    print(f"{'a second':34}{'chainnode':>10}  {'beside':18}{'':>10}{'ratio':>7}{'wanted':>8}")
    for row, pairs in found.items():
        what, beside, _, wanted = row
        ours, theirs = (statistics.median(side) for side in zip(*pairs))
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"{what:34}{ours:>10,.0f}  {beside:18}{theirs:>10,.0f}{ratio:>7.2f}{wanted:>8}"
              f"{'' if ratio >= wanted else '  short of it'}")


main()

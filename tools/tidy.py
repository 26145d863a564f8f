#!/usr/bin/python3
"""Judges what a compiler does not: who may include whom, and the shape of the files.

    tidy.py                judges the tree it stands in; one line a fault, `file:line: what`; exit 1
    tidy.py --self-test    breaks every rule on purpose, in memory, and sees that it is noticed

The floors of core are the table below. An include points down a floor, or sideways without a cycle;
a .h and its .cpp count as one. A new file of core has to be given its floor here.
"""

import pathlib
import re
import subprocess
import sys

FLOORS = {
    0: "check result time random sha256 sha256_two fixed_math prefetch version spelling"
       " sync_limits",
    1: "block block_size merkle block_tree chain_view chain_rules refusal message io wire_size"
       " json_scanner nonce_search peer_list headers_sync body_times",
    2: "protocol push_chain header_first header_first_bodies header_first_headers"
       " header_first_window dialer address_book json_block json_codec json_encode branch"
       " branch_accounts intake intake_headers intake_original node digest record"
       " record_reader record_writer replay",
}
FLOOR_OF = {stem: floor for floor, stems in FLOORS.items() for stem in stems.split()}

# Folder -> the folders that it may include from.
MAY_INCLUDE = {
    "core": {"core"},
    "net-sim": {"core", "net-sim"},
    "net-real": {"core", "net-real"},
    "tests": {"core", "net-sim", "net-real", "tests"},
}
TOP_LEVEL = {"CMakeLists.txt", "README.md", "core", "net-real", "net-sim", "scenarios", "tools",
             "tests"}

# Core does no I/O, reads no clock, starts no thread, and has an order that no library decides.
NOT_IN_CORE = re.compile(
    r"thread|mutex|shared_mutex|condition_variable|future|semaphore|iostream|fstream|filesystem|"
    r"random|chrono|ctime|time\.h|unordered_\w+|boost/.*|asio.*|sys/.*|unistd\.h")
# The standard distributions and hashes differ between libraries, and a digest must not.
NOT_IN_SIM = re.compile(r"random|boost/.*")
ONE_SOURCE_OF_CORE = ("openssl/", "nlohmann/")
MOST_BEAST_FILES = 4

LONGEST_FILE = 450
LONGEST_LINE = 100
HEADER_COMMENT = range(3, 16)
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(
    r"(?<![\w./-])/(?:home|root|wor[k]|Users|mnt)/|\.\./share[d]/|/tmp/brie[f]")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
CODE = {".h", ".cpp", ".py", ".sh", ".cmake", ".js", ".mjs", ".css"}
PLAIN_TEXT = CODE | {".md", ".txt", ".yaml", ".yml", ".json", ".html", ".csv"}


def top(path):
    return path.split("/")[0]


def unit(path):
    return re.sub(r"\.(h|cpp)$", "", path)


def is_code(path):
    name = path.rsplit("/", 1)[-1]
    suffix = pathlib.PurePath(name).suffix
    script = not suffix and top(path) in ("tools", ".ci")
    return suffix in CODE or name == "CMakeLists.txt" or script


def includes(text):
    """(line number, quoted?, what) of every include."""
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1] == '"', match[2]


def judge_top_level(names):
    for name in sorted(names):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield name, 1, "the top level holds only " + ", ".join(sorted(TOP_LEVEL))


def judge_text(path, text):
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            yield path, number, "unfinished: do it, or file it as an issue"
        if MACHINE_PATH.search(line):
            yield path, number, "names a path of one machine"
        if is_code(path) and len(line) > LONGEST_LINE:
            yield path, number, f"{len(line)} columns; at most {LONGEST_LINE}"
    if is_code(path) and len(lines) > LONGEST_FILE:
        yield path, LONGEST_FILE + 1, f"{len(lines)} lines; at most {LONGEST_FILE}: split it"


def judge_header(path, text):
    lines = text.splitlines()
    if "#pragma once" not in lines:
        yield path, 1, "a header has #pragma once"
    rest = [line for line in lines if line != "#pragma once"]
    while rest and not rest[0].strip():
        rest.pop(0)
    height = next((i for i, line in enumerate(rest) if not line.startswith("//")), len(rest))
    if height not in HEADER_COMMENT:
        yield path, 1, f"a header opens with a comment of 3 to 15 lines; this one has {height}"


def judge_place(path, number, quoted, what, files):
    """One include, by the folders and floors it joins."""
    here = top(path)
    if quoted:
        if what not in files:
            yield path, number, f'"{what}" is no file; includes start at the top level'
        elif here in MAY_INCLUDE and top(what) not in MAY_INCLUDE[here]:
            yield path, number, f"{here} does not include {top(what)}"
        elif here == top(what) == "core":
            floor, below = (FLOOR_OF.get(unit(p)[len("core/"):]) for p in (path, what))
            if floor is not None and below is not None and below > floor:
                yield path, number, f"floor {floor} includes {what} from floor {below} above it"
        return
    if here == "core" and NOT_IN_CORE.fullmatch(what):
        yield path, number, f"core does not include <{what}>"
    if here == "net-sim" and NOT_IN_SIM.fullmatch(what):
        yield path, number, f"net-sim does not include <{what}>"
    if here == "core" and path.endswith(".h") and what.startswith(ONE_SOURCE_OF_CORE):
        yield path, number, f"no header of core includes <{what}>"


def judge_counts(sources):
    """What only so many files may include."""
    users = {}
    for path in sorted(sources):
        for number, quoted, what in includes(sources[path]):
            for prefix in (*ONE_SOURCE_OF_CORE, "boost/beast"):
                if not quoted and what.startswith(prefix):
                    if prefix == "boost/beast" or top(path) == "core":
                        users.setdefault(prefix, {}).setdefault(path, number)
    for prefix, found in users.items():
        most = MOST_BEAST_FILES if prefix == "boost/beast" else 1
        for path in list(found)[most:]:
            yield path, found[path], f"at most {most} files include {prefix}: {', '.join(found)}"


def judge_cycles(sources):
    graph = {}
    for path, text in sources.items():
        for number, quoted, what in includes(text):
            if quoted and unit(what) != unit(path):
                graph.setdefault(unit(path), {}).setdefault(unit(what), (path, number))
    state = {}

    def visit(node, trail):
        state[node] = "open"
        for other, (path, number) in sorted(graph.get(node, {}).items()):
            if state.get(other) == "open":
                cycle = trail[trail.index(other):] + [other]
                yield path, number, "a cycle of includes: " + " -> ".join(cycle)
            elif other not in state:
                yield from visit(other, trail + [other])
        state[node] = "done"

    for node in sorted(graph):
        if node not in state:
            yield from visit(node, [node])


def judge(files):
    """Every fault of a tree, given as {path: text}."""
    sources = {p: t for p, t in files.items() if p.endswith((".h", ".cpp")) and "/" in p}
    yield from judge_top_level({top(path) for path in files})
    for path, text in sorted(files.items()):
        yield from judge_text(path, text)
    for path, text in sorted(sources.items()):
        if path.endswith(".h"):
            yield from judge_header(path, text)
        if top(path) == "core" and unit(path)[len("core/"):] not in FLOOR_OF:
            yield path, 1, "core has no such file: give it a floor in tools/tidy.py"
        for number, quoted, what in includes(text):
            yield from judge_place(path, number, quoted, what, files)
    yield from judge_counts(sources)
    yield from judge_cycles(sources)


def read_tree(root):
    """The files that git knows, and in the agreed places new ones; without git, only those."""
    def git(*arguments):
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", *arguments],
                                capture_output=True, text=True, check=True)
        return {path for path in listed.stdout.split("\0") if path}

    if (root / ".git").exists():
        paths = git() | git("--others", "--exclude-standard", "--", *sorted(TOP_LEVEL))
    else:
        paths = {str(p.relative_to(root)) for name in TOP_LEVEL for p in (root / name).rglob("*")}
        paths |= {name for name in TOP_LEVEL if (root / name).is_file()}
        paths = {path for path in paths if "__pycache__" not in path}
    files = {}
    for path in paths:
        file = root / path
        if file.is_file() and (file.suffix in PLAIN_TEXT or is_code(path)):
            files[path] = file.read_text(encoding="utf-8")
        elif file.is_file():
            files[path] = ""
    return files


GOOD = "// What it is,\n// why this way,\n// and what does not belong here.\n#pragma once\n"
BEAST = "#include <boost/beast/core.hpp>\n"

# A tree that breaks a rule, and a piece of the complaint.
BROKEN = [
    ({"core/block.h": GOOD + '#include "core/node.h"\n', "core/node.h": GOOD}, "above it"),
    ({"core/block.h": GOOD + '#include "core/io.h"\n', "core/io.h": GOOD,
      "core/io.cpp": '#include "core/block.h"\n'}, "a cycle of includes: core/block -> core/io"),
    ({"core/bloc.h": GOOD}, "give it a floor"),
    ({"core/node.cpp": '#include "net-sim/a.h"\n', "net-sim/a.h": GOOD}, "not include net-sim"),
    ({"net-sim/a.cpp": '#include "net-real/a.h"\n', "net-real/a.h": GOOD}, "not include net-real"),
    ({"net-real/a.cpp": '#include "net-sim/a.h"\n', "net-sim/a.h": GOOD}, "not include net-sim"),
    ({"net-sim/a.cpp": '#include "tests/a.h"\n', "tests/a.h": GOOD}, "does not include tests"),
    ({"core/node.cpp": '#include "node.h"\n', "core/node.h": GOOD}, "is no file"),
    *[({"core/node.cpp": f"#include <{name}>\n"}, f"core does not include <{name}>")
      for name in ("thread", "mutex", "iostream", "fstream", "random", "chrono", "ctime",
                   "unordered_map", "unordered_set", "boost/asio.hpp")],
    ({"net-sim/a.cpp": "#include <random>\n"}, "net-sim does not include <random>"),
    *[({"core/io.h": GOOD + f"#include <{name}>\n"}, f"no header of core includes <{name}>")
      for name in ("openssl/evp.h", "nlohmann/json.hpp")],
    *[({"core/io.cpp": f"#include <{name}>\n", "core/node.cpp": f"#include <{name}>\n"},
       "at most 1 files include") for name in ("openssl/evp.h", "nlohmann/json.hpp")],
    ({f"net-real/{name}.cpp": BEAST for name in "abcde"}, "at most 4 files include boost/beast"),
    ({"tools/a.py": "x" * 101}, "101 columns"),
    ({"core/node.cpp": "\n" * 451}, "451 lines"),
    ({"README.md": "TO" "DO"}, "unfinished"),
    ({"core/io.cpp": "// FIX" "ME"}, "unfinished"),
    ({"core/io.cpp": "// XX" "X"}, "unfinished"),
    ({"README.md": "see /ho" "me/someone/chain"}, "a path of one machine"),
    ({"core/io.h": "// One\n// two\n// three\n"}, "#pragma once"),
    ({"core/io.h": "// Short.\n#pragma once\n"}, "this one has 1"),
    ({"core/io.h": "#pragma once\nint x;\n"}, "this one has 0"),
    ({"core/io.h": "#pragma once\n" + "// Long.\n" * 16}, "this one has 16"),
    ({"helpers/a.md": ""}, "the top level holds only"),
    ({"notes.md": ""}, "the top level holds only"),
]
FAULTLESS = {
    "README.md": "long " * 40 + "http://example.org/home/x", ".gitignore": "",
    "core/block.h": "#pragma once\n" + GOOD.replace("#pragma once\n", ""),
    "core/node.cpp": '#include "core/block.h"\n#include <openssl/evp.h>\n#include <vector>\n',
    "net-sim/a.cpp": '#include "core/block.h"\n#include <nlohmann/json.hpp>\n',
    "tools/run": "한" * 100 + "\n", "tests/a.cpp": '#include "core/block.h"\n',
    **{f"net-real/{name}.cpp": BEAST for name in "abcd"},
}


def self_test():
    missed = [f"not noticed: {want!r} in {sorted(files)}" for files, want in BROKEN
              if not any(want in fault[2] for fault in judge(files))]
    missed += [f"noticed without reason: {fault}" for fault in judge(FAULTLESS)]
    return missed


def main(arguments):
    if arguments == ["--self-test"]:
        complaints = self_test()
    elif not arguments:
        root = pathlib.Path(__file__).resolve().parent.parent
        complaints = [f"{path}:{line}: {what}" for path, line, what in judge(read_tree(root))]
    else:
        complaints = [f"found {' '.join(arguments)}; expected nothing, or --self-test"]
    print("\n".join(complaints) if complaints else "tidy")
    return 1 if complaints else 0


sys.exit(main(sys.argv[1:]))

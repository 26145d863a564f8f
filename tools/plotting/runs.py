"""What simchain wrote for a run, read once and checked: figures.py draws from it.

A series is what is drawn in one colour: one run, or the runs of one scenario with several seeds.
"""

import csv
import dataclasses
import json

EXPECTED = "expected a directory written by `simchain run FILE --out DIR`"


class BadInput(Exception):
    """What was given is at fault; one line for a person."""


class CannotWrite(Exception):
    """The figures could not be written; one line for a person."""


class Run:
    """A directory of a run. Tables are read when first asked for."""

    def __init__(self, directory):
        self.directory = directory
        path = directory / "summary.json"
        try:
            self.summary = json.loads(read(path))
        except ValueError as error:
            raise BadInput(f"{path}: found no JSON ({error}); {EXPECTED}") from None
        try:
            self.scenario = str(self.summary["scenario"])
            self.seed = int(self.summary["seed"])
            self.digest = str(self.summary["digest"])
            self.duration = float(self.summary["simulated_seconds"])
            # (event's word, when in seconds, seconds until all agreed or None)
            self.convergence = [(str(e["after"]), float(e["at_seconds"]), optional(e["seconds"]))
                                for e in self.summary["convergence"]]
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"{path}: found no usable {error}; {EXPECTED}") from None
        self._tables = {}

    def miners(self):
        """(node, its share of the power, of the main chain or None) of each that mines."""
        try:
            return [(int(each["node"]), float(each["power"]), optional(each["main_chain_share"]))
                    for each in self.summary["miners"]]
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"{self.directory / 'summary.json'}: found no usable {error}; "
                           f"{EXPECTED}") from None

    def table(self, name, columns):
        """The named columns of NAME.csv as lists; numbers are floats, empty fields None."""
        if name not in self._tables:
            self._tables[name] = read_table(self.directory / f"{name}.csv", columns)
        return self._tables[name]


@dataclasses.dataclass
class Series:
    label: str
    runs: list


def optional(value):
    return None if value is None or value == "" else float(value)


def read(path, expected=EXPECTED):
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; {expected}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read ({error})") from None
    if not text.strip():
        raise BadInput(f"{path}: the file is empty; {expected}")
    return text


def read_table(path, columns):
    rows = list(csv.reader(read(path).splitlines()))
    places = []
    for column in columns:
        if column not in rows[0]:
            raise BadInput(f"{path}:1: found no column {column}; {EXPECTED}")
        places.append(rows[0].index(column))
    table = {column: [] for column in columns}
    for number, row in enumerate(rows[1:], 2):
        for column, place in zip(columns, places):
            try:
                table[column].append(row[place] if column == "type" else optional(row[place]))
            except (IndexError, ValueError):
                raise BadInput(f"{path}:{number}: found no number for {column}") from None
    return table


def runs_in(directory):
    if not directory.is_dir():
        raise BadInput(f"{directory}: no such directory; {EXPECTED}")
    if (directory / "summary.json").exists():
        return [Run(directory)]
    runs = [Run(path.parent) for path in directory.glob("*/summary.json")]
    if not runs:
        raise BadInput(f"{directory}: found no summary.json; {EXPECTED}")
    return sorted(runs, key=lambda run: (run.scenario, run.seed, str(run.directory)))


def read_series(directories):
    """One series for each scenario of each directory, labelled so that they can be told apart."""
    found = []  # (directory, runs)
    for directory in directories:
        by_scenario = {}
        for run in runs_in(directory):
            by_scenario.setdefault(run.scenario, []).append(run)
        found += [(directory, runs) for runs in by_scenario.values()]
    for labels in (
        [runs[0].scenario for _, runs in found],
        [f"{directory.resolve().name}" for directory, _ in found],
        [f"{runs[0].scenario}, seed {runs[0].seed}" for _, runs in found],
        [f"{directory} {runs[0].scenario}" for directory, runs in found],
    ):
        if len(set(labels)) == len(labels):
            break
    return [Series(label, runs) for label, (_, runs) in zip(labels, found)]

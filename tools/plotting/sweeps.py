"""What `simchain sweep PLAN --out DIR` wrote, read once and checked; studies.py draws from it.

A line is what is drawn in one colour: the points that differ only in the parameter on the x axis.
What their runs say together is taken from summary.csv, not worked out again.
"""

import csv
import dataclasses
import hashlib
import json
import re

from plotting.runs import BadInput, read

EXPECTED = "expected a directory written by `simchain sweep PLAN --out DIR`"
MOST_LINES = 7  # colours that can be told apart
QUANTITY = re.compile(r"(-?[\d.]+(?:e-?\d+)?) ?(.*)")
UNITS = {  # of a scenario: what it measures, and how much of seconds, bytes or bytes a second
    "ns": ("time", 1e-9), "us": ("time", 1e-6), "ms": ("time", 1e-3), "s": ("time", 1.0),
    "min": ("time", 60.0), "h": ("time", 3600.0), "d": ("time", 86400.0),
    "B": ("size", 1.0), "kB": ("size", 1e3), "MB": ("size", 1e6), "GB": ("size", 1e9),
    "B/s": ("rate", 1.0), "kB/s": ("rate", 1e3), "MB/s": ("rate", 1e6), "GB/s": ("rate", 1e9),
    "kbit/s": ("rate", 125.0), "Mbit/s": ("rate", 125e3), "Gbit/s": ("rate", 125e6),
    "%": ("share", 0.01), "": ("number", 1.0),
}


def quantity(text):
    """(kind, value) of `5 s`, `20 kB`, `30 %`, `12`; None of anything else."""
    found = QUANTITY.fullmatch(text)
    if found is None or found[2] not in UNITS:
        return None
    kind, scale = UNITS[found[2]]
    try:
        return kind, float(found[1]) * scale
    except ValueError:
        return None


@dataclasses.dataclass
class Parameter:
    name: str
    texts: list  # its values as the plan has them, in that order

    def __post_init__(self):
        read_as = [quantity(text) for text in self.texts]
        kinds = {each[0] for each in read_as if each is not None}
        numeric = None not in read_as and len(kinds) == 1
        self.kind = kinds.pop() if numeric else None
        self.value = {text: each[1] if numeric else place
                      for place, (text, each) in enumerate(zip(self.texts, read_as))}


@dataclasses.dataclass
class Estimate:
    """The mean of runs and the ends of its 95 % interval (Student t); the runs without a value."""
    runs: int
    missing: int
    mean: float
    low: float
    high: float


@dataclasses.dataclass
class Line:
    settings: dict  # parameter -> text, of those that tell the lines apart
    points: list    # (text of x, [Estimate or None of each measure]), by x


def read_rows(path, columns):
    """(text, header, rows) of a table; each row a dict."""
    text = read(path, EXPECTED)
    header, *rows = list(csv.reader(text.splitlines()))
    for column in columns:
        if column not in header:
            raise BadInput(f"{path}:1: found no column {column}; {EXPECTED}")
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise BadInput(f"{path}:{number}: found {len(row)} cells; expected {len(header)}")
    if not rows:
        raise BadInput(f"{path}: found no rows; {EXPECTED}")
    return text, header, [dict(zip(header, row)) for row in rows]


def read_estimates(path):
    """{(point, measure): Estimate, or None where no run had a value}."""
    _, _, rows = read_rows(path, ("point", "measure", "n", "n_null", "mean", "low95", "high95"))
    estimates = {}
    for number, row in enumerate(rows, 2):
        try:
            known = int(row["n"])
            mean, low, high = (float(row[name] or row["mean"] or "nan")  # of one run there is no
                               for name in ("mean", "low95", "high95"))  # interval
            estimates[row["point"], row["measure"]] = \
                Estimate(known, int(row["n_null"]), mean, low, high) if known else None
        except ValueError:
            raise BadInput(f"{path}:{number}: found no numbers of {row['measure']}") from None
    return estimates


class Sweep:
    def __init__(self, directory):
        self.path = directory / "runs.csv"
        text, header, self.rows = read_rows(self.path, ("point", "seed", "digest", "error"))
        self.names = header[header.index("point") + 1:header.index("seed")]
        self.measures = header[header.index("digest") + 1:header.index("error")]
        self.estimates = read_estimates(directory / "summary.csv")
        self.digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.plan = plan_name(directory)
        self.parameters = self._parameters()

    def _parameters(self):
        return {name: Parameter(name, list(dict.fromkeys(row[name] for row in self.rows)))
                for name in self.names}

    def only(self, wanted):
        """Keeps the runs of `KEY=VALUE`."""
        key, equals, value = wanted.partition("=")
        if not equals or key not in self.parameters:
            raise BadInput(f"--where: found `{wanted}`; expected KEY=VALUE with one of "
                           + ", ".join(self.names))
        if value not in self.parameters[key].texts:
            raise BadInput(f"--where: found `{value}`; expected one of "
                           + ", ".join(self.parameters[key].texts))
        self.rows = [row for row in self.rows if row[key] == value]
        self.parameters = self._parameters()

    def varying(self):
        return [each for each in self.parameters.values() if len(each.texts) > 1]

    def constants(self):
        return {each.name: each.texts[0] for each in self.parameters.values()
                if len(each.texts) == 1}

    def seeds(self):
        return sorted({int(row["seed"]) for row in self.rows})

    def choose_x(self, name):
        """The parameter of that name; else the numeric one with the most values."""
        if name is not None:
            if name not in self.parameters:
                raise BadInput(f"--x: found `{name}`; expected one of " + ", ".join(self.names))
            return self.parameters[name]
        numeric = [each for each in self.varying() if each.kind] or self.varying()
        if not numeric:
            raise BadInput(f"{self.path}: found no parameter that varies; expected one for the "
                           "x axis")
        return max(numeric, key=lambda each: len(each.texts))

    def choose_by(self, names, x):
        """What tells the lines apart: all that varies besides x, but for what moves with x."""
        moving = [each.name for each in self.varying()
                  if each is not x and not self.follows(each.name, x.name)]
        if names is None:
            return moving
        for name in names:
            if name not in self.parameters or name == x.name:
                raise BadInput(f"--by: found `{name}`; expected one of " + ", ".join(moving))
        for name in moving:
            if name not in names:
                raise BadInput(f"--by: found no {name}, which varies too; expected it there, or "
                               f"one value with --where {name}=VALUE")
        return names

    def follows(self, name, other):
        return len({(row[other], row[name]) for row in self.rows}) == \
            len(self.parameters[other].texts)

    def column(self, measure):
        """The column of a measure, as the plan names it."""
        found = [name for name in (measure, measure + "_seconds") if name in self.measures]
        if not found:
            raise BadInput(f"--y: found `{measure}`; expected one of " + ", ".join(self.measures))
        return found[0]

    def lines(self, x, by, columns):
        groups = {}
        for row in self.rows:
            groups.setdefault(tuple(row[name] for name in by), {})[row[x.name]] = row["point"]
        if len(groups) > MOST_LINES:
            raise BadInput(f"{self.path}: found {len(groups)} lines; expected at most "
                           f"{MOST_LINES}: choose with --where KEY=VALUE")
        return [Line(dict(zip(by, key)),
                     [(text, [self.estimates.get((points[text], column)) for column in columns])
                      for text in sorted(points, key=x.value.get)])
                for key, points in groups.items()]


def plan_name(directory):
    """As the journal has it; of shards that were merged, the directory's."""
    try:
        with (directory / "journal.jsonl").open(encoding="utf-8") as journal:
            return str(json.loads(journal.readline())["plan"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return directory.resolve().name


def is_sweep(path):
    return (path / "runs.csv").is_file() and not (path / "summary.json").exists()

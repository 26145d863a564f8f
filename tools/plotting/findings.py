"""What `simchain validate published --json` printed, read and checked; published.py draws it."""

import dataclasses
import json
import re

from plotting.runs import BadInput, read

EXPECTED = "expected what `simchain validate published --json` printed"
ROW = re.compile(r"published(?:\.(\d+|patient))?\.(\d+)s (stale/all|median)")
PANELS = ("stale/all", "median")


@dataclasses.dataclass
class Point:
    interval: float  # seconds between blocks
    value: float
    low: float
    high: float


@dataclasses.dataclass
class Curve:
    label: str
    panels: dict  # of PANELS: the points, by interval


def label_of(variant):
    if variant is None:
        return "here, 1,000 nodes"
    return f"here, {int(variant):,} nodes" if variant.isdigit() else "here, as patient as theirs"


def point_of(check, value, interval):
    low, high = (None, None) if check[interval] is None else check[interval]
    middle = float(check[value])
    return (middle, middle if low is None else float(low), middle if high is None else float(high))


def read_findings(path):
    """(published Curve, [our Curves], tolerance, source) of a document of `simchain validate`."""
    theirs, ours, tolerance, source = Curve("published", {}), {}, 0.0, ""
    try:
        for check in json.loads(read(path, EXPECTED))["checks"]:
            row = ROW.fullmatch(str(check["check"]))
            if row is None:
                continue
            variant, seconds, panel = row.group(1), float(row.group(2)), row.group(3)
            curve = ours.setdefault(variant, Curve(label_of(variant), {}))
            curve.panels.setdefault(panel, []).append(
                Point(seconds, *point_of(check, "value", "interval95")))
            known = theirs.panels.setdefault(panel, [])
            if all(point.interval != seconds for point in known):
                known.append(Point(seconds, *point_of(check, "reference", "reference_interval95")))
            tolerance, source = float(check["tolerance"]), str(check["source"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path}: found no usable {error}; {EXPECTED}") from None
    if any(panel not in theirs.panels for panel in PANELS):
        raise BadInput(f"{path}: found no check of the suite published; {EXPECTED}")
    for curve in [theirs, *ours.values()]:
        for points in curve.panels.values():
            points.sort(key=lambda point: point.interval)
    return theirs, list(ours.values()), tolerance, source

#!/usr/bin/python3
"""Draws what the simulator wrote with `simchain run FILE --out DIR` and `simchain sweep PLAN`.

    plot.py DIR… [--what convergence,propagation,tips,bytes,reorgs,shares,sequence]
    plot.py SWEEP [--x PARAMETER] [--y MEASURE,…] [--by PARAMETER,…] [--where PARAMETER=VALUE]
    plot.py FILE
                 each with [--out DIR] [--format svg,png]

Each DIR is one series, and several are drawn side by side. A DIR is the directory of a run, or one
that holds directories of runs (as `--seeds 1..20` writes): then the runs of a scenario are one
series. SWEEP is the directory of a sweep: measures against a parameter, with bands of 95 %, a line
for each value of what else varies; `A/B` is a measure, too. FILE is what `simchain validate
published --json` printed: our curve over the published one. The names of the files that were
written go to stdout. Same data, same bytes.
"""

import argparse
import pathlib
import sys

from plotting.findings import read_findings
from plotting.runs import BadInput, CannotWrite, read_series
from plotting.sweeps import Sweep, is_sweep

BAD_INPUT, OUTPUT_FAILED = 1, 5
FIGURES = ("convergence", "propagation", "tips", "bytes", "reorgs", "shares", "sequence")
OF_SWEEPS = ("x", "y", "by", "where")
MOST_PANELS = 4


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput(f"{message}; see plot.py --help")


def words(text, known, flag):
    chosen = [word for word in text.split(",") if word]
    for word in chosen:
        if word not in known:
            raise BadInput(f"{flag}: found `{word}`; expected {', '.join(known)}")
    if not chosen:
        raise BadInput(f"{flag}: found nothing; expected {', '.join(known)}")
    return chosen


def arguments(argv):
    opening, _, rest = __doc__.partition("\n")
    parser = Parser(prog="plot.py", description=opening, epilog=rest,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="DIR", help="what simchain run --out or"
                        " simchain sweep wrote, or one file that simchain validate published"
                        " --json printed")
    parser.add_argument("--what", metavar="FIGURE,…", help="one or more of "
                        + ", ".join(FIGURES) + "; all that have data when not given")
    parser.add_argument("--x", metavar="PARAMETER", help="of a sweep, on the x axis; the numeric"
                        " one with the most values when not given")
    parser.add_argument("--y", metavar="MEASURE,…", help="of a sweep, a panel each, at most"
                        f" {MOST_PANELS}; A/B divides run by run")
    parser.add_argument("--by", metavar="PARAMETER,…", help="of a sweep, in lines of their own;"
                        " all that varies when not given")
    parser.add_argument("--where", metavar="PARAMETER=VALUE", action="append",
                        help="of a sweep, only these runs; may come several times")
    parser.add_argument("--out", metavar="DIR", default="out/figures",
                        help="where the figures go (default: %(default)s)")
    parser.add_argument("--format", metavar="KIND,…", default="svg,png",
                        help="svg, png or both (default: %(default)s)")
    return parser.parse_args(argv)


def draw_runs(paths, chosen, formats):
    what = words(chosen.what, FIGURES, "--what") if chosen.what else list(FIGURES)
    all_series = read_series(paths)
    style = drawing()
    from plotting import figures, outcomes, sequence
    known = {**figures.FIGURES, **outcomes.FIGURES, **sequence.FIGURES}
    drawn = 0
    for name in what:
        try:
            figure = known[name](all_series)
        except figures.NothingToShow as reason:
            if chosen.what:
                raise BadInput(f"{name}: {reason}") from None
            print(f"plot.py: no figure {name}: {reason}", file=sys.stderr)
            continue
        for path in style.save(figure, pathlib.Path(chosen.out), name, formats):
            print(path)
        drawn += 1
    if drawn == 0:
        raise BadInput("these runs hold nothing that could be drawn")


def draw_findings(path, chosen, formats):
    if chosen.what:
        words(chosen.what, ("published",), "--what")
    curves = read_findings(path)
    style = drawing()
    from plotting.published import published
    for drawn in style.save(published(*curves), pathlib.Path(chosen.out), "published", formats):
        print(drawn)


def draw_sweep(path, chosen, formats):
    if chosen.what:
        words(chosen.what, ("sweep",), "--what")
    sweep = Sweep(path)
    for wanted in chosen.where or []:
        sweep.only(wanted)
    x = sweep.choose_x(chosen.x)
    by = sweep.choose_by(chosen.by.split(",") if chosen.by else None, x)
    columns = [sweep.column(each) for each in chosen.y.split(",")] if chosen.y else sweep.measures
    if len(columns) > MOST_PANELS:
        raise BadInput(f"--y: found {len(columns)} measures; expected at most {MOST_PANELS} of "
                       + ", ".join(sweep.measures))
    style = drawing()
    from plotting.studies import study
    figure = study(sweep, x, by, columns)
    for drawn in style.save(figure, pathlib.Path(chosen.out), "sweep", formats):
        print(drawn)


def drawing():
    """The style, set. matplotlib takes a second: mistakes are told before."""
    try:
        from plotting import style
    except ImportError as error:
        raise BadInput(f"{error}; expected Debian's python3-matplotlib, and /usr/bin/python3 to "
                       "run this") from None
    style.apply()
    return style


def main(argv):
    chosen = arguments(argv)
    formats = words(chosen.format, ("svg", "png"), "--format")
    paths = [pathlib.Path(run) for run in chosen.runs]
    if len(paths) == 1 and is_sweep(paths[0]):
        return draw_sweep(paths[0], chosen, formats)
    if any(is_sweep(path) for path in paths):
        raise BadInput(f"found {len(paths)} directories; expected a sweep alone, or runs")
    for flag in OF_SWEEPS:
        if getattr(chosen, flag):
            raise BadInput(f"--{flag}: found no sweep; expected the directory of one")
    if len(paths) == 1 and paths[0].is_file():
        draw_findings(paths[0], chosen, formats)
    else:
        draw_runs(paths, chosen, formats)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (BadInput, CannotWrite) as error:
        print(f"plot.py: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT if isinstance(error, BadInput) else OUTPUT_FAILED)

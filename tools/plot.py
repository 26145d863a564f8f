#!/usr/bin/python3
"""Draws what runs of the simulator wrote with `simchain run FILE --out DIR`.

    plot.py DIR… [--what convergence,propagation,tips,bytes] [--out DIR] [--format svg,png]
    plot.py FILE [--out DIR] [--format svg,png]

Each DIR is one series, and several are drawn side by side. A DIR is the directory of a run, or one
that holds directories of runs (as `--seeds 1..20` writes): then the runs of a scenario are one
series. FILE is what `simchain validate published --json` printed: our curve over the published one.
The names of the files that were written go to stdout. Same data, same bytes.
"""

import argparse
import pathlib
import sys

from plotting.findings import read_findings
from plotting.runs import BadInput, CannotWrite, read_series

BAD_INPUT, OUTPUT_FAILED = 1, 5
FIGURES = ("convergence", "propagation", "tips", "bytes")


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
    parser.add_argument("runs", nargs="+", metavar="DIR", help="what simchain run --out wrote,"
                        " or one file that simchain validate published --json printed")
    parser.add_argument("--what", metavar="FIGURE,…", help="one or more of "
                        + ", ".join(FIGURES) + "; all that have data when not given")
    parser.add_argument("--out", metavar="DIR", default="out/figures",
                        help="where the figures go (default: %(default)s)")
    parser.add_argument("--format", metavar="KIND,…", default="svg,png",
                        help="svg, png or both (default: %(default)s)")
    return parser.parse_args(argv)


def draw_runs(paths, chosen, formats):
    what = words(chosen.what, FIGURES, "--what") if chosen.what else list(FIGURES)
    all_series = read_series(paths)
    figures, style = drawing()
    drawn = 0
    for name in what:
        try:
            figure = figures.FIGURES[name](all_series)
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
    _, style = drawing()
    from plotting.published import published
    for drawn in style.save(published(*curves), pathlib.Path(chosen.out), "published", formats):
        print(drawn)


def drawing():
    """matplotlib takes a second: mistakes are told before."""
    try:
        from plotting import figures, style
    except ImportError as error:
        raise BadInput(f"{error}; expected Debian's python3-matplotlib, and /usr/bin/python3 to "
                       "run this") from None
    style.apply()
    return figures, style


def main(argv):
    chosen = arguments(argv)
    formats = words(chosen.format, ("svg", "png"), "--format")
    paths = [pathlib.Path(run) for run in chosen.runs]
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

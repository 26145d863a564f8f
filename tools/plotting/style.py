"""How every figure looks: one size, one palette, one caption, the same bytes for the same data.

The colours are those of Okabe and Ito, which people with any of the common colour blindnesses can
tell apart; where there are several series, line styles or markers differ as well. Type is large
enough for a projector.
"""

import itertools
import math
import os

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot, ticker  # noqa: E402  (the backend comes first)

from plotting.runs import CannotWrite  # noqa: E402

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
MARKERS = ["o", "s", "D", "^", "v", "P", "X"]
GREY, FAINT = "#555555", "#D9D9D9"
WIDTH, HEIGHT = 9.6, 5.4  # inches; 16:9
LEFT = 0.02  # of title and caption


def apply():
    """Sets every parameter that a user's own matplotlibrc could have changed."""
    matplotlib.rcdefaults()
    matplotlib.rcParams.update({
        "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 13,
        "axes.labelsize": 13, "xtick.labelsize": 12, "ytick.labelsize": 12,
        "legend.fontsize": 12, "legend.frameon": False,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY,
        "axes.grid": True, "axes.axisbelow": True, "grid.color": FAINT, "grid.linewidth": 0.8,
        "lines.linewidth": 2.2, "svg.fonttype": "none", "svg.hashsalt": "simchain",
        "figure.dpi": 100, "savefig.dpi": 150,
    })


def colour(index):
    return COLOURS[index % len(COLOURS)]


def marker(index):
    return MARKERS[index % len(MARKERS)]


def new_figure(title, reading, all_series, panels=1, height=HEIGHT, head=0.0, caption=None):
    """A figure with its title, a line or two on how to read it, `head` inches, and the caption."""
    head += 0.98 + 0.25 * reading.count("\n")
    figure, axes = pyplot.subplots(panels, 1, figsize=(WIDTH, height), sharex=True)
    caption = caption or caption_of(all_series)
    inch = 1 / height
    figure.text(LEFT, 1 - 0.12 * inch, title, fontsize=18, weight="bold", va="top")
    figure.text(LEFT, 1 - 0.50 * inch, reading, fontsize=13, color=GREY, va="top")
    figure.text(LEFT, 0.10 * inch, "\n".join(caption), fontsize=10, color=GREY, va="bottom",
                linespacing=1.35)
    figure.subplots_adjust(left=0.105, right=0.97, top=1 - head * inch,
                           bottom=(0.72 + 0.19 * len(caption)) * inch, hspace=0.12)
    return figure, axes


def caption_of(all_series):
    """Where the data comes from, enough to make it again; at most four lines."""
    lines = []
    for series in all_series:
        seeds = [run.seed for run in series.runs]
        first = series.runs[0]
        name = first.scenario if series.label.startswith(first.scenario) else \
            f"{series.label}: {first.scenario}"
        if len(seeds) == 1:
            lines.append(f"{name}, seed {seeds[0]}, digest {first.digest}")
        else:
            lines.append(f"{name}, {len(seeds)} seeds {min(seeds)} to {max(seeds)}, "
                         f"first digest {first.digest}")
    if len(lines) > 4:
        lines = lines[:3] + [f"and {len(lines) - 3} more"]
    return lines


def save(figure, directory, name, formats):
    """Writes NAME.svg, NAME.png into `directory`; yields the paths."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for kind in formats:
            path = directory / f"{name}.{kind}"
            part = directory / f".{name}.{kind}.part"
            nothing = {"Date": None} if kind == "svg" else {"Software": None}
            figure.savefig(part, format=kind, metadata=nothing)
            os.replace(part, path)
            yield path
    except OSError as error:
        raise CannotWrite(f"{directory}: cannot be written ({error.strerror})") from None
    finally:
        pyplot.close(figure)


# --- units ---------------------------------------------------------

TIME_UNITS = [("ms", 0.001), ("s", 1.0), ("min", 60.0), ("h", 3600.0)]


def short(number):
    """At least three significant digits, no exponent: 0.137, 8.2, 108, 12,343."""
    if number == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds):
    if seconds == 0:
        return "0 s"
    unit, scale = ("ms", 0.001) if seconds < 1 else ("s", 1.0) if seconds < 120 else \
        ("min", 60.0) if seconds < 7200 else ("h", 3600.0)
    return f"{short(seconds / scale)} {unit}"


def size(count):
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            return f"{short(count)} {unit}"
        count /= 1000


def log_time_axis(axis, low, high):
    """A logarithmic axis in seconds with ticks that read `100 ms`, `1 s`, `1 min`."""
    axis.set_xscale("log")
    axis.set_xlim(low / 1.25, high * 1.25)
    steps = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 36000, 360000]
    if high / low < 100:
        steps += [x * k for x in steps for k in (2, 5) if x < 10]
        steps += [20, 30, 120, 300, 1200, 1800, 7200, 18000]
    shown = [step for step in steps if low / 1.25 <= step <= high * 1.25]
    axis.xaxis.set_major_locator(ticker.FixedLocator(sorted(shown)))
    axis.xaxis.set_major_formatter(ticker.FuncFormatter(
        lambda x, _: "1 min" if x == 60 else "1 h" if x == 3600 else duration(x)))
    axis.xaxis.set_minor_locator(ticker.NullLocator())


def linear_time_axis(axis, high, low=0.0):
    """A linear axis; returns the unit whose name belongs in the label. Data stay in seconds."""
    unit, scale = next(((u, s) for u, s in reversed(TIME_UNITS) if high >= 3 * s), TIME_UNITS[0])
    axis.set_xlim(low, high)
    step = nice_step(high / scale, 8) * scale
    axis.xaxis.set_major_locator(ticker.MultipleLocator(step))
    axis.xaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: short(x / scale)))
    return unit


def nice_step(length, most):
    """1, 2 or 5 times a power of ten, so that at most `most` steps fit into `length`."""
    for power in itertools.count(math.floor(math.log10(length)) - 2):
        for digit in (1, 2, 5):
            if length / (digit * 10.0 ** power) <= most:
                return digit * 10.0 ** power

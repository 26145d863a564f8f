"""The figures: each takes the series and returns a matplotlib figure, or says why there is none."""

import math

import numpy
from matplotlib import lines, ticker

from plotting import style

MOST_EVENTS = 6  # named in a figure; of a word that comes more often none is
MOST_ROWS = 9
LEGEND = 0.28  # inches of height where one stands above the names of events
BINS = 180  # of time, where many runs are averaged


class NothingToShow(Exception):
    """Why there is no such figure of these runs."""


def legend_above(axis, handles, lift=0.0):
    """A legend over the axes, `lift` of their height higher."""
    if handles:
        axis.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 0.995 + lift),
                    ncol=4, borderaxespad=0.1, columnspacing=1.6, handlelength=1.8)


def series_handles(all_series, dots=False):
    if len(all_series) == 1:
        return []
    return [lines.Line2D([], [], color=style.colour(i), label=series.label, ms=9,
                         marker=style.marker(i) if dots else "", ls="" if dots else "-")
            for i, series in enumerate(all_series)]


# --- convergence -----------------------------------------------------------------------------


def waits(all_series):
    """(row's name, [per series: [seconds or None]]), a row an event; repeated events share one.

    The instant of a cut is left out: whoever is cut off then still agrees with the others.
    """
    found = {}
    for index, series in enumerate(all_series):
        for run in series.runs:
            for word, at, seconds in run.convergence:
                if word != "partition":
                    row = found.setdefault((word, at), [[] for _ in all_series])
                    row[index].append(seconds)
    rows = []
    for word in dict.fromkeys(word for word, _ in found):
        instants = sorted(at for other, at in found if other == word)
        if len(instants) + len(rows) <= MOST_ROWS and len(instants) <= MOST_EVENTS:
            rows += [(f"{word}\nat {style.duration(at)}", found[word, at]) for at in instants]
        else:
            together = [sum((found[word, at][i] for at in instants), [])
                        for i in range(len(all_series))]
            rows.append((f"{word}\n{len(instants)} times", together))
    return rows


def convergence(all_series):
    rows = waits(all_series)
    if not rows:
        raise NothingToShow("no event took place after which nodes could converge")
    slots = len(rows) * (len(all_series) + 0.6)
    figure, axis = style.new_figure(
        "How long until all nodes agree again?",
        "from the event to the first instant of one common tip; every dot is a run",
        all_series, height=min(9.0, max(3.6, 2.3 + 0.42 * slots)))
    known = [x for _, row in rows for values in row for x in values if x is not None]
    longest = max(known, default=0) or 1.0
    least = min((x for x in known if x > 0), default=longest)
    logarithmic = longest / least > 50 and 0 not in known
    never = longest * 3 if logarithmic else longest * 1.22
    for index, series in enumerate(all_series):
        for number, (_, row) in enumerate(rows):
            y = number + (index - (len(all_series) - 1) / 2) * 0.7 / len(all_series)
            draw_waits(axis, y, row[index], never, index)
    axis.set_yticks(range(len(rows)), [name for name, _ in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    if logarithmic:
        style.log_time_axis(axis, least, longest)
        axis.set_xlabel("time to agree (logarithmic)")
    else:
        unit = style.linear_time_axis(axis, longest)
        axis.set_xlabel(f"time to agree, {unit}")
    low, high = axis.get_xlim()
    if any(x is None for _, row in rows for values in row for x in values):
        high = never * (1.6 if logarithmic else 1.1)
        axis.axvspan(never / 1.55 if logarithmic else longest * 1.12, high, color="#F2F2F2", lw=0)
        axis.text(never, 1.01, "never", transform=axis.get_xaxis_transform(), ha="center",
                  va="bottom", color=style.GREY)
    elif not logarithmic:
        high = longest * 1.15
    axis.set_xlim(low, high)
    figure.subplots_adjust(left=0.145)
    legend_above(axis, series_handles(all_series, dots=True))
    return figure


def draw_waits(axis, y, values, never, index):
    """One series in one row: its dots, and the middle one's value."""
    if not values:
        return
    colour, marker = style.colour(index), style.marker(index)
    middle = sorted(values, key=lambda x: float("inf") if x is None else x)[(len(values) - 1) // 2]
    many = len(values) > 1
    axis.plot([never if x is None else x for x in values], [y] * len(values), marker, ls="",
              color=colour, ms=9, alpha=0.45 if many else 1.0, mew=0)
    if middle is None:
        return
    if many:
        axis.plot([middle], [y], "|", color=colour, ms=22, mew=3)
    axis.annotate(("median " if many else "") + style.duration(middle), (middle, y),
                  xytext=(0, 11), textcoords="offset points", ha="center", color=colour,
                  fontsize=12)


# --- propagation -----------------------------------------------------------------------------

# Column, words, look; those beneath others are drawn first.
SHARES = [("p100_s", "all", {"ls": "-", "lw": 5, "alpha": 0.3}),
          ("p90_s", "90 %", {"ls": (0, (3, 1.2)), "lw": 2.2}),
          ("p50_s", "half", {"ls": "-", "lw": 2.2})]


def propagation(all_series):
    tables = [[run.table("propagation", ["eligible_nodes", *(name for name, _, _ in SHARES)])
               for run in series.runs] for series in all_series]
    curves = []  # (series, look, sorted seconds, blocks in all)
    for index, of_runs in enumerate(tables):
        blocks = sum(1 for table in of_runs for n in table["eligible_nodes"] if n)
        for column, _, look in SHARES:
            reached = sorted(x for table in of_runs for x in table[column] if x)
            curves.append((index, look, reached, blocks))
    times = [x for _, _, reached, _ in curves for x in reached]
    if not times:
        raise NothingToShow("no block took any time to reach another node")
    figure, axis = style.new_figure(
        "How fast does a block reach the nodes?",
        "a curve that ends below 100 % tells of blocks that never came so far", all_series)
    if max(times) > 10 * times_low(times):
        style.log_time_axis(axis, times_low(times), max(times))
        axis.set_xlabel("time since the block was found (logarithmic)")
    else:
        unit = style.linear_time_axis(axis, max(times) * 1.15)
        axis.set_xlabel(f"time since the block was found, {unit}")
    right = axis.get_xlim()[1]
    for index, look, reached, blocks in curves:
        if not reached:
            continue
        shares = [100 * i / blocks for i in range(len(reached) + 1)]
        axis.step([reached[0], *reached, right], [*shares, shares[-1]], where="post",
                  color=style.colour(index), **look)
    axis.set_ylim(0, 103)
    axis.set_ylabel("share of blocks")
    axis.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: f"{y:.0f} %"))
    legend_above(axis, series_handles(all_series))
    styles = [lines.Line2D([], [], color=style.GREY, label=f"to {name} of the nodes", **look)
              for _, name, look in reversed(SHARES)]
    first = axis.get_legend()
    axis.legend(handles=styles, loc="lower right", handlelength=2.4)
    if first is not None:
        axis.add_artist(first)
    return figure


def times_low(times):
    """Where the time axis begins: the fastest blocks of all may be far from all others."""
    return sorted(times)[len(times) // 200]


# --- distinct tips ---------------------------------------------------------------------------


def tips(all_series):
    many = any(len(series.runs) > 1 for series in all_series)
    figure, axes = style.new_figure(
        "Do the nodes agree?",
        "1 tip: everyone follows the same chain; below, how far the last node is behind the first"
        + ("\nlines: mean of the runs; bands: the middle 80 % of them" if many else ""),
        all_series, panels=2, height=6.2 + LEGEND * (len(all_series) > 1),
        head=LEGEND * (len(all_series) > 1))
    duration = max(run.duration for series in all_series for run in series.runs)
    for axis, (name, steps_of) in zip(axes, (("distinct tips", tip_steps),
                                             ("blocks behind", gap_steps))):
        for index, series in enumerate(all_series):
            steps = [steps_of(run) for run in series.runs]
            if len(steps) > 1:
                draw_mean(axis, steps, duration, style.colour(index))
            else:
                axis.step(*steps[0], where="post", color=style.colour(index), lw=1.4)
        axis.set_ylabel(name)
        axis.yaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=5))
        axis.set_ylim(bottom=0)
    unit = style.linear_time_axis(axes[1], duration)
    axes[1].set_xlabel(f"simulated time, {unit}")
    mark_events(all_series, axes)
    legend_above(axes[0], series_handles(all_series), lift=0.11)
    return figure


def tip_steps(run):
    """(instants, distinct tips from then on), to the end of the run."""
    table = run.table("tips", ["time_s", "distinct_tips"])
    if not table["time_s"]:
        raise NothingToShow(f"{run.directory / 'tips.csv'} holds no rows")
    return ([*table["time_s"], run.duration],
            [*table["distinct_tips"], table["distinct_tips"][-1]])


def gap_steps(run):
    table = run.table("timeseries", ["time_s", "min_height", "max_height"])
    gap = [high - low for high, low in zip(table["max_height"], table["min_height"])]
    return table["time_s"], gap


def draw_mean(axis, steps, duration, colour):
    """Of many runs: the mean over runs and over each of the BINS of time, and a band."""
    grid = numpy.linspace(0, duration, BINS + 1)
    means = numpy.array([mean_in(grid, *each) for each in steps])
    middle = (grid[1:] + grid[:-1]) / 2
    low, high = numpy.quantile(means, [0.1, 0.9], axis=0)
    axis.fill_between(middle, low, high, color=colour, alpha=0.18, lw=0)
    axis.plot(middle, means.mean(axis=0), color=colour, lw=2)


def mean_in(grid, times, values):
    """The time-weighted mean of a step function in each cell of the grid."""
    integral = numpy.concatenate([[0], numpy.cumsum(numpy.diff(times) * values[:-1])])
    return numpy.diff(numpy.interp(grid, times, integral)) / numpy.diff(grid)


def mark_events(all_series, axes):
    """Vertical lines where something happened; of words that come often none."""
    instants = {}
    for series in all_series:
        for word, at, _ in series.runs[0].convergence:
            instants.setdefault(word, set()).add(at)
    labels = {}
    for word, times in instants.items():
        if len(times) <= MOST_EVENTS:
            for at in times:
                labels.setdefault(at, []).append(word)
    for at, named in labels.items():
        for axis in axes:
            axis.axvline(at, color=style.GREY, ls=(0, (4, 3)), lw=1.2, zorder=1)
    low, high = axes[0].get_xlim()
    last = None
    for at in sorted(labels):
        if last is None or at - last > 0.09 * (high - low):  # else the words would overlap
            axes[0].text(at, 1.02, " and ".join(labels[at]), ha="center", va="bottom",
                         transform=axes[0].get_xaxis_transform(), color=style.GREY, fontsize=12)
            last = at


# --- bytes -----------------------------------------------------------------------------------


def traffic(all_series):
    """Per series {type: (mean messages, mean bytes) of a run}, and the types, heaviest first."""
    means = []
    for series in all_series:
        sums = {}
        for run in series.runs:
            table = run.table("messages", ["type", "count", "bytes"])
            for kind, count, weight in zip(*table.values()):
                old = sums.get(kind, (0, 0))
                sums[kind] = (old[0] + count, old[1] + weight)
        runs = len(series.runs)
        means.append({kind: (count / runs, weight / runs)
                      for kind, (count, weight) in sums.items()})
    heaviest = {}
    for mean in means:
        for kind, (_, weight) in mean.items():
            heaviest[kind] = max(heaviest.get(kind, 0), weight)
    return means, sorted(heaviest, key=lambda kind: (-heaviest[kind], kind))


def bytes_by_type(all_series):
    means, kinds = traffic(all_series)
    weights = [weight for mean in means for _, weight in mean.values() if weight > 0]
    if not weights:
        raise NothingToShow("no message was sent")
    slots = len(kinds) * (len(all_series) + 0.5)
    many = any(len(series.runs) > 1 for series in all_series)
    figure, axis = style.new_figure(
        "Which messages fill the network?",
        "bytes of JSON text that all nodes sent, and the number of messages"
        + (", means of the runs" if many else ""),
        all_series, height=min(9.0, max(3.6, 2.3 + 0.5 * slots)))
    logarithmic = max(weights) / min(weights) > 50
    thick = 0.76 / len(all_series)
    for index, mean in enumerate(means):
        for number, kind in enumerate(kinds):
            count, weight = mean.get(kind, (0, 0))
            if weight:
                y = number + (index - (len(means) - 1) / 2) * thick
                draw_weight(axis, y, weight, count, thick, index, logarithmic)
    axis.set_yticks(range(len(kinds)), kinds)
    axis.set_ylim(len(kinds) - 0.45, -0.55)
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="y", length=0)
    room = 0.64  # of the width; the rest is for the words beside the longest
    if logarithmic:  # no bars: their length would mean nothing
        low = min(weights) / 2
        axis.set_xscale("log")
        axis.set_xlim(low, low * (max(weights) / low) ** (1 / room))
        axis.xaxis.set_major_locator(ticker.FixedLocator(decades(low, max(weights))))
        axis.xaxis.set_minor_locator(ticker.NullLocator())
    else:
        axis.set_xlim(0, max(weights) / room)
    axis.xaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: style.size(x)))
    axis.set_xlabel("bytes sent" + (" (logarithmic)" if logarithmic else ""))
    figure.subplots_adjust(left=0.16)
    legend_above(axis, series_handles(all_series, dots=logarithmic))
    return figure


def decades(low, high):
    """Powers of ten from `low` to just above `high`, at most seven."""
    powers = range(math.ceil(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [10.0 ** power for power in powers[::math.ceil(len(powers) / 7)]]


def draw_weight(axis, y, weight, count, thick, index, logarithmic):
    colour = style.colour(index)
    if logarithmic:
        axis.plot([weight], [y], style.marker(index), color=colour, ms=11)
        axis.hlines(y, 1e-9, weight, color=colour, lw=1, alpha=0.35)
    else:
        axis.barh(y, weight, height=thick * 0.9, color=colour)
    axis.annotate(f"{style.size(weight)}, {round(count):,} messages", (weight, y),
                  xytext=(10, 0), textcoords="offset points", va="center", fontsize=12)


FIGURES = {
    "convergence": convergence,
    "propagation": propagation,
    "tips": tips,
    "bytes": bytes_by_type,
}

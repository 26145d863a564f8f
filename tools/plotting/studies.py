"""The figure of a sweep: measures against a parameter, a panel each, with bands of 95 %."""

import math
import statistics

from matplotlib import lines, ticker

from plotting import style, theory
from plotting.runs import BadInput

LEGEND = 87  # letters that a row of a legend has room for
HANDLE = 6   # letters that a handle takes
DASHES = (0, (4, 3))
ASIDE = 0.12  # of the way from one word on the x axis to the next, so that no bar hides another
MOST_OWN_TICKS = 9  # of values that stand on the x axis by themselves
KNOWN = {  # measures: words for the axis, kind of quantity
    "convergence_time_seconds": ("time to agree", "time"),
    "propagation_time_seconds": ("median propagation", "time"),
    "stale_rate": ("stale rate", "share"),
    "forked_heights": ("forked heights", "share"),
    "bytes_total": ("bytes sent", "size"),
    "bytes_total/blocks.mined": ("bytes a block", "size"),
    "reorg_depth": ("deepest reorg, blocks", "number"),
    "attack_rate": ("attempts that succeed", "share"),
    "attack_revenue": ("attacker's revenue", "share"),
}
GUESSES = (("seconds", "time"), ("bytes", "size"), ("rate", "share"), ("share", "share"))
LINEAR = {"attack_revenue"}  # however far its values lie apart: a straight line is honest mining
WORDS = {"network.nodes": "nodes", "network.latency": "latency", "network.loss": "loss",
         "chain.block_interval": "block interval", "chain.block_size": "block size",
         "mining.power": "power"}


def words_of(column):
    if column in KNOWN:
        return KNOWN[column]
    first, *others = column.split("/")
    words = " per ".join(KNOWN[part][0] if part in KNOWN else part for part in (first, *others))
    if first in KNOWN:
        return words, KNOWN[first][1]
    return words, next((kind for word, kind in GUESSES if word in first), "number")


def parameter_words(name):
    place, _, key = name.rpartition(".")
    if place.startswith("nodes.") and key == "power":
        return f"power of node {place.split('.')[1]}"
    if ".behaviour" in name:
        return key.replace("_", " ")
    return WORDS.get(name, name)


def label_of(sweep, settings):
    """What tells a line from the others, in a few words."""
    words = {name: parameter_words(name) for name in settings}
    powers = [name for name in settings if name.endswith(".power")]
    if len(powers) == 1:
        words[powers[0]] = "power"
    return ", ".join(text if sweep.parameters[name].kind is None else f"{words[name]} {text}"
                     for name, text in settings.items())


# --- axes --------------------------------------------------------------------------------------


def text_of(kind, value):
    if kind == "time":
        return style.duration(value)
    if kind == "size":
        return style.size(value)
    if kind == "rate":
        return style.size(value * 8).replace("B", "bit") + "/s"
    if kind == "share":
        return f"{100 * value:.4g} %"
    return style.short(value)


def is_geometric(values):
    """Over a decade or more, and rather by factors than by steps."""
    low, high = min(values), max(values)
    if low <= 0 or high / low < 10:
        return False
    middle = statistics.median(values)
    return abs(middle - math.sqrt(low * high)) < abs(middle - (low + high) / 2)


def decades(low, high):
    """Ticks of a logarithmic axis: powers of ten, and 2 and 5 times those where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    digits = (1, 2, 5) if high / low < 300 else (1,)
    ticks = [digit * 10.0 ** power for power in powers for digit in digits]
    return [tick for tick in ticks if low <= tick <= high]


def is_logarithmic(column, estimates):
    positive = [each.mean for each in estimates if each.mean > 0]
    return column not in LINEAR and bool(positive) and max(positive) / min(positive) > 50


def set_y_axis(axis, column, kind, estimates):
    high = max(each.high for each in estimates)
    if is_logarithmic(column, estimates):
        low = min(each.mean for each in estimates if each.mean > 0) / 2
        axis.set_yscale("log")
        axis.set_ylim(low, high * 1.5)
        axis.yaxis.set_major_locator(ticker.FixedLocator(decades(low, high * 1.5)))
        axis.yaxis.set_minor_locator(ticker.NullLocator())
        axis.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: text_of(kind, y)))
        return " (log)"
    axis.set_ylim(min(0.0, min(each.low for each in estimates)), high * 1.05 or 1.0)
    set_linear(axis.yaxis, kind, high or 1.0)
    return ""


def set_linear(axis, kind, high, most=6):
    if kind == "time":
        unit, scale = next(((u, s) for u, s in reversed(style.TIME_UNITS) if high >= 3 * s),
                           style.TIME_UNITS[0])
        axis.set_major_locator(ticker.MultipleLocator(style.nice_step(high / scale, most) * scale))
        axis.set_major_formatter(
            ticker.FuncFormatter(lambda v, _: f"{style.short(v / scale)} {unit}"))
    else:
        axis.set_major_locator(ticker.MaxNLocator(most, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(ticker.FuncFormatter(lambda v, _: text_of(kind, v)))


def set_x_axis(axis, x):
    values = sorted(x.value.values())
    logarithmic = bool(x.kind) and is_geometric(values)
    if logarithmic:
        axis.set_xscale("log")
        axis.xaxis.set_minor_locator(ticker.NullLocator())
    if not x.kind:
        axis.set_xlim(-0.5, len(values) - 0.5)
    place = math.log if logarithmic else float
    reach = place(values[-1]) - place(values[0])
    narrow = min((place(b) - place(a) for a, b in zip(values, values[1:])), default=1)
    if not x.kind or (len(values) <= MOST_OWN_TICKS and narrow > 0.055 * reach):
        texts = sorted(x.texts, key=x.value.get)
        axis.xaxis.set_major_locator(ticker.FixedLocator(values))
        axis.xaxis.set_major_formatter(ticker.FixedFormatter(texts))
    elif logarithmic:
        axis.xaxis.set_major_locator(ticker.FixedLocator(decades(values[0], values[-1])))
        axis.xaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: text_of(x.kind, v)))
    else:
        set_linear(axis.xaxis, x.kind, values[-1], most=9)
    return " (logarithmic)" if logarithmic else ""


# --- the figure --------------------------------------------------------------------------------


def study(sweep, x, by, columns):
    drawn = sweep.lines(x, by, columns)
    estimates = [[points[i] for line in drawn for _, points in line.points
                  if points[i] is not None] for i in range(len(columns))]
    for column, of_column in zip(columns, estimates):
        if not of_column:
            raise BadInput(f"{sweep.path}: found no value of {column}")
    attack = all(column.startswith("attack") for column in columns)
    x_words = "attacker's power" if attack and x.name.endswith(".power") else \
        parameter_words(x.name)
    known = [words_of(column) for column in columns]
    curves = [[theory.curve(column, x.name, {**sweep.constants(), **line.settings})
               for line in drawn] for column in columns]
    handles = handles_of(sweep, drawn, curves, columns, x)
    in_a_row = handles_in_a_row(handles)
    panels = len(columns)
    figure, axes = style.new_figure(
        title_of([words for words, _ in known], x_words),
        reading_of(x, [each for of_column in estimates for each in of_column]), [], panels=panels,
        height=5.4 if panels == 1 else 2.2 + 2.45 * panels,
        head=0.27 * math.ceil(len(handles) / in_a_row),
        caption=caption_of(sweep, columns, estimates))
    axes = [axes] if panels == 1 else list(axes)
    for place, (axis, (words, kind)) in enumerate(zip(axes, known)):
        scale = set_y_axis(axis, columns[place], kind, estimates[place])
        axis.set_ylabel(words + scale)
        if has_diagonal(columns[place], x):
            ends = [min(x.value.values()), max(x.value.values())]
            axis.plot(ends, ends, color=style.GREY, ls=DASHES, lw=1.4, zorder=1)
        for index, line in enumerate(drawn):
            aside = 0.0 if x.kind else ASIDE * (index - (len(drawn) - 1) / 2)
            draw_line(axis, x, line, place, index, aside, joined=not curves[place][index])
            if curves[place][index]:
                draw_theory(axis, x, curves[place][index][1], index)
        axis.yaxis.set_label_coords(-0.095, 0.5)
    scale = set_x_axis(axes[-1], x)
    axes[-1].set_xlabel(x_words + scale)
    figure.subplots_adjust(left=0.125)
    if handles:
        axes[0].legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 0.995),
                       ncol=in_a_row, borderaxespad=0.1, columnspacing=1.6, handlelength=2.2)
    return figure


def has_diagonal(column, x):
    return column == "attack_revenue" and x.name.endswith(".power")


def handles_in_a_row(handles):
    widths = sorted((len(handle.get_label()) + HANDLE for handle in handles), reverse=True)
    return max((n for n in range(1, 6) if sum(widths[:n]) <= LEGEND), default=1)


def handles_of(sweep, drawn, curves, columns, x):
    """Of the legend: the lines where there are several, theory, and what honest miners get."""
    handles = []
    for index, line in enumerate(drawn):
        if len(drawn) > 1:
            joined = x.kind and not all(of_column[index] for of_column in curves)
            handles.append(lines.Line2D([], [], color=style.colour(index), ls="-" if joined else "",
                                        marker=style.marker(index), ms=7,
                                        label=label_of(sweep, line.settings)))
    sources = dict.fromkeys(each[0] for of_column in curves for each in of_column if each)
    handles += [lines.Line2D([], [], color=style.GREY, lw=1.6, label=words) for words in sources]
    if any(has_diagonal(column, x) for column in columns):
        handles.append(lines.Line2D([], [], color=style.GREY, ls=DASHES, lw=1.4,
                                    label="honest mining"))
    return handles


def title_of(measures, x_words):
    together = measures[0] if len(measures) == 1 else \
        ", ".join(measures[:-1]) + " and " + measures[-1]
    title = f"{together[0].upper()}{together[1:]}, by {x_words}"
    return title if len(title) <= 70 else f"{len(measures)} measures, by {x_words}"


def reading_of(x, estimates):
    fewest = min(each.runs for each in estimates)
    most = max(each.runs for each in estimates)
    runs = f"{most} runs" if fewest == most else f"{fewest} to {most} runs"
    if most == 1:
        return "one run a point"
    shown = "bands" if x.kind else "bars"
    return f"means of {runs} a point; {shown}: 95 % intervals of the mean (Student t)"


def caption_of(sweep, columns, estimates):
    seeds = sweep.seeds()
    of_seeds = f"seed {seeds[0]}" if len(seeds) == 1 else \
        f"{len(seeds)} seeds {seeds[0]} to {seeds[-1]}"
    caption = [f"simchain sweep {sweep.plan}.yaml, {len(sweep.rows):,} runs, {of_seeds}, "
               f"SHA-256 of runs.csv {sweep.digest}"]
    if sweep.constants():
        caption.append("with " + ", ".join(f"{name}={text}"
                                           for name, text in sweep.constants().items()))
    for column, of_column in zip(columns, estimates):
        if is_logarithmic(column, of_column) and any(each.mean <= 0 for each in of_column):
            caption.append("hollow on the axis: 0")
        missing = len(sweep.rows) - sum(each.runs for each in of_column)
        if missing:
            caption.append(f"left out, having no {column}: {missing:,} of {len(sweep.rows):,} runs")
    return caption


def draw_line(axis, x, line, place, index, aside, joined):
    """Means and their band; beside a curve of theory they are not joined."""
    known = [(x.value[text] + aside, points[place]) for text, points in line.points
             if points[place] is not None]
    logarithmic = axis.get_yscale() == "log"
    bottom = axis.get_ylim()[0] if logarithmic else -math.inf
    xs = [at for at, _ in known]
    means, lows, highs = ([max(getattr(each, end), bottom) for _, each in known]
                          for end in ("mean", "low", "high"))
    colour = style.colour(index)
    if x.kind and len(xs) > 1:
        axis.fill_between(xs, lows, highs, color=colour, alpha=0.18, lw=0)
    else:
        joined = False
        axis.errorbar(xs, means, yerr=[[mean - low for mean, low in zip(means, lows)],
                                       [high - mean for mean, high in zip(means, highs)]],
                      ls="", color=colour, capsize=4)
    axis.plot(xs, means, marker=style.marker(index), ms=7, color=colour, ls="-" * joined)
    none = [at for at, each in known if logarithmic and each.mean <= 0]
    axis.plot(none, [bottom] * len(none), style.marker(index), ms=7, color=colour, mfc="white",
              mew=1.6, ls="", clip_on=False, zorder=5)


def draw_theory(axis, x, function, index):
    """Between the values of x as well, but where only whole numbers mean something."""
    values = sorted(x.value.values())
    whole = x.kind == "number" and all(value == int(value) for value in values)
    steps = 1 if whole else 20
    xs = [a + (b - a) * i / steps for a, b in zip(values, values[1:]) for i in range(steps)]
    xs.append(values[-1])
    axis.plot(xs, [function(at) for at in xs], color=style.colour(index), lw=1.6, zorder=1.5)

"""A sequence diagram of a run's first messages: a lane a node, time downwards, an arrow a message.

Time is not to scale, or nothing would be seen of a network that rests for half a minute and then
says everything within 100 ms: every instant has a row, and its time stands beside it.
"""

import dataclasses
import math

from plotting import style
from plotting.figures import NothingToShow
from plotting.runs import Series

MOST_LANES = 8
WIDE_LANES = 6  # fewer have room for larger words
MOST_ROWS = 26
ROW = 0.27  # inches
PAUSE = 5.0  # so many times the longest flight and nothing is said: a gap


@dataclasses.dataclass
class Message:
    sent: float
    received: float  # or None
    source: int
    target: int
    label: str


@dataclasses.dataclass
class Row:
    time: float
    arrivals: list = dataclasses.field(default_factory=list)    # messages
    departures: list = dataclasses.field(default_factory=list)  # groups of one sender and label


def messages_of(run):
    table = run.table("first_messages",
                      ["sent_s", "received_s", "from", "to", "type", "height"])
    found = []
    for sent, received, source, target, kind, height in zip(*table.values()):
        label = kind if height is None else f"{kind} {height:.0f}"
        found.append(Message(sent, received, int(source), int(target), label))
    return found


def lanes_of(messages):
    """The nodes that are drawn: the first to speak, and to be spoken to."""
    seen = dict.fromkeys(node for each in messages for node in (each.source, each.target))
    return sorted(list(seen)[:MOST_LANES]), len(seen)


def rows_of(messages):
    """Rows in the order of time, with as many messages as MOST_ROWS has room for.

    At one instant first what arrives, then what is sent: of each node so much in one row as bears
    one label.
    """
    leaving, arriving = {}, {}
    for each in messages:
        of_node = leaving.setdefault(each.sent, {}).setdefault(each.source, {})
        of_node.setdefault(each.label, []).append(each)
        if each.received is not None:
            arriving.setdefault(each.received, []).append(each)
    rows, shown, full = [], set(), False
    for time in sorted({*leaving, *arriving}):
        came = [each for each in arriving.get(time, ()) if id(each) in shown]
        if came and len(rows) < MOST_ROWS:
            rows.append(Row(time, arrivals=came))
        depth = max((len(of_node) for of_node in leaving.get(time, {}).values()), default=0)
        full = full or len(rows) + depth >= MOST_ROWS
        for number in range(0 if full else depth):
            groups = [list(of_node.values())[number] for of_node in leaving[time].values()
                      if number < len(of_node)]
            rows.append(Row(time, departures=groups))
            shown.update(id(each) for group in groups for each in group)
        at_once = [each for each in arriving.get(time, ()) if id(each) in shown
                   and each.sent == time]
        if at_once and len(rows) < MOST_ROWS:
            rows.append(Row(time, arrivals=at_once))
    return rows


def sequence(all_series):
    if len(all_series) > 1:
        raise NothingToShow("it is of one run; there are several series")
    run = all_series[0].runs[0]
    messages = messages_of(run)
    lanes, nodes = lanes_of(messages)
    among = [each for each in messages if each.source in lanes and each.target in lanes]
    if not among:
        raise NothingToShow("no message was sent")
    rows = rows_of(among)
    flights = [each.received - each.sent for each in among if each.received is not None]
    pause = PAUSE * max(flights) if any(flights) else math.inf
    heights, at = [], 0.0
    for number, row in enumerate(rows):
        if number and row.time - rows[number - 1].time > pause:
            at += 0.9
        if number and row.arrivals and rows[number - 1].departures:
            at += 0.7  # steeper arrows
        heights.append(at)
        at += 1.0
    figure, axis = style.new_figure(
        "Who says what to whom?",
        "a run's first messages, each with the height that it tells of; every instant has a row"
        + reading_of(rows, lanes, nodes),
        [Series(all_series[0].label, [run])], height=2.3 + ROW * (at + 1))
    place = {node: lane for lane, node in enumerate(lanes)}
    draw_lanes(axis, lanes, at)
    draw_rows(axis, rows, heights, place, len(lanes), pause)
    axis.set_xlim(-0.75, len(lanes))
    axis.set_ylim(at + 0.1, -1.6)
    axis.axis("off")
    figure.subplots_adjust(left=0.02, right=0.98, bottom=0.5 / figure.get_figheight())
    return figure


def reading_of(rows, lanes, nodes):
    left = sum(len(group) for row in rows for group in row.departures)
    came = sum(len(row.arrivals) for row in rows)
    reading = "\ndashed: it comes later than is shown; with a cross: it never came" \
        if came < left else ""
    if nodes > len(lanes):
        reading += f"\n{len(lanes)} nodes of those that spoke, and what they said to each other"
    return reading


def draw_lanes(axis, lanes, end):
    axis.vlines(range(len(lanes)), -0.9, end, color=style.FAINT, lw=1.6, zorder=1)
    for lane, node in enumerate(lanes):
        axis.text(lane, -1.0, f"node {node}", ha="center", va="bottom", weight="bold", fontsize=12)


def draw_rows(axis, rows, heights, place, count, pause):
    row_of_arrival = {id(each): heights[number] for number, row in enumerate(rows)
                      for each in row.arrivals}
    kinds = {}  # words before the height: colours
    for number, row in enumerate(rows):
        y = heights[number]
        before = rows[number - 1].time if number else None
        if row.time != before:
            axis.text(-0.72, y, instant(row.time), va="center", ha="left", fontsize=11,
                      color=style.GREY)
        if before is not None and row.time - before > pause:
            draw_pause(axis, y - 0.95, row.time - before, count)
        for group in row.departures:
            first = group[0]
            kind = first.label.split(" ", maxsplit=1)[0]
            colour = style.colour(kinds.setdefault(kind, len(kinds)))
            for message in group:
                draw_arrow(axis, message, y, row_of_arrival.get(id(message)), place, colour)
            axis.text(place[first.source] + 0.05, y - 0.06, first.label, va="bottom", zorder=4,
                      fontsize=10 if count <= WIDE_LANES else 9, color=colour,
                      bbox={"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.85})


def instant(seconds):
    return style.duration(seconds) if seconds < 1 else f"{seconds:,.3f} s"


def draw_pause(axis, y, seconds, count):
    axis.axhline(y, color=style.GREY, ls=(0, (1, 3)), lw=1.0, zorder=1)
    axis.text(count - 0.02, y, f"{style.duration(seconds)} later", ha="right", va="center",
              fontsize=11, color=style.GREY, bbox={"fc": "white", "ec": "none", "pad": 1.5})


def draw_arrow(axis, message, y, arrival, place, colour):
    """To its arrival; what is lost, or comes after the last row, ends half way."""
    start, end = place[message.source], place[message.target]
    if arrival is None:
        end, arrival = start + (end - start) * 0.4, y + 0.8
        axis.plot([start, end], [y, arrival], color=colour, lw=1.3, ls=(0, (2, 2)), zorder=2)
        if message.received is None:
            axis.plot([end], [arrival], "x", color=colour, ms=7, mew=1.8, zorder=3)
        return
    axis.annotate("", (end, arrival), (start, y), zorder=2,
                  arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.3,
                              "shrinkA": 0, "shrinkB": 0, "mutation_scale": 11})


FIGURES = {"sequence": sequence}

"""What became of the blocks: how deep reorgs went, and who got what share of the chain."""

from matplotlib import lines, ticker

from plotting import style
from plotting.figures import NothingToShow, legend_above, series_handles

MOST_STEPS = 30  # of a linear axis of depths
FAR = 0.03  # of the chain, from the share of power: then a node is named
MOST_NAMES = 6


def reorgs(all_series):
    """The complementary distribution of depths: the share of reorgs at least so deep."""
    depths = [[depth for run in series.runs
               for depth in run.table("reorgs", ["depth_blocks"])["depth_blocks"]]
              for series in all_series]
    if not any(depths):
        raise NothingToShow("no node ever left its branch")
    figure, axis = style.new_figure(
        "How deep do reorgs go?",
        "share of reorgs that gave up so many blocks or more; a reorg is one node's",
        all_series, head=0.27)
    deepest = max(max(each) for each in depths if each)
    lowest = 1.0
    handles = []
    for index, (series, of_series) in enumerate(zip(all_series, depths)):
        handles.append(lines.Line2D([], [], color=style.colour(index), marker=style.marker(index),
                                    label=f"{series.label}: {len(of_series):,} reorgs"))
        if not of_series:
            continue
        at = sorted(set(of_series))
        shares = [sum(depth >= k for depth in of_series) / len(of_series) for k in at]
        lowest = min(lowest, shares[-1])
        axis.step([0.7, *at], [1.0, *shares], where="pre", color=style.colour(index))
        axis.plot(at, shares, style.marker(index), color=style.colour(index), ms=7)
    if deepest > MOST_STEPS:
        axis.set_xscale("log")
        axis.xaxis.set_minor_locator(ticker.NullLocator())
        axis.xaxis.set_major_locator(ticker.FixedLocator(
            [digit * 10 ** power for power in range(7) for digit in (1, 2, 5)]))
    else:
        axis.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=10))
    axis.set_xlim(0.7, deepest * 1.15)
    axis.xaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{x:,.0f}"))
    if lowest < 0.1:
        axis.set_yscale("log")
        axis.yaxis.set_minor_locator(ticker.NullLocator())
    axis.set_ylim(lowest / 2 if lowest < 0.1 else 0, 1.25 if lowest < 0.1 else 1.05)
    axis.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: f"{100 * y:g} %"))
    axis.set_xlabel("blocks given up" + (" (logarithmic)" if deepest > MOST_STEPS else ""))
    axis.set_ylabel("share of reorgs" + (" (log)" if lowest < 0.1 else ""))
    legend_above(axis, handles)
    return figure


def shares(all_series):
    points = [mean_shares(series) for series in all_series]
    powers = [power for of_series in points for _, power, _ in of_series]
    if not powers:
        raise NothingToShow("no block was found by anybody with mining power")
    figure, axis = style.new_figure(
        "Does everyone get what their power is worth?",
        "every dot is a node; dashed: as much of the chain as of the power"
        + (", means of the runs" if any(len(series.runs) > 1 for series in all_series) else ""),
        all_series, head=0.27 * (len(all_series) > 1))
    gained = [share for of_series in points for _, _, share in of_series]
    right = max(powers) * 1.15
    top = max([*gained, max(powers)]) * 1.15
    axis.plot([0, right], [0, right], color=style.GREY, ls=(0, (4, 3)), lw=1.4, zorder=1)
    for index, of_series in enumerate(points):
        axis.plot([power for _, power, _ in of_series], [share for _, _, share in of_series],
                  style.marker(index), color=style.colour(index), alpha=0.65, ms=9, mew=0, ls="")
        far = sorted(of_series, key=lambda each: -abs(each[2] - each[1]))[:MOST_NAMES]
        for node, power, share in far:
            if abs(share - power) > FAR:
                axis.annotate(f"node {node}", (power, share), xytext=(9, 0), va="center",
                              textcoords="offset points", color=style.colour(index), fontsize=12)
    axis.set_xlim(0, right)
    axis.set_ylim(0, top)
    for each in (axis.xaxis, axis.yaxis):
        each.set_major_locator(ticker.MaxNLocator(8, steps=[1, 2, 5, 10]))
        each.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{100 * x:g} %"))
    axis.set_xlabel("share of the power")
    axis.set_ylabel("share of the main chain")
    legend_above(axis, series_handles(all_series, dots=True))
    return figure


def mean_shares(series):
    """[(node, power, mean share of the main chain)] of those with power."""
    sums = {}
    for run in series.runs:
        for node, power, share in run.miners():
            if share is not None:
                sums.setdefault((node, power), []).append(share)
    return [(node, power, sum(found) / len(found)) for (node, power), found in sums.items()
            if power > 0]


FIGURES = {"reorgs": reorgs, "shares": shares}

"""Our curve of stale rate and propagation against block interval, over the published points."""

from matplotlib import ticker

from plotting import style
from plotting.findings import PANELS

TICKS = {"stale/all": [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.2, 0.5],
         "median": [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]}
ASIDE = 1.025  # ours to the right, theirs to the left, so that no bar hides another


def published(theirs, ours, tolerance, source):
    figure, axes = style.new_figure(
        "How do stale rate and propagation depend on the block interval?",
        f"bars: intervals of 95 %; grey: within {100 * tolerance:.0f} % of what was published",
        [], panels=2, height=7.4, head=0.24,
        caption=[f"simchain validate published; published: {source}, standard relay, "
                 "10,000 blocks a point"])
    for axis, panel in zip(axes, PANELS):
        draw_band(axis, theirs.panels[panel], tolerance)
        for index, curve in enumerate(ours):
            draw_points(axis, curve.panels.get(panel, []), ASIDE, curve.label,
                        {"color": style.colour(index), "marker": style.marker(index),
                         "ls": "-" if len(curve.panels.get(panel, [])) > 1 else ""})
        draw_points(axis, theirs.panels[panel], 1 / ASIDE, theirs.label,
                    {"color": "black", "marker": "D", "ls": "", "mfc": "white"})
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(ticker.FixedLocator(TICKS[panel]))
        axis.yaxis.set_minor_locator(ticker.NullLocator())
    axes[0].yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: f"{100 * y:g} %"))
    axes[1].yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: style.duration(y)))
    axes[0].set_ylabel("stale blocks, of all")
    axes[1].set_ylabel("median propagation")
    intervals = [point.interval for point in theirs.panels[PANELS[0]]]
    style.log_time_axis(axes[1], min(intervals), max(intervals))
    axes[1].xaxis.set_major_locator(ticker.FixedLocator(intervals))
    axes[1].set_xlabel("mean time between blocks, as intended (logarithmic)")
    axes[0].legend(loc="lower right", bbox_to_anchor=(1.0, 0.995), ncol=4, borderaxespad=0.1,
                   columnspacing=1.6, handlelength=1.8)
    return figure


def draw_band(axis, points, tolerance):
    axis.fill_between([point.interval for point in points],
                      [point.value * (1 - tolerance) for point in points],
                      [point.value * (1 + tolerance) for point in points],
                      color=style.FAINT, alpha=0.6, lw=0)


def draw_points(axis, points, aside, label, look):
    axis.errorbar([point.interval * aside for point in points], [point.value for point in points],
                  yerr=[[point.value - point.low for point in points],
                        [point.high - point.value for point in points]],
                  label=label, ms=7, capsize=3, elinewidth=1.5, **look)

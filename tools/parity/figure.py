"""A picture of both worlds: distinct tips over time, and propagation, simulated and real."""

import csv

from plotting import style
from parity.compare import half_width, mean

SHARES = ("p50", "p90", "p99")


def tips(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [float(r["time_s"]) for r in rows], [int(r["distinct_tips"]) for r in rows]


def steps(axis, paths, end, colour, label, **look):
    for index, path in enumerate(paths):
        times, distinct = tips(path)
        axis.step([*times, end], [*distinct, distinct[-1]], where="post", color=colour,
                  label=label if index == 0 else None, **look)


def draw(report, plans, reals, simulated_tips, real_tips, directory):
    style.apply()
    seeds = report["seeds"]
    caption = [f"{report['scenario']}, seeds {seeds[0]} to {seeds[-1]}, {report['nodes']} nodes, "
               f"simulated and on chainnodes behind chainshaper; verdict: {report['verdict']}",
               f"tools/lab {report['file']} --runs {len(seeds)}"]
    figure, whole = style.new_figure(
        f"{report['scenario']}: simulated and real", "Above: tips that nodes follow, seed "
        f"{seeds[0]}. Below: from finding to receipt, means and 95 % intervals.", [],
        height=7.2, caption=caption)
    whole.remove()
    upper = figure.add_axes((0.105, 0.52, 0.865, 0.30))
    lower = figure.add_axes((0.105, 0.15, 0.865, 0.27))
    end = report["duration_seconds"]
    steps(upper, simulated_tips[:1], end, style.colour(0), "simulated", linewidth=4.5, alpha=0.45)
    steps(upper, real_tips[:1], end, style.colour(1), "real", linewidth=1.6)
    upper.set_ylabel("distinct tips")
    upper.set_xlim(0, end)
    upper.set_xlabel("seconds")
    upper.tick_params(labelbottom=True)
    upper.legend(loc="upper right")
    for world, (label, reports) in enumerate((("simulated", [p["report"] for p in plans]),
                                              ("real", reals))):
        for place, share in enumerate(SHARES):
            values = [r["propagation_seconds"][share] for r in reports]
            if None in values:
                continue
            lower.errorbar(place + (world - 0.5) * 0.2, mean(values), half_width(values) or 0,
                           color=style.colour(world), marker=style.marker(world), markersize=9,
                           capsize=5, linestyle="none", label=label if place == 0 else None)
    lower.set_xticks(range(len(SHARES)), [f"to {s[1:]} %" for s in SHARES])
    lower.set_xlim(-0.5, len(SHARES) - 0.5)
    lower.set_yscale("log")
    lower.set_ylabel("propagation (s)")
    lower.legend(loc="upper left")
    return list(style.save(figure, directory, "parity", ["svg"]))

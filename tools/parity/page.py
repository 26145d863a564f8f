"""The report of a lab as text for people."""

from parity.compare import DIFFERS, half_width, mean


def shown(value, unit):
    if value is None:
        return "never"
    if unit == "s":
        return f"{value * 1e3:.1f} ms" if value < 1 else f"{value:.3f} s"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def with_interval(values, unit):
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return f"{len(values) - len(known)} never"
    half = half_width(known)
    text = shown(mean(known), unit)
    return text if not half else f"{text} ± {shown(half, unit)}"


def row_of(quantity):
    if quantity.unit == "=":
        sizes = quantity.simulated[0]
        return (quantity.name, f"{len(sizes)} entries", quantity.why, "", quantity.verdict)
    a, b = quantity.simulated, quantity.real
    difference = "" if None in a or None in b or a == b else \
        ("+" if mean(b) >= mean(a) else "-") + shown(abs(mean(b) - mean(a)), quantity.unit)
    if quantity.allowed:
        difference += f" of {shown(quantity.allowed, quantity.unit)}"
    return (quantity.name, with_interval(a, quantity.unit), with_interval(b, quantity.unit),
            difference, quantity.verdict)


def machine_lines(machine):
    late, gap = machine["shaper_late_ms"], machine["clock_gap_ms"]
    yield f"machine    {'BUSY' if machine['busy'] else 'quiet enough'}"
    yield (f"  shaper's error   median {late['median']:.2f} ms, 99 % {late['p99']:.2f} ms, "
           f"most {late['max']:.2f} ms")
    yield (f"  gaps of a clock  median {gap['median']:.2f} ms, 99 % {gap['p99']:.2f} ms, "
           f"most {gap['max']:.2f} ms")
    waited = machine["cpu_waited_share"]
    told = "" if waited is None else \
        f"; something waited for a CPU in {waited * 100:.0f} % of the time"
    yield (f"  run queue        load {machine['load_average']:.1f}{told}; "
           f"blocks asked for at most {machine['blocks_late_ms']:.1f} ms late")


def step_lines(beside):
    yield (f"beside the simulation: {beside['differing']} of {beside['connections']} connections "
           "heard something else")
    first = beside["first"]
    if first is None:
        return
    yield (f"  first at node {first['node']}, connection {first['connection']}, "
           f"message {first['message']}")
    for world in ("simulated", "real"):
        yield f"    {world}"
        for heard in (*first[world]["before"], first[world]["differs"]):
            yield "      nothing more" if heard is None else \
                f"      {heard['at_seconds']:9.3f} s  {heard['what']}"


def page(report, quantities):
    lines = [f"{report['scenario']}: {report['question']}", "",
             f"runs       {len(report['seeds'])}, seeds {report['seeds'][0]} to "
             f"{report['seeds'][-1]}, {report['nodes']} real nodes, "
             f"{report['duration_seconds']:.0f} s each"]
    lines += machine_lines(report["machine"])
    lines.append("")
    rows = [("quantity", "simulated", "real", "difference", "verdict")]
    rows += [row_of(quantity) for quantity in quantities]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
              for row in rows]
    lines.append("")
    for seed, beside in zip(report["seeds"], report["beside_simulation"]):
        if beside["first"] is not None and report["verdict"] != "agrees":
            lines += [f"seed {seed}, " + line if i == 0 and len(report["seeds"]) > 1 else line
                      for i, line in enumerate(step_lines(beside))]
            lines.append("")
            break
    differing = [q.name for q in quantities if q.verdict == DIFFERS]
    lines.append(f"verdict    {report['verdict']}" +
                 (f": {', '.join(differing)}" if differing else ""))
    return "\n".join(lines) + "\n"

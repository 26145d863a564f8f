"""Quantities of both worlds side by side: what must be equal, what may differ, by how much.

What must be equal is found by asking the simulator. What came of the chain must be equal in reality
if it stays the same when every node takes 1, 3 or 6 ms to store a block; how many messages and
bytes it took, if they also stay the same when latencies are drawn anew, which is what they hang on
where neighbours race. All else is compared as a distribution over seeds.
"""

import dataclasses
import math

# Noise that the simulator is asked about; and other latencies, by their seed.
SLOW_STORES = ["chain.commit_time=1 ms", "chain.commit_time=3 ms", "chain.commit_time=6 ms"]
LATENCY_SEEDS = [1_000_001, 1_000_002]

# Student's t, two-sided 95 %, by degrees of freedom.
T95 = [math.nan, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201,
       2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086]

EQUAL, WITHIN, DIFFERS = "equal", "within", "DIFFERS"
FREE = "not judged"  # hangs on noise, and is no number


@dataclasses.dataclass
class Quantity:
    name: str
    unit: str              # "s", "", "B"; "=": no number, only equal or not
    simulated: list        # by seed
    real: list             # by seed
    verdict: str = ""
    allowed: float = 0.0   # of the difference of means; 0 where it must be equal
    why: str = ""


def mean(values):
    return sum(values) / len(values)


def half_width(values):
    """Of the 95 % interval of the mean; None for a single value."""
    if len(values) < 2:
        return None
    middle = mean(values)
    variance = sum((value - middle) ** 2 for value in values) / (len(values) - 1)
    t = T95[min(len(values) - 1, len(T95) - 1)]
    return t * math.sqrt(variance / len(values))


def noisy_settings(seed):
    """What to set for each variant; `seed` as the scenario has it."""
    seeds = seed if isinstance(seed, dict) else {"run": seed}
    told = [", ".join(f"{name}: {value}" for name, value in {**seeds, "latency": latency}.items())
            for latency in LATENCY_SEEDS]
    return SLOW_STORES + [f"seed={{{text}}}" for text in told]


def steady(pick, plans, variants, of_races=False):
    """Whether noise leaves it as it is, for every seed; `of_races`: and other latencies, too."""
    count = len(SLOW_STORES) + (len(LATENCY_SEEDS) if of_races else 0)
    return all(pick(plan) == pick(variant)
               for plan, others in zip(plans, variants) for variant in others[:count])


def exact(name, pick, pick_real, plans, variants, reals):
    quantity = Quantity(name, "=", [pick(p) for p in plans], [pick_real(r) for r in reals])
    same = sum(a == b for a, b in zip(quantity.simulated, quantity.real))
    quantity.why = f"the same in {same} of {len(reals)}"
    if same == len(reals):
        quantity.verdict = EQUAL
    else:
        quantity.verdict = DIFFERS if steady(pick, plans, variants) else FREE
    return quantity


def number(name, unit, simulated, real, allowed, must_be_equal=False):
    """A null, which is never an answer, agrees with nothing but a null."""
    quantity = Quantity(name, unit, simulated, real)
    if simulated == real:
        quantity.verdict = EQUAL
    elif must_be_equal or any((a is None) != (b is None) for a, b in zip(simulated, real)):
        quantity.verdict = DIFFERS
    else:
        pairs = [(a, b) for a, b in zip(simulated, real) if a is not None]
        differences = [b - a for a, b in pairs]
        quantity.allowed = allowed(mean([a for a, _ in pairs]))
        is_within = abs(mean(differences)) <= quantity.allowed
        quantity.verdict = WITHIN if is_within else DIFFERS
    return quantity


def of_noise(middle):
    """Counts that hang on noise: a tenth, and one."""
    return 1 + abs(middle) / 10


def closely(middle):
    return 0.005 + 0.05 * middle


def loosely(middle):
    return 0.01 + 0.1 * middle


def a_tenth(middle):
    return 0.1 * middle


def convergence(reports):
    """{kind of event: [mean seconds after it, by seed]}; null if one never converged."""
    kinds = {entry["after"] for report in reports for entry in report["convergence"]}
    found = {}
    for kind in sorted(kinds - {"stop_mining", "power", "partition", "crash", "leave"}):
        found[kind] = []
        for report in reports:
            took = [e["seconds"] for e in report["convergence"] if e["after"] == kind]
            found[kind].append(None if not took or None in took else mean(took))
    return found


def compare(plans, variants, reals, bytes_are_noise):
    """`plans`: what draws() gave of the simulated world, by seed; `variants` the same under noise,
    lists by seed; `reals` what measured() gave."""
    reports = [plan["report"] for plan in plans]
    found = []

    def facts(name, words):
        found.append(exact(words, lambda plan: plan["facts"][name], lambda r: r["facts"][name],
                           plans, variants, reals))
    facts("main_chain", "final chain")
    facts("tips", "tips, by node")
    facts("received", "blocks adopted, by node")
    facts("abandoned", "blocks abandoned, by node")

    def path(report, *keys):
        for key in keys:
            report = report.get(key) if report is not None else None
        return report

    def count(words, unit, *keys):
        def pick(plan):
            return path(plan["report"], *keys) or 0
        found.append(number(words, unit, [pick(plan) for plan in plans],
                            [path(real, *keys) or 0 for real in reals], of_noise,
                            steady(pick, plans, variants, keys[0] == "messages")
                            and not (unit == "B" and bytes_are_noise)))
    count("stale blocks", "", "blocks", "stale")
    count("reorgs", "", "reorgs", "count")
    count("deepest reorg", "", "reorgs", "max_depth")
    kinds = {kind for report in reports + reals for kind in report["messages"]}
    for kind in sorted(kinds):
        count(f"{kind} messages", "", "messages", kind, "count")
        count(f"{kind} bytes", "B", "messages", kind, "bytes")

    for share, allowed in (("p50", closely), ("p90", loosely), ("p99", loosely)):
        found.append(number(f"propagation {share}", "s",
                            [r["propagation_seconds"][share] for r in reports],
                            [r["propagation_seconds"][share] for r in reals], allowed))
    simulated, real = convergence(reports), convergence(reals)
    for kind in simulated:
        found.append(number(f"convergence after {kind}", "s", simulated[kind],
                            real.get(kind, [None] * len(reals)), a_tenth))
    return found


def machine_of(runs):
    """How the machine was: the worst of all runs, and whether it was busy."""
    def worst(*keys):
        values = []
        for run in runs:
            for key in keys:
                run = run.get(key) if run is not None else None
            if run is not None:
                values.append(run)
        return max(values, default=None)
    seconds = sum(run["seconds"] for run in runs)
    waits = [run["cpu_waited_seconds"] for run in runs if run["cpu_waited_seconds"] is not None]
    facts = {
        "shaper_late_ms": {k: worst("shaper", "late_ns", k) / 1e6
                           for k in ("median", "p99", "max")},
        "clock_gap_ms": {k: worst("shaper", "beat_late_ns", k) / 1e6
                         for k in ("median", "p99", "max")},
        "blocks_late_ms": (worst("blocks_late_seconds", "max") or 0) * 1e3,
        "load_average": max(worst("load_before"), worst("load_after")),
        "cpu_waited_share": sum(waits) / seconds if waits else None,
    }
    facts["busy"] = (facts["shaper_late_ms"]["p99"] > 3 or facts["clock_gap_ms"]["p99"] > 3
                     or facts["blocks_late_ms"] > 50)
    return facts

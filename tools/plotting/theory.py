"""What theory says of a measure: the curve beside that of the runs, where the plan fixes it."""

import math

from plotting.sweeps import quantity


def revenue(power, gamma):
    """A selfish pool's share of the main chain: Eyal and Sirer 2014, equation 8."""
    a, g = power, gamma
    return (a * (1 - a) ** 2 * (4 * a + g * (1 - 2 * a)) - a ** 3) / (1 - a * (1 + (2 - a) * a))


def double_spend(power, confirmations, premined):
    """That a payment is undone: Rosenfeld 2014, equation 1 where one block was premined.

    When the n-th confirmation is found, the attacker has found m blocks with the negative binomial
    probability C(m+n-1, m) p^n q^m, and has to make up for n + 1 - m - premined.
    """
    q, n = power, int(confirmations)
    p = 1 - q
    if q >= p:
        return 1.0
    fails = 0.0
    for m in range(max(0, n + 1 - int(premined))):
        behind = n + 1 - m - int(premined)
        fails += math.comb(m + n - 1, m) * p ** n * q ** m * (1 - (q / p) ** behind)
    return 1 - fails


CURVES = {  # measure: (words, function, the endings of the parameters that it takes)
    "attack_revenue": ("Eyal and Sirer 2014", revenue, (".power", ".gamma")),
    "attack_rate": ("Rosenfeld 2014", double_spend, (".power", ".confirmations", ".premined")),
}


def curve(measure, x_name, settings):
    """(words, function of x) where theory knows the measure and the settings all it needs."""
    if measure not in CURVES:
        return None
    words, function, endings = CURVES[measure]
    arguments = []
    for ending in endings:
        if x_name.endswith(ending):
            arguments.append(None)
            continue
        found = [quantity(text) for name, text in settings.items() if name.endswith(ending)]
        if len(found) != 1 or found[0] is None:
            return None
        arguments.append(found[0][1])
    if arguments.count(None) != 1:
        return None
    return words, lambda x: function(*(x if each is None else each for each in arguments))

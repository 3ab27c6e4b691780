"""How often the intervals of the three approaches hold the exponent, and what bias they report.

Run: python benchmarks/approaches.py [--tables 100]

Tables are drawn from Besiroglu's law on sweeps of equal compute, fitted, and the approaches read
as `fit.approaches` gives them. Intervals of approaches 1 and 2 are to hold the median exponent of
their approach over all tables, those of the fitted law its true one.
"""

import argparse

import numpy as np

from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get

THETA = np.array([1.8172, 482.01, 2085.43, 0.3478, 0.3658])
TRUE = THETA[4] / (THETA[3] + THETA[4])


def sweep(budgets, sizes, span, shift):
    """Sizes around the law's own best of each budget, `shift` off it, `span` wide in all."""
    C = np.repeat(np.geomspace(1e18, 1e21, budgets), sizes)
    G = (THETA[3] * THETA[1] / (THETA[4] * THETA[2])) ** (1 / (THETA[3] + THETA[4]))
    best = G * (C / 6) ** TRUE
    N = best * shift * np.tile(np.geomspace(span**-0.5, span**0.5, sizes), budgets)
    inputs = {"params": N, "tokens": C / 6 / N, "flops": C}
    loss = get("chinchilla").predict(THETA, params=N, tokens=inputs["tokens"])
    return inputs, loss


def seen(inputs, loss, noise, asked, rng):
    """Growth of the best size by each approach, on every table."""
    found = {"1": [], "2": [], "3": []}
    for _ in range(asked.tables):
        noisy = loss * np.exp(noise * rng.standard_normal(len(loss)))
        table = {**inputs, "loss": noisy}
        how = {"objective": "huber:1e-2", "bootstrap": 200, "resampling": asked.resampling}
        fitted = fit(table, **how, rng=rng)
        for growth in fitted.approaches:
            if growth.quantity == "params":
                found[growth.approach[0]].append(growth)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--resampling", default="auto", help="of the law's own interval")
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    print(f"the law's own exponent is {TRUE:.4f}")
    print("| sweep | span | off | noise, % | approach | median | bias told | width | holds |")
    print("|---|---|---|---|---|---|---|---|---|")
    cases = [(5, 5, 16, 1), (5, 7, 16, 1), (9, 7, 16, 1), (9, 9, 64, 1), (7, 7, 16, 2)]
    for budgets, sizes, span, shift in cases:
        inputs, loss = sweep(budgets, sizes, span, shift)
        for noise in (0.003, 0.01):
            case = f"| {budgets} × {sizes} | {span} | {shift} | {100 * noise:g} |"
            for name, growths in seen(inputs, loss, noise, asked, rng).items():
                print(case, told(name, growths), flush=True)


def told(name, growths):
    """Median, bias told, width of the interval, and how many hold what they are to hold."""
    median = np.median([g.exponent for g in growths])
    truth = TRUE if name == "3" else median
    ends = [(g.interval.low - 1e-9, g.interval.high + 1e-9) for g in growths]
    inside = sum(low <= truth <= high for low, high in ends)
    width = np.median([high - low for low, high in ends])
    bias = "–" if name == "3" else f"{np.median([g.bias for g in growths]):+.3f}"
    return f"{name} | {median:.4f} | {bias} | {width:.3f} | {inside} of {len(growths)} |"


if __name__ == "__main__":
    main()

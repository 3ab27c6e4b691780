"""How often the intervals of approaches 1 and 2 hold the exponent, and how biased the two are.

Run: python benchmarks/approaches.py [--tables 500]

Tables are drawn from Besiroglu's law on sweeps of equal compute. "method" is what the approach
gives on exact losses, "law" the exponent of the law itself: bias is the difference.
"""

import argparse

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws import envelope, get, isoflop

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


def held(method, inputs, loss, noise, tables, rng):
    """Share of tables whose interval holds the exact exponent, and the mean and its bias."""
    exact = method({**inputs, "loss": loss}, "params").exponent
    inside, seen = [], []
    for _ in range(tables):
        noisy = loss * np.exp(noise * rng.standard_normal(len(loss)))
        try:
            found = method({**inputs, "loss": noisy}, "params", draws=400, rng=rng)
        except InputError:
            continue
        inside.append(found.interval.low <= exact <= found.interval.high)
        seen.append(found.exponent)
    return exact, np.mean(inside), np.median(seen), len(seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=500)
    tables = parser.parse_args().tables
    rng = np.random.default_rng(0)
    print(f"the law's own exponent is {TRUE:.4f}")
    print("| budgets × sizes | span | off centre | noise, % | approach | exact | median | holds |")
    print("|---|---|---|---|---|---|---|---|")
    cases = [(5, 5, 16, 1), (5, 7, 16, 1), (9, 7, 16, 1), (9, 9, 64, 1), (7, 7, 16, 2)]
    for budgets, sizes, span, shift in cases:
        inputs, loss = sweep(budgets, sizes, span, shift)
        for noise in (0.003, 0.01):
            for name, method in (("1", envelope), ("2", isoflop)):
                exact, inside, median, n = held(method, inputs, loss, noise, tables, rng)
                print(
                    f"| {budgets} × {sizes} | {span} | {shift} | {100 * noise:g} | {name} "
                    f"| {exact:.4f} | {median:.4f} | {100 * inside:.0f} of {n} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()

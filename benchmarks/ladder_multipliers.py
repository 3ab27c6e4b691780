"""How often the interval of a multiplier between two ladders of 3 to 6 rungs holds the truth.

Run: python benchmarks/ladder_multipliers.py [--pairs 300] [--bootstrap 400]

Two ladders are drawn, on the same rungs or on rungs of their own, over 1 to 2.5 decades of compute
with 10 to 60 tokens per parameter (fixed, or varied from rung to rung); scatter .1 to 1 %. In the
second group data, size or both count .7 to 1.7 times. Groups are fitted together as
`fit --group` does; the multipliers are judged inside the runs, at the largest and ten times beyond.
"""

import argparse
import time

import numpy as np

from eigenscale.laws.grouping.groups import fit_groups
from eigenscale.laws.reference.constants import published
from eigenscale.laws.selection.multiplier import multiplier

PLACES = ("inside", "at the largest", "ten times beyond")


def drawn(rungs, rng):
    """Two ladders, their labels, and the two laws they were drawn from."""
    E, alpha, beta = rng.uniform(1.4, 2.2), rng.uniform(0.25, 0.45), rng.uniform(0.22, 0.45)
    decades, ratio = rng.uniform(1, 2.5), 10 ** rng.uniform(1, 1.8)
    lowest = 10 ** rng.uniform(17.5, 19.5)
    own = rng.random() < 0.3
    C = [lowest * 10 ** (decades * (np.arange(rungs) + own * rng.uniform(-0.3, 0.3)) / (rungs - 1))
         for _ in range(2)]  # fmt: skip
    spread = rng.choice([0.0, 0.3])
    N = [np.sqrt(c / 6 / ratio * 10 ** (spread * rng.standard_normal(rungs))) for c in C]
    D = [c / 6 / n for c, n in zip(C, N, strict=True)]
    middle = np.exp(np.mean(np.log(np.concatenate(N)))), np.exp(np.mean(np.log(np.concatenate(D))))
    share, whole = rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.7) * E
    A, B = whole * share * middle[0] ** alpha, whole * (1 - share) * middle[1] ** beta
    worth = np.exp(rng.uniform(np.log(0.7), np.log(1.7)))
    kind = rng.choice(["data", "size", "both", "none"], p=[0.35, 0.15, 0.35, 0.15])
    first = np.array([E, A, B, alpha, beta])
    second = first.copy()
    second[1] *= worth**-alpha if kind in ("size", "both") else 1.0
    second[2] *= worth**-beta if kind in ("data", "both") else 1.0
    scatter = rng.choice([0.001, 0.003, 0.01])
    loss = [
        (t[0] + t[1] / n ** t[3] + t[2] / d ** t[4]) * np.exp(scatter * rng.standard_normal(rungs))
        for t, n, d in zip((first, second), N, D, strict=True)
    ]
    runs = {"params": np.concatenate(N), "tokens": np.concatenate(D), "loss": np.concatenate(loss)}
    return runs, np.repeat(["a", "b"], rungs), first, second


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=300)
    options.add_argument("--bootstrap", type=int, default=400)
    asked = options.parse_args()
    start = time.process_time()
    print("| rungs | resource | " + " | ".join(PLACES) + " | median high / low |")
    print("|---|---|---|---|---|---|")
    law = published("hoffmann")
    from dataclasses import replace

    for rungs in (3, 4, 5, 6):
        rng = np.random.default_rng(rungs)
        inside = {"compute": [], "data": []}
        width = {"compute": [], "data": []}
        for pair in range(asked.pairs):
            runs, labels, first, second = drawn(rungs, rng)
            one, two = fit_groups(runs, labels, bootstrap=asked.bootstrap, rng=pair)
            truth = [second, first] if one.name == "b" else [first, second]
            laws = [replace(law, theta=theta) for theta in truth]
            for resource in inside:
                held = []
                for _, *both in two.at:
                    found = both[resource == "data"]
                    exact = multiplier(*laws, found.params, found.tokens, resource).factor.value
                    held.append(found.factor.low <= exact <= found.factor.high)
                inside[resource].append(held)
                mine = two.at[1][1 + (resource == "data")].factor
                width[resource].append(mine.high / max(mine.low, 1e-3))
        for resource, held in inside.items():
            share = " | ".join(f"{100 * x:.0f} %" for x in np.mean(held, axis=0))
            print(f"| {rungs} | {resource} | {share} | {np.median(width[resource]):.2f} |",
                  flush=True)  # fmt: skip
    print(f"\n{asked.pairs} pairs of each; {time.process_time() - start:.0f} CPU-s")


if __name__ == "__main__":
    main()

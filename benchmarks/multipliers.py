"""How often the interval of a multiplier holds the truth.

Run: python benchmarks/multipliers.py [--pairs 200]

Two tables are drawn, of Hoffmann's law and of one whose tokens are worth 1.4 of the others; each
is fitted, and the multiplier taken at the largest run and at a hundred times its compute.
"""

import argparse

import numpy as np

from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.selection.multiplier import multiplier

THETA = np.array([1.69, 406.4, 410.7, 0.34, 0.28])
WORTH = 1.4
PLACES = ((1e10, 1e12), (1e11, 1e13))


def drawn(theta, side, rng):
    """Fit one simulated table of side × side runs with 0.5 % scatter."""
    N, D = (
        v.ravel() for v in np.meshgrid(np.geomspace(1e7, 1e10, side), np.geomspace(1e9, 1e12, side))
    )
    loss = get("chinchilla").predict(theta, params=N, tokens=D)
    loss *= np.exp(0.005 * rng.standard_normal(N.size))
    return fit({"params": N, "tokens": D, "loss": loss}, bootstrap=200, rng=rng)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    pairs = parser.parse_args().pairs
    rng = np.random.default_rng(0)
    better = THETA * [1, 1, WORTH ** -THETA[4], 1, 1]
    print("| runs | at | resource | holds | median width (high / low) |")
    print("|---|---|---|---|---|")
    for side in (6, 10):
        fits = [(drawn(THETA, side, rng), drawn(better, side, rng)) for _ in range(pairs)]
        for params, tokens in PLACES:
            for resource in ("data", "compute"):
                exact = truth(better, params, tokens, resource)
                found = [multiplier(a, b, params, tokens, resource).factor for a, b in fits]
                inside = np.mean([f.low <= exact <= f.high for f in found])
                width = np.median([f.high / max(f.low, 1e-3) for f in found])
                print(
                    f"| {side**2} | {params:.0e}, {tokens:.0e} | {resource}, {exact:.3g}× "
                    f"| {100 * inside:.1f} of {pairs} | {width:.2f} |",
                    flush=True,
                )


def truth(better, params, tokens, resource):
    """The multiplier of the two laws themselves."""
    from dataclasses import replace

    from eigenscale.laws.reference.constants import published

    first = replace(published("hoffmann"), theta=THETA)
    return multiplier(first, replace(first, theta=better), params, tokens, resource).factor.value


if __name__ == "__main__":
    main()

"""Do the intervals of plans hold the true optimum as often as they say?

Simulated studies of a known law: a grid of sizes × data with noise in log loss, fitted
with bootstrap; then the best size, data and loss at a budget ten times the largest run.

    python benchmarks/plan_coverage.py --studies 500
"""

import argparse

import numpy as np

import eigenscale as es

TRUTH = es.published("besiroglu")
NOISE = 0.005
TARGET = 10 * 6 * 3e9 * 1e11


def study(seed, bootstrap, resampling, side):
    rng = np.random.default_rng(seed)
    grid = np.meshgrid(np.geomspace(3e7, 3e9, side), np.geomspace(1e9, 1e11, side))
    size, data = (axis.ravel() for axis in grid)
    loss = TRUTH.loss(size, data) * np.exp(NOISE * rng.normal(size=size.size))
    runs = {"params": size, "tokens": data, "loss": loss}
    fit = es.fit(runs, bootstrap=bootstrap, resampling=resampling, rng=seed)
    plan = es.plan(fit, TARGET)
    return plan.params, plan.tokens, plan.loss


def covers(intervals, truth):
    return np.array([interval.low <= truth <= interval.high for interval in intervals])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--bootstrap", type=int, default=300)
    parser.add_argument("--resampling", default="auto")
    parser.add_argument("--side", type=int, default=8, help="sizes, and amounts of data")
    options = parser.parse_args()
    truth = es.plan(TRUTH, TARGET)
    how = (options.bootstrap, options.resampling, options.side)
    found = [study(seed, *how) for seed in range(options.studies)]
    names = ("best size", "best data", "planned loss")
    for name, column, exact in zip(
        names, zip(*found, strict=True), (truth.params, truth.tokens, truth.loss), strict=True
    ):
        share = covers(column, exact.value).mean()
        error = np.sqrt(share * (1 - share) / options.studies)
        print(f"{name:<13} {100 * share:.1f} % ± {100 * error:.1f} (nominal 90 %)")


if __name__ == "__main__":
    main()

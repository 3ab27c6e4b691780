"""Does the next-run design beat an IsoFLOP grid of equal cost and equal number of runs?

Simulated studies: a pilot of three IsoFLOP budgets, then 21 runs more for the same compute,
either a ladder of three larger IsoFLOP budgets or the proposed runs. Both tables are fitted
afresh, and the 90 % interval of the loss planned at 300 times the extra cost is compared.

    python benchmarks/next_runs.py --studies 200
"""

import argparse

import numpy as np

import eigenscale as es
from eigenscale.planning.design.next_runs import next_runs
from eigenscale.planning.plan import frontier

TRUTH = es.published("besiroglu")
PILOT = np.array([1e18, 3e18, 1e19])
EXTRA = 3e20
TARGET = 1e23
SIZES = np.geomspace(0.25, 4.0, 7)
NOISE = 0.005


def isoflop(budgets):
    """Seven sizes around the true optimum of each budget: the best a grid can do."""
    best = frontier(TRUTH, budgets).params.value
    size = (best[:, None] * SIZES).ravel()
    return size, np.repeat(budgets, SIZES.size) / 6.0 / size


def measured(size, data, rng):
    loss = TRUTH.loss(size, data) * np.exp(NOISE * rng.normal(size=size.size))
    return {"params": size, "tokens": data, "loss": loss}


def joined(first, second):
    return {name: np.concatenate([first[name], second[name]]) for name in first}


def fitted(runs, seed, how):
    return es.fit(runs, bootstrap=how.bootstrap, resampling=how.resampling, rng=seed)


def study(seed, how):
    rng = np.random.default_rng(seed)
    pilot = measured(*isoflop(PILOT), rng)
    first = fitted(pilot, seed, how)
    ladder = EXTRA / SIZES.size * np.array([1.0, 2.0, 4.0]) / 7.0
    grid = fitted(joined(pilot, measured(*isoflop(ladder), rng)), seed, how)
    count = SIZES.size * 3
    most = how.share * EXTRA
    ratio = (pilot["tokens"] / pilot["params"]).min()
    sizes = np.geomspace(pilot["params"].min(), np.sqrt(most / 6.0 / ratio), 24)
    proposal = next_runs(
        first,
        TARGET,
        EXTRA,
        count=count,
        noise=NOISE,
        largest=most,
        sizes=None if how.tried else sizes,
    )
    seeds = [run.seeds for run in proposal.runs]
    size = np.repeat([run.params for run in proposal.runs], seeds)
    data = np.repeat([run.tokens for run in proposal.runs], seeds)
    design = fitted(joined(pilot, measured(size, data, rng)), seed, how)
    return [es.plan(found, TARGET).loss for found in (first, grid, design)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--bootstrap", type=int, default=200)
    parser.add_argument("--resampling", default="auto")
    parser.add_argument("--tried", action="store_true", help="no less data than the pilot's")
    parser.add_argument("--share", type=float, default=0.5, help="of the cost, for one run")
    options = parser.parse_args()
    truth = es.plan(TRUTH, TARGET).loss.value
    found = [study(seed, options) for seed in range(options.studies)]
    widths = np.array([[loss.high - loss.low for loss in row] for row in found])
    errors = np.array([[loss.value - truth for loss in row] for row in found])
    covers = np.array([[loss.low <= truth <= loss.high for loss in row] for row in found])
    for i, name in enumerate(("pilot", "IsoFLOP grid", "design")):
        print(
            f"{name:<13} median width {np.median(widths[:, i]):.4f}  "
            f"rms error {np.sqrt(np.mean(errors[:, i] ** 2)):.4f}  covers {covers[:, i].mean():.3f}"
        )
    ratio = widths[:, 1] / widths[:, 2]
    low, middle, high = np.quantile(ratio, [0.05, 0.5, 0.95])
    print(f"grid / design: median {middle:.2f}, 5 % to 95 % {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()

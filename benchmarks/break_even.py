"""Do intervals of break-even prices hold the true price as often as they say?

Tables of a published law with noise, fitted with resampled tables; the price at which ten times
the compute of the largest runs breaks even is set against that of the law itself.

    python benchmarks/break_even.py --studies 200
"""

import argparse
import warnings

import numpy as np

import eigenscale as es
from eigenscale.planning.worth import worth_of_compute

NOISE, BUDGET = 0.005, 1e21


def study(law, side, seed):
    rng = np.random.default_rng(seed)
    size, data = (
        x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, side), np.geomspace(1e9, 3e10, side))
    )
    loss = law.loss(size, data) * np.exp(NOISE * rng.standard_normal(size.size))
    fit = es.fit({"params": size, "tokens": data, "loss": loss}, bootstrap=200, rng=seed)
    return worth_of_compute(fit, BUDGET, 1.0).break_even_price


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--side", type=int, default=6)
    parser.add_argument("--law", default="besiroglu")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    law = es.published(chosen.law)
    truth = worth_of_compute(law, BUDGET, 1.0).break_even_price.value
    found = [study(law, chosen.side, seed) for seed in range(chosen.studies)]
    inside = [price.low <= truth <= price.high for price in found]
    width = np.median([price.high / price.low for price in found])
    error = 100 * np.sqrt(0.9 * 0.1 / chosen.studies)
    print(f"{chosen.law}, {chosen.side**2} runs: {100 * np.mean(inside):.1f} % ± {error:.1f} held "
          f"by nominal 90 % intervals, median ratio of the ends {width:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()

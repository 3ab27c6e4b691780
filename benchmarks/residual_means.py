"""How well a few hundred rows know the mean of squared residuals, with the fit itself given.

    pip install --group benchmark
    python benchmarks/residual_means.py [--rows 150,400] [--samples 40]

On each table of `real_tables.py` ridge regression is fitted to all rows; samples of its squared
residuals then say what no forecast from so few rows can do better, and whether the upper end of
the interval of their mean holds with and without the tail that `heavy_tail` adds. Table:
docs/forecast.md.
"""

import argparse
from typing import Any

import numpy as np
from real_tables import _KEEL, _R, table

from eigenscale.arrays import Floats
from eigenscale.forecasting.subset_fits.heavy_tail import stretch

_RIDGE, _DRAWS = 1e-3, 200


def residuals(name: str) -> Floats:
    """Squared residuals of a fit to all rows of a table, summed over target columns."""
    found = table(name)
    assert found.target is not None
    made: Any = found.preparation.fit(found.raw)
    x, y = made(found.raw), found.target.rows(0, len(found.target))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    kept = values > 1e-10 * values[-1]
    along = vectors[:, kept]
    weights = along.T @ x.T @ y / len(x) / (values[kept] + _RIDGE)[:, None]
    return np.asarray(((y - x @ (along @ weights)) ** 2).sum(axis=1))


def judged(errors: Floats, n: int, samples: int, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Log errors of the mean of `n`, and whether drawn and stretched intervals hold the truth."""
    truth, off, drawn, stretched = errors.mean(), [], [], []
    for _ in range(samples):
        sample = rng.choice(errors, n, replace=False)
        mean = sample.mean()
        draws = sample[rng.integers(n, size=(_DRAWS, n))].mean(axis=1) / mean
        low, high = np.quantile(draws, [0.05, 0.95])
        higher = high ** stretch(sample, draws)
        off.append(np.log(mean / truth))
        drawn.append(low <= truth / mean <= high)
        stretched.append(low <= truth / mean <= higher)
    return off, drawn, stretched


def main() -> None:
    """Print a line for each number of rows."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", default="150,400")
    asked.add_argument("--samples", type=int, default=40)
    options = asked.parse_args()
    every = {name: residuals(name) for name in (*_R, *_KEEL)}
    for n in (int(part) for part in options.rows.split(",")):
        rng = np.random.default_rng(n)
        found = [judged(errors, n, options.samples, rng) for errors in every.values()]
        off, drawn, stretched = (np.concatenate([one[k] for one in found]) for k in range(3))
        middle, high = 100 * np.expm1(np.quantile(np.abs(off), [0.5, 0.9]))
        print(
            f"{n} rows, {len(every)} tables: off by {middle:.1f} % (median), {high:.0f} % (90th "
            f"percentile); drawn intervals hold {100 * drawn.mean():.1f} %, with the tail "
            f"{100 * stretched.mean():.1f} %"
        )


if __name__ == "__main__":
    main()

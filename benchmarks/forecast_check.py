"""How often a check disagrees with a forecast where it should not, and where it should.

    python benchmarks/forecast_check.py [--trials 40]

Rows without tricks: Gaussian, heavy tails (Student-t sizes of 4 degrees), and classes; verdicts,
and warnings of dependence, should be rare. Then the same rows copied, nearly copied, and rows of a
series (AR(1), rho 0.95), where the warning should always be there.
"""

import argparse
from collections import Counter
from collections.abc import Callable

import numpy as np

from eigenscale.forecasting.check.verdict import Check
from eigenscale.forecasting.forecast import forecast

Rows = tuple[np.ndarray, np.ndarray]
N, D = 800, 20


def gaussian(rng: np.random.Generator, rows: int = N) -> Rows:
    """A falling spectrum, a linear target, noise."""
    x = rng.standard_normal((rows, D)) * np.arange(1, D + 1) ** -0.6
    return x, x @ np.linspace(1, 2, D) + rng.standard_normal(rows)


def heavy(rng: np.random.Generator, rows: int = N) -> Rows:
    """Rows of Student-t size."""
    size = np.sqrt(2 / rng.chisquare(4, rows))
    x = rng.standard_normal((rows, D)) * np.arange(1, D + 1) ** -0.6 * size[:, None]
    return x, x @ np.linspace(1, 2, D) + rng.standard_normal(rows)


def classes(rng: np.random.Generator, rows: int = N) -> Rows:
    """Three overlapping classes."""
    y = rng.integers(3, size=rows)
    return np.eye(D)[y] + rng.standard_normal((rows, D)), y


def copied(rng: np.random.Generator) -> Rows:
    """Every row twice, in random order."""
    x, y = gaussian(rng, N // 2)
    order = rng.permutation(np.repeat(np.arange(N // 2), 2))
    return x[order], y[order]


def nearly(rng: np.random.Generator) -> Rows:
    """Every row twice, with a little noise of its own."""
    x, y = copied(rng)
    return x + 0.02 * x.std(axis=0) * rng.standard_normal(x.shape), y


def series(rng: np.random.Generator) -> Rows:
    """Inputs and noise that follow AR(1)."""
    from scipy.signal import lfilter

    rho = 0.95
    z = rng.standard_normal((N + 400, D + 1))
    z = lfilter([np.sqrt(1 - rho**2)], [1, -rho], z, axis=0)[400:]
    return z[:, :D], z[:, :D] @ np.linspace(1, 2, D) / D + z[:, D]


CASES: dict[str, Callable[[np.random.Generator], Rows]] = {
    "gaussian": gaussian,
    "heavy tails": heavy,
    "classes": classes,
    "copied": copied,
    "nearly copied": nearly,
    "series": series,
}


def checked(draw: Callable[[np.random.Generator], Rows], seed: int) -> Check:
    """Forecast and check one table."""
    x, y = draw(np.random.default_rng(seed))
    found = forecast(x, y, n_samples=[100], check=True, draws=100, rng=seed).check
    assert found is not None
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    trials = parser.parse_args().trials
    for name, draw in CASES.items():
        found = [checked(draw, seed) for seed in range(trials)]
        verdicts = Counter(check.verdict for check in found)
        warned = sum(check.dependence.found for check in found if check.dependence is not None)
        apart = np.median([np.abs(check.apart).max() for check in found])
        told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
        print(f"{name:<14} {told}; largest difference {apart:.1%} in the median; "
              f"warned of dependence {warned}/{trials}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()

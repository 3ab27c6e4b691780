"""How often the intervals of `forecast_points` hold the loss at larger sizes, on real learners.

    python benchmarks/forecast_points.py [--trials 20]

Learning curves of scikit-learn learners on parts of a data set, five folds, eight sizes up to
`n`; the truth is the mean loss of the same learner at 2n and 4n, trained on rows of the whole and
tested on rows never used. Every trial draws other rows.
"""

import argparse
from collections.abc import Callable

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeRegressor

from eigenscale import LearningCurveForecast

Rows = tuple[np.ndarray, np.ndarray]
TEST, TIMES, REPEATS = 2000, (2, 4), 6


def friedman(rng: np.random.Generator, rows: int) -> Rows:
    """Friedman's first function of ten inputs, noise of variance 1."""
    x = rng.uniform(size=(rows, 10))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    return x, y + 10 * x[:, 3] + 5 * x[:, 4] + rng.standard_normal(rows)


def linear(rng: np.random.Generator, rows: int) -> Rows:
    """A spectrum that falls as a power; a linear target with noise."""
    x = rng.standard_normal((rows, 60)) * np.arange(1, 61) ** -0.7
    return x, x @ np.linspace(1, 2, 60) + rng.standard_normal(rows)


def blobs(rng: np.random.Generator, rows: int) -> Rows:
    """Five overlapping classes in six dimensions."""
    y = rng.integers(5, size=rows)
    centres = np.random.default_rng(1).normal(size=(5, 6))
    return centres[y] + 1.2 * rng.standard_normal((rows, 6)), y


def digits(rng: np.random.Generator, rows: int) -> Rows:
    """Rows of scikit-learn's digits with noise, drawn with replacement."""
    x, y = load_digits(return_X_y=True)
    pick = rng.integers(len(x), size=rows)
    return x[pick] + 4 * rng.standard_normal((rows, 64)), y[pick]


CASES: dict[str, tuple[object, Callable[[np.random.Generator, int], Rows], int]] = {
    "forest on Friedman's function": (RandomForestRegressor(20, random_state=0), friedman, 500),
    "tree on Friedman's function": (DecisionTreeRegressor(min_samples_leaf=5), friedman, 800),
    "ridge on a linear target": (Ridge(), linear, 400),
    "neighbours on blobs": (KNeighborsClassifier(9), blobs, 400),
    "naive Bayes on noisy digits": (GaussianNB(), digits, 400),
    "neighbours on noisy digits": (KNeighborsClassifier(5), digits, 400),
}


def truth(learner: object, draw: Callable[..., Rows], size: int, rng: np.random.Generator) -> float:
    """Mean loss of fits to that many rows."""
    losses = []
    for _ in range(REPEATS):
        x, y = draw(rng, size + TEST)
        predicted = learner.fit(x[:size], y[:size]).predict(x[size:])
        apart = predicted - y[size:]
        losses.append(np.mean(apart != 0 if y.dtype.kind == "i" else apart**2))
    return float(np.mean(losses))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    trials = parser.parse_args().trials
    print("case, times n: coverage of 90 %, median |forecast/truth - 1|, median width of interval")
    held = []
    for name, (learner, draw, n) in CASES.items():
        rng = np.random.default_rng(7)
        wanted = np.array([truth(learner, draw, k * n, rng) for k in TIMES])
        low, high, value = np.empty((3, trials, len(TIMES)))
        for i in range(trials):
            made = LearningCurveForecast(learner, cv=5, random_state=i, refit=False)
            got = made.fit(*draw(rng, n * 5 // 4)).forecast([k * n for k in TIMES])
            low[i], high[i] = (np.array([getattr(r.loss, e) for r in got]) for e in ("low", "high"))
            value[i] = got.loss
        inside = (low <= wanted) & (wanted <= high)
        held.append(inside)
        for j, times in enumerate(TIMES):
            apart = np.median(np.abs(value[:, j] / wanted[j] - 1))
            width = np.median(high[:, j] / low[:, j] - 1)
            print(
                f"  {name:<32} {times} n  {inside[:, j].mean():4.0%} {apart:6.1%} {width:6.1%}",
                flush=True,
            )
    print(f"  all {np.mean(held):4.0%}")


if __name__ == "__main__":
    main()

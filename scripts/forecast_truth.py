"""What forecasts are held against: real fits on rows that the forecaster never saw.

Every point is measured on a grid of ridges, with a standard error, and kept in a file, since it
does not depend on how forecasts are made.
"""

import hashlib
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from forecast_cases import Case, Rows
from scipy.interpolate import CubicSpline

from eigenscale.forecasting.sample.kernels import Scaling, kernel_named, random_features

GRID = np.append(0.0, np.geomspace(1e-7, 100, 37))  # four a decade
_NULL = 1e-13  # modes below this share of the largest are rounding
_BUDGET, _MOST_DRAWS = 1e10, 48
_SMALL, _FEW_TEST, _MANY_TEST = 600, 1000, 4000  # a fit of few modes: many draws, few test rows


@dataclass(frozen=True, eq=False)
class Truth:
    """Measured loss and error rate on `GRID`, each with a standard error.

    The error adds two parts. Test rows: the scatter of the rows' losses, over all rows ever tested.
    Training sets: the scatter between draws beyond what test rows make; draws from
    a pool of P rows share T/P of their rows, so that averaging cannot take that share away.
    `loss_row` and `wrong_row` are the standard deviations of one row's loss and error rate: n test
    rows, and so a sample of n rows, know the loss no better than `loss_row`/√n.
    """

    loss: np.ndarray
    loss_se: np.ndarray
    loss_row: np.ndarray
    wrong: np.ndarray
    wrong_se: np.ndarray
    wrong_row: np.ndarray

    def at(self, ridge: float) -> dict[str, float]:
        """All of them at one ridge; the loss between grid points by a spline of its logarithm."""
        parts = vars(self)
        on = np.flatnonzero(np.isclose(GRID, ridge, rtol=1e-9, atol=0))
        if on.size:
            return {name: float(part[on[0]]) for name, part in parts.items()}
        x, knots = np.log(np.clip(ridge, GRID[1], GRID[-1])), np.log(GRID[1:])
        out = {name: float(np.interp(x, knots, part[1:])) for name, part in parts.items()}
        return out | {"loss": float(np.exp(CubicSpline(knots, np.log(self.loss[1:]))(x)))}


def truth(case: Case, rest: Rows, scaling: Scaling, T: int, N: int, folder: Path) -> Truth:
    """Measure one point of a case, or read it where it was measured before."""
    key = repr((case.name, case.learner, case.sample, case.seed, T, N, GRID.tolist()))
    path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(path, np.array(astuple(_measured(case, rest, scaling, T, N))))
    return Truth(*np.load(path))


def _measured(case: Case, rest: Rows, scaling: Scaling, T: int, N: int) -> Truth:
    x, y = rest
    rank = min(T, N or (T if case.learner.kind == "kernel" else x.shape[1]))
    n_test = min(len(x) - T, _FEW_TEST if rank < _SMALL else _MANY_TEST)
    draws = _draws(T, rank, n_test)
    rng = np.random.default_rng(case.seed + 1)
    shape = (2, len(GRID), len(x))
    total, count, means = np.zeros(shape), np.zeros(len(x)), []
    for draw in range(draws):
        part = rng.permutation(len(x))[: T + n_test]
        rows = _seen(case, x[part], scaling, N, 1000 * case.seed + draw)
        each = _fit(case, (rows[:T], y[part[:T]]), (rows[T:], y[part[T:]]))
        total[:, :, part[T:]] += each
        count[part[T:]] += 1
        means.append(each.mean(axis=2))
    tested = count > 0
    scatter = (total[:, :, tested] / count[tested]).var(axis=2, ddof=1)
    from_test = scatter * (1 / n_test - 1 / tested.sum())
    mean, from_train = _averaged(np.array(means), from_test, T / len(x))
    se = np.sqrt(from_train + scatter / tested.sum())
    row = np.sqrt(scatter)
    return Truth(mean[0], se[0], row[0], mean[1], se[1], row[1])


def _draws(T: int, rank: int, n_test: int) -> int:
    cost = 9 * rank**3 + 2 * T * rank**2 + 1000 * n_test * rank
    return int(np.clip(_BUDGET / cost, 1 if rank > 1500 else 3, _MOST_DRAWS))


def _averaged(
    means: np.ndarray, from_test: np.ndarray, shared: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the draws, and the part of its variance that comes from training sets."""
    draws, mean = len(means), means.mean(axis=0)
    if draws == 1:
        return mean, np.zeros_like(mean)
    between = np.maximum(means.var(axis=0, ddof=1) - from_test, 0.0)
    alone = between / max(1 - shared, 0.05)  # variance of one training set
    return mean, alone * (shared + (1 - shared) / draws)


def _seen(case: Case, x: np.ndarray, scaling: Scaling, N: int, seed: int) -> np.ndarray:
    """Rows as the learner sees them (kernels see scaled rows)."""
    if case.learner.kind == "fixed":
        return x
    scaled = scaling(x)
    if case.learner.kind == "kernel":
        return scaled
    rng = np.random.default_rng(seed)
    return random_features(case.learner.name, scaled, N, case.learner.width, rng)


def _fit(case: Case, train: Rows, test: Rows) -> np.ndarray:
    """Squared error and wrong answer of every test row, shape (2, ridges, rows)."""
    (x, y), (xt, yt) = train, test
    T, mean = len(x), y.mean(axis=0)
    if case.learner.kind == "kernel":
        kernel = kernel_named(case.learner.name)
        inner, outer = kernel(x, x, case.learner.width), kernel(xt, x, case.learner.width)
        level = inner.mean(axis=0)
        outer = outer - level - outer.mean(axis=1)[:, None] + inner.mean()
        inner = inner - level - level[:, None] + inner.mean()
    else:
        x, xt = x - x.mean(axis=0), xt - x.mean(axis=0)
        inner, outer = (x.T @ x, xt) if x.shape[1] < T else (x @ x.T, xt @ x.T)
    values, axes = np.linalg.eigh(inner / T)
    right = y - mean if len(inner) == T else x.T @ (y - mean)
    pull, outer = axes.T @ right / T, outer @ axes
    good = values > _NULL * values[-1]
    pull, outer, values = pull[good], outer[:, good], values[good]
    right_class, out = yt.argmax(axis=1), np.empty((2, len(GRID), len(xt)))
    for k, ridge in enumerate(GRID):
        predicted = outer @ (pull / (values + ridge)[:, None]) + mean
        out[0, k] = ((predicted - yt) ** 2).sum(axis=1)
        out[1, k] = predicted.argmax(axis=1) != right_class
    return out

"""Refit resampled tables, all at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.estimation.refine import Status, refine_along
from eigenscale.progress import Progress, track

CHUNK = 512
STEPS = 40
ENOUGH, NEAR = 1e-10, 1e-4  # relative gain left where a draw is done, and where it will do
MOST_LEVERAGE = 0.9
KINDS = ("case", "bayesian", "cluster", "residual")


@dataclass(frozen=True, eq=False)
class Resampled:
    """Fits of resampled tables: `coordinates` (B, q), and how many of them failed."""

    coordinates: Floats
    failed: int


def resample(
    problem: Problem,
    objective: Objective,
    best: Floats,
    draws: int,
    rng: np.random.Generator,
    *,
    kind: str = "case",
    groups: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
) -> Resampled:
    """Bootstrap.

    Parameters
    ----------
    best : array (q,)
        Coordinates of the fit, where every refit begins.
    kind : {"case", "bayesian", "cluster", "residual"}
        Draw runs with replacement; weigh runs by a flat Dirichlet draw (Rubin 1981);
        draw whole groups of runs (families, seeds) with replacement; or keep the runs and draw
        their residuals with replacement, divided by sqrt(1 − leverage) first: at runs that pull
        the law to themselves they come out too small.
    groups : int array (n,), for "cluster"
        Number of each run's group.
    """
    if kind not in KINDS:
        raise InputError(f"bootstrap kind {kind!r} is unknown; kinds are {', '.join(KINDS)}")
    if kind == "cluster" and groups is None:
        raise InputError("a cluster bootstrap needs groups; name the column of families or seeds")
    sizes = [min(CHUNK, draws - i) for i in range(0, draws, CHUNK)]
    ends, failed = [], 0
    for size in track(sizes, len(sizes), progress):
        weights, shift = _resampled(problem, best, size, rng, kind, groups)
        done = refine_along(
            problem, objective, np.repeat(best[None], size, axis=0), weights, shift, STEPS, ENOUGH
        )
        near = done.decrement <= NEAR * done.objective
        good = (done.status != Status.ITERATIONS) | near
        ends.append(done.coordinates[good])
        failed += int((~good).sum())
    empty = np.empty((0, len(best)))
    return Resampled(np.concatenate([empty, *ends]), failed)


def _resampled(
    problem: Problem,
    best: Floats,
    size: int,
    rng: np.random.Generator,
    kind: str,
    groups: NDArray[np.int64] | None,
) -> tuple[Floats, Floats | None]:
    """Weights (size, n) and changes of the log loss (size, n)."""
    n = len(problem.log_loss)
    if kind == "residual":
        residual = -problem.residuals(best[None])[0][0]
        spread = residual / np.sqrt(1 - leverage(problem, best))
        drawn = spread[rng.integers(n, size=(size, n))]
        return np.repeat(problem.weights[None], size, axis=0), drawn - residual
    if kind == "cluster":
        assert groups is not None
        count = int(groups.max()) + 1
        weights = rng.multinomial(count, np.full(count, 1 / count), size=size)[:, groups]
    elif kind == "bayesian":  # Rubin 1981: smooth weights, so that no run drops out
        return n * rng.dirichlet(np.ones(n), size=size) * problem.weights, None
    else:
        weights = rng.multinomial(n, np.full(n, 1 / n), size=size)
    return weights * problem.weights, None


def leverage(problem: Problem, best: Floats) -> Floats:
    """Share of each run in its own prediction, at most 0.9, shape (n,)."""
    slopes = problem.residuals(best[None])[1][0] * np.sqrt(problem.weights)
    pulled = np.linalg.pinv(slopes @ slopes.T, hermitian=True) @ slopes
    return np.asarray(np.clip(np.einsum("qn,qn->n", slopes, pulled), 0.0, MOST_LEVERAGE))

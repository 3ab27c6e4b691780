"""Find the best parameters: many starts on a few records, all of them refined on all records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.law import CurveLaw
from eigenscale.laws.curves.noise import estimate_noise
from eigenscale.laws.curves.problem import CurveProblem, Prior, scale_of, weak_prior
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.estimation.certificate import Certificate, certify
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.refine import refine, refine_along

STARTS = 16
FEW = 40  # records per curve that the starts are refined on first
MOST = 600  # records per curve that a fit is made to
APART = 2.0  # starts are drawn from the prior, so many times as wide
LEAST = 1e-3  # deviation of log losses from any law that is taken for granted
MEMORY = 30.0  # records that are taken to share one piece of noise, at most
WIDEST = 3.0  # scatter, in units of delta, from which on delta grows with it


@dataclass(frozen=True, eq=False)
class Solved:
    """The best coordinates (p,), the objective over the records there, and the evidence."""

    problem: CurveProblem
    goal: Objective
    at: Floats
    objective: float
    certificate: Certificate


def state(
    law: CurveLaw,
    curves: Sequence[ScheduledCurve],
    prior: Prior | None = None,
    noise: float = LEAST,
) -> CurveProblem:
    """State the problem of fitting `law` to `curves`."""
    exposures = [expose(c.schedule, c.steps) for c in curves]
    log_loss = np.concatenate([c.log_loss for c in curves])
    scale = scale_of(law, exposures, log_loss)
    weak = weak_prior(law, scale) if prior is None else prior
    return CurveProblem(law, exposures, log_loss, scale, weak, noise)


def solve(
    problem: CurveProblem,
    few: CurveProblem,
    goal: Objective,
    starts: int = STARTS,
    seed: int = 0,
) -> Solved:
    """Minimise from many starts.

    Parameters
    ----------
    problem, few : CurveProblem
        All records, and the same curves with few records, in the same coordinates.
    goal : Objective
        Where residuals scatter by far more than its delta, delta is taken as wide as they are.
    """
    begin = cold_starts(few, starts, seed)
    rough = refine(few, goal, begin, iterations=60, tolerance=1e-6).coordinates
    best = rough[int(np.argmin(_values(problem, goal, rough)))]
    goal, noise = _judge(problem, goal, best)
    problem = replace(problem, noise=noise)
    ends = refine_along(problem, goal, rough)
    at = ends.coordinates[int(np.argmin(ends.objective))]
    value = float(goal.value(data_residuals(problem, at)).sum())
    return Solved(problem, goal, at, value, certify(problem, goal, at, ends))


def data_residuals(problem: CurveProblem, at: Floats) -> Floats:
    """Log residuals (n,) of the records."""
    return np.asarray(problem.residuals(at[None])[0][0])


def by_curve(problem: CurveProblem, residual: Floats) -> list[Floats]:
    """Cut residuals (n,) of all records into those of each curve."""
    ends = np.cumsum([len(e.steps) for e in problem.exposures])[:-1]
    return [np.asarray(part) for part in np.split(residual, ends)]


def _values(problem: CurveProblem, goal: Objective, points: Floats) -> Floats:
    value = goal.value(problem.residuals(points)[0]).sum(axis=1) + problem.penalty(points)[0]
    return np.where(np.isfinite(value), value, np.inf)


def _judge(problem: CurveProblem, goal: Objective, at: Floats) -> tuple[Objective, float]:
    """Width of the objective, and the noise that the prior is weighed by, from the residuals."""
    residual = data_residuals(problem, at)
    scatter = float(np.median(np.abs(residual))) / 0.6745
    if scatter > WIDEST * goal.delta:
        goal = Objective(f"huber:{scatter:.2g}", float(f"{scatter:.2g}"))
    cut = goal.slope(residual)
    found = estimate_noise(by_curve(problem, cut), len(at))
    inside = max(float(goal.curvature(residual).mean()), 0.05)
    size = max(found.deviation / np.sqrt(inside), LEAST)
    return goal, float(size * np.sqrt(min(found.memory, MEMORY)))


def cold_starts(problem: CurveProblem, count: int, seed: int) -> Floats:
    """Draw starts (count, p): shapes around the prior, floor and amplitude solved for."""
    prior, (low, high) = problem.prior, problem.bounds
    rng = np.random.default_rng(seed)
    cells = rng.permuted(np.tile(np.arange(count), (len(prior.mean), 1)), axis=1).T
    draws = (cells + rng.random(cells.shape)) / count  # a Latin hypercube
    points = np.clip(prior.mean + APART * prior.deviation * (2 * draws - 1), low, high)
    points[0] = prior.mean
    points[:, 2] = np.maximum(points[:, 2], 0.05)
    for point in points:
        point[:2] = _linear(problem, point)
    return points


def _linear(problem: CurveProblem, point: Floats) -> tuple[float, float]:
    """Coordinates of floor and amplitude that fit best with the other coordinates of `point`."""
    theta, scale = problem.theta(point), problem.scale
    bare = np.append([0.0, 0.0], theta[2:])
    annealed = np.concatenate([problem.law.loss(bare, e) for e in problem.exposures])
    time = np.concatenate([problem.law.time(e) for e in problem.exposures])
    loss = np.exp(problem.log_loss)
    power = np.exp(theta[2] * (scale.log_time - np.log(time)))
    basis = np.stack([np.ones_like(power), power], axis=1) / loss[:, None]
    floor, amplitude = np.linalg.lstsq(basis, 1 - annealed / loss, rcond=None)[0]
    least = 0.2 * scale.lowest
    return (
        float(np.log(max(floor, least) / scale.loss)),
        float(np.log(max(amplitude, 0.01 * least) / scale.loss)),
    )

"""How sure a fitted curve is: noise is drawn anew, and the fit answers to it."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.noise import Noise, estimate_noise, misfit_share
from eigenscale.laws.curves.solve import Solved, by_curve, data_residuals

FARTHEST = 6.0  # prior deviations that a draw may lie from the estimate


def noise_of(solved: Solved) -> Noise:
    """Scatter of the records around the fitted law."""
    residual = data_residuals(solved.problem, solved.at)
    return estimate_noise(by_curve(solved.problem, residual), len(solved.at))


def misfit_of(solved: Solved) -> float:
    """How far the residuals are the law's misfit rather than noise, 0 to 1."""
    return misfit_share(by_curve(solved.problem, data_residuals(solved.problem, solved.at)))


def draw_coordinates(solved: Solved, noise: Noise, draws: int, rng: np.random.Generator) -> Floats:
    """Draw coordinates (draws, p) that may be the true ones.

    Noise with the size and memory of the residuals is drawn for each curve, and a sample of the
    prior; the answer of the robust fit is that of its quadratic model at the optimum.
    """
    problem, goal = solved.problem, solved.goal
    slope = problem.residuals(solved.at[None])[1][0]
    lengths = [len(e.steps) for e in problem.exposures]
    scatter = np.concatenate([noise.draw(rng, draws, length) for length in lengths], axis=1)
    inside = max(float(goal.curvature(scatter).mean()), 0.05)
    deviation = problem.prior.deviation
    hessian = inside * slope @ slope.T + np.diag((problem.noise / deviation) ** 2)
    push = goal.slope(scatter) @ slope.T
    push += problem.noise**2 * rng.normal(size=(draws, len(deviation))) / deviation
    size = np.sqrt(np.diag(hessian))
    answer = np.linalg.solve(hessian / np.outer(size, size), (push / size).T).T / size
    low, high = problem.bounds
    answer = np.clip(answer, -FARTHEST * deviation, FARTHEST * deviation)
    return np.asarray(np.clip(solved.at + answer, low, high))

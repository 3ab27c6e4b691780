"""Where to begin a fit: the linear parameters eliminated on a grid of the others.

Variable projection: for given exponents, L = E + A f(N) + B g(D) is linear in (E, A, B), so the
best non-negative ones follow from least squares on relative errors.
"""

from itertools import product

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.projection import positive_least_squares

KEPT = 16
SMALL_SHARE = 0.01  # of the loss, where a term that must be positive came out as zero


def cold_starts(problem: Problem, objective: Objective, kept: int = KEPT) -> Floats:
    """Coordinates (S, q) of the best `kept` starts, best first."""
    law = problem.law
    if law.starts is not None:
        loss = np.exp(problem.log_loss)
        theta = np.asarray(law.starts(problem.logs, loss, problem.fixed), dtype=float)
    else:
        theta = _projected(problem)
    low, high = problem.bounds
    points = np.clip(problem.coordinates(_clipped(problem, theta)), low, high)
    cost = (
        problem.weights @ np.nan_to_num(objective.value(_residual(problem, points)), nan=np.inf).T
    )
    return points[np.argsort(cost, kind="stable")[:kept]]


def _residual(problem: Problem, points: Floats) -> Floats:
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        columns = problem.law.columns(problem.theta(points), 1)
        return np.log(problem.law.evaluate(columns, problem.logs)[0]) - problem.log_loss


def _clipped(problem: Problem, theta: Floats) -> Floats:
    """Inside the bounds of the parameters, with positive scales."""
    theta = theta.copy()
    for i, parameter in enumerate(problem.law.parameters):
        low = 1e-300 if parameter.log else parameter.low
        theta[..., i] = np.clip(theta[..., i], low, min(parameter.high, 1e300))
    return theta


def _grid(problem: Problem) -> Floats:
    """Every combination of the values to try, linear parameters at 1, shape (G, p)."""
    law = problem.law
    axes: list[tuple[float, ...]] = []
    for name in law.names:
        if name in problem.fixed:
            axes.append((problem.fixed[name],))
        elif name in law.linear:
            axes.append((1.0,))
        else:
            axes.append(law.grid[name])
    return np.array(list(product(*axes)), dtype=float)


def _projected(problem: Problem) -> Floats:
    """Put the linear parameters of the grid at their best, shape (G, p)."""
    law, theta = problem.law, _grid(problem)
    value, partials = law.evaluate(law.columns(theta, 1), problem.logs)
    every = partials()
    scaled = np.exp(-problem.log_loss)
    target = np.ones(value.shape)
    free, basis = [], []
    for name in law.linear:
        i = law.index(name)
        column = np.broadcast_to(every[i], value.shape) * scaled / 1.0
        if name in problem.fixed and law.parameters[i].log:
            target = target - column  # the partial by a logarithm holds the factor already
        elif name in problem.fixed:
            target = target - problem.fixed[name] * column
        else:
            free.append(i)
            basis.append(column)
    if free:
        weight = np.sqrt(problem.weights)
        stacked = np.stack(basis, axis=-1) * weight[:, None]
        theta[:, free] = positive_least_squares(stacked, target * weight)
        _lift(problem, theta, free, np.stack(basis, axis=-1))
    return theta


def _lift(problem: Problem, theta: Floats, free: list[int], basis: Floats) -> None:
    """Give terms that came out as zero, though they must be positive, a small share."""
    for j, i in enumerate(free):
        if problem.law.parameters[i].log:
            least = SMALL_SHARE / np.median(basis[..., j], axis=-1)
            theta[:, i] = np.maximum(theta[:, i], least)

"""Descend where a robust objective has kinks: the law made linear, Huber's function kept.

Between its kinks Huber's function has little curvature, and a step that models it by a parabola
creeps. Here each step minimises the objective of the linearised law exactly, within a box that
grows and shrinks with how well it predicted the next value (Madsen 1975; Anderson and Osborne
1977).
The curvature of the law itself is added where few runs lie in the quadratic part.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats, Mask
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.estimation.refine import DECREMENT, ROUNDING, STEEPEST, Refined, Status

FIRST_BOX, LARGEST_BOX, SMALLEST_BOX = 0.1, 2.0, 1e-13  # change of the log loss, root mean square
LEVELS = (30.0, 5.0, 1.0)  # widths of the quadratic part, over delta
INNER = 25
SHIFT = 1e-5  # of a coordinate, for the curvature of the law


@dataclass(frozen=True)
class _Linear:
    """Weighted Huber objective of residuals that are linear in the step, with a quadratic term."""

    residual: Floats
    slope: Floats  # (q, n)
    weights: Floats
    bend: Floats  # (q, q), positive semi-definite
    lean: Floats  # (q,), slope of the prior
    low: Floats
    high: Floats

    def value(self, objective: Objective, step: Floats) -> float:
        moved = self.residual + step @ self.slope
        curved = self.lean + 0.5 * step @ self.bend
        return float(self.weights @ objective.value(moved) + curved @ step)

    def descend(self, objective: Objective, step: Floats) -> Floats:
        """Newton's method with bounds held face by face; convex, piecewise quadratic."""
        value = self.value(objective, step)
        for _ in range(INNER):
            moved = self.residual + step @ self.slope
            gradient = self.slope @ (self.weights * objective.slope(moved)) + self.bend @ step
            gradient = gradient + self.lean
            free = ~((step <= self.low) & (gradient > 0) | (step >= self.high) & (gradient < 0))
            if not free.any():
                break
            direction = self._newton(objective, moved, gradient, free)
            new, gain = self._along(objective, step, direction, value)
            if gain <= 1e-15 * value:
                break
            step, value = new, value - gain
        return step

    def _newton(self, objective: Objective, moved: Floats, gradient: Floats, free: Mask) -> Floats:
        part = self.slope[free]
        curved = (part * (self.weights * objective.curvature(moved))) @ part.T
        touching = (part * (self.weights * objective.majorant(moved))) @ part.T
        matrix = curved + self.bend[np.ix_(free, free)] + 1e-6 * touching
        scale = 1 / np.sqrt(np.diag(matrix) + 1e-300)
        scaled = matrix * scale[:, None] * scale + 1e-12 * np.eye(len(scale))
        direction = np.zeros(len(free))
        direction[free] = -scale * np.linalg.solve(scaled, scale * gradient[free])
        return direction

    def _along(
        self, objective: Objective, step: Floats, direction: Floats, value: float
    ) -> tuple[Floats, float]:
        """Best of shorter and shorter steps, each brought back into the box."""
        trials = np.clip(step + np.outer(0.5 ** np.arange(24), direction), self.low, self.high)
        moved = self.residual + trials @ self.slope
        values = objective.value(moved) @ self.weights
        values = values + 0.5 * np.einsum("ti,ij,tj->t", trials, self.bend, trials)
        values = values + trials @ self.lean
        best = int(np.argmin(values))
        return trials[best], value - float(values[best])


def turn_kinks(
    problem: Problem,
    objective: Objective,
    start: Floats,
    iterations: int = 100,
    tolerance: float = DECREMENT,
) -> Refined:
    """Refine points (B, q) one by one, where `refine` did not end."""
    ends = [_descend(problem, objective, point, iterations, tolerance) for point in start]
    columns = zip(*ends, strict=True)
    return Refined(*(np.array(column) for column in columns))


def _descend(
    problem: Problem, objective: Objective, at: Floats, iterations: int, tolerance: float
) -> tuple[Floats, float, float, Status, int]:
    low, high = problem.bounds
    at, box, promise = np.clip(at, low, high), FIRST_BOX, np.inf
    residual, slope = _known(problem, at)
    value, lean, curved = _with_prior(problem, objective, at, residual)
    for count in range(1, iterations + 1):
        reach = box / (np.sqrt(np.mean(slope**2, axis=1)) + 1e-30)
        bend = _bend(problem, objective, at, residual) + curved
        lower, upper = np.maximum(low - at, -reach), np.minimum(high - at, reach)
        local = _Linear(residual, slope, problem.weights, bend, lean, lower, upper)
        step = _best_step(local, objective)
        promise = local.value(objective, 0 * step) - local.value(objective, step)
        if promise <= tolerance * value + ROUNDING**2 * len(residual):
            return at, value, promise, Status.CONVERGED, count
        trial = np.clip(at + step, low, high)
        new_residual, new_slope = _known(problem, trial)
        new, new_lean, _ = _with_prior(problem, objective, trial, new_residual)
        gain = value - new if np.isfinite(new) else -np.inf
        if gain > 0:
            at, value, residual, slope, lean = trial, new, new_residual, new_slope, new_lean
        box = _resized(box, gain / promise, float(np.max(np.abs(step) / reach)))
        if box < SMALLEST_BOX:
            return at, value, promise, Status.STALLED, count
    return at, value, promise, Status.ITERATIONS, iterations


def _with_prior(
    problem: Problem, objective: Objective, at: Floats, residual: Floats
) -> tuple[float, Floats, Floats]:
    """Objective at a point, and the slope and curvature of the prior there."""
    value = float(problem.weights @ objective.value(residual))
    if problem.prior is None:
        return value, np.zeros(len(at)), np.zeros((len(at), len(at)))
    more, gradient, hessian = problem.penalty(at[None])
    return value + float(more[0]), gradient[0], hessian


def _resized(box: float, kept: float, used: float) -> float:
    """Grow where the promise was kept, shrink to a quarter of the step where it was not."""
    if kept > 0.75:
        return min(2 * box, LARGEST_BOX)
    return box if kept > 0.25 else 0.25 * used * box


def _best_step(local: _Linear, objective: Objective) -> Floats:
    """Come through wider quadratic parts, or straight from no step where that leads up."""
    zero = step = np.zeros(len(local.low))
    if np.isinf(objective.delta):
        return local.descend(objective, zero)
    for level in LEVELS:
        step = local.descend(Objective("huber", level * objective.delta), step)
    if local.value(objective, step) < local.value(objective, zero):
        return step
    return local.descend(objective, zero)


def _known(problem: Problem, at: Floats) -> tuple[Floats, Floats]:
    residual, slope = problem.residuals(at[None])
    return residual[0], np.clip(np.nan_to_num(slope[0]), -STEEPEST, STEEPEST)


def _bend(problem: Problem, objective: Objective, at: Floats, residual: Floats) -> Floats:
    """Curvature of the law itself, weighted by the pull of each run; its positive part, (q, q)."""
    low, high = problem.bounds
    shift = SHIFT * (1 + np.abs(at))
    up, down = np.minimum(at + shift, high), np.maximum(at - shift, low)
    points = np.concatenate([at + np.diag(up - at), at - np.diag(at - down)])
    _, slopes = problem.residuals(points)
    pull = problem.weights * objective.slope(residual)
    turned = np.nan_to_num(slopes @ pull)
    q = len(at)
    bend = (turned[:q] - turned[q:]) / (up - down + 1e-300)[:, None]
    values, vectors = np.linalg.eigh(0.5 * (bend + bend.T))
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)

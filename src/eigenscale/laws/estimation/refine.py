"""Minimise a robust sum of squares from many points, or for many resamples, at once.

Levenberg's method on the Huber objective. The model's Hessian is H + μ M: H has the true
curvature of the objective (0 in its linear parts), M that of the touching parabolas, which
never misses a direction and always leads downhill. Members that have converged leave the batch.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from eigenscale.arrays import Floats, Mask
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.robust import RobustProblem

DECREMENT = 1e-13  # promised relative decrease of the objective at which a member has converged
ROUNDING = 1e-15  # log residuals are not known better
DIRECT = 50  # iterations before a member is sent through easier objectives
APPROACH, NEARLY = 30, 1e-6  # iterations at an easier objective, and how close is close enough
TIE = 1e-9  # relative difference of objectives that are the same minimum
STEEPEST = 1e100  # derivatives are cut off here: their squares are still numbers
BLOCK = 128  # members at a time, so that their derivatives stay in cache


class Status(IntEnum):
    """How a member ended."""

    CONVERGED = 0
    STALLED = 1
    ITERATIONS = 2


@dataclass(frozen=True, eq=False)
class Refined:
    """End points of a batch of B members.

    Attributes
    ----------
    coordinates : array (B, q)
    objective, decrement : array (B,)
        Value, and the decrease that one more Newton step promises.
    status : array (B,) of `Status`
    iterations : array (B,)
    """

    coordinates: Floats
    objective: Floats
    decrement: Floats
    status: Floats
    iterations: Floats


@dataclass
class _Model:
    """Objective, gradient and both Hessians at one point per member."""

    objective: Floats
    gradient: Floats
    hessian: Floats
    majorant: Floats

    def put(self, where: Mask, other: "_Model") -> None:
        for name in ("objective", "gradient", "hessian", "majorant"):
            getattr(self, name)[where] = getattr(other, name)[where]

    def keep(self, kept: Mask) -> "_Model":
        return _Model(
            self.objective[kept], self.gradient[kept], self.hessian[kept], self.majorant[kept]
        )


def _of_runs(
    problem: RobustProblem, objective: Objective, weights: Floats, shift: Floats | None, at: Floats
) -> _Model:
    residual, slope = problem.residuals(at)
    if shift is not None:
        residual -= shift
    value = np.einsum("bn,bn->b", weights, objective.value(residual))
    value[~np.isfinite(value)] = np.inf
    if not np.isfinite(residual).all():
        np.nan_to_num(residual, copy=False)
    if not np.abs(slope).max(initial=0.0) <= STEEPEST:  # what is no number is not either
        np.clip(np.nan_to_num(slope, copy=False), -STEEPEST, STEEPEST, out=slope)
    turned = slope.swapaxes(1, 2)
    touching = weights * objective.majorant(residual)
    gradient = (slope @ (touching * residual)[:, :, None])[:, :, 0]
    majorant = (slope * touching[:, None]) @ turned
    if np.isinf(objective.delta):
        return _Model(value, gradient, majorant, majorant)
    hessian = (slope * (weights * objective.curvature(residual))[:, None]) @ turned
    return _Model(value, gradient, hessian, majorant)


def _model(
    problem: RobustProblem, objective: Objective, weights: Floats, shift: Floats | None, at: Floats
) -> _Model:
    model = _of_runs(problem, objective, weights, shift, at)
    if problem.prior is None:
        return model
    value, gradient, hessian = problem.penalty(at)
    return _Model(
        model.objective + value,
        model.gradient + gradient,
        model.hessian + hessian,
        model.majorant + hessian,
    )


def _step(
    model: _Model, damping: Floats, stuck: Mask, move: Floats | None = None
) -> tuple[Floats, Floats]:
    """Damped Newton step and its promised decrease.

    The coordinates in `stuck` are held, or make the given `move` and no other.
    """
    matrix = model.hessian + damping[:, None, None] * model.majorant
    size = np.einsum("bii->bi", model.majorant)
    tiny = 1e-12 * size + 1e-300
    slope = model.gradient if move is None else _moved(model.gradient, matrix, move)
    gradient = np.where(stuck, 0.0, slope)
    matrix[stuck] = 0.0
    matrix.swapaxes(1, 2)[stuck] = 0.0
    diagonal = np.einsum("bii->bi", matrix)
    scale = 1 / np.sqrt(np.where(stuck, 1.0, diagonal + tiny))
    matrix *= scale[:, :, None] * scale[:, None, :]
    np.einsum("bii->bi", matrix)[:] += np.where(stuck, 1.0, 1e-12)
    step = -scale * np.linalg.solve(matrix, (scale * gradient)[:, :, None])[:, :, 0]
    promise = -0.5 * np.einsum("bi,bi->b", step, gradient)
    if move is None:
        return step, promise
    return step + move, promise - 0.5 * np.einsum("bi,bi->b", move, model.gradient + slope)


def _moved(gradient: Floats, matrix: Floats, move: Floats) -> Floats:
    """Gradient of the quadratic model after a move."""
    return np.asarray(gradient + np.einsum("bij,bj->bi", matrix, move))


def refine(
    problem: RobustProblem,
    objective: Objective,
    start: Floats,
    weights: Floats | None = None,
    shift: Floats | None = None,
    iterations: int = 200,
    tolerance: float = DECREMENT,
    bounds: tuple[Floats, Floats] | None = None,
) -> Refined:
    """Minimise from each start, in blocks.

    Parameters
    ----------
    start : array (B, q)
        Coordinates to begin at.
    weights : array (B, n), optional
        Weight of each run for each member; the problem's own by default.
    shift : array (B, n), optional
        Added to the log loss of each run for each member.
    tolerance : float
        Promised relative decrease of the objective at which a member has converged.
    bounds : two arrays (B, q), optional
        Lowest and highest coordinates of each member; the problem's own by default.
    """
    if weights is None:
        weights = np.broadcast_to(problem.weights, (len(start), len(problem.weights)))
    parts = []
    for i in range(0, len(start), BLOCK):
        part = slice(i, i + BLOCK)
        moved = None if shift is None else shift[part]
        ends = problem.bounds if bounds is None else (bounds[0][part], bounds[1][part])
        batch = _Batch(problem, objective, start[part], weights[part], moved, ends, tolerance)
        parts.append(batch.run(iterations))
    names = Refined.__dataclass_fields__
    return Refined(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def refine_along(
    problem: RobustProblem,
    objective: Objective,
    start: Floats,
    weights: Floats | None = None,
    shift: Floats | None = None,
    iterations: int = 200,
    tolerance: float = DECREMENT,
) -> Refined:
    """Refine; members that do not get there come again through easier objectives.

    Where residuals are large against delta, few runs lie in the quadratic part of Huber's
    function, and the kinks of the others hold a descent up. From the minimum for a wider
    delta the way is short.
    """
    if objective.name == "lad":
        return _through(problem, objective, start, weights, shift, iterations, tolerance)
    ends = refine(problem, objective, start, weights, shift, min(DIRECT, iterations), tolerance)
    left = np.flatnonzero(ends.status != Status.CONVERGED)
    if left.size and len(objective.path) > 1:
        picked = None if weights is None else weights[left]
        moved = None if shift is None else shift[left]
        again = _through(problem, objective, start[left], picked, moved, iterations, tolerance)
        better = again.objective <= ends.objective[left] * (1 + TIE)
        for name in Refined.__dataclass_fields__:
            getattr(ends, name)[left[better]] = getattr(again, name)[better]
    return ends


def _through(
    problem: RobustProblem,
    objective: Objective,
    start: Floats,
    weights: Floats | None,
    shift: Floats | None,
    iterations: int,
    tolerance: float,
) -> Refined:
    for step in objective.path[:-1]:
        near = max(tolerance, NEARLY)
        most = min(iterations, APPROACH)
        start = refine(problem, step, start, weights, shift, most, near).coordinates
    return refine(problem, objective, start, weights, shift, iterations, tolerance)


def model_at(
    problem: RobustProblem, objective: Objective, at: Floats
) -> tuple[_Model, Mask, float]:
    """Local model at one point (q,), which coordinates are held by a bound, and the gain left."""
    batch = _Batch(problem, objective, at[None], problem.weights[None], None, problem.bounds)
    stuck = batch.stuck()
    _, promise = _step(batch.model, np.full(1, 1e-9), stuck)
    return batch.model, stuck[0], float(promise[0])


class _Batch:
    """The members of one block that still move."""

    def __init__(
        self,
        problem: RobustProblem,
        objective: Objective,
        start: Floats,
        weights: Floats,
        shift: Floats | None,
        bounds: tuple[Floats, Floats],
        tolerance: float = DECREMENT,
    ) -> None:
        self.tolerance = tolerance
        self.problem, self.objective = problem, objective
        self.low, self.high = (np.broadcast_to(end, start.shape) for end in bounds)
        self.at = np.clip(start, self.low, self.high)
        self.weights, self.shift = weights, shift
        self.here = np.arange(len(start))
        self.damping, self.growth = np.full(len(start), 1e-2), np.full(len(start), 4.0)
        self.rounding = weights.sum(axis=1) * ROUNDING * min(objective.delta, ROUNDING)
        self.model = self.model_of(self.at)

    def model_of(self, at: Floats) -> _Model:
        return _model(self.problem, self.objective, self.weights, self.shift, at)

    def stuck(self) -> Mask:
        """Coordinates at a bound that the gradient pushes against it."""
        down = (self.at <= self.low) & (self.model.gradient > 0)
        return down | ((self.at >= self.high) & (self.model.gradient < 0))

    def inside(self) -> tuple[Floats, Floats]:
        """Step to the model's lowest point within the bounds, face by face.

        A coordinate that would cross its bound moves onto it, and the others answer to that:
        a step merely cut off at the bound may lead uphill, however short it is.
        """
        held, move = self.stuck(), None
        step, promise = _step(self.model, self.damping, held)
        for _ in range(self.at.shape[1]):
            low, high = self.low - self.at, self.high - self.at
            crossing = ~held & ((step < low) | (step > high))
            if not crossing.any():
                break
            move = np.zeros_like(step) if move is None else move
            move = np.where(crossing, np.clip(step, low, high), move)
            held = held | crossing
            step, promise = _step(self.model, self.damping, held, move)
        return step, promise

    def advance(self) -> tuple[Mask, Mask, Floats]:
        """Try one step each: which have converged, which cannot move, what was promised."""
        step, promise = self.inside()
        done = (promise >= 0) & (promise <= self.tolerance * self.model.objective + self.rounding)
        trial = np.clip(self.at + step, self.low, self.high)
        new = self.model_of(trial)
        gain = np.full(len(trial), -np.inf)
        known = np.isfinite(new.objective)
        gain[known] = self.model.objective[known] - new.objective[known]
        good = gain > 0
        stalled = ~good & (self.damping > 1e8)
        self.at = np.where(good[:, None], trial, self.at)
        self.model.put(good, new)
        shrink = np.where(gain > 0.5 * promise, 0.1, 1.0)
        self.damping *= np.where(good, shrink, self.growth)
        self.growth = np.where(good, 4.0, 2 * self.growth)
        return done, stalled & ~done, promise

    def keep(self, stay: Mask) -> None:
        for name in ("at", "low", "high", "weights", "here", "damping", "growth", "rounding"):
            setattr(self, name, getattr(self, name)[stay])
        self.shift = None if self.shift is None else self.shift[stay]
        self.model = self.model.keep(stay)

    def run(self, iterations: int) -> Refined:
        B = len(self.at)
        status = np.full(B, Status.ITERATIONS)
        ends = Refined(
            self.at.copy(), np.full(B, np.inf), np.full(B, np.inf), status, np.zeros(B, int)
        )
        for iteration in range(1, iterations + 1):
            done, stalled, promise = self.advance()
            ends.coordinates[self.here], ends.objective[self.here] = self.at, self.model.objective
            ends.decrement[self.here], ends.iterations[self.here] = promise, iteration
            status[self.here[done]], status[self.here[stalled]] = Status.CONVERGED, Status.STALLED
            if (done | stalled).all():
                break
            if (done | stalled).any():
                self.keep(~(done | stalled))
        return ends

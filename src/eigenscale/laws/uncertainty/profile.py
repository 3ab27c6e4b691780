"""Profile likelihood: hold one parameter at values around its estimate, refit all others."""

from dataclasses import dataclass
from math import inf

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.estimation.likelihood import curvature
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.estimation.refine import refine_along
from eigenscale.laws.inferred import Inferred
from eigenscale.results import Interval

GROWTH = 1.35  # each step out is longer by this
MOST_STEPS = 40
CLOSE = 1e-3  # of chi-squared, to which an end is located


def chi_squared(level: float) -> float:
    """Quantile of chi-squared with one degree of freedom."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2) ** 2)


@dataclass(frozen=True, eq=False)
class Profile:
    """The objective along one parameter, all others at their best.

    Attributes
    ----------
    parameter : str
    values : array (k,)
        Ascending.
    theta : array (k, p)
        All parameters at each value.
    chi_squared : array (k,)
        Rise of the objective, scaled so that it is chi-squared distributed at the truth.
    interval : Interval
        Where the rise stays below the quantile of `level`; an end is NaN where it never rises
        so far within the bounds.
    """

    parameter: str
    values: Floats
    theta: Floats
    chi_squared: Floats
    interval: Interval

    @property
    def open_ended(self) -> bool:
        """Whether the runs put no limit on the parameter on one side."""
        return bool(np.isnan([self.interval.low, self.interval.high]).any())


def profile(fit: Inferred, parameter: str, level: float | None = None) -> Profile:
    """Profile one parameter of a fit.

    Raises
    ------
    InputError
        The parameter is unknown or was fixed.

    Notes
    -----
    The rise of a robust objective is scaled by E psi² / E psi', its asymptotic ratio to
    chi-squared (Ronchetti 1982).
    """
    i = fit.law.index(parameter)
    if parameter in fit.fixed:
        raise InputError(f"{parameter} is fixed at {fit.fixed[parameter]:g}; profile a free one")
    level = fit.level if level is None else level
    walk = _Walk(fit, i, chi_squared(level))
    down, low = walk.out(-1)
    up, high = walk.out(+1)
    points = sorted([*down, (walk.centre, fit.theta, 0.0), *up], key=lambda point: point[0])
    values = np.array([walk.natural(point[0]) for point in points])
    return Profile(
        parameter,
        values,
        np.array([point[1] for point in points]),
        np.array([point[2] for point in points]),
        Interval(float(fit.theta[i]), walk.natural(low), walk.natural(high), level),
    )


Point = tuple[float, Floats, float]


class _Walk:
    """Steps outward along one parameter, in its log where that is fitted."""

    def __init__(self, fit: Inferred, i: int, limit: float) -> None:
        self.fit, self.i, self.limit = fit, i, limit
        self.parameter = fit.law.parameters[i]
        self.logged = self.parameter.log
        self.centre = float(np.log(fit.theta[i]) if self.logged else fit.theta[i])
        known, direction = curvature(fit), fit.problem.direction(self.parameter.name)
        self.rise = known.rise(direction)
        self.base = fit.objective_value / fit.objective.reported_scale
        spread = max(float(known.se(direction)), 1e-6 * (1 + abs(self.centre)))
        self.step = 0.4 * min(spread, 2 + abs(self.centre))
        low, high = (-inf, inf) if self.logged else (self.parameter.low, self.parameter.high)
        self.ends = (low, high)

    def natural(self, value: float) -> float:
        return float(np.exp(value)) if self.logged else value

    def at(self, value: float, start: Floats) -> Point:
        """Refit with the parameter held at `value`, beginning from `start`."""
        fit = self.fit
        fixed = {**fit.fixed, self.parameter.name: self.natural(value)}
        free = fit.problem
        held = Problem(free.law, free.logs, free.log_loss, free.weights, fixed, free.prior)
        if not held.free:
            return value, fit.theta, 0.0
        end = refine_along(held, fit.objective, held.coordinates(start)[None])
        rise = 2 * (float(end.objective[0]) - self.base) / self.rise
        return value, held.theta(end.coordinates[0]), max(rise, 0.0)

    def out(self, side: int) -> tuple[list[Point], float]:
        """Walk until the rise passes the limit; the points, and where it passes."""
        points: list[Point] = []
        last: Point = (self.centre, self.fit.theta, 0.0)
        step, edge = self.step, self.ends[(side + 1) // 2]
        for _ in range(MOST_STEPS):
            target = last[0] + side * step
            bounded = min(target, edge) if side > 0 else max(target, edge)
            if bounded == last[0]:
                return points, np.nan
            point = self.at(bounded, last[1])
            points.append(point)
            if point[2] > self.limit:
                crossing, between = self._crossing(last, point)
                return points + between, crossing
            last, step = point, step * GROWTH
        return points, np.nan

    def _crossing(self, inner: Point, outer: Point) -> tuple[float, list[Point]]:
        """Locate the limit between two points by secants on the root of the rise."""
        found: list[Point] = []
        for _ in range(12):
            a, b = np.sqrt(inner[2]), np.sqrt(outer[2])
            share = float(np.clip((np.sqrt(self.limit) - a) / (b - a), 0.05, 0.95))
            middle = self.at(inner[0] + share * (outer[0] - inner[0]), inner[1])
            found.append(middle)
            if abs(middle[2] - self.limit) < CLOSE * self.limit:
                break
            inner, outer = (middle, outer) if middle[2] < self.limit else (inner, middle)
        return found[-1][0], found

"""A law against runs, in the coordinates that fits are made in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.estimation.prior import Prior
from eigenscale.laws.law import Law

SCALE_RANGE = 25.0  # logs that a term may lie above or below the median loss, at the centre
SHIFT_RANGE = 200.0


@dataclass(frozen=True, eq=False)
class Problem:
    """Runs, a law and what is held fixed.

    A point is a vector of *coordinates*, one per free parameter: scales by their logarithm,
    moved to the centre of the runs (see `Centre`), all else as it is. In them a start anywhere
    sensible is close, and the normal equations are well conditioned.

    Attributes
    ----------
    logs : mapping of name to array (n,)
        Logarithms of the law's inputs.
    log_loss, weights : array (n,)
    fixed : mapping of name to float
    prior : Prior or None
    """

    law: Law
    logs: Mapping[str, Floats]
    log_loss: Floats
    weights: Floats
    fixed: Mapping[str, float]
    prior: Prior | None = None

    @classmethod
    def build(
        cls,
        law: Law,
        inputs: Mapping[str, ArrayLike],
        loss: ArrayLike,
        fixed: Mapping[str, float] | None = None,
        weights: ArrayLike | None = None,
        prior: Prior | None = None,
    ) -> "Problem":
        """Check inputs and fixed values, take logarithms."""
        loss = np.asarray(loss, dtype=float)
        fixed = dict(fixed or {})
        for name, value in fixed.items():
            _check_fixed(law, name, value)
        full = np.ones(len(loss)) if weights is None else np.asarray(weights, dtype=float)
        return cls(law, law.logs(inputs), np.log(loss), full, fixed, prior)

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Names of the parameters that are fitted."""
        return tuple(name for name in self.law.names if name not in self.fixed)

    @cached_property
    def _map(self) -> tuple[Floats, Floats]:
        """(K, k0) with log-or-plain parameters u = K v + k0 for coordinates v."""
        law = self.law
        p = len(law.parameters)
        into, shift = np.eye(p), np.zeros(p)  # u = into @ (v - shift), scales row by row
        for centre in law.centre:
            if centre.scale in self.fixed:
                continue
            mean = float(self.logs[centre.input].mean())
            row = law.index(centre.scale)
            if centre.exponent is None:
                shift[row] += centre.weight * mean
            else:
                into[row, law.index(centre.exponent)] -= centre.weight * mean
        free = [law.index(name) for name in self.free]
        start = np.zeros(p)
        for name, value in self.fixed.items():
            i = law.index(name)
            start[i] = np.log(value) if law.parameters[i].log else value
        return into[:, free], into @ start - shift

    def direction(self, name: str) -> Floats:
        """Weights (q,) of the coordinates in a parameter (in its log where it is fitted so)."""
        return np.asarray(self._map[0][self.law.index(name)])

    @cached_property
    def _quadratic(self) -> tuple[Floats, Floats, float]:
        """(P, b, c) with the penalty v P v / 2 − b v + c of coordinates v."""
        assert self.prior is not None
        mean, precision = self.prior.rows(self.law)
        into, start = self._map
        held = start - mean
        matrix = (into.T * precision) @ into
        return matrix, -(into.T * precision) @ held, 0.5 * float(precision @ held**2)

    def penalty(self, coordinates: Floats) -> tuple[Floats, Floats, Floats]:
        """Give what the prior adds at points (B, q): value, gradient, and Hessian (q, q)."""
        matrix, pull, least = self._quadratic
        turned = coordinates @ matrix
        value = 0.5 * np.einsum("bq,bq->b", coordinates, turned) - coordinates @ pull + least
        return value, turned - pull, matrix

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest coordinates, each (q,)."""
        centred = {c.scale: c for c in self.law.centre}
        middle = float(np.median(self.log_loss))
        low, high = [], []
        for name in self.free:
            parameter = self.law.parameters[self.law.index(name)]
            if not parameter.log:
                low.append(parameter.low)
                high.append(parameter.high)
            elif name not in centred:
                low.append(-SHIFT_RANGE)
                high.append(SHIFT_RANGE)
            elif centred[name].exponent is not None:
                low.append(middle - SCALE_RANGE)
                high.append(middle + SCALE_RANGE)
            else:
                shift = centred[name]
                x = self.logs[shift.input] - self.logs[shift.input].mean()
                low.append(float(x.min()) - shift.beyond)
                high.append(float(x.max()) + shift.beyond)
        return np.array(low), np.array(high)

    def theta(self, coordinates: Floats) -> Floats:
        """Parameters (..., p) of coordinates (..., q)."""
        into, start = self._map
        u = coordinates @ into.T + start
        logged = [p.log for p in self.law.parameters]
        with np.errstate(over="ignore"):
            return np.asarray(np.where(logged, np.exp(np.where(logged, u, 0.0)), u))

    def coordinates(self, theta: Floats) -> Floats:
        """Coordinates (..., q) of parameters (..., p); the fixed ones are not looked at."""
        into, start = self._map
        logged = np.array([p.log for p in self.law.parameters])
        u = np.where(logged, np.log(np.where(logged, theta, 1.0)), theta)
        free = [self.law.index(name) for name in self.free]
        return np.asarray(np.linalg.solve(into[free], (u - start)[..., free, None])[..., 0])

    def residuals(self, coordinates: Floats) -> tuple[Floats, Floats]:
        """Log residuals (B, n) and their derivatives (B, q, n) at coordinates (B, q)."""
        into, _ = self._map
        columns = self.law.columns(self.theta(coordinates), 1)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value, partials = self.law.evaluate(columns, self.logs)
            by_u = np.empty((len(coordinates), len(self.law.parameters), value.shape[-1]))
            for i, partial in enumerate(partials()):
                np.divide(partial, value, out=by_u[:, i])
            residual = np.log(value) - self.log_loss
            return residual, into.T @ by_u


def _check_fixed(law: Law, name: str, value: float) -> None:
    parameter = law.parameters[law.index(name)]
    low = 0.0 if parameter.log else parameter.low
    inside = (
        low <= value <= parameter.high and np.isfinite(value) and (value > 0 or not parameter.log)
    )
    if not inside:
        raise InputError(
            f"{name} is fixed at {value:g}; {name} of {law.name} lies in "
            f"{'(' if parameter.log else '['}{low:g}, {parameter.high:g}]"
        )

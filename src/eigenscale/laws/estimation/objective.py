"""What a fit minimises: a sum over runs of a function of the log residual."""

from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

LAD_DELTA = 1e-8


@dataclass(frozen=True)
class Objective:
    """Huber's function of r = log predicted − log measured, summed over runs.

    ``r²/2`` for ``|r| ≤ delta``, else ``delta (|r| − delta/2)``. An infinite `delta` is least
    squares; least absolute deviation is the limit of small `delta` divided by it.

    Attributes
    ----------
    name : str
        ``huber:1e-3``, ``squares`` or ``lad``.
    delta : float
    """

    name: str
    delta: float

    def value(self, residual: Floats) -> Floats:
        """Loss of each residual."""
        size = np.abs(residual)
        inner = np.minimum(size, self.delta)
        return inner * (size - 0.5 * inner)

    def slope(self, residual: Floats) -> Floats:
        """Differentiate by the residual: the residual, cut off at delta."""
        return np.clip(residual, -self.delta, self.delta)

    def curvature(self, residual: Floats) -> Floats:
        """Second derivative: 1 where quadratic, 0 where linear."""
        return (np.abs(residual) <= self.delta).astype(float)

    def majorant(self, residual: Floats) -> Floats:
        """Curvature of the parabola that touches from above (iterated reweighting)."""
        if self.delta == inf:
            return np.ones_like(residual)
        return self.delta / np.maximum(np.abs(residual), self.delta)

    @property
    def path(self) -> tuple["Objective", ...]:
        """Easier objectives that lead to this one: delta comes down step by step."""
        if self.delta == inf:
            return (self,)
        if self.name == "lad":
            return tuple(Objective("lad", 10.0**-k) for k in range(3, 9))
        return tuple(Objective(self.name, k * self.delta) for k in (100, 30, 10, 3, 1))

    @property
    def reported_scale(self) -> float:
        """What the sum is multiplied by when shown: 1/delta for least absolute deviation."""
        return 1 / self.delta if self.name == "lad" else 1.0


def parse_objective(text: str) -> Objective:
    """Read ``huber``, ``huber:1e-3``, ``lad`` or ``squares``.

    Examples
    --------
    >>> parse_objective("huber:0.01").delta
    0.01
    """
    kind, _, number = text.partition(":")
    if text == "squares":
        return Objective("squares", inf)
    if text == "lad":
        return Objective("lad", LAD_DELTA)
    if kind != "huber":
        raise InputError(
            f"objective {text!r} is unknown; write huber:1e-3 (any delta), lad or squares"
        )
    try:
        delta = float(number) if number else 1e-3
    except ValueError:
        delta = -1.0
    if not (delta > 0 and isfinite(delta)):
        raise InputError(
            f"objective {text!r} has delta {number!r}; delta is a positive number, as in huber:1e-3"
        )
    return Objective(f"huber:{delta:g}", delta)

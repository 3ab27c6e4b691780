"""A fitted law: what it found, how sure it is, what it predicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.laws.base import Floats, Law
from eigenscale.laws.surface import surface_loss
from eigenscale.results import Interval


@dataclass(frozen=True, eq=False)
class Prediction:
    """Values of a fitted law with the interval of the law itself (not of a single run).

    All arrays have the shape of the inputs.
    """

    value: Floats
    low: Floats
    high: Floats
    level: float

    def intervals(self) -> list[Interval]:
        """One `Interval` per point, in C order."""
        rows = zip(self.value.flat, self.low.flat, self.high.flat, strict=True)
        return [Interval(float(v), float(a), float(b), self.level) for v, a, b in rows]


@dataclass(frozen=True, eq=False)
class LawFit:
    """A law fitted to runs; a loss surface with draws.

    Attributes
    ----------
    law : Law
    theta : array, shape (p,)
        Estimates in the order of ``law.names``.
    draws : array, shape (B, p)
        The fits of B resampled tables.
    objective : Objective
        What was minimised, with its value at `theta`.
    n_runs : int
    level : float
        Nominal coverage of the intervals.
    """

    law: Law
    theta: Floats
    draws: Floats
    n_runs: int
    level: float = 0.9
    fixed: Mapping[str, float] = field(default_factory=dict)

    size_name = "params"
    data_name = "tokens"

    @property
    def parameters(self) -> dict[str, Interval]:
        """Estimate and percentile interval of each parameter."""
        return {
            name: Interval.from_draws(self.theta[i], self.draws[:, i], self.level)
            for i, name in enumerate(self.law.names)
        }

    def predict(self, **inputs: ArrayLike) -> Prediction:
        """Predict the loss at new points.

        Parameters
        ----------
        **inputs : arrays
            One per name in ``law.inputs``; they broadcast.
        """
        value = self.law.predict(self.theta, **inputs)
        low = high = np.full(value.shape, np.nan)
        if len(self.draws) >= 2:
            ends = [(1 - self.level) / 2, (1 + self.level) / 2]
            low, high = np.quantile(self.law.predict(self.draws, **inputs), ends, axis=0)
        return Prediction(value, low, high, self.level)

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Loss of `size` params on `data` fresh tokens; the arguments broadcast."""
        return surface_loss(self.law, self.theta, size, data)

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Give the same for every draw, shape (B, *broadcast)."""
        return surface_loss(self.law, self.draws, size, data)

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "law": self.law.name,
            "n_runs": self.n_runs,
            "parameters": {k: v.to_dict() for k, v in self.parameters.items()},
        }

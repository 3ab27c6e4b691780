"""How the best size, or the best amount of data, grows with compute: a line in logarithms."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.results import Interval

NONE: Floats = np.empty((0, 0))


@dataclass(frozen=True, eq=False)
class Growth:
    """How the best `quantity` grows with compute: coefficient × C^exponent.

    Attributes
    ----------
    approach, quantity : str
    exponent, coefficient : float
    compute, optimum : array (k,)
        The points that the line goes through.
    flags : tuple of str
        One per point: "" where it is sound, else "edge" (the best lies outside the runs of this
        budget) or "flat" (the curve hardly bends, so the best could be anywhere).
    lines : array (B, 2)
        Exponent and log coefficient in resampled tables; empty where none were drawn.
    optima : array (B, k)
        The points in resampled tables, NaN where they have no best.
    no_bottom : tuple of float
        Budgets with enough runs whose losses have no lowest point.
    bias : float or None
        Median exponent by this approach on tables simulated from the fitted law at the user's own
        runs, minus the law's own exponent.
    level : float
        Nominal coverage of the intervals.
    """

    approach: str
    quantity: str
    exponent: float
    coefficient: float
    compute: Floats
    optimum: Floats
    flags: tuple[str, ...] = ()
    lines: Floats = field(default_factory=lambda: np.empty((0, 2)))
    optima: Floats = field(default_factory=lambda: NONE)
    no_bottom: tuple[float, ...] = ()
    bias: float | None = None
    level: float = 0.9

    @property
    def interval(self) -> Interval:
        """The exponent with its interval."""
        return Interval.from_draws(self.exponent, self.lines[:, 0], self.level)

    def at(self, compute: float) -> Interval:
        """Give the best `quantity` at a compute, by the line."""
        value = self.coefficient * compute**self.exponent
        with np.errstate(over="ignore"):
            draws = np.exp(self.lines[:, 1] + self.lines[:, 0] * np.log(compute))
        return Interval.from_draws(value, draws, self.level)

    def point_intervals(self) -> tuple[Floats, Floats]:
        """Give the ends (k,) of the interval of each point; NaN where none were drawn."""
        if self.optima.size == 0:
            nothing = np.full(len(self.compute), np.nan)
            return nothing, nothing
        found = [Interval.from_draws(0.0, column, self.level) for column in self.optima.T]
        return np.array([one.low for one in found]), np.array([one.high for one in found])

    def flagged(self, flag: str) -> Floats:
        """Compute of the points with this flag."""
        at: Floats = self.compute[np.array([f == flag for f in self.flags], dtype=bool)]
        return at

    def sound_exponent(self) -> float | None:
        """Exponent through the points without a flag; None where they are fewer than two."""
        sound = np.array([not f for f in self.flags], dtype=bool)
        if sound.sum() < 2:
            return None
        return float(line(np.log(self.compute[sound]), np.log(self.optimum[sound]))[0])

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        low, high = self.point_intervals()
        columns = (self.compute, self.optimum, low, high, self.flags)
        return {
            "approach": self.approach,
            "quantity": self.quantity,
            "exponent": self.interval.to_dict(),
            "coefficient": self.coefficient,
            "bias": self.bias,
            "points": [
                {"flops": c, "optimum": v, "low": a, "high": b, "flag": f}
                for c, v, a, b, f in zip(*columns, strict=True)
            ],
            "no_bottom": list(self.no_bottom),
        }


def line(x: Floats, y: Floats, on: Any = None) -> Floats:
    """Least-squares line through points, batched: slope and height, shape (..., 2).

    Points that are not finite, or not `on` (a mask of the shape of y), are left out; NaN where
    fewer than two abscissas are left.
    """
    used = np.isfinite(y) if on is None else np.isfinite(y) & on
    x = np.broadcast_to(x, used.shape)
    count = used.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x = np.where(used, x, 0.0).sum(axis=-1) / count
        mean_y = np.where(used, y, 0.0).sum(axis=-1) / count
        off = np.where(used, x - mean_x[..., None], 0.0)
        spread = (off**2).sum(axis=-1)
        slope = (off * np.where(used, y, 0.0)).sum(axis=-1) / np.where(
            spread > 1e-9, spread, np.nan
        )
        return np.stack([slope, mean_y - slope * mean_x], axis=-1)


def through(
    approach: str,
    quantity: str,
    compute: Floats,
    log_optimum: Floats,
    flags: tuple[str, ...] = (),
    drawn: Floats = NONE,
    **more: Any,
) -> Growth:
    """Draw the line through points (k,), and through `drawn` ones (B, k) if there are any."""
    log_c = np.log(compute)
    slope, height = line(log_c, log_optimum)
    lines = line(log_c, drawn) if drawn.size else np.empty((0, 2))
    with np.errstate(over="ignore"):  # a flat curve may have its bottom anywhere
        return Growth(
            approach,
            quantity,
            float(slope),
            float(np.exp(height)),
            compute,
            np.exp(log_optimum),
            flags or ("",) * len(compute),
            lines,
            np.exp(drawn),
            **more,
        )

"""How well a law foretells the largest runs from the smaller ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.backtest.rolling import few
from eigenscale.laws.table import Table


@dataclass(frozen=True, eq=False)
class Holdout:
    """The largest runs, predicted by a fit to all the others.

    Attributes
    ----------
    n_fitted, n_held_out : int
    compute_ratio : float
        Largest compute held out over largest compute fitted.
    cost : str
        What was counted as compute: ``"compute"``, or the only input of the runs.
    theta : array (p,)
        Parameters fitted without the held-out runs.
    inputs, measured, predicted, low, high : arrays (n_held_out,)
        `low` and `high` bound a single run, noise included.
    """

    n_fitted: int
    n_held_out: int
    compute_ratio: float
    theta: Floats
    inputs: dict[str, Floats]
    measured: Floats
    predicted: Floats
    low: Floats
    high: Floats
    level: float
    cost: str = "compute"

    @property
    def log_errors(self) -> Floats:
        """Log predicted − log measured."""
        return np.asarray(np.log(self.predicted / self.measured))

    @property
    def error(self) -> float:
        """Root mean square of the log errors: about the relative error."""
        return float(np.sqrt(np.mean(self.log_errors**2)))

    @property
    def inside(self) -> float:
        """Share of the held-out runs inside their intervals."""
        return float(np.mean((self.measured >= self.low) & (self.measured <= self.high)))

    @property
    def interval_score(self) -> float:
        """Mean width of the log intervals, plus 2/(1−level) times what lies outside."""
        low, high, y = np.log(self.low), np.log(self.high), np.log(self.measured)
        miss = np.maximum(low - y, 0) + np.maximum(y - high, 0)
        return float(np.mean(high - low + 2 / (1 - self.level) * miss))

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "n_fitted": self.n_fitted,
            "n_held_out": self.n_held_out,
            "compute_ratio": self.compute_ratio,
            "error": self.error,
            "worst_error": float(np.abs(self.log_errors).max()),
            "bias": float(self.log_errors.mean()),
            "inside": self.inside,
            "interval_score": self.interval_score,
        }

    def sentence(self) -> str:
        """Say it in words."""
        return (
            f"fitted to the {self.n_fitted} smaller runs, it foretells the {self.n_held_out} "
            f"largest (up to {self.compute_ratio:.3g} times the {self.cost}) within "
            f"{few(100 * self.error)} % (root mean square), {100 * self.log_errors.mean():+.2g} % "
            f"on average; {100 * self.inside:.0f} % lie inside their "
            f"{100 * self.level:.0f} % intervals"
        )


def split(table: Table, held_out: float, needed: int) -> tuple[Table, Table]:
    """Split off the largest runs by compute: a number of runs, or a share below 1."""
    n = len(table)
    count = round(held_out * n) if 0 < held_out < 1 else int(held_out)
    if (count != held_out and held_out >= 1) or count < 1 or n - count < needed:
        raise InputError(
            f"holdout {held_out:g} of {n} runs; hold out a whole number, or a share below 1, and "
            f"leave at least {needed}: at most {max(n - needed, 0)}"
        )
    order = np.argsort(table.compute(), kind="stable")
    small, large = np.sort(order[: n - count]), np.sort(order[n - count :])
    return table.take(small), table.take(large)

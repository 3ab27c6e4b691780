"""Errors of predictions of larger runs, as plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np

from eigenscale.arrays import Floats

OVERLAP = 2  # steps that judge by the same runs
A_FIFTH = 1.2  # times the error of the best, beyond which there is no tie


def few(value: float) -> str:
    """Two digits or all before the point, and no exponent where people need none.

    Examples
    --------
    >>> few(0.0123), few(1.28), few(389.2)
    ('0.012', '1.3', '389')
    """
    return f"{value:.0f}" if 99.5 <= value < 1e6 else f"{value:.2g}"


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
        largest = "largest" if self.n_held_out == 1 else f"{self.n_held_out} largest"
        return (
            f"Fitted to the {self.n_fitted} smaller runs, the law predicts the {largest} "
            f"(up to {self.compute_ratio:.3g} times the {self.cost}) to within "
            f"{few(100 * self.error)} % (root mean square), "
            f"{_signed(100 * self.log_errors.mean())} % on average; "
            f"{100 * self.inside:.0f} % lie inside their {100 * self.level:.0f} % intervals"
        )


@dataclass(frozen=True, eq=False)
class Rolling:
    """Log errors of a law on runs larger than those it was fitted to.

    Attributes
    ----------
    errors, decades : tuple of array
        One pair per step: log predicted − log measured of all runs that the step did not see,
        and how far beyond the largest that it saw each lies, in decades of compute; both in
        ascending order of compute.
    judged : tuple of int
        How many of them, the smallest, are the next tenth of the runs.
    """

    errors: tuple[Floats, ...]
    decades: tuple[Floats, ...]
    judged: tuple[int, ...]

    @property
    def steps(self) -> Floats:
        """Mean size of the errors on the next tenth of the runs, one number per step."""
        parts = [e[:count] for e, count in zip(self.errors, self.judged, strict=True)]
        means = np.array([float(np.mean(np.abs(part))) for part in parts])
        return np.where(np.isfinite(means), means, inf)

    @property
    def error(self) -> float:
        """Mean over the steps; infinite without steps."""
        return float(np.mean(self.steps)) if self.errors else inf

    def ties_with(self, best: "Rolling") -> bool:
        """Whether it predicted no worse than `best` by a standard error, nor by a fifth.

        The error is that of the mean difference, step by step. A tenth of the runs is predicted
        twice where steps are a twentieth apart, so that half of the steps count. The fifth keeps
        out a law that ran away in some step, whose standard error is large for that.
        """
        if len(self.errors) != len(best.errors) or not np.isfinite([self.error, best.error]).all():
            return False
        if self.error > A_FIFTH * best.error:
            return False
        apart = self.steps - best.steps
        spread = float(np.std(apart, ddof=1)) if len(apart) > 1 else 0.0
        return bool(np.mean(apart) <= spread / np.sqrt(max(len(apart) / OVERLAP, 1.0)))

    def reach(self, level: float) -> float:
        """Size of error, over 1 + decades, that a share `level` of all errors stays below.

        Every step counts the same. NaN without steps.
        """
        if not self.errors:
            return nan
        scaled = [np.abs(e) / (1 + d) for e, d in zip(self.errors, self.decades, strict=True)]
        weights = np.concatenate([np.full(len(e), 1 / len(e)) for e in scaled])
        sizes = np.nan_to_num(np.concatenate(scaled), nan=inf)
        order = np.argsort(sizes, kind="stable")
        share = np.cumsum(weights[order]) / weights.sum()
        found = float(sizes[order][min(int(np.searchsorted(share, level)), len(order) - 1)])
        return found if np.isfinite(found) else nan


def mixed(rollings: Sequence[Rolling], weights: Floats) -> Rolling:
    """Give the record of a weighted mean of logs: the weighted mean of the errors."""
    first = rollings[0]
    alike = all([len(e) for e in r.errors] == [len(e) for e in first.errors] for r in rollings)
    if not alike:  # some of the laws do without rows that lack a column
        return first
    errors = tuple(
        np.asarray(np.average([r.errors[i] for r in rollings], axis=0, weights=weights))
        for i in range(len(first.errors))
    )
    return Rolling(errors, first.decades, first.judged)


def _signed(value: float) -> str:
    return f"{value:+.2g}".replace("-", "−")

"""What runs would tell: a joint Gaussian of the losses of candidate runs and of the answer.

The draws of a fit give the covariance of the loss of every candidate with the quantity that is
planned. For a linear Gaussian model the variance left after a set of runs follows without
knowing their outcome (Chaloner and Verdinelli 1995, doi:10.1214/ss/1177009939). The law itself
may be wrong: what it leaves out is a random walk in the logarithms of size and of data beyond the
runs at hand, so that runs nearer to the target tell more than the law alone would grant them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats

DISCREPANCY = 0.06
"""Standard deviation of what a law leaves out of the log loss, per root decade of size or data."""

_OUTLIERS = 0.01  # share of draws left out at each end: a few wild fits must not decide


@dataclass(frozen=True, eq=False)
class Belief:
    """Covariance of candidates (k, k), their covariance with the answer (k,), its variance.

    Attributes
    ----------
    noise : float
        Variance of the log loss from run to run.
    """

    covariance: Floats
    with_answer: Floats
    variance: float
    noise: float

    @classmethod
    def of(
        cls,
        log_losses: Floats,
        answers: Floats,
        noise: float,
        beyond: tuple[Floats, Floats],
        target: tuple[float, float] | None,
    ) -> "Belief":
        """Take it from draws.

        Parameters
        ----------
        log_losses : (B, k)
            Of every candidate by every draw.
        answers : (B,)
            The quantity planned by every draw.
        noise : float
        beyond : pair of (k,)
            Decades of size and of data by which the candidates lie beyond all runs, 0 within.
        target : pair of float or None
            The same of the answer; None where the answer is no loss.
        """
        kept = np.isfinite(log_losses).all(axis=1) & np.isfinite(answers)
        if kept.sum() * _OUTLIERS >= 1:  # with few draws none is left out
            low, high = np.quantile(answers[kept], [_OUTLIERS, 1 - _OUTLIERS])
            kept &= (answers >= low) & (answers <= high)
        values = log_losses[kept] - log_losses[kept].mean(axis=0)
        wanted = answers[kept] - answers[kept].mean()
        count = len(wanted) - 1
        walk = DISCREPANCY**2
        covariance = values.T @ values / count
        for decades in beyond:
            covariance += walk * np.minimum(decades[:, None], decades[None, :])
        with_answer = values.T @ wanted / count
        variance = float(wanted @ wanted) / count
        for decades, ahead in zip(beyond, target or (), strict=False):
            with_answer += walk * np.minimum(decades, ahead)
            variance += walk * ahead
        return cls(covariance, with_answer, variance, noise)

    def take(self, rows: NDArray[np.intp]) -> "Belief":
        """Keep some of the candidates."""
        part = self.covariance[np.ix_(rows, rows)]
        return Belief(part, self.with_answer[rows], self.variance, self.noise)

    def gains(self) -> Floats:
        """Variance that each candidate would remove."""
        return self.with_answer**2 / (np.diag(self.covariance) + self.noise)

    def observe(self, i: int) -> "Belief":
        """Give the belief once run i is in."""
        column = self.covariance[:, i]
        gain = column / (column[i] + self.noise)
        return Belief(
            self.covariance - np.outer(gain, column),
            self.with_answer - gain * self.with_answer[i],
            self.variance - self.with_answer[i] ** 2 / (column[i] + self.noise),
            self.noise,
        )

    def variance_after(self, chosen: Sequence[int]) -> float:
        """Variance of the answer once all chosen runs are in, the same run more than once too."""
        rows, seeds = np.unique(np.asarray(chosen, dtype=int), return_counts=True)
        if not rows.size:
            return self.variance
        seen = self.covariance[np.ix_(rows, rows)] + np.diag(self.noise / seeds)
        along = self.with_answer[rows]
        return float(self.variance - along @ np.linalg.solve(seen, along))

    def narrows(self, chosen: Sequence[int]) -> float:
        """By which share the runs narrow the interval of the answer."""
        left = max(self.variance_after(chosen), 0.0)
        return float(1.0 - np.sqrt(left / self.variance))


@dataclass(frozen=True, eq=False)
class Allowed:
    """What a design may hold.

    Attributes
    ----------
    price : (k,)
        Of every candidate.
    size : (k,)
        Model size of every candidate.
    cost : float
        That all runs together may take.
    runs, rows, seeds, sizes : int
        Most runs in all, different ones, repeats of one, and different sizes.
    worth : float
        Share of the variance at hand that every run after the first must remove.
    """

    price: Floats
    size: Floats
    cost: float
    runs: int
    rows: int
    seeds: int
    sizes: int
    worth: float = 0.0

    def open(self, chosen: Sequence[int]) -> NDArray[np.bool_]:
        """Tell for every candidate, (k,), whether it may be added."""
        rows, seeds = np.unique(np.asarray(chosen, dtype=int), return_counts=True)
        left = self.cost * (1 + 1e-12) - float(self.price[rows] @ seeds)
        allowed = self.price <= left
        allowed[rows[seeds >= self.seeds]] = False
        if rows.size >= self.rows:
            allowed &= np.isin(np.arange(self.price.size), rows)
        sizes = np.unique(self.size[rows])
        if sizes.size >= self.sizes:
            allowed &= np.isin(self.size, sizes)
        return allowed if len(chosen) < self.runs else np.zeros_like(allowed)


_GREEDS = (0.0, 0.5, 1.0)
_EXCHANGES = 2


def choose(belief: Belief, allowed: Allowed, first: Sequence[int] = ()) -> list[int]:
    """Best of several greedy designs, improved by exchanges; candidates, with repeats.

    Those that are named `first` are in it whatever they bring.
    """
    if not allowed.open(first).any():
        return list(first)
    starts = [_greedy(belief, allowed, greed, first) for greed in _GREEDS]
    best = min(starts, key=belief.variance_after)
    for _ in range(_EXCHANGES):
        before = belief.variance_after(best)
        best = _exchange(belief, allowed, best, len(first))
        if belief.variance_after(best) > 0.999 * before:
            break
    return best


def _greedy(belief: Belief, allowed: Allowed, greed: float, first: Sequence[int]) -> list[int]:
    """Add the run with the largest gain per price to the power `greed`, while it is payable."""
    chosen: list[int] = list(first)
    left = belief
    for i in first:
        left = left.observe(i)
    while True:
        gains = left.gains()
        score = np.where(allowed.open(chosen), gains / allowed.price**greed, -1.0)
        i = int(score.argmax())
        if score[i] <= 0 or (chosen and gains[i] < allowed.worth * left.variance):
            return chosen
        chosen.append(i)
        left = left.observe(i)


def _exchange(belief: Belief, allowed: Allowed, chosen: list[int], kept: int) -> list[int]:
    """Replace each run but those `kept` by the payable one that helps most beside the others."""
    for place in range(kept, len(chosen)):
        others = chosen[:place] + chosen[place + 1 :]
        rest = belief
        for i in others:
            rest = rest.observe(i)
        gains = np.where(allowed.open(others), rest.gains(), -1.0)
        chosen = [*others[:place], int(gains.argmax()), *others[place:]]
    return chosen

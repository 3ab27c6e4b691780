"""What a law would have foretold: fitted to the smaller runs, set against all larger ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log10, nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.backtest.parts import approximate

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit

SHARES = tuple(k / 20 for k in range(10, 20))  # of the runs, by compute, that each fit may see
TIMES, UNSETTLED = 10.0, 0.25  # compute beyond the runs, and log error there that is said
NEXT = 0.1  # share of the runs that each fit is judged by
OVERLAP = 2  # steps that judge by the same runs
A_FIFTH = 1.2  # times the error of the best, beyond which there is no tie
EDGE = 0.1  # decades beyond the runs that are not worth a word


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
        """Whether it has foretold no worse than `best` by a standard error, nor by a fifth.

        The error is that of the mean difference, step by step. A tenth of the runs is foretold
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


def roll(found: "LawFit", shares: Sequence[float] = SHARES) -> Rolling:
    """Fit the law again to smaller and smaller runs, and foretell the others.

    Each fit starts from the best cold starts and from the fit to all runs, which is no help where
    the smaller runs say otherwise.
    """
    table = found.table
    assert table is not None
    order = np.argsort(table.compute(), kind="stable")
    log_compute = np.log10(table.compute()[order])
    splits = [round(share * len(order)) for share in shares]
    ends = [min(round((share + NEXT) * len(order)), len(order)) for share in shares]
    steps = [(split, end) for split, end in zip(splits, ends, strict=True) if end > split]
    try:
        fits = approximate(found, [np.sort(order[:split]) for split, _ in steps])
    except InputError:
        return Rolling((), (), ())
    errors, decades, judged = [], [], []
    for theta, (split, end) in zip(fits, steps, strict=True):
        later = table.take(order[split:])
        inputs = {name: later.inputs[name] for name in found.law.inputs}
        with np.errstate(all="ignore"):
            errors.append(np.log(found.law.predict(theta, **inputs) / later.target))
        decades.append(log_compute[split:] - log_compute[split - 1])  # zero or more
        judged.append(end - split)
    return Rolling(tuple(errors), tuple(decades), tuple(judged))


def allowance(reach: float, decades: ArrayLike) -> Floats:
    """Log error that a record allows at that many decades beyond the runs; 0 within them.

    Errors are taken to grow as 1 + decades of compute beyond what was fitted. Zero too where
    there is no record.
    """
    beyond = np.asarray(decades, dtype=float)
    return np.where(beyond > 0, np.nan_to_num(reach) * (1 + np.nan_to_num(beyond)), 0.0)


def few(value: float) -> str:
    """Two digits or all before the point, and no exponent where people need none.

    Examples
    --------
    >>> few(0.0123), few(1.28), few(389.2)
    ('0.012', '1.3', '389')
    """
    return f"{value:.0f}" if 99.5 <= value < 1e6 else f"{value:.2g}"


def beyond_sentences(reach: float, decades: ArrayLike, level: float) -> list[str]:
    """Say how far points lie beyond the runs, and that a law is no guide there where it is none."""
    beyond = np.atleast_1d(np.asarray(decades, dtype=float)).ravel()
    far = int((beyond > EDGE).sum())
    if not far:
        return []
    which = "the point lies" if beyond.size == 1 else f"{far} of {beyond.size} points lie"
    said = f"{which} {beyond.max():.1f} decades beyond the largest run"
    half = float(allowance(reach, beyond).max())
    if not half > UNSETTLED:
        return [f"{said}: this is an extrapolation"]
    warned = (
        f"DO NOT RELY ON THIS: {said}, and by what was foretold of larger runs from smaller ones "
        f"the loss there is known to within a factor of {few(exp(half))} ({100 * level:.3g} %), "
        "which the intervals show; make larger runs first"
    )
    return [warned]


def record_sentences(found: "LawFit") -> list[str]:
    """Warn of a law that has missed larger runs by so much that it is no guide beyond these."""
    half = float(allowance(found.reach, log10(TIMES)))
    if not half > UNSETTLED:
        return []
    said = (
        f"fitted to smaller runs, {found.law.name} missed larger ones by much: at {TIMES:g} times "
        f"the largest {found.cost} its value is known to within a factor of {few(exp(half))} "
        f"({100 * found.level:.3g} %); do not extrapolate it, make larger runs"
    )
    return [said]

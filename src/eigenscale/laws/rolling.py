"""What a law would have foretold: fitted to the smaller runs, set against all larger ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log10, nan
from typing import TYPE_CHECKING

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.base import Floats

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit

SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)  # of the runs, by compute, that each fit may see
TIMES, UNSETTLED = 10.0, 0.25  # compute beyond the runs, and log error there that is said
NEXT = 0.1  # share of the runs that each fit is judged by


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
    def error(self) -> float:
        """Mean size of the errors on the next tenth of the runs; infinite without steps."""
        parts = [e[:count] for e, count in zip(self.errors, self.judged, strict=True)]
        value = float(np.mean(np.abs(np.concatenate(parts)))) if parts else inf
        return value if np.isfinite(value) else inf

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
    from eigenscale.laws.fit import approximate

    table = found.table
    assert table is not None
    order = np.argsort(table.compute(), kind="stable")
    log_compute = np.log10(table.compute()[order])
    errors, decades, judged = [], [], []
    for share in shares:
        split, end = round(share * len(order)), round((share + NEXT) * len(order))
        if end <= split:
            continue
        try:
            theta = approximate(found, table.take(np.sort(order[:split])))
        except InputError:
            return Rolling((), (), ())
        later = table.take(order[split:])
        inputs = {name: later.inputs[name] for name in found.law.inputs}
        with np.errstate(all="ignore"):
            errors.append(np.log(found.law.predict(theta, **inputs) / later.target))
        decades.append(log_compute[split:] - log_compute[split - 1])  # zero or more
        judged.append(end - split)
    return Rolling(tuple(errors), tuple(decades), tuple(judged))


def record_sentences(found: "LawFit") -> list[str]:
    """Warn of a law that has missed larger runs by so much that it is no guide beyond these."""
    half = (1 + log10(TIMES)) * found.reach
    if not half > UNSETTLED:
        return []
    said = (
        f"fitted to smaller runs, {found.law.name} missed larger ones by much: at {TIMES:g} times "
        f"the largest {found.cost} its value is known to within a factor of {exp(half):.2g} "
        f"({100 * found.level:.3g} %); do not extrapolate it, make larger runs"
    )
    return [said]

"""What a law would have foretold: fitted to the smaller runs, set against all larger ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.base import Floats

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit

SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)  # of the runs, by compute, that each fit may see
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
        """Root mean square over the next tenth of the runs at each step; infinite without steps."""
        return self.error_of(range(len(self.errors)))

    def error_of(self, steps: Sequence[int]) -> float:
        """Give the same for some of the steps."""
        parts = [self.errors[i][: self.judged[i]] for i in steps]
        if not parts:
            return inf
        value = float(np.sqrt(np.mean(np.concatenate(parts) ** 2)))
        return value if np.isfinite(value) else inf


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
        decades.append(log_compute[split:] - log_compute[split - 1])
        judged.append(end - split)
    return Rolling(tuple(errors), tuple(decades), tuple(judged))

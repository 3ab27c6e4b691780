"""How far a plan can be trusted beyond the runs, by how laws have missed larger ones."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.planning.surfaces.known import Known


def widened(
    seen: Known, size: Floats, data: Floats, loss: Floats, ends: tuple[Floats, Floats], level: float
) -> tuple[Floats, Floats]:
    """Interval of the loss of the run that is planned: the one that `predict` gives at that point.

    Parameters
    ----------
    size, data, loss : array, shape (n,)
        The plans.
    ends : pair of (n,)
        Interval over the draws, which stays where nothing else is known.
    """
    intervals = seen.origin.run_intervals
    if intervals is None:
        return ends
    found = intervals(size, data, level)
    around = loss / seen.surface.loss(size, data)  # repeated data make the loss higher
    low, high = found.low * around, found.high * around
    return np.where(np.isfinite(low), low, ends[0]), np.where(np.isfinite(high), high, ends[1])


def is_unreliable(warning: str) -> bool:
    """Tell whether a warning says that an answer must not be relied on.

    Examples
    --------
    >>> is_unreliable("DO NOT RELY ON THIS: make larger runs first"), is_unreliable("be careful")
    (True, False)
    """
    return "DO NOT RELY" in warning


def backtest_warnings(seen: Known, size: float, data: float, level: float) -> list[str]:
    """Warn where the law cannot be relied on."""
    intervals = seen.origin.run_intervals
    if intervals is None:
        return []
    return list(intervals(np.array([size]), np.array([data]), level).warnings)

"""By how much a law has missed larger runs, where a plan goes beyond its runs."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.backtest.extrapolation import EDGE, UNSETTLED, allowance, beyond_sentences
from eigenscale.planning.surfaces.known import Known


def decades_beyond_runs(seen: Known, flops: Floats) -> Floats:
    """Decades of compute beyond the largest run; 0 within the runs, and where there are none."""
    if "flops" not in seen.measured:
        return np.zeros(np.shape(flops))
    return np.asarray(np.maximum(np.log10(flops / seen.measured["flops"][1]), 0.0))


def widened(
    seen: Known, flops: Floats, loss: Floats, ends: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Widen the interval of the loss to the error of the backtest, where that is large."""
    decades = decades_beyond_runs(seen, flops)
    if not (decades > EDGE).any():
        return ends
    half = allowance(seen.origin.error_scale(), decades)
    half = np.where(half > UNSETTLED, half, 0.0)
    return np.fmin(ends[0], loss * np.exp(-half)), np.fmax(ends[1], loss * np.exp(half))


def is_unreliable(warning: str) -> bool:
    """Tell whether a warning says that an answer must not be relied on.

    Examples
    --------
    >>> is_unreliable("DO NOT RELY ON THIS: make larger runs first"), is_unreliable("be careful")
    (True, False)
    """
    return "DO NOT RELY" in warning


def backtest_warnings(seen: Known, flops: float, level: float) -> list[str]:
    """Warn where the backtest says that the law cannot be relied on."""
    decades = decades_beyond_runs(seen, np.array(flops))
    scale = seen.origin.error_scale() if decades > EDGE else np.nan
    if not float(allowance(scale, decades)) > UNSETTLED:
        return []
    return beyond_sentences(scale, decades, level)

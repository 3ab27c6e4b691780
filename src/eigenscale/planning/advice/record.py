"""What a law has missed larger runs by, where a plan goes beyond its runs."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.backtest.extrapolation import EDGE, UNSETTLED, allowance, beyond_sentences
from eigenscale.planning.frontier import Band
from eigenscale.planning.surfaces import Known


def decades_beyond(seen: Known, flops: Floats) -> Floats:
    """Decades of compute beyond the largest run; 0 within the runs, and where there are none."""
    if "flops" not in seen.measured:
        return np.zeros(np.shape(flops))
    return np.asarray(np.maximum(np.log10(flops / seen.measured["flops"][1]), 0.0))


def as_wide_as_the_record(seen: Known, flops: Floats, loss: Band) -> Band:
    """Widen the interval of the loss to what the record allows, where the law is no guide."""
    decades = decades_beyond(seen, flops)
    if not (decades > EDGE).any():
        return loss
    half = allowance(getattr(seen.surface, "reach", np.nan), decades)
    half = np.where(half > UNSETTLED, half, 0.0)
    low, high = loss.value * np.exp(-half), loss.value * np.exp(half)
    return Band(loss.value, np.fmin(loss.low, low), np.fmax(loss.high, high))


def record_warnings(seen: Known, flops: float, level: float) -> list[str]:
    """Say that the law is no guide there, where it is none."""
    decades = decades_beyond(seen, np.array(flops))
    reach = getattr(seen.surface, "reach", np.nan) if decades > EDGE else np.nan
    if not float(allowance(reach, decades)) > UNSETTLED:
        return []
    return beyond_sentences(reach, decades, level)

"""Schedules by name: constant, cosine, linear, WSD, two-stage, restarts; each with a warm-up.

Cooldowns of WSD (warm-up, stable, decay) after Hu et al. 2024 (arXiv:2404.06395) and
Hägele et al. 2024 (arXiv:2405.18392).
"""

from collections.abc import Callable

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.schedules.schedule import LONGEST, Schedule

COOLDOWNS: dict[str, Callable[[Floats, float], Floats]] = {
    "linear": lambda x, end: 1 - (1 - end) * x,
    "sqrt": lambda x, end: 1 - (1 - end) * np.sqrt(x),
    "exponential": lambda x, end: end**x,
    "cosine": lambda x, end: end + (1 - end) * 0.5 * (1 + np.cos(np.pi * x)),
}
"""Share of the peak after the share x of the cooldown, down to the share `end`."""


def _warm(rates: Floats, warmup: int, peak: float) -> Floats:
    rates[:warmup] = peak * np.arange(1, warmup + 1)[: len(rates)] / max(warmup, 1)
    return rates


def _steps(total: int, warmup: int) -> Floats:
    if not 1 <= total <= LONGEST:
        raise InputError(f"total={total:,} is not a number of steps from 1 to {LONGEST:,}")
    if not 0 <= warmup < total:
        raise InputError(
            f"a warm-up of {warmup:,} steps does not fit into {total:,}; "
            "it is zero or more, and shorter than the schedule"
        )
    return np.arange(1.0, total + 1)


def _check(peak: float, end: float) -> None:
    if not 0 < peak < np.inf:
        raise InputError(f"peak={peak:g} is not a learning rate; it is positive and finite")
    if not 0 <= end <= peak:
        raise InputError(f"end={end:g} is not between 0 and the peak {peak:g}")


def decaying(
    peak: float, end: float, total: int, warmup: int, start: int, shape: str, name: str
) -> Schedule:
    """Warm up to the peak, keep it until step `start`, then go down to `end` at step `total`.

    Parameters
    ----------
    shape : str
        A name of `COOLDOWNS`.

    Raises
    ------
    InputError
        Where the numbers or the shape make no schedule.
    """
    steps = _steps(total, warmup)
    _check(peak, end)
    if shape not in COOLDOWNS:
        raise InputError(f"shape={shape!r} is not a cooldown; use one of {', '.join(COOLDOWNS)}")
    if not warmup <= start <= total:
        raise InputError(
            f"start={start:,} is not between the end of the warm-up, {warmup:,}, "
            f"and the last step, {total:,}"
        )
    if shape == "exponential" and end == 0:
        raise InputError("an exponential cooldown never reaches end=0; give a positive end")
    share = np.clip((steps - start) / max(total - start, 1), 0.0, 1.0)
    return Schedule(_warm(peak * COOLDOWNS[shape](share, end / peak), warmup, peak), name)


def constant(peak: float, total: int, warmup: int = 0) -> Schedule:
    """Keep the peak after a linear warm-up.

    Examples
    --------
    >>> constant(1e-3, 4, warmup=2).rates
    array([0.0005, 0.001 , 0.001 , 0.001 ])
    """
    return decaying(peak, peak, total, warmup, total, "linear", "constant")


def cosine(peak: float, total: int, warmup: int = 0, end: float = 0.0) -> Schedule:
    """Half a cosine from the end of the warm-up to the last step.

    Examples
    --------
    >>> cosine(1.0, 4).rates.round(3)
    array([0.854, 0.5  , 0.146, 0.   ])
    """
    return decaying(peak, end, total, warmup, warmup, "cosine", "cosine")


def linear(peak: float, total: int, warmup: int = 0, end: float = 0.0) -> Schedule:
    """Go down a straight line from the end of the warm-up to the last step."""
    return decaying(peak, end, total, warmup, warmup, "linear", "linear")


def wsd(
    peak: float, total: int, start: int, warmup: int = 0, end: float = 0.0, shape: str = "linear"
) -> Schedule:
    """Warm-up, stable, decay: the peak until step `start`, then a cooldown of the given shape.

    Examples
    --------
    >>> wsd(1.0, 4, start=2).rates
    array([1. , 1. , 0.5, 0. ])
    """
    return decaying(peak, end, total, warmup, start, shape, f"WSD ({shape})")


def two_stage(peak: float, end: float, total: int, start: int, warmup: int = 0) -> Schedule:
    """Keep the peak until step `start`, and the rate `end` from there on."""
    steps = _steps(total, warmup)
    _check(peak, end)
    if not warmup <= start <= total:
        raise InputError(f"start={start:,} is not between {warmup:,} and {total:,}")
    return Schedule(_warm(np.where(steps >= start, end, peak), warmup, peak), "two-stage")


def restarts(
    peak: float, total: int, period: int, warmup: int = 0, end: float = 0.0, factor: float = 1.0
) -> Schedule:
    """Half cosines one after another (Loshchilov and Hutter 2017), each `factor` times as long.

    Parameters
    ----------
    period : int
        Steps of the first half cosine.
    """
    steps = _steps(total, warmup)
    _check(peak, end)
    if period < 1 or factor < 1:
        raise InputError(f"period={period:g} and factor={factor:g} must be at least 1")
    edges, length = [float(warmup)], float(period)
    while edges[-1] < total:
        edges.append(edges[-1] + length)
        length *= factor
    marks = np.array(edges)
    here = np.clip(np.searchsorted(marks, steps - 1, side="right") - 1, 0, len(marks) - 2)
    share = np.clip((steps - 1 - marks[here]) / (marks[here + 1] - marks[here]), 0, 1)
    return Schedule(_warm(peak * COOLDOWNS["cosine"](share, end / peak), warmup, peak), "restarts")

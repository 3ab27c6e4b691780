"""How far a prediction can be trusted beyond the runs, from the errors of a backtest."""

from collections.abc import Sequence
from math import exp, log10

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.laws.backtest.record import few

TIMES, UNSETTLED = 10.0, 0.25  # compute beyond the runs, and log error there that is reported
EDGE = 0.1  # decades beyond the runs that are not worth a warning


def allowance(reach: float, decades: ArrayLike) -> Floats:
    """Log error that a record allows at that many decades beyond the runs; 0 within them.

    Errors are taken to grow as 1 + decades of compute beyond what was fitted. Zero too where
    there is no record.
    """
    beyond = np.asarray(decades, dtype=float)
    return np.where(beyond > 0, np.nan_to_num(reach) * (1 + np.nan_to_num(beyond)), 0.0)


def beyond_sentences(reach: float, decades: ArrayLike, level: float) -> list[str]:
    """Say how far points lie beyond the runs, and that a law is no guide there where it is none."""
    beyond = np.atleast_1d(np.asarray(decades, dtype=float)).ravel()
    far = int((beyond > EDGE).sum())
    if not far:
        return []
    which = "the point lies" if beyond.size == 1 else f"{far} of {beyond.size} points lie up to"
    where = f"{which} {beyond.max():.1f} decades beyond the largest run"
    half = float(allowance(reach, beyond).max())
    if not half > UNSETTLED:
        return [f"{where[0].upper()}{where[1:]}: this is an extrapolation"]
    warned = (
        f"DO NOT RELY ON THIS: {where}, and judging by how fits to smaller runs predicted larger "
        "ones, "
        f"the loss there is known to within a factor of {few(exp(half))} ({100 * level:.3g} %), "
        "which the intervals show; make larger runs first"
    )
    return [warned]


def backtest_sentences(law: str, reach: float, cost: str, level: float) -> list[str]:
    """Warn of a law that missed larger runs by so much that it is no guide beyond these."""
    half = float(allowance(reach, log10(TIMES)))
    if not half > UNSETTLED:
        return []
    text = (
        f"Fitted to smaller runs, {law} missed larger ones by a wide margin: at {TIMES:g} times "
        f"the largest {cost} its value is known only to within a factor of {few(exp(half))} "
        f"({100 * level:.3g} %); do not extrapolate it, make larger runs"
    )
    return [text]


def calibrated_sentences(
    half: Floats, reliable: Sequence[bool], decades: Sequence[float], level: float
) -> list[str]:
    """Say how far points lie beyond the runs, and which of them are no guide."""
    far = sum(x > EDGE for x in decades)
    lost = [i for i, known in enumerate(reliable) if not known]
    if lost:
        which = "this point" if len(reliable) == 1 else f"{len(lost)} of {len(reliable)} points"
        worst = float(np.max(np.asarray(half).flat[lost]))
        warning = (
            f"DO NOT RELY ON THIS: at {which}, up to {max(decades):.1f} decades beyond the largest "
            f"run, fits like this one have missed by a factor of up to {exp(worst):.2f} "
            f"({100 * level:.3g} % interval); make larger runs first"
        )
        return [warning]
    if not far:
        return []
    which = "The point lies" if len(reliable) == 1 else f"{far} of {len(reliable)} points lie up to"
    text = (
        f"{which} {max(decades):.1f} decades beyond the largest run: this is an extrapolation, and "
        "its interval is as wide as such extrapolations have missed by"
    )
    return [text]

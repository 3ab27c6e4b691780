"""The schedule of a run between and before the steps at which its rate was recorded."""

import numpy as np

from eigenscale.arrays import Floats, Ints
from eigenscale.errors import InputError
from eigenscale.laws.schedules.schedule import LONGEST, Schedule

JUMP = 0.05  # relative change of the rate that is a jump where nothing changes next to it
QUIET = 0.05  # share of a jump that the changes next to it stay below
GAP = 1.5  # a first step beyond this many recording intervals leaves a start unrecorded
SAME = 1e-6  # relative differences of rates below this are rounding


def rebuild(steps: Ints, rates: Floats, name: str, warmup: int | None = None) -> Schedule:
    """Give a rate to every step up to the last recorded one.

    Between recorded steps the rate is interpolated linearly. Where it jumps between two flat
    stretches, the jump is put half way, or at the recorded step where the recording interval
    changes there too. Where a flat stretch ends in a decay, the decay is extrapolated back to the
    flat rate. Before the first recorded step stands the warm-up: linear from zero over `warmup`
    steps, or over all steps before the first one where its length is not given.

    Parameters
    ----------
    steps : array (n,) of int
        Recorded steps, growing, from 1.
    rates : array (n,)
        Learning rate at each of them.
    warmup : int, optional
        Length of the warm-up, where it is known.

    Examples
    --------
    >>> import numpy as np
    >>> rebuild(np.array([2, 4]), np.array([1.0, 0.98]), "a run", warmup=0).rates
    array([1.  , 1.  , 0.99, 0.98])
    """
    if steps[-1] > LONGEST:
        raise InputError(f"step {steps[-1]:,} of {name} is beyond {LONGEST:,}; count steps from 1")
    found = np.interp(np.arange(1, steps[-1] + 1), steps, rates)
    guesses = _jumps(found, steps, rates)
    _kinks(found, steps, rates)
    guesses += _start(found, steps, rates, warmup)
    return Schedule(found, name, tuple(guesses))


def _jumps(found: Floats, steps: Ints, rates: Floats) -> list[str]:
    """Sharpen jumps between flat stretches, in place."""
    size, interval = np.abs(np.diff(rates)), np.diff(steps)
    beside = np.maximum(np.append(0.0, size[:-1]), np.append(size[1:], 0.0))
    large = size > JUMP * np.maximum(rates[:-1], rates[1:])
    said = []
    for i in np.flatnonzero(large & (beside < QUIET * size) & (interval > 1)):
        first = int(steps[i + 1])  # where the new rate holds for the first time
        if interval[i] == np.median(interval):
            first = int(steps[i] + steps[i + 1]) // 2 + 1
        found[steps[i] - 1 : first - 1] = rates[i]
        found[first - 1 : steps[i + 1]] = rates[i + 1]
        said.append(
            f"The rate jumps between the recorded steps {steps[i]:,} and {steps[i + 1]:,}; "
            f"the new rate is taken to hold from step {first:,}."
        )
    return said


def _kinks(found: Floats, steps: Ints, rates: Floats) -> None:
    """Put the begin of a decay where its extrapolation meets the flat rate before, in place."""
    fall = -np.diff(rates)
    flat = np.abs(fall) <= SAME * rates[:-1]
    for i in np.flatnonzero(flat[:-2] & (fall[1:-1] > 0) & (fall[2:] > 0)) + 1:
        slope = fall[i + 1] / (steps[i + 2] - steps[i + 1])
        begin = round(steps[i + 1] - fall[i] / slope)
        if steps[i] < begin < steps[i + 1]:
            found[steps[i] - 1 : begin] = rates[i]
            found[begin - 1 : steps[i + 1]] = np.linspace(
                rates[i], rates[i + 1], steps[i + 1] - begin + 1
            )


def _start(found: Floats, steps: Ints, rates: Floats, warmup: int | None) -> list[str]:
    """Fill the steps before the first recorded one, in place."""
    first = int(steps[0])
    rises = len(steps) > 1 and rates[1] > rates[0] * (1 + SAME)
    known = warmup if warmup is not None else first if rises else None
    if known is not None:
        _ramp(found, min(known, first), rates[0])
        return []
    spacing = float(np.median(np.diff(steps))) if len(steps) > 1 else float(first)
    if first <= GAP * spacing:
        return []
    _ramp(found, first, rates[0])
    said = (
        f"No rate was recorded before step {first:,}; a linear warm-up over these steps is "
        "assumed (give its length with --warmup)."
    )
    return [said]


def _ramp(found: Floats, length: int, rate: float) -> None:
    found[:length] = rate * np.arange(1, length + 1) / max(length, 1)

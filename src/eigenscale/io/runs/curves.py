"""Step curves: restarts stitched, gaps filled, and the rule by which a curve becomes runs."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats, Ints, Mask
from eigenscale.errors import InputError
from eigenscale.io.runs.columns import Labels

Checkpoints = Literal["last", "best", "every"]
RULES: tuple[Checkpoints, ...] = ("last", "best", "every")


def run_codes(names: Labels | None, params: Floats | None, count: int) -> Ints:
    """Tell by a number which run a row belongs to: by name, else by size, else all one."""
    key = names if names is not None else params
    if key is None:
        return np.zeros(count, dtype=np.int64)
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def _each(codes: Ints) -> Iterator[NDArray[np.int64]]:
    order = np.argsort(codes, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def is_curve(log: bool, codes: Ints, steps: Floats | None, named: bool) -> bool:
    """Tell checkpoints of runs from a table of one row per run.

    A tracker's log is a curve. Another table is one where runs are named and a name comes
    back with growing steps, or where nothing but one run's growing steps tells rows apart.
    """
    if steps is None or len(codes) < 2:
        return False
    if log:
        return True
    if not named and codes.max() > 0:
        return False
    grows = all(bool(np.all(np.diff(steps[rows]) > 0)) for rows in _each(codes))
    return grows and bool(np.bincount(codes).max() > (1 if named else 2))


def superseded(codes: Ints, steps: Floats) -> Mask:
    """Mark rows that a restart from an earlier step made void, and repeats of a step.

    Of rows with the same step the last one counts. A single row at the end with a smaller
    step is a summary, not a restart: it is marked itself.
    """
    void = np.zeros(len(codes), dtype=bool)
    for rows in _each(codes):
        run = steps[rows]
        if len(run) > 2 and run[-1] < run[-2] and run[-1] < run[:-1].max():
            void[rows[-1]] = True
            rows, run = rows[:-1], run[:-1]
        later = np.append(np.minimum.accumulate(run[::-1])[::-1][1:], np.inf)
        void[rows[run >= later]] = True
    return void


def fill(codes: Ints, steps: Floats, values: Floats, *, counts_up: bool) -> Floats:
    """Fill the rows of a sparse column from the other rows of the same run.

    What counts up (tokens, FLOPs) is interpolated linearly in the step, between known
    steps only; anything else is filled where the run has one single value.
    """
    out = values.copy()
    for rows in _each(codes):
        known = np.isfinite(values[rows]) & np.isfinite(steps[rows])
        if not known.any() or known.all():
            continue
        given = values[rows][known]
        if not counts_up:
            if np.all(given == given[0]):
                out[rows] = given[0]
            continue
        at, last = np.unique(steps[rows][known][::-1], return_index=True)
        found = np.interp(steps[rows], at, given[::-1][last], left=np.nan, right=np.nan)
        out[rows] = np.where(known, values[rows], found)
    return out


def chosen(rule: str, codes: Ints, loss: Floats) -> Mask:
    """Mark the rows that stand for their runs.

    Raises
    ------
    InputError
        When the rule is not one of last, best and every.
    """
    if rule not in RULES:
        raise InputError(f"checkpoints {rule!r} is not a rule; use one of {', '.join(RULES)}")
    keep = np.full(len(codes), rule == "every")
    if rule != "every":
        for rows in _each(codes):
            keep[rows[-1] if rule == "last" else rows[np.argmin(loss[rows])]] = True
    return keep


def sentence(rule: str, n_rows: int, n_runs: int) -> str:
    """Give the rule as a sentence."""
    what = f"{n_rows} rows are checkpoints of {n_runs} run{'s' if n_runs > 1 else ''}"
    if rule == "every":
        return (
            f"{what}, all kept (checkpoints='every'): they share the noise of their run, and a "
            "loss before the end of a schedule is higher than that of a finished run"
        )
    optimistic = ", which is optimistic" if rule == "best" else ""
    return f"{what}; each run counts by its {rule} one{optimistic} (checkpoints='{rule}')"

"""How runs ended: finished, diverged, crashed, still running; which of them count, in words."""

from collections.abc import Sequence

import numpy as np

from eigenscale.arrays import Floats, Ints, Mask
from eigenscale.io.runs.columns import Labels

FINISHED = frozenset(
    {"finished", "completed", "complete", "done", "success", "succeeded", "ok", "converged", "3"}
)
"""What trackers call a run that ended as planned; MLflow's file store writes 3."""

UNFINISHED = frozenset({
    "crashed", "failed", "killed", "running", "preempted", "preempting", "aborted", "cancelled",
    "canceled", "error", "pending", "queued", "stopped", "scheduled", "interrupted", "unfinished",
    "diverged", "timeout", "out_of_memory", "oom", "1", "2", "4", "5",
})  # fmt: skip
"""What they call the others."""


def unfinished(states: Labels) -> Mask | None:
    """Mark runs that did not finish; None where the column tells something else."""
    plain = np.array([str(state).strip().lower() for state in states])
    told = set(plain.tolist()) - {"", "nan", "none"}
    if not told or not told <= FINISHED | UNFINISHED or not told - {"1", "2", "3", "4", "5"}:
        return None
    ended = np.isin(plain, sorted(FINISHED))
    return np.asarray(~ended) if ended.any() and not ended.all() else None


_TRUE = frozenset({"true", "yes", "1", "y", "t"})
_FALSE = frozenset({"false", "no", "0", "n", "f"})


def in_words(states: Labels, kind: str, column: str) -> Labels:
    """Turn a column such as ``diverged`` with true and false into how runs ended.

    Examples
    --------
    >>> in_words(np.array(["True", "False"]), "not ended", "is_diverged").tolist()
    ['diverged', 'finished']
    """
    plain = [str(state).strip().lower() for state in states]
    if not {*plain} <= _TRUE | _FALSE:
        return states
    bad = column.strip().lower().removeprefix("is_").removeprefix("has_")
    bad = bad if bad in UNFINISHED else "unfinished"
    ended = [(text in _TRUE) == (kind == "ended") for text in plain]
    return np.array(["finished" if yes else bad for yes in ended], dtype=np.str_)


def diverged_runs(codes: Ints, loss: Floats) -> Mask:
    """Mark all rows of the runs that end in NaN, which is kept as infinite.

    Where NaN stands between losses as well it says that none was logged at those steps.
    """
    void = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes[np.isinf(loss)]):
        rows = np.flatnonzero(codes == code)
        logged = loss[rows][~np.isnan(loss[rows])]
        first = int(np.argmax(np.isinf(logged)))
        void[rows] = bool(np.isinf(logged[first:]).all())
    return void


def which(names: Labels | None, rows: Ints, states: Sequence[str] = ()) -> str:
    """Name some runs, with the rows they stand in and how they ended.

    Examples
    --------
    >>> which(np.array(["a", "b"]), np.array([4, 8]), ["crashed", "failed"])
    'a (row 4, crashed), b (row 8, failed)'
    """
    found: dict[str, str] = {}
    for i, row in enumerate(rows.tolist()):
        ended = f", {states[i]}" if len(states) else ""
        if names is None or not names[i]:
            found[f"row {row}"] = f"row {row}{ended}"
        else:
            found.setdefault(str(names[i]), f"{names[i]} (row {row}{ended})")
    few = list(found.values())[:6]
    return ", ".join(few) + (f" and {len(found) - 6} more" if len(found) > 6 else "")


def share_of_steps(codes: Ints, steps: Floats, values: Floats) -> tuple[Floats, int]:
    """Spread totals over the checkpoints of their run: what was seen up to each step.

    A run whose column that counts up has one number only, on every row or on one, was given its
    total (or its count at that step); a checkpoint takes its share of it.

    Returns
    -------
    values, count
        The column, and how many runs were changed.
    """
    out, changed = values.copy(), 0
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        known = rows[np.isfinite(values[rows]) & np.isfinite(steps[rows]) & (steps[rows] > 0)]
        if len(rows) < 2 or not known.size or np.ptp(values[known]) > 0 or np.ptp(steps[rows]) == 0:
            continue
        if len(known) > 1 and np.ptp(steps[known]) == 0:
            continue
        at = known[np.argmax(steps[known])]
        out[rows] = values[at] * steps[rows] / steps[at]
        changed += 1
    return out, changed

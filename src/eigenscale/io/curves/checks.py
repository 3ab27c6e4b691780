"""The rules that a training curve keeps: order of steps, finite losses, rates that are rates."""

from collections.abc import Mapping

import numpy as np

from eigenscale.arrays import Floats, Ints, Mask
from eigenscale.errors import InputError
from eigenscale.io.curves.curve import Curve
from eigenscale.io.runs.curves import superseded

PLANNED = (3, 0.03)  # at least so many, and such a share of, rows without a loss are a plan
SPARSE = 1 / 3  # at least this share of rows without a loss: it is logged less often
_MEND = "drop the row or mend the value"


def clean(
    name: str, values: Mapping[str, Floats], rows: Ints, log: bool, losses: bool = True
) -> Curve:
    """Check the columns of one run and make a curve of them.

    Parameters
    ----------
    name : str
        The run, for messages.
    values : mapping
        ``step`` and ``loss``, and perhaps ``lr`` and ``batch_tokens``, each (n,).
    rows : array (n,)
        Row numbers in the file, from 1.
    log : bool
        Whether a tracker wrote it, where a row need not have everything.
    losses : bool
        Whether losses are needed.

    Raises
    ------
    InputError
        Where a rule is broken; the message names the run and the row.
    """
    _check_steps(name, values["step"], rows)
    ahead = _planned(values) if losses else np.zeros(len(rows), dtype=bool)
    plan = {field: column[ahead] for field, column in values.items()}
    values = {field: column[~ahead] for field, column in values.items()}
    rows = rows[~ahead]
    kept = _with_values(values, log, losses) & (values["step"] >= 1)
    rates = _filled(values) if "lr" in values else None
    batch = values.get("batch_tokens")
    step, loss, rows = values["step"][kept], values["loss"][kept], rows[kept]
    rates = None if rates is None else rates[kept]
    if not len(step):
        raise InputError(f"{name} has no loss at any step from 1; a curve needs several")
    warnings = _check_order(name, step, rows)
    last = ~superseded(np.zeros(len(step), dtype=np.int64), step)
    step, loss, rows = step[last], loss[last], rows[last]
    rates = None if rates is None else rates[last]
    if losses:
        _check_losses(name, loss, rows)
    if rates is not None:
        _check_rates(name, rates, rows)
    if ahead.any():
        warnings.append(_check_plan(name, plan, step[-1]))
    sizes = [] if batch is None else np.unique(batch[np.isfinite(batch)]).tolist()
    return Curve(
        name,
        step.astype(np.int64),
        loss,
        rates,
        sizes[0] if len(sizes) == 1 else None,
        (plan["step"].astype(np.int64), plan["lr"]) if ahead.any() else None,
        tuple(warnings),
    )


def _check_steps(name: str, step: Floats, rows: Ints) -> None:
    bad = np.flatnonzero(~(np.isfinite(step) & (step >= 0) & (step == np.floor(step))))
    if bad.size:
        raise InputError(
            f"step of {name} is {step[bad[0]]:g} in row {rows[bad[0]]}; "
            f"steps are whole numbers from 0; {_MEND}"
        )


def _planned(values: Mapping[str, Floats]) -> Mask:
    """Mark the rows behind the last loss that have a rate: what is still to come of a run."""
    step, lost = values["step"], np.isnan(values["loss"])
    count = len(lost) - int(np.flatnonzero(~lost)[-1]) - 1 if not lost.all() else 0
    ahead = np.zeros(len(lost), dtype=bool)
    if "lr" not in values or count < max(PLANNED[0], PLANNED[1] * len(lost)):
        return ahead
    ahead[len(lost) - count :] = True
    grows = bool((np.diff(step[len(lost) - count - 1 :]) > 0).all())
    return ahead if grows and bool(np.isfinite(values["lr"][ahead]).all()) else ahead & False


def _check_plan(name: str, plan: Mapping[str, Floats], last: float) -> str:
    _check_rates(name, plan["lr"], plan["step"].astype(np.int64), "at step", positive=False)
    return (
        f"{name}: {len(plan['step'])} rows behind step {last:,.0f} have a learning rate and no "
        "loss; they are taken as the schedule ahead."
    )


def _with_values(values: Mapping[str, Floats], log: bool, losses: bool) -> Mask:
    """Mark rows that count: of sparse logs those that have a loss."""
    missing = np.isnan(values["loss"])
    if losses and (log or SPARSE <= missing.mean() < 1):
        return np.asarray(~missing)
    return np.ones(len(missing), dtype=bool)


def _filled(values: Mapping[str, Floats]) -> Floats:
    """Take the rate of rows that have none from the rows around them, where enough have one."""
    rates, step = values["lr"].copy(), values["step"]
    known = np.isfinite(rates)
    sparse = np.isnan(values["loss"]).mean() >= SPARSE or (~known).mean() >= SPARSE
    if known.sum() >= 2 and not known.all() and sparse:
        order = np.argsort(step[known], kind="stable")
        rates[~known] = np.interp(step[~known], step[known][order], rates[known][order])
    return rates


def _check_order(name: str, step: Floats, rows: Ints) -> list[str]:
    """Refuse steps out of order; say where a restart logged steps again."""
    back = np.flatnonzero(np.diff(step) <= 0) + 1
    repeats = 0
    for i in back:
        before, after = step[:i], step[i:]
        again = before[before >= step[i]]
        logged = np.isin(again, after)
        resumed = len(after) >= 3 and bool(logged.all())
        if step[i] == step[i - 1] and np.count_nonzero(again == step[i]) == len(again):
            resumed = True
        if not resumed and not _replaced(again, after):
            raise InputError(
                f"steps of {name} are out of order: {step[i]:g} in row {rows[i]} comes after "
                f"{step[i - 1]:g}; sort the rows by step, or name the runs in a column"
            )
        repeats += len(again)
    if not repeats:
        return []
    said = (
        f"{name}: {repeats} steps were logged again after a restart or twice; "
        "the last record of each counts."
    )
    return [said]


def _replaced(again: Floats, after: Floats) -> bool:
    """Whether about as many records come again as a restart made void, on other steps."""
    anew = np.count_nonzero(after <= again.max())
    return len(again) >= 3 and len(after) >= 3 and bool(0.5 <= anew / len(again) <= 2)


def _check_losses(name: str, loss: Floats, rows: Ints) -> None:
    bad = np.flatnonzero(~(np.isfinite(loss) & (loss > 0)))
    if bad.size:
        value = loss[bad[0]]
        said = "missing or NaN" if np.isnan(value) else f"{value:g}"
        raise InputError(
            f"loss of {name} is {said} in row {rows[bad[0]]}; "
            f"losses are positive and finite; {_MEND}"
        )


def _check_rates(
    name: str, rates: Floats, rows: Ints, where: str = "in row", *, positive: bool = True
) -> None:
    bad = np.flatnonzero(~(np.isfinite(rates) & (rates >= 0)))
    if bad.size:
        value = rates[bad[0]]
        said = "missing or NaN" if np.isnan(value) else f"{value:g}"
        raise InputError(
            f"learning rate of {name} is {said} {where} {rows[bad[0]]}; "
            f"rates are zero or more, and finite; {_MEND}"
        )
    if positive and not rates.max() > 0:
        raise InputError(f"the learning rate of {name} is 0 at every step; name another column")

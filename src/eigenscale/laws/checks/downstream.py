"""Accuracy on tasks in two steps, runs to loss to accuracy, beside accuracy fitted directly.

Both steps are fitted to the same resampled tables, so that their doubts are chained
(`laws.fit_table.chained`). The direct way is the same sigmoid in the log of compute.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.laws.fitting import fit
from eigenscale.laws.forms.accuracy import ACCURACY
from eigenscale.laws.law import Columns, Evaluation, Law, Logs
from eigenscale.laws.result import LawFit
from eigenscale.results import Interval
from eigenscale.text.numbers import number

FEWEST = 6
AHEAD, HELD_OUT = 10.0, 0.25


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    """Evaluate the sigmoid in −ln C, as if it were the loss."""
    moved = {"loss": np.log(np.maximum(_MIDDLE - logs["flops"], 1.0))}
    return ACCURACY.evaluate(columns, moved)


_MIDDLE = 100.0  # above any ln C


def _starts(logs: Logs, score: Floats, fixed: Mapping[str, float]) -> Floats:
    assert ACCURACY.starts is not None
    moved = {"loss": np.log(np.maximum(_MIDDLE - logs["flops"], 1.0))}
    return ACCURACY.starts(moved, score, fixed)


DIRECT = ACCURACY.renamed(
    name="accuracy:flops",
    equation="best + (chance - best) / (1 + exp((log(flops) - 100 + middle) / width))",
    inputs=("flops",),
    parameters=tuple(
        p if p.name != "middle" else type(p)(p.name, "100 − log compute of half", "", low=0.0,
                                             high=100.0)
        for p in ACCURACY.parameters
    ),
    evaluate=_evaluate,
    starts=_starts,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Task:
    """One task, predicted in two steps and directly.

    Attributes
    ----------
    task : str
        The column.
    falls : bool
        Whether it is an error, which falls as the loss does.
    two_step, direct : list of Interval or None
        Predictions at the points asked for, in the unit of the column; None where it cannot be
        fitted, `notes` says why.
    errors : mapping of str to float
        Mean absolute error on the largest quarter of the runs, of either way.
    """

    task: str
    falls: bool
    n_runs: int
    two_step: list[Interval] | None
    direct: list[Interval] | None
    errors: Mapping[str, float]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        plain = {
            name: None if made is None else {
                "predictions": [one.to_dict() for one in made],
                "holdout_error": self.errors.get(name),
            }
            for name, made in (("two_step", self.two_step), ("direct", self.direct))
        }  # fmt: skip
        kind = "error" if self.falls else "score"
        return {"task": self.task, "kind": kind, "n_runs": self.n_runs, **plain,
                "warnings": list(self.notes)}  # fmt: skip

    def sentence(self) -> str:
        """Say it in words, at the first point."""
        parts = [
            f"{what} {number(made[0].value)} ({number(made[0].low)}–{number(made[0].high)}"
            + (f"; {100 * self.errors[key]:.2g} points off on the largest quarter)"
               if key in self.errors else ")")
            for key, what, made in (("two_step", "through the loss", self.two_step),
                                    ("direct", "directly from compute", self.direct))
            if made
        ]  # fmt: skip
        told = ", ".join(parts) or "no prediction"
        return f"{self.task}: {told}" + "".join(f"; {note}" for note in self.notes)


def downstream(
    runs: Mapping[str, Floats],
    tasks: Mapping[str, Floats],
    points: Mapping[str, Floats] | None = None,
    *,
    bootstrap: int = 300,
    level: float = 0.9,
    rng: int = 0,
) -> list[Task]:
    """Predict scores on several tasks from runs.

    Parameters
    ----------
    runs : mapping of str to array (n,)
        ``flops``, and where they are known ``params``, ``tokens`` and ``loss``.
    tasks : mapping of str to array (n,)
        Accuracies, or errors, between 0 and 1; NaN where a run was not measured.
    points : mapping, optional
        ``flops``, ``params`` and ``tokens`` to predict at; by default ten times the largest
        compute, size and data growing alike.

    Raises
    ------
    InputError
        A task whose values are not between 0 and 1.
    """
    at = _ahead(runs) if points is None else dict(points)
    settings: dict[str, Any] = {"bootstrap": bootstrap, "level": level, "rng": rng}
    return [_task(name, dict(runs), values, at, settings) for name, values in tasks.items()]


def _ahead(runs: Mapping[str, Floats]) -> dict[str, Floats]:
    flops = runs["flops"]
    top = int(np.argmax(flops))
    share = {"flops": AHEAD, "params": np.sqrt(AHEAD), "tokens": np.sqrt(AHEAD)}
    return {n: np.array([share[n] * runs[n][top]]) for n in share if runs.get(n) is not None}


def _task(
    name: str,
    runs: dict[str, Floats],
    values: Floats,
    at: dict[str, Floats],
    settings: dict[str, Any],
) -> Task:
    known = np.isfinite(values)
    if known.any() and not ((values[known] >= 0) & (values[known] <= 1)).all():
        bad = values[known][(values[known] < 0) | (values[known] > 1)][0]
        raise InputError(
            f"task {name!r} has {bad:g}; accuracies and errors lie between 0 and 1; divide "
            "percentages by 100"
        )
    if known.sum() < FEWEST:
        raise InputError(f"task {name!r} has {known.sum()} values; a sigmoid takes {FEWEST}")
    table = {n: v[known] for n, v in runs.items()}
    falls = bool(np.corrcoef(np.log(table["flops"]), values[known])[0, 1] < 0)
    score = 1 - values[known] if falls else values[known]
    table["score"] = np.clip(score, 1e-6, None)
    notes: list[str] = []
    errors: dict[str, float] = {}
    made: dict[str, list[Interval] | None] = {}
    for key, law in (("two_step", ACCURACY), ("direct", DIRECT)):
        made[key] = None
        if key == "two_step" and "loss" not in table:
            notes.append("the table has no loss, so that there is no step through it")
            continue
        try:
            made[key], errors[key] = _predicted(law, table, at, falls, settings)
        except (InputError, ConvergenceError) as error:
            notes.append(f"{'through the loss' if key == 'two_step' else 'directly'}: {error}")
    return Task(name, falls, int(known.sum()), made["two_step"], made["direct"], errors,
                tuple(notes))  # fmt: skip


def _predicted(
    law: Law,
    table: dict[str, Floats],
    at: dict[str, Floats],
    falls: bool,
    settings: dict[str, Any],
) -> tuple[list[Interval], float]:
    """Predictions at the points, and the error on the largest quarter of the runs."""
    found = fit(table, law, **settings)
    intervals = [_turned(one, falls) for one in _at(found, at)]
    order = np.argsort(table["flops"], kind="stable")
    count = round((1 - HELD_OUT) * len(order))
    lower = {n: v[np.sort(order[:count])] for n, v in table.items()}
    later = {n: v[order[count:]] for n, v in table.items()}
    part = fit(lower, law, **{**settings, "bootstrap": 0})
    missed = np.array([one.value for one in _at(part, later)]) - later["score"]
    return intervals, float(np.mean(np.abs(missed)))


def _at(found: LawFit, at: Mapping[str, Floats]) -> list[Interval]:
    law = found.law if found.first is None else found.first.law
    return found.predict(**{n: at[n] for n in law.inputs if n in at}).intervals()


def _turned(one: Interval, falls: bool) -> Interval:
    """Keep scores between 0 and 1; as an error again, where the column has errors."""
    value, low, high = (float(np.clip(x, 0.0, 1.0)) for x in (one.value, one.low, one.high))
    if falls:
        value, low, high = 1 - value, 1 - high, 1 - low
    return Interval(value, low, high, one.level, one.se)

"""Scores on tasks beside runs: columns of the table, or of another table of the same runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.runs.assemble import numbers
from eigenscale.io.runs.columns import FLOPS_PER_PARAM_TOKEN
from eigenscale.io.runs.computed import with_computed
from eigenscale.io.runs.content import by_content
from eigenscale.io.runs.names import recognise
from eigenscale.io.runs.read import read_runs
from eigenscale.io.runs.sources import read_source
from eigenscale.io.runs.units import count_scale
from eigenscale.io.runs.where import conditions, keep
from eigenscale.io.tables.table import Table, empty_columns

COUNTED = ("params", "tokens", "flops")


@dataclass(frozen=True, eq=False)
class TaskTable:
    """Inputs of runs (n,), their loss where there is one, and scores by task, NaN where missing."""

    inputs: Mapping[str, Floats]
    tasks: Mapping[str, Floats]
    warnings: tuple[str, ...] = ()


def read_tasks(
    source: str,
    names: Sequence[str],
    columns: Mapping[str, str | float] | None = None,
    units: Mapping[str, str | float] | None = None,
    where: Any = None,
) -> TaskTable:
    """Read scores of tasks with the compute, size and data of their runs.

    Parameters
    ----------
    names : sequence of str
        Columns of the table; or files with the same runs, whose loss is the score.

    Raises
    ------
    InputError
        A column that is not there, or no compute.
    """
    table = read_source(source)
    if wanted := conditions(where):
        table = table.take(keep(table, wanted))
    table, computed = with_computed(table, columns or {})
    content, _ = by_content(table)
    known = recognise(
        table.columns, columns, empty=empty_columns(table), content=content, computed=computed
    )
    rows = np.arange(1, len(table) + 1)
    inputs: dict[str, Floats] = {}
    for field in (*COUNTED, "loss"):
        column = known.columns.get(field)
        if column is None or column in names:
            continue
        values = numbers(table.columns[column], field, column, rows)
        if field != "loss":
            unit = (units or {}).get(field, known.units.get(field, 1.0))
            values = values * count_scale(field, unit)
        inputs[field] = values
    _complete(inputs, source)
    tasks = {name: _task(table, name, inputs, rows) for name in names}
    present = np.all([np.isfinite(v) & (v > 0) for v in inputs.values()], axis=0)
    notes = list(table.notes)
    if not present.all():
        lost = int((~present).sum())
        fields = ", ".join(inputs)
        notes.append(f"{lost} of {len(rows)} rows lack one of {fields} and are left out")
    return TaskTable(
        {name: values[present] for name, values in inputs.items()},
        {name: values[present] for name, values in tasks.items()},
        tuple(notes),
    )


def _complete(inputs: dict[str, Floats], source: str) -> None:
    """Compute that is missing is 6 params × tokens."""
    if {"params", "tokens"} <= set(inputs):
        by_rule = FLOPS_PER_PARAM_TOKEN * inputs["params"] * inputs["tokens"]
        given = inputs.get("flops", by_rule)
        inputs["flops"] = np.where(np.isfinite(given), given, by_rule)
    if "flops" not in inputs:
        raise InputError(
            f"{source} has no compute for --downstream; it takes flops, or params and tokens; name "
            "a column with --columns flops=…"
        )


def _task(table: Table, name: str, inputs: Mapping[str, Floats], rows: Any) -> Floats:
    if name in table.columns:
        return numbers(table.columns[name], "task", name, rows)
    if Path(name).is_file():
        return _joined(name, inputs)
    raise InputError(
        f"--downstream {name}: the table has no such column, and there is no such file; it has: "
        f"{', '.join(table.columns)}"
    )


def _joined(path: str, inputs: Mapping[str, Floats]) -> Floats:
    """Scores of another table for the same runs, by what both tables count."""
    other = read_runs(path)
    shared = [n for n in COUNTED if n in inputs and getattr(other, n) is not None]
    there = {
        key: float(value)
        for *key_parts, value in zip(*(getattr(other, n) for n in shared), other.loss, strict=True)
        if (key := tuple(f"{part:.6g}" for part in key_parts))
    }
    mine = zip(*(inputs[n] for n in shared), strict=True)
    found = np.array([there.get(tuple(f"{p:.6g}" for p in parts), np.nan) for parts in mine])
    if not np.isfinite(found).any():
        raise InputError(f"{path} has no run with the {', '.join(shared)} of a run of the table")
    return found

"""Weights & Biases exports: panel CSVs (a column per run) and run histories (sparse columns)."""

import re
from dataclasses import replace
from typing import Any

import numpy as np

from eigenscale.arrays import Array
from eigenscale.io.tables.table import Table, as_column

_PANEL = re.compile(r"^(?P<run>.+?) - (?P<metric>[^ ].*?)(?P<edge>__MIN|__MAX)?$")
_HISTORY = {"_step", "_runtime", "_timestamp", "trainer/global_step"}


def tidy(table: Table) -> Table:
    """Turn a panel export into rows per run and step, and mark histories as logs."""
    names = list(table.columns)
    edges = [n for n in names if n.endswith(("__MIN", "__MAX"))]
    if edges:
        kept = {n: c for n, c in table.columns.items() if n not in edges}
        table = replace(table, columns=kept)
    rest = list(table.columns)[1:]
    if edges and rest and all(_PANEL.match(name) for name in rest):
        return _melt(table)
    if (epochs := _keras_epochs(table)) is not None:
        columns = {"step": epochs, **table.columns}
        note = "each row is an epoch of one run; epochs count as steps, the first as 1"
        return replace(table, columns=columns, log=True, notes=(*table.notes, note))
    lightning = {"epoch", "step"} <= set(names)
    if lightning or _HISTORY & set(names):
        return replace(table, log=True)
    return table


def _keras_epochs(table: Table) -> Array | None:
    """Count the epochs of a history that Keras wrote: one row each, from 0 or 1, no steps."""
    epochs = table.columns.get("epoch")
    names = set(table.columns)
    if epochs is None or epochs.dtype != np.float64 or len(epochs) < 2:
        return None
    if "loss" not in names or any("step" in name.lower() for name in names):
        return None
    first = int(epochs[0] == 0)
    counted = np.arange(1, len(epochs) + 1) - first
    return epochs + first if np.array_equal(epochs, counted) else None


def _melt(table: Table) -> Table:
    """Stack the runs of a panel: a column for the run, the step, and one per metric."""
    step, *rest = table.columns
    pieces: dict[str, dict[str, Any]] = {}
    for column in rest:
        match = _PANEL.match(column)
        assert match is not None
        pieces.setdefault(match["run"], {})[match["metric"]] = table.columns[column]
    metrics = list(dict.fromkeys(m for piece in pieces.values() for m in piece))
    count = len(table)
    missing = np.full(count, np.nan)
    columns = {
        "run": as_column([run for run in pieces for _ in range(count)]),
        step: np.concatenate([table.columns[step]] * len(pieces)),
    }
    for metric in metrics:
        parts = [piece.get(metric, missing) for piece in pieces.values()]
        columns[metric] = np.concatenate(parts)
    return replace(table, columns=columns, log=True)

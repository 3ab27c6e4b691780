"""Weights & Biases exports: panel CSVs (a column per run) and run histories (sparse columns)."""

import re
from typing import Any

import numpy as np

from eigenscale.io.runs.table import Table, as_column

_PANEL = re.compile(r"^(?P<run>.+?) - (?P<metric>[^ ].*?)(?P<edge>__MIN|__MAX)?$")
_HISTORY = {"_step", "_runtime", "_timestamp", "trainer/global_step"}


def tidy(table: Table) -> Table:
    """Turn a panel export into rows per run and step, and mark histories as logs."""
    names = list(table.columns)
    edges = [n for n in names if n.endswith(("__MIN", "__MAX"))]
    if edges:
        kept = {n: c for n, c in table.columns.items() if n not in edges}
        table = Table(kept, table.source, table.log)
    rest = list(table.columns)[1:]
    if edges and rest and all(_PANEL.match(name) for name in rest):
        return _melt(table)
    lightning = {"epoch", "step"} <= set(names)
    if lightning or _HISTORY & set(names):
        return Table(table.columns, table.source, log=True)
    return table


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
    return Table(columns, table.source, log=True)

"""Training curves from files: every format that runs are read from, one or several curves each."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.curves.checks import clean
from eigenscale.io.curves.columns import CurveColumns, find_columns
from eigenscale.io.curves.curve import Curve
from eigenscale.io.runs.assemble import numbers
from eigenscale.io.runs.computed import with_computed
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.io.runs.sources import read_source
from eigenscale.io.tables.table import Table
from eigenscale.text.lines import listed


def read_curves(
    source: Any,
    columns: Mapping[str, str] | None = None,
    *,
    losses: bool = True,
    pattern: str | None = None,
) -> list[Curve]:
    """Read the training curves of a file, a folder, a log or a dataframe.

    Parameters
    ----------
    source : path, dataframe, mapping of str to array, Curve, or a list of these
        Whatever `read_runs` reads. Rows with a run's name in a column are one curve per name.
    columns : mapping, optional
        ``step``, ``lr``, ``loss``, ``run`` or ``batch_tokens`` → name of the column, where it is
        not recognised; or an expression of columns, as ``batch*seq``.
    losses : bool
        Whether losses are needed; of a plan only steps and learning rates are used.
    pattern : str, optional
        For text logs: a regular expression with the named groups ``step`` and ``loss``.

    Returns
    -------
    list of Curve

    Raises
    ------
    InputError
        When something cannot be read, has no steps or losses, or breaks a rule: steps that are
        out of order, rates that are negative, losses that are missing, zero or infinite.

    Examples
    --------
    >>> table = {"step": [10, 20, 30], "lr": [1e-3] * 3, "loss": [3.0, 2.8, 2.7]}
    >>> read_curves(table)
    [Curve(the dataframe: 3 records, steps 10 to 30)]
    """
    if isinstance(source, Curve):
        return [source]
    if isinstance(source, list | tuple):
        parts = [read_curves(s, columns, losses=losses, pattern=pattern) for s in source]
        return [curve for part in parts for curve in part]
    table = read_source(source, pattern)
    if not table.columns or len(table) == 0:
        raise InputError(f"{table.source} has no rows; a curve has one row per recorded step")
    table, computed = with_computed(table, columns or {})
    known = find_columns(table, columns, computed)
    found = _curves(table, known, losses)
    notes = list(table.notes)
    if known.error is not None and losses:
        notes.append(
            f"column {known.error!r} holds stated errors, which are not used: the noise of a "
            "curve is measured from its own scatter"
        )
    return [replace(found[0], warnings=(*notes, *found[0].warnings)), *found[1:]]


def _curves(table: Table, known: CurveColumns, losses: bool) -> list[Curve]:
    for field in ("step", "loss") if losses else ("step",):
        if getattr(known, field) is None:
            raise InputError(
                f"{table.source} has no {field} column; it has: {listed(table.columns)}; "
                f"name one with --columns {field}=…"
            )
    if losses and loss_unit(known.unit).rises:
        raise InputError(
            f"column {known.loss!r} of {table.source} holds {known.unit}, which rises; a curve "
            "needs a loss: name another column with --columns loss=…, or store 1 − the score"
        )
    rows = np.arange(1, len(table) + 1)
    values: dict[str, Floats] = {}
    for field in ("step", "loss", "lr", "batch_tokens"):
        column = getattr(known, field)
        if column is not None:
            read = numbers(table.columns[column], field, column, rows)
            unlogged = np.isposinf(read) & (field == "loss" and bool(table.format))
            values[field] = np.where(unlogged, np.nan, read)
    if "loss" not in values or not losses:
        values["loss"] = np.full(len(table), np.nan)
    stem = Path(table.source).stem if Path(table.source).suffix else table.source
    if known.run is None:
        return [replace(clean(stem, values, rows, table.log, losses), unit=known.unit)]
    names = np.array([str(v) for v in table.columns[known.run].tolist()], dtype=np.str_)
    found = []
    for name in dict.fromkeys(names.tolist()):
        here = names == name
        part = {field: column[here] for field, column in values.items()}
        found.append(clean(name, part, rows[here], table.log, losses))
    return [replace(curve, unit=known.unit) for curve in found]

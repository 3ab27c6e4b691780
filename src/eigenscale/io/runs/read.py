"""`read_runs`: the function that reads tables and logs of training runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eigenscale.arrays import Mask
from eigenscale.errors import InputError
from eigenscale.io.runs.assemble import assemble
from eigenscale.io.runs.columns import Exclusion
from eigenscale.io.runs.computed import with_computed
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.content import by_content
from eigenscale.io.runs.loss_units import BYTES_EACH, bytes_per_token, loss_unit
from eigenscale.io.runs.names import FIELDS, Recognition, recognise
from eigenscale.io.runs.sources import read_source
from eigenscale.io.runs.units import count_scale
from eigenscale.io.runs.where import Condition, conditions, keep
from eigenscale.io.tables.table import Table, empty_columns


def read_runs(
    source: Any,
    columns: Mapping[str, str | float] | None = None,
    *,
    units: Mapping[str, str | float] | None = None,
    where: Mapping[str, Any] | str | Sequence[str] | None = None,
    checkpoints: str | None = None,
    pattern: str | None = None,
) -> Runs:
    """Read a table of training runs, or the logs of a tracker.

    Parameters
    ----------
    source : path, list of paths, dataframe or mapping of columns
        CSV, TSV, Parquet, Arrow/Feather, JSON lines or JSON by the ending of the name; any
        dataframe that narwhals knows (pandas, Polars, pyarrow). Logs: Weights & Biases panel
        and history exports, Lightning ``metrics.csv``, Hugging Face ``trainer_state.json``,
        TensorBoard event files, an MLflow store (``mlruns/``, ``mlflow.db``, or
        ``mlflow:http://…`` with the extra `trackers`), text logs (``.log``); a folder, a list
        or a wildcard holds one run per file.
    columns : mapping, optional
        Field → the column that holds it, where the recognised one is not meant, or a number
        that holds for every row: ``{"params": "n_non_embedding", "tokens": 2e10}``; or an
        expression of columns with + - * / ** and parentheses, ``{"tokens": "steps*batch*seq"}``,
        with backticks around names that are no words. Fields are
        `params` (or `n_features`), `tokens` (or `n_samples`), `flops`, `loss`, `unique_tokens`,
        `steps`, `batch_tokens`, `family`, `experiment`, `seed`, `name`, `flagged`, `score`.
    units : mapping, optional
        Field → unit: ``"K"``, ``"M"``, ``"B"``, ``"T"`` or a number for counts; also
        ``"PF-days"``, ``"EFLOP"``, … for FLOPs; ``"nats"``, ``"bits"`` or ``"perplexity"`` for
        loss. ``"bytes_per_token": 4.3`` turns bits or nats per byte into nats per token. Names
        such as ``tokens (B)`` and cells such as ``1.3B`` say it themselves.
    where : mapping, str or list of str, optional
        Column → the value, or list of values, of the rows to keep; or conditions as text, with
        = != < > <= >= or ~ (contains): ``"State=finished,failed,tokens>1e9"``.
    checkpoints : {"last", "best", "every"}, optional
        How a curve of checkpoints becomes runs. By default each run of a tracker's log counts
        by its last checkpoint; checkpoints of one run alone, or rows of a table, are all kept.
        The rule used is in `Runs.checkpoints` and among the warnings.
    pattern : str, optional
        For text logs: a regular expression with the named groups ``step`` and ``loss`` (or
        other fields), searched in every line.

    Returns
    -------
    Runs
        Its repr shows what was recognised, derived (C = 6 N D) and found suspicious.

    Raises
    ------
    InputError
        When the source cannot be read, has no loss, or holds a value that breaks a rule;
        rows are counted from 1 below the header.

    Examples
    --------
    >>> read_runs({"Model Size": ["70M", "1.4B"], "tokens (B)": [20, 20], "loss": [3.4, 2.7]})
    Runs: 2 from the dataframe
      loss ← loss: 2.7 to 3.4
      params ← Model Size: 7e+07 to 1.4e+09
      tokens ← tokens (B): 2e+10 to 2e+10
      flops = 6 params tokens: 8.4e+18 to 1.68e+20
    """
    table = read_source(source, pattern)
    content, notes = by_content(table)
    empty = empty_columns(table)
    table, computed = with_computed(table, columns or {})
    known = recognise(table.columns, columns, empty=empty, content=content, computed=computed)
    _refuse_same_name(table, known)
    _apply_units(known, units or {})
    told = [note for note in notes if not any(repr(c) in note for c in (columns or {}).values())]
    table, excluded, wanted = replace(table, notes=(*table.notes, *told)), None, conditions(where)
    left: tuple[Exclusion, ...] = ()
    if wanted:
        kept = keep(table, wanted)
        left = _not_kept(table, kept, known, wanted)
        table, excluded = table.take(kept), np.flatnonzero(kept) + 1
    too = known.columns.get("state") in {one.column for one in wanted}
    runs = Runs.of(assemble(table, known, checkpoints, unfinished_too=too))
    if BYTES_EACH in (units or {}):
        runs = in_tokens(runs, (units or {})[BYTES_EACH])
    return runs if excluded is None else _renumber(runs, excluded, left)


def _not_kept(
    table: Table, kept: Mask, known: Recognition, wanted: Sequence[Condition]
) -> tuple[Exclusion, ...]:
    """Note the rows that the conditions leave out."""
    if kept.all():
        return ()
    names = known.columns.get("name")
    runs = () if names is None else tuple(str(one) for one in table.columns[names][~kept])
    rows = tuple((np.flatnonzero(~kept) + 1).tolist())
    return (Exclusion(rows, f"not where {', '.join(map(str, wanted))}", runs),)


def _refuse_same_name(table: Table, known: Recognition) -> None:
    """Refuse two columns of one name where the name matters and they differ."""
    for column in known.columns.values():
        twin = table.columns.get(f"{column}.1")
        if twin is not None and twin.tolist() != table.columns[column].tolist():
            raise InputError(
                f"{table.source} has two columns named {column!r}, which differ; rename or drop one"
            )


def _apply_units(known: Recognition, units: Mapping[str, str | float]) -> None:
    for name, unit in units.items():
        if name == BYTES_EACH:
            continue
        target = {"n_features": "params", "n_samples": "tokens"}.get(name, name)
        if target not in FIELDS:
            raise InputError(f"units names {name!r}, which is not one of: {', '.join(FIELDS)}")
        if target != "loss":
            count_scale(target, unit)
        elif isinstance(unit, str):
            unit = loss_unit(unit).name
        known.units[target] = unit


def in_tokens(runs: Runs, per_token: str | float) -> Runs:
    """Give losses per byte as nats per token, and say so.

    Raises
    ------
    InputError
        When the number of bytes is none, or losses are not per byte.
    """
    count = bytes_per_token(per_token)
    if runs.unit not in {"bits/byte", "nats/byte"}:
        raise InputError(
            f"bytes_per_token={count:g} turns losses per byte into nats per token; the losses of "
            f"{runs.source} are in {runs.unit}; leave it out, or say loss=bits/byte as well"
        )
    bits = "ln 2 × " if runs.unit == "bits/byte" else ""
    rule = f"{bits}{count:g} bytes per token × column {runs.recognised.get('loss', 'loss')!r}"
    said = f"losses in {runs.unit} are turned into nats per token: {rule}"
    return replace(
        runs,
        loss=runs.loss * count,
        loss_se=None if runs.loss_se is None else runs.loss_se * count,
        unit="nats/token",
        unit_factor=1.0,
        derived={**runs.derived, "loss": rule},
        warnings=(*runs.warnings, said),
    )


def _renumber(
    runs: Runs, kept: np.ndarray[Any, np.dtype[np.int64]], left: tuple[Exclusion, ...]
) -> Runs:
    """Rows as they were in the whole table."""
    moved = tuple(replace(e, rows=tuple(int(kept[r - 1]) for r in e.rows)) for e in runs.excluded)
    return replace(runs, rows=kept[runs.rows - 1], excluded=(*left, *moved))

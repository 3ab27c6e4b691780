"""Tables with named columns, read whole and understood: raw inputs, target, groups and times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.data.columns import settle
from eigenscale.io.data.generators import is_generator
from eigenscale.io.data.lazy import is_lazy
from eigenscale.io.data.targets import Kind, Target, as_target, split_member
from eigenscale.io.files.kinds import ending
from eigenscale.io.files.opening import opened
from eigenscale.io.formats.batches import index_columns, read_table
from eigenscale.io.formats.source import Source, from_array
from eigenscale.io.formats.tables import read_csv
from eigenscale.io.preparation.exclusions import LeftOut, excluded
from eigenscale.io.preparation.preparation import Asked, Preparation, prepare
from eigenscale.io.preparation.roles import Column, column_of

Gaps = Literal["fill", "drop", "refuse"]

_TEXT = frozenset((".csv", ".tsv", ".tab", ".dat"))
_ENDINGS = _TEXT | {".parquet", ".pq", ".arrow", ".feather"}

MOST_BYTES = 1 << 28  # larger tables are read by blocks, as numbers, and not prepared


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table understood, and nothing learned from it yet.

    Attributes
    ----------
    name : str
    raw : array, shape (n, columns)
        Inputs as numbers, categories numbered, NaN where a value is missing.
    preparation : Preparation
        What is to be done to `raw`; not fitted.
    target : Target or None
    groups : array of int, shape (n,), or None
    times : array, shape (n,), or None
    """

    name: str
    raw: Floats
    preparation: Preparation
    target: Target | None
    groups: NDArray[np.int64] | None = None
    times: Floats | None = None


def raw_table(
    data: Any,
    target: Any = None,
    columns: Sequence[str] | None = None,
    *,
    asked: Asked = "auto",
    target_kind: Kind = "auto",
    groups: str | None = None,
    time: str | None = None,
) -> RawTable | None:
    """Read and understand a table; None where `data` is no table with names, or a very large one.

    Raises
    ------
    InputError
        Where a column that is named does not exist, or no input is left.
    """
    if not _is_table(data):
        return None
    chosen = columns is not None
    wanted, columns = settle(data, target, columns)
    table, index = _arrow(data)
    if table is None or not table.num_columns:
        return None
    plain = [name for name in table.column_names if name not in index]
    numbered = () if chosen else [LeftOut(*pair) for pair in index.items()]
    names = plain if columns is None else [str(name) for name in columns]
    if len(set(table.column_names)) < table.num_columns or not set(names) <= {*table.column_names}:
        return None
    read = {name: column_of(name, table.column(name)) for name in names}
    if any(column is None for column in read.values()):
        return None
    name = Path(split_member(data)[0]).name if isinstance(data, str | Path) else "dataframe"
    known = None if wanted is None else as_target(wanted, target_kind, "drop")
    if known is not None:
        known.check_length(table.num_rows, name)
    aside = {which: _aside(table, which, name) for which in (groups, time) if which is not None}
    inputs = [c for c in read.values() if c is not None and c.name not in aside]
    found = _understood(name, inputs, asked, known, aside, (groups, time))
    gone = (*numbered, *found.preparation.left_out)
    return replace(found, preparation=replace(found.preparation, left_out=gone))


def _understood(
    name: str,
    inputs: Sequence[Column],
    asked: Asked,
    target: Target | None,
    aside: dict[str, Column],
    named: tuple[str | None, str | None],
) -> RawTable:
    gone, grouped, warnings = excluded(inputs, target)
    groups, time = named
    for which, kind in ((groups, "group"), (time, "time")):
        if which is not None:
            gone = [*gone, LeftOut(which, f"it is the {kind} of a row, as asked")]
    if grouped and groups is None:
        looks = (
            f"{grouped[0]} looks like a group that several rows belong to: with --groups "
            f"{grouped[0]} no group is split between training and test rows"
        )
        warnings = [*warnings, looks]
    dropped = {column.name for column in gone}
    kept = [column for column in inputs if column.name not in dropped]
    preparation = prepare(kept, asked, gone, grouped, warnings)
    return RawTable(
        name,
        np.column_stack([column.values for column in kept]),
        preparation,
        target,
        None if groups is None else _codes(aside[groups]),
        None if time is None else _moments(aside[time]),
    )


def _is_table(data: Any) -> bool:
    if is_generator(data):
        return False
    if isinstance(data, str | Path):
        path = split_member(data)[0]
        known = path.is_file() and ending(path, _ENDINGS) in _ENDINGS
        return known and path.stat().st_size <= MOST_BYTES
    return hasattr(data, "columns") and not is_lazy(data)


def _arrow(data: Any) -> tuple[Any, dict[str, str]]:
    """Give the whole table to Arrow, None where it cannot be, with columns that number its rows."""
    import narwhals as nw
    import pyarrow as pa

    if not isinstance(data, str | Path):
        try:
            return nw.from_native(data, eager_only=True).to_arrow(), {}
        except (TypeError, ValueError, pa.ArrowException):
            return None, {}
    path = opened(split_member(data)[0])
    if ending(path, _ENDINGS) in _TEXT:
        table, dialect = read_csv(path)
        return table, dialect.index
    return read_table(path), index_columns(path)


def _aside(table: Any, name: str, file: str) -> Column:
    """Read the column of groups or times."""
    if name not in table.column_names:
        listed = ", ".join(table.column_names[:12])
        raise InputError(f"{file} has no column {name}; it has {listed}; check the name")
    column = column_of(name, table.column(name))
    if column is None or not column.known.all():
        raise InputError(f"column {name} has rows without a value; fill them, or name another")
    return column


def _codes(column: Column) -> NDArray[np.int64]:
    return np.unique(column.values, return_inverse=True)[1].astype(np.int64)


def _moments(column: Column) -> Floats:
    if column.role not in ("number", "date"):
        raise InputError(
            f"column {column.name} holds text; --time needs dates as 2026-01-31, or numbers"
        )
    return column.values


def prepared_source(
    data: Any,
    target: Any,
    columns: Sequence[str] | None,
    asked: Asked = "auto",
    target_kind: Kind = "auto",
    gaps: Gaps = "fill",
) -> tuple[Any, Any, Sequence[str] | None, Preparation | None]:
    """Prepare a table for `open_source`, fitted on all of its rows; anything else as it came.

    Parameters
    ----------
    gaps : {"fill", "drop", "refuse"}
        Rows with missing values: filled; NaN throughout, to be dropped later; or the table as it
        came, to be refused by who reads it.

    Returns
    -------
    data, target, columns, preparation

    Raises
    ------
    InputError
        Where gaps are refused in a table of more than numbers, or to be filled in what is no table.
    """
    found = raw_table(data, target, columns, asked=asked, target_kind=target_kind)
    if found is None:
        if gaps == "fill":
            raise InputError(
                "missing 'fill' is for tables with named columns; drop the rows with missing values"
            )
        return data, target, columns, None
    known = np.asarray(np.isfinite(found.raw).all(axis=1))
    absent = found.target is not None and found.target.absent is not None
    if gaps == "refuse" and (absent or not known.all()):
        if not found.preparation.only_numbers:
            raise _refused(found, known)
        return data, target, columns, None
    drop = gaps == "drop"
    made = found.preparation.without_gaps() if drop else found.preparation
    fitted = made.fit(found.raw[known] if drop else found.raw)
    if not fitted.changes_values and not fitted.left_out and not absent:
        return data, target, columns, fitted
    rows = fitted(found.raw)
    if drop:
        rows = np.where(known[:, None], rows, np.nan)
    notes = (*fitted.summary, *fitted.warnings)
    source: Source = replace(from_array(rows, found.name), notes=notes)
    return source, found.target, None, fitted


def _refused(found: RawTable, known: NDArray[np.bool_]) -> InputError:
    """Make the error that counts rows with gaps, by column, with the mends."""
    target = found.target
    if known.all() and target is not None and target.absent is not None:
        rows, where = int(target.absent.sum()), target.name
    else:
        rows = int(np.count_nonzero(~known))
        where = ", ".join(
            f"{c.name} {c.n_missing}" for c in found.preparation.columns if c.n_missing
        )
    return InputError(
        f"{found.name} has missing values in {rows} rows ({where}); leave the rows out with "
        "missing='drop' (--missing drop), or fill inputs with missing='fill' (--missing fill)"
    )

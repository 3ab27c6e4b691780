"""Plain columns of equal length, before anybody asks what they mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.tables import NULLS


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length and where they came from; rows count from 1.

    A column is float64 with NaN for what is missing, bool, or object: strings with None for
    what is missing. `log` says that the rows are what a tracker logged step by step, `notes`
    what was done on the way, and `left_out` which columns of the file are not here and why.
    """

    columns: dict[str, Array]
    source: str
    log: bool = False
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    format: str = ""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def take(self, rows: NDArray[Any]) -> "Table":
        """Take the rows of a mask or of indices."""
        return replace(self, columns={name: c[rows] for name, c in self.columns.items()})


def as_column(values: Any) -> Array:
    """Any one-dimensional sequence as a column."""
    array = values if isinstance(values, np.ndarray) else np.asarray(values, dtype=object)
    if array.dtype == bool or array.dtype.kind in "iuf":
        return array if array.dtype == bool else array.astype(np.float64)
    items = [None if v is None else v for v in array.tolist()]
    present = [v for v in items if v is not None]
    if present and all(isinstance(v, bool) for v in present) and len(present) == len(items):
        return np.array(items, dtype=bool)
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in present):
        return np.array([_float(v) for v in items], dtype=np.float64)
    out = np.empty(len(items), dtype=object)
    out[:] = [None if v is None or v != v or str(v) in NULLS else str(v) for v in items]
    return out


def _float(value: float | None) -> float:
    """NaN for what is missing; infinite for what float64 cannot hold."""
    try:
        return np.nan if value is None else float(value)
    except OverflowError:
        return np.inf


_MEASURED = re.compile(r"loss|nll|ppl|perplexity|bp[bc]|bits|error|acc", re.IGNORECASE)
"""Names of columns of measured losses, in which NaN is a result."""


def _logged(name: str, values: list[Any]) -> list[Any]:
    if not _MEASURED.search(name):
        return values
    return [np.inf if isinstance(v, float) and v != v else v for v in values]


def from_records(records: Sequence[Mapping[str, Any]], source: str, *, log: bool) -> Table:
    """Turn rows of unequal keys into columns; what a row lacks is missing."""
    names = dict.fromkeys(name for row in records for name in row)
    columns = {name: as_column(_logged(name, [r.get(name) for r in records])) for name in names}
    return Table(columns, source, log)


def concatenate(tables: Sequence[Table], source: str, *, log: bool) -> Table:
    """Put tables under one another; a column that one of them lacks is missing there."""
    names = dict.fromkeys(name for table in tables for name in table.columns)
    columns: dict[str, Array] = {}
    for name in names:
        parts = [t.columns[name] if name in t.columns else _missing(len(t)) for t in tables]
        same = all(part.dtype == np.float64 for part in parts)
        columns[name] = np.concatenate(parts) if same else as_column(_plain(parts))
    notes = dict.fromkeys(note for table in tables for note in table.notes)
    left_out = dict.fromkeys(each for table in tables for each in table.left_out)
    formats = dict.fromkeys(table.format for table in tables)
    return Table(columns, source, log, tuple(notes), tuple(left_out), ", ".join(formats))


def _missing(count: int) -> Array:
    return np.full(count, np.nan)


def _plain(parts: Sequence[Array]) -> list[Any]:
    values = [value for part in parts for value in part.tolist()]
    return [None if isinstance(v, float) and v != v else v for v in values]


def from_arrow(table: Any, source: str) -> Table:
    """Turn a pyarrow table into columns; structs become dotted columns, lists are left out."""
    import pyarrow as pa

    if len(set(table.column_names)) != len(table.column_names):
        twice = next(n for n in table.column_names if table.column_names.count(n) > 1)
        raise InputError(f"{source} has two columns named {twice!r}; rename or drop one")
    while any(pa.types.is_struct(kind) for kind in table.schema.types):
        table = table.flatten()
    columns: dict[str, Array] = {}
    left_out = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            columns[name] = _floats(column.cast(pa.float64()), bool(_MEASURED.search(name)))
        elif not pa.types.is_nested(kind):
            columns[name] = as_column(column.to_pylist())
        else:
            left_out.append((name, f"it holds {'lists' if _is_list(kind) else kind}"))
    return Table(columns, source, left_out=tuple(left_out))


def _floats(column: Any, measured: bool) -> Array:
    """Give missing values as NaN, and a NaN that was measured as infinite: no number, but there.

    So a run that logged NaN is told from one that logged nothing.
    """
    from pyarrow import compute

    values = column.to_numpy(zero_copy_only=False).astype(np.float64)
    if not measured:
        return np.asarray(values)
    written = compute.fill_null(compute.is_nan(column), False).to_numpy(zero_copy_only=False)
    if written.any():
        values = np.where(written, np.inf, values)
    return np.asarray(values)


def _is_list(kind: Any) -> bool:
    return "list" in str(kind)


def from_dataframe(frame: Any, source: str = "the dataframe") -> Table:
    """Any dataframe that narwhals knows (pandas, Polars, pyarrow, …), or a mapping of columns."""
    import narwhals as nw

    if isinstance(frame, Mapping):
        columns = {str(name): as_column(list(values)) for name, values in frame.items()}
        if len({len(c) for c in columns.values()}) > 1:
            sizes = ", ".join(f"{n} {len(c)}" for n, c in columns.items())
            raise InputError(f"the columns have different lengths ({sizes}); make them equal")
        return Table(columns, source)
    try:
        known = nw.from_native(frame)
    except TypeError:
        raise InputError(
            f"{type(frame).__name__} is neither a path nor a dataframe; "
            "give a file name, or a pandas, Polars or pyarrow table"
        ) from None
    eager = known.collect() if isinstance(known, nw.LazyFrame) else known
    columns = {}
    for name in eager.columns:
        series = eager[name]
        if series.dtype.is_numeric():
            columns[str(name)] = as_column(series.cast(nw.Float64).to_numpy())
        elif not series.dtype.is_nested():
            columns[str(name)] = as_column(series.to_list())
    return Table(columns, source)


def empty_columns(table: Table) -> list[str]:
    """List the columns that hold nothing."""
    return [
        name
        for name, column in table.columns.items()
        if (column.dtype == np.float64 and np.isnan(column).all())
        or (column.dtype == object and all(v is None for v in column.tolist()))
    ]


def to_arrow(table: Table) -> Any:
    """Turn columns into a pyarrow table."""
    import pyarrow as pa

    try:
        return pa.table({name: pa.array(column) for name, column in table.columns.items()})
    except UnicodeEncodeError as error:
        raise InputError(
            f"{table.source} holds half of a character ({error.object[error.start]!r:.20}); write "
            "it again as UTF-8"
        ) from None

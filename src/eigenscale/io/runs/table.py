"""Files and dataframes as plain columns, before anybody asks what they mean."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Array
from eigenscale.errors import InputError

"""Float64 with NaN for what is missing, bool, or object: strings with None for what is missing."""

NULLS = ["", "NA", "N/A", "#N/A", "null", "NULL", "None", "<NA>"]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length and where they came from; rows count from 1.

    `log` says that the rows are what a tracker logged step by step.
    """

    columns: dict[str, Array]
    source: str
    log: bool = False

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def take(self, rows: NDArray[Any]) -> "Table":
        """Take the rows of a mask or of indices."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Table(columns, self.source, self.log)


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
        return np.array([np.nan if v is None else float(v) for v in items], dtype=np.float64)
    out = np.empty(len(items), dtype=object)
    out[:] = [None if v is None or v != v or str(v) in NULLS else str(v) for v in items]
    return out


def from_records(records: Sequence[Mapping[str, Any]], source: str, *, log: bool) -> Table:
    """Turn rows of unequal keys into columns; what a row lacks is missing."""
    names = dict.fromkeys(name for row in records for name in row)
    columns = {name: as_column([row.get(name) for row in records]) for name in names}
    return Table(columns, source, log)


def concatenate(tables: Sequence[Table], source: str, *, log: bool) -> Table:
    """Put tables under one another; a column that one of them lacks is missing there."""
    names = dict.fromkeys(name for table in tables for name in table.columns)
    columns: dict[str, Array] = {}
    for name in names:
        parts = [t.columns[name] if name in t.columns else _missing(len(t)) for t in tables]
        same = all(part.dtype == np.float64 for part in parts)
        columns[name] = np.concatenate(parts) if same else as_column(_plain(parts))
    return Table(columns, source, log)


def _missing(count: int) -> Array:
    return np.full(count, np.nan)


def _plain(parts: Sequence[Array]) -> list[Any]:
    values = [value for part in parts for value in part.tolist()]
    return [None if isinstance(v, float) and v != v else v for v in values]


def from_arrow(table: Any, source: str) -> Table:
    """Turn a pyarrow table into columns; nested columns are left out."""
    import pyarrow as pa

    if len(set(table.column_names)) != len(table.column_names):
        twice = next(n for n in table.column_names if table.column_names.count(n) > 1)
        raise InputError(f"{source} has two columns named {twice!r}; rename or drop one")
    columns: dict[str, Array] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            columns[name] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        elif not pa.types.is_nested(kind):
            columns[name] = as_column(column.to_pylist())
    return Table(columns, source)


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


def _delimiter(path: Path) -> str:
    with path.open("rb") as file:
        header = file.readline(1_000_000)
    if path.suffix.lower() in {".tsv", ".tab"}:
        return "\t"
    return max((",", "\t", ";", "|"), key=lambda c: header.count(c.encode()))


def _read_csv(path: Path) -> Any:
    from pyarrow import csv

    convert = csv.ConvertOptions(null_values=NULLS, strings_can_be_null=True)
    return csv.read_csv(
        path, parse_options=csv.ParseOptions(delimiter=_delimiter(path)), convert_options=convert
    )


def _read_json(path: Path) -> Any:
    """JSON lines, or one JSON document: a list of records or an object of columns."""
    import pyarrow as pa
    from pyarrow import json as arrow_json

    text = path.read_bytes().lstrip()
    if text.startswith(b"[") or path.suffix.lower() == ".json":
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if isinstance(document, list) and all(isinstance(row, dict) for row in document):
            return pa.table(dict(from_records(document, str(path), log=False).columns))
        if isinstance(document, dict) and all(isinstance(v, list) for v in document.values()):
            return pa.table(document)
    return arrow_json.read_json(path)


def _read_parquet(path: Path) -> Any:
    from pyarrow import parquet

    return parquet.read_table(path)


def _read_feather(path: Path) -> Any:
    from pyarrow import feather

    return feather.read_table(path)


READERS = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".tab": _read_csv,
    ".txt": _read_csv,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
    ".arrow": _read_feather,
    ".feather": _read_feather,
    ".ipc": _read_feather,
    ".jsonl": _read_json,
    ".ndjson": _read_json,
    ".json": _read_json,
}


def read_file(path: str | os.PathLike[str]) -> Table:
    """Read a table by the ending of its name.

    Raises
    ------
    InputError
        When there is no such file, its kind is unknown, or it cannot be read as that kind.
    """
    import pyarrow as pa

    place = Path(path)
    if not place.is_file():
        raise InputError(f"{place}: there is no such file; check the name and the folder")
    reader = READERS.get(place.suffix.lower())
    if reader is None:
        raise InputError(f"{place}: files ending in {place.suffix!r} are not known; "
                         f"use one of {', '.join(READERS)}")  # fmt: skip
    if place.stat().st_size == 0:
        raise InputError(f"{place}: the file is empty; a table has a header and rows")
    try:
        return from_arrow(reader(place), str(place))
    except (pa.ArrowException, UnicodeDecodeError, ValueError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        kind = place.suffix.lower().removeprefix(".")
        reason = " ".join(str(error).split())
        raise InputError(
            f"{place}: cannot be read as {kind} ({reason}); mend the file or rename it"
        ) from None

"""Reading targets: whole columns of numbers or labels, from the formats that data is read from."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.io.formats import batches, lines, tables
from eigenscale.io.formats.arrays import read_array
from eigenscale.io.formats.batches import choose, read_table, reading
from eigenscale.io.formats.images import is_idx, read_idx
from eigenscale.io.formats.stores import read_stored

_STORED = (".h5", ".hdf5", ".zarr", ".safetensors")
_TABLES = (".parquet", ".arrow", ".feather")
_TEXT = {".csv": ",", ".txt": ",", ".tsv": "\t"}
_LINES = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", *_TABLES, *_LINES)


def read_target(path: Path, member: str | None) -> NDArray[Any]:
    """Read the member of a file, or all of it; where a value is missing, None or NaN.

    A member is an array of an archive or store, or a column of a table.

    Raises
    ------
    InputError
        Where the file is cut or changed, or of an unknown format, or has no such member.
    """
    suffix = path.suffix.lower()
    if suffix in (".npy", ".npz"):
        return np.asarray(read_array(path, member, "target"))
    if suffix in _TEXT:
        return _values(_csv_table(path, _TEXT[suffix]), member, path.name)
    if suffix in _TABLES:
        return _values(read_table(path), member, path.name)
    if suffix in _LINES:
        return _lines(path, member)
    if suffix in _STORED:
        return np.asarray(read_stored(path, member))
    if path.is_file() and is_idx(path):
        return np.asarray(read_idx(path))
    raise InputError(
        f"{path.name} ends in {suffix or 'nothing'}; a target is read from .npy, .npz, .csv, "
        ".parquet, .arrow, .feather, .jsonl, .h5, .zarr, .safetensors or IDX"
    )


def column_names(path: Path) -> dict[str, bool]:
    """Columns of a table, and whether each holds lists."""
    suffix = path.suffix.lower()
    if suffix in _TEXT:
        return dict.fromkeys(tables.column_names(path), False)
    if suffix in _TABLES:
        return batches.column_names(path)
    return lines.column_names(path)


def _values(table: Any, name: str | None, file: str) -> NDArray[Any]:
    names = choose(table.column_names, None if name is None else [name], file)
    return _stack([_column(table.column(each)) for each in names])


def _lines(path: Path, name: str | None) -> NDArray[Any]:
    values = lines.read_values(path, name)
    try:
        return np.array(values, dtype=object if None in values else None)
    except ValueError:
        raise InputError(
            f"{path.name} has targets of unequal length; give each row as many numbers"
        ) from None


def _csv_table(path: Path, delimiter: str) -> Any:
    from pyarrow import csv

    named = tables.header(path)[1]
    with reading(path.name):
        return csv.read_csv(
            path,
            read_options=csv.ReadOptions(autogenerate_column_names=not named),
            parse_options=csv.ParseOptions(delimiter=delimiter),
        )


def _column(column: Any) -> NDArray[Any]:
    """Values of a column; with missing ones whole numbers and text keep their kind, beside None."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return np.array([text or None for text in column.to_pylist()], dtype=object)
    if column.null_count and not pa.types.is_floating(kind):
        return np.array(column.to_pylist(), dtype=object)
    return np.asarray(column.to_numpy())


def _stack(columns: list[NDArray[Any]]) -> NDArray[Any]:
    return columns[0] if len(columns) == 1 else np.column_stack(columns)

"""Reading targets: whole columns of numbers or labels, from the formats that data is read from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.data.arrays import read_array
from eigenscale.errors import InputError

_STORED = (".h5", ".hdf5", ".zarr", ".safetensors")
_TABLES = (".parquet", ".arrow", ".feather")
_TEXT = {".csv": ",", ".txt": ",", ".tsv": "\t"}


def read_target(path: Path, member: str | None) -> NDArray[Any]:
    """Read all columns of a file; where a value is missing, None or NaN.

    Raises
    ------
    InputError
        Where the file is cut or changed, or of an unknown format.
    """
    from eigenscale.data.images import is_idx, read_idx
    from eigenscale.data.stores import read_stored

    suffix = path.suffix.lower()
    if suffix in (".npy", ".npz"):
        return np.asarray(read_array(path, member, "target"))
    if suffix in _TEXT:
        return _csv_columns(path, _TEXT[suffix])
    if suffix in _TABLES:
        return _table_columns(path)
    if suffix in _STORED:
        return np.asarray(read_stored(path, member))
    if path.is_file() and is_idx(path):
        return np.asarray(read_idx(path))
    raise InputError(
        f"{path.name} ends in {suffix or 'nothing'}; a target is read from .npy, .npz, .csv, "
        ".parquet, .arrow, .feather, .h5, .zarr, .safetensors or IDX"
    )


def _csv_columns(path: Path, delimiter: str) -> NDArray[Any]:
    from pyarrow import csv

    from eigenscale.data.batches import reading

    parse = csv.ParseOptions(delimiter=delimiter)
    with reading(path.name):
        table = csv.read_csv(path, parse_options=parse)
        if _looks_headless(table.schema.names):
            bare = csv.ReadOptions(autogenerate_column_names=True)
            table = csv.read_csv(path, read_options=bare, parse_options=parse)
    return _stack([_column(c) for c in table.columns])


def _looks_headless(names: Sequence[str]) -> bool:
    try:
        return all(float(name) == float(name) for name in names)
    except ValueError:
        return False


def _table_columns(path: Path) -> NDArray[Any]:
    from eigenscale.data.batches import read_table

    return _stack([_column(c) for c in read_table(path).columns])


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

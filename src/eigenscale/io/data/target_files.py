"""Reading targets: whole columns of numbers or labels, from the formats that data is read from."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.io.files.dialect import sniff
from eigenscale.io.files.kinds import ending
from eigenscale.io.files.opening import opened
from eigenscale.io.formats import batches, lines, matlab, tables
from eigenscale.io.formats.arrays import read_array
from eigenscale.io.formats.images import is_idx, read_idx
from eigenscale.io.formats.stores import read_stored
from eigenscale.io.tables.table import to_arrow
from eigenscale.io.tables.whole import read_file

_STORED = (".h5", ".hdf5", ".zarr", ".safetensors")
_TABLES = (".parquet", ".pq", ".arrow", ".feather", ".ipc", ".arrows")
_TEXT = (".csv", ".tsv", ".tab", ".dat", ".txt", ".md")
_LINES = (".jsonl", ".ndjson")
_WHOLE = (".json", ".xlsx", ".xlsm", ".db", ".sqlite", ".sqlite3")
TABLES = (*_TEXT, *_TABLES, *_LINES, *_WHOLE)
_KNOWN = frozenset((*TABLES, *_STORED, ".npy", ".npz", ".mat"))


def read_target(name: Path, member: str | None) -> NDArray[Any]:
    """Read the member of a file, or all of it; where a value is missing, None or NaN.

    A member is an array of an archive or store, or a column of a table.

    Raises
    ------
    InputError
        Where the file is cut or changed, or of an unknown format, or has no such member.
    """
    path = opened(name)
    kind = ending(path, _KNOWN)
    if kind in _TEXT and not is_idx(path):
        table, dialect = tables.read_csv(path)
        return _values(table, dialect.inputs, member, path.name)
    if kind in _TABLES:
        return _values(batches.read_table(path), batches.column_names(path), member, path.name)
    if kind in _LINES:
        return _lines(path, member)
    if kind in _WHOLE:
        arrow = to_arrow(read_file(path))
        return _values(arrow, arrow.column_names, member, path.name)
    return _array(path, kind, member)


def _array(path: Path, kind: str, member: str | None) -> NDArray[Any]:
    if kind in (".npy", ".npz"):
        return np.asarray(read_array(path, member, "target"))
    if kind == ".mat":
        return _variable(matlab.read_named(path, member), path.name)
    if kind in _STORED:
        return np.asarray(read_stored(path, member))
    if path.is_file() and is_idx(path):
        return np.asarray(read_idx(path))
    raise InputError(
        f"{path.name} ends in {kind or 'nothing'}; a target is read from .npy, .npz, .csv, "
        ".parquet, .arrow, .feather, .jsonl, .json, .xlsx, .h5, .mat, .zarr, .safetensors or IDX"
    )


def _variable(named: dict[str, Any], name: str) -> NDArray[Any]:
    """Choose the one variable of MATLAB that is a vector; MATLAB writes vectors as matrices."""
    flat = {key: np.squeeze(value) for key, value in named.items()}
    vectors = {key: value for key, value in flat.items() if value.ndim == 1}
    chosen = vectors if len(vectors) == 1 else flat
    if len(chosen) != 1:
        raise InputError(f"{name} has variables {', '.join(named)}; name one, as {name}:y")
    return np.asarray(next(iter(chosen.values())))


def column_names(name: Path) -> dict[str, bool]:
    """Columns of a table but those that number its rows, and whether each holds lists."""
    path = opened(name)
    kind = ending(path, _KNOWN)
    if kind in _TEXT:
        return dict.fromkeys(sniff(path).inputs, False)
    if kind in _TABLES:
        return batches.column_names(path)
    if kind in _WHOLE:
        return dict.fromkeys(read_file(path).columns, False)
    return lines.column_names(path)


def is_named_table(name: Path) -> bool:
    """Whether a file is a table, whose columns have names."""
    path = opened(name)
    return path.is_file() and ending(path, _KNOWN) in TABLES


def _values(table: Any, names: Any, name: str | None, file: str) -> NDArray[Any]:
    wanted = list(names) if name is None else batches.choose(table.column_names, [name], file)
    return _stack([_column(table.column(each)) for each in wanted])


def _lines(path: Path, name: str | None) -> NDArray[Any]:
    values = lines.read_values(path, name)
    try:
        return np.array(values, dtype=object if None in values else None)
    except ValueError:
        raise InputError(
            f"{path.name} has targets of unequal length; give each row as many numbers"
        ) from None


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

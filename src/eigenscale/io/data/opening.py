"""From whatever the user has to a `Source`: one place that knows all kinds of data."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.data.generators import generator, is_generator
from eigenscale.io.data.lazy import dask_source, is_lazy
from eigenscale.io.data.targets import is_missing, split_member
from eigenscale.io.files.dialect import is_table
from eigenscale.io.files.kinds import ending
from eigenscale.io.files.opening import opened, plain_name
from eigenscale.io.formats import (
    arrays,
    batches,
    images,
    lines,
    matlab,
    stores,
    tables,
    text,
)
from eigenscale.io.formats.fingerprint import of_path
from eigenscale.io.formats.folders import TEXTS, kind_of
from eigenscale.io.formats.source import Source, from_array, from_chunks
from eigenscale.io.formats.sparse import is_sparse, is_sparse_archive, sparse_archive, sparse_source
from eigenscale.io.tables.table import to_arrow
from eigenscale.io.tables.whole import format_of, read_file

CSV = (".csv", ".tsv", ".tab", ".dat")
PARQUET = (".parquet", ".pq")
ARROW = (".arrow", ".feather", ".ipc", ".arrows")
LINES = (".jsonl", ".ndjson")
WHOLE = (".json", ".xlsx", ".xlsm", ".db", ".sqlite", ".sqlite3")
STORES = (".h5", ".hdf5", ".safetensors", ".zarr")
NAMED = (*CSV, *PARQUET, *ARROW, *LINES, *WHOLE, ".txt", ".md")
"""Endings of tables, whose columns have names."""
KNOWN = (
    ".npy, .npz, .csv, .tsv, .parquet, .arrow, .feather, .json, .jsonl, .xlsx, .sqlite, .idx, "
    ".h5, .mat, .mtx, .zarr(.zip), .safetensors, .txt, all of them packed (.gz, .zst) as well, "
    "a Hugging Face dataset, a folder or .zip of pictures, a folder of text"
)


def open_source(
    data: Any,
    columns: Sequence[str] | None = None,
    *,
    patches: int | None = None,
    grey: bool = False,
) -> Source:
    """Open a path, an array, a dataframe, an iterator of arrays, or a Dask array or dataframe.

    Parameters
    ----------
    data : path, array, sparse matrix, dataframe, iterator or Source
        A path ends in one of the known formats; ``archive.npz:member`` names a member. A text
        such as ``tree:2:0.6`` draws data of a known exponent (`eigenscale.io.data.generators`).
    columns : sequence of str, optional
        Columns of a table to use; all of them by default.
    patches : int, optional
        Cut images into squares of this side, a row each.
    grey : bool
        Read pictures in grey instead of colour.

    Raises
    ------
    InputError
        Where it does not exist, is not of numbers, or is of an unknown kind.
    """
    if is_generator(data):
        return _generated(data, columns)
    if columns is not None:
        _check_named(data)
    source = _open(data, columns, grey)
    if grey:
        source = images.in_grey(source)
    if isinstance(data, str | Path):
        source = replace(source, fingerprint=partial(of_path, split_member(data)[0]))
    return source if patches is None else images.patches(source, patches)


def _generated(name: str, columns: Sequence[str] | None) -> Source:
    if columns is not None:
        raise InputError(f"{name} has no columns with names; leave --columns out")
    return generator(name).source()


def _open(data: Any, columns: Sequence[str] | None, grey: bool) -> Source:
    if isinstance(data, Source):
        return data
    if isinstance(data, str | Path):
        return _open_path(data, columns, grey)
    if is_lazy(data):
        return dask_source(data, columns)
    if hasattr(data, "to_numpy") and hasattr(data, "columns"):
        frame = data[list(columns)] if columns is not None else data
        return from_array(_frame_values(frame), "dataframe")
    if isinstance(data, Iterator):
        return from_chunks(data)
    if is_sparse(data):
        return sparse_source(data)
    return from_array(data)


def _check_named(data: Any) -> None:
    """Refuse columns by name of what has no names, rather than take all."""
    if isinstance(data, str | Path):
        path = split_member(data)[0]
        kind = ending(Path(plain_name(path)), frozenset(NAMED))
        named, name = path.is_dir() or kind in NAMED or str(path) == "-", path.name
    else:
        named, name = hasattr(data, "columns"), type(data).__name__
    if not named:
        raise InputError(f"{name} has no columns with names; leave --columns out, or give a table")


def _frame_values(frame: Any) -> Any:
    """Numbers of a dataframe; where a kind of integer has missing values, NaN."""
    values = frame.to_numpy()
    if values.dtype.kind != "O":
        return values
    columns = []
    for name in frame.columns:
        column = frame[name].to_numpy()
        if column.dtype.kind == "O":
            column = [math.nan if is_missing(value) else value for value in column]
        try:
            columns.append(np.asarray(column, dtype=np.float64))
        except (ValueError, TypeError):
            raise InputError(
                f"dataframe has {frame[name].dtype} in column {name!r}; every column must hold "
                "numbers; drop the column, or name the columns to use"
            ) from None
    return np.column_stack(columns)


def _open_path(name: str | Path, columns: Sequence[str] | None, grey: bool) -> Source:
    original, member = split_member(name)
    path = opened(original)
    if path.is_dir() and path.suffix.lower() != ".zarr":
        return _open_folder(path, columns, grey)
    source = _open_file(path, member, columns, grey)
    return source if path == original else replace(source, name=original.name, direct=False)


def _open_file(path: Path, member: str | None, columns: Sequence[str] | None, grey: bool) -> Source:
    readers: dict[str, Callable[[], Source]] = {
        ".npy": lambda: arrays.npy_source(path),
        ".npz": lambda: _archive_of_arrays(path, member),
        ".zip": lambda: _open_archive(path, member, grey),
        ".mat": lambda: _matlab(path, member),
        ".mtx": lambda: matlab.market_source(path),
        **dict.fromkeys(CSV, lambda: tables.csv_source(path, columns)),
        **dict.fromkeys(PARQUET, lambda: batches.parquet_source(path, columns)),
        **dict.fromkeys(ARROW, lambda: batches.arrow_source(path, columns)),
        **dict.fromkeys(LINES, lambda: _json_lines(path, columns)),
        **dict.fromkeys(WHOLE, lambda: _whole_table(path, member, columns)),
        **dict.fromkeys(STORES, lambda: stores.stored_source(path, member)),
        **dict.fromkeys(TEXTS, lambda: _text(path, columns)),
    }
    kind = ending(path, frozenset(readers))
    if kind in readers and not (kind == ".csv" and images.is_idx(path)):
        return readers[kind]()
    if images.is_idx(path):
        return images.idx_source(path)
    found = format_of(path)
    if found is not None:
        return _whole_table(path, member, columns)
    raise InputError(
        f"{path.name} ends in {kind or 'nothing'}, a format that is not known; known are {KNOWN}"
    )


def _matlab(path: Path, member: str | None) -> Source:
    if matlab.is_hdf5(path):
        return stores.stored_source(path, member)
    return matlab.matlab_source(path, member)


def _text(path: Path, columns: Sequence[str] | None) -> Source:
    """Open a text file: a table of numbers where it is one, else paragraphs of prose."""
    return tables.csv_source(path, columns) if is_table(path) else text.text_source(path)


def _whole_table(path: Path, member: str | None, columns: Sequence[str] | None) -> Source:
    """Open a table that can only be read whole."""
    table = read_file(path, member)
    source = batches.table_source(to_arrow(table), path.name, columns)
    return replace(source, notes=(*source.notes, *table.notes))


def _archive_of_arrays(path: Path, member: str | None) -> Source:
    """Open one array of an archive, or the sparse matrix that the archive is."""
    if member is None and is_sparse_archive(path):
        return sparse_archive(path)
    return arrays.npz_source(path, member)


def _json_lines(path: Path, columns: Sequence[str] | None) -> Source:
    if columns is None and text.is_json_text(path):
        return text.text_source(path)
    return lines.json_lines_source(path, columns)


def _open_archive(path: Path, member: str | None, grey: bool) -> Source:
    """Open a zip archive: a zarr store, or else of pictures."""
    if stores.is_zarr_archive(path):
        return stores.stored_source(path, member)
    return images.pictures_source(path, grey)


def _open_folder(path: Path, columns: Sequence[str] | None, grey: bool) -> Source:
    """Open a folder of pictures or of text, or a Hugging Face dataset on disk."""
    if batches.dataset_files(path):
        return batches.table_source(batches.read_dataset(path), path.name, columns)
    kind, notes = kind_of(path)
    if not kind:
        raise InputError(f"{path} has neither pictures nor text files; known formats are {KNOWN}")
    source = images.pictures_source(path, grey) if kind == "pictures" else text.text_source(path)
    return replace(source, notes=(*source.notes, *notes))

"""From whatever the user has to a `Source`: one place that knows all kinds of data."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.data.lazy import dask_source, is_lazy
from eigenscale.io.data.targets import is_missing, split_member
from eigenscale.io.formats import arrays, batches, images, lines, stores, tables, text
from eigenscale.io.formats.fingerprint import of_path
from eigenscale.io.formats.folders import TEXTS, kind_of
from eigenscale.io.formats.source import Source, from_array, from_chunks
from eigenscale.io.formats.sparse import is_sparse, is_sparse_archive, sparse_archive, sparse_source

NAMED = (".csv", ".tsv", ".parquet", ".arrow", ".feather", ".jsonl", ".ndjson")
"""Endings of tables, whose columns have names."""
KNOWN = (
    ".npy, .npz, .csv, .tsv, .parquet, .arrow, .feather, .jsonl, .idx(.gz), .h5, .zarr(.zip), "
    ".safetensors, .txt, a folder or .zip of pictures, a folder of text"
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
        A path ends in one of the known formats; ``archive.npz:member`` names a member.
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
    if columns is not None:
        _check_named(data)
    source = _open(data, columns, grey)
    if grey:
        source = images.in_grey(source)
    if isinstance(data, str | Path):
        source = replace(source, fingerprint=partial(of_path, split_member(data)[0]))
    return source if patches is None else images.patches(source, patches)


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
        named, name = path.suffix.lower() in NAMED, path.name
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
    path, member = split_member(name)
    suffix = path.suffix.lower()
    if suffix == ".zarr":
        return stores.stored_source(path, member)
    if path.is_dir():
        return _open_folder(path, grey)
    readers: dict[str, Callable[[], Source]] = {
        ".npy": lambda: arrays.npy_source(path),
        ".npz": lambda: _archive_of_arrays(path, member),
        ".csv": lambda: tables.csv_source(path, columns),
        ".tsv": lambda: tables.csv_source(path, columns),
        ".parquet": lambda: batches.parquet_source(path, columns),
        ".arrow": lambda: batches.arrow_source(path, columns),
        ".feather": lambda: batches.arrow_source(path, columns),
        ".jsonl": lambda: _json_lines(path, columns),
        ".ndjson": lambda: _json_lines(path, columns),
        ".h5": lambda: stores.stored_source(path, member),
        ".hdf5": lambda: stores.stored_source(path, member),
        ".safetensors": lambda: stores.stored_source(path, member),
        ".zip": lambda: _open_archive(path, member, grey),
        **{ending: lambda: text.text_source(path) for ending in TEXTS},
    }
    if suffix in readers:
        return readers[suffix]()
    if images.is_idx(path):
        return images.idx_source(path)
    raise InputError(
        f"{path.name} ends in {suffix or 'nothing'}, a format that is not known; known are {KNOWN}"
    )


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


def _open_folder(path: Path, grey: bool) -> Source:
    """Open a folder of pictures or of text."""
    kind, notes = kind_of(path)
    if not kind:
        raise InputError(f"{path} has neither pictures nor text files; known formats are {KNOWN}")
    source = images.pictures_source(path, grey) if kind == "pictures" else text.text_source(path)
    return replace(source, notes=(*source.notes, *notes))

"""From whatever the user has to a `Source`: one place that knows all kinds of data."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from eigenscale.data.fingerprint import of_path
from eigenscale.data.lazy import dask_source, is_lazy
from eigenscale.data.source import Source, from_array, from_chunks
from eigenscale.data.targets import split_member
from eigenscale.errors import InputError

KNOWN = (
    ".npy, .npz, .csv, .parquet, .arrow, .feather, .jsonl, .idx(.gz), .h5, .zarr, .safetensors, "
    ".txt, a folder or .zip of pictures, a folder of text"
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
    data : path, array, dataframe, iterator or Source
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
    source = _open(data, columns, grey)
    if isinstance(data, str | Path):
        source = replace(source, fingerprint=partial(of_path, split_member(data)[0]))
    if patches is None:
        return source
    from eigenscale.data.images import patches as cut

    return cut(source, patches)


def _open(data: Any, columns: Sequence[str] | None, grey: bool) -> Source:
    if isinstance(data, Source):
        return data
    if isinstance(data, str | Path):
        return _open_path(data, columns, grey)
    if is_lazy(data):
        return dask_source(data, columns)
    if hasattr(data, "to_numpy") and hasattr(data, "columns"):
        frame = data[list(columns)] if columns is not None else data
        return from_array(frame.to_numpy(), "dataframe")
    if isinstance(data, Iterator):
        return from_chunks(data)
    return from_array(data)


def _open_path(name: str | Path, columns: Sequence[str] | None, grey: bool) -> Source:
    from eigenscale.data import arrays, images, stores, tables, text

    path, member = split_member(name)
    suffix = path.suffix.lower()
    if suffix == ".zarr":
        return stores.zarr_source(path, member)
    if path.is_dir():
        return _open_folder(path, grey)
    readers: dict[str, Callable[[], Source]] = {
        ".npy": lambda: arrays.npy_source(path),
        ".npz": lambda: arrays.npz_source(path, member),
        ".csv": lambda: tables.csv_source(path, columns),
        ".parquet": lambda: tables.parquet_source(path, columns),
        ".arrow": lambda: tables.arrow_source(path, columns),
        ".feather": lambda: tables.arrow_source(path, columns),
        ".jsonl": lambda: _json_lines(path, columns),
        ".ndjson": lambda: _json_lines(path, columns),
        ".h5": lambda: stores.hdf5_source(path, member),
        ".hdf5": lambda: stores.hdf5_source(path, member),
        ".safetensors": lambda: stores.safetensors_source(path, member),
        ".zip": lambda: images.pictures_source(path, grey),
        **{ending: lambda: text.text_source(path) for ending in text.TEXTS},
    }
    if suffix in readers:
        return readers[suffix]()
    if images.is_idx(path):
        return images.idx_source(path)
    raise InputError(
        f"{path.name} ends in {suffix or 'nothing'}, a format that is not known; known are {KNOWN}"
    )


def _json_lines(path: Path, columns: Sequence[str] | None) -> Source:
    from eigenscale.data import lines, text

    if columns is None and text.is_json_text(path):
        return text.text_source(path)
    return lines.json_lines_source(path, columns)


def _open_folder(path: Path, grey: bool) -> Source:
    """Open a folder of pictures, or else of text."""
    from eigenscale.data import images, text

    endings = {p.suffix.lower() for p in path.rglob("*") if p.is_file()}
    if endings & set(images.PICTURES):
        return images.pictures_source(path, grey)
    if endings & set(text.TEXTS):
        return text.text_source(path)
    raise InputError(f"{path} has neither pictures nor text files; known formats are {KNOWN}")

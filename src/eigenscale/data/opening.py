"""From whatever the user has to a `Source`: one place that knows all kinds of data."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from eigenscale.data.source import Source, from_array, from_chunks
from eigenscale.data.targets import split_member
from eigenscale.errors import InputError


def open_source(data: Any, columns: Sequence[str] | None = None) -> Source:
    """Open a path, an array, a dataframe or an iterator of arrays.

    Parameters
    ----------
    data : path, array, dataframe, iterator or Source
        A path ends in one of the known formats; ``archive.npz:member`` names a member.
    columns : sequence of str, optional
        Columns of a table to use; all of them by default.

    Raises
    ------
    InputError
        Where it does not exist, is not of numbers, or is of an unknown kind.
    """
    if isinstance(data, Source):
        return data
    if isinstance(data, str | Path):
        return _open_path(data, columns)
    if hasattr(data, "to_numpy") and hasattr(data, "columns"):
        frame = data[list(columns)] if columns is not None else data
        return from_array(frame.to_numpy(), "dataframe")
    if isinstance(data, Iterator):
        return from_chunks(data)
    return from_array(data)


def _open_path(name: str | Path, columns: Sequence[str] | None) -> Source:
    from eigenscale.data import arrays, tables

    path, member = split_member(name)
    suffix = path.suffix.lower()
    readers: dict[str, Callable[[], Source]] = {
        ".npy": lambda: arrays.npy_source(path),
        ".npz": lambda: arrays.npz_source(path, member),
        ".csv": lambda: tables.csv_source(path, columns),
        ".parquet": lambda: tables.parquet_source(path, columns),
        ".arrow": lambda: tables.arrow_source(path, columns),
        ".feather": lambda: tables.arrow_source(path, columns),
    }
    if suffix not in readers:
        raise InputError(
            f"{path.name} ends in {suffix or 'nothing'}, a format that is not known; known are "
            + ", ".join(readers)
        )
    if path.is_dir():
        raise InputError(f"{path} is a folder; give a file that ends in {', '.join(readers)}")
    return readers[suffix]()

"""Reading `.npy` files and members of `.npz` archives as streams, never as pickles."""

import math
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.archives import members
from eigenscale.io.formats.failures import BROKEN
from eigenscale.io.formats.source import (
    RowsFrom,
    Source,
    check_dtype,
    check_shape,
    from_array,
    image_scale,
    scaled,
    seekable,
)

Opener = Callable[[], IO[bytes]]


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn every way in which a broken array file fails into one line."""
    try:
        yield
    except InputError:
        raise
    except BROKEN as error:
        if "pickle" in str(error).lower() or "object arrays" in str(error).lower():
            raise InputError(_pickled(name)) from None
        raise InputError(
            f"{name} is not a whole NumPy array file ({_one_line(error)}); write it again with "
            "numpy.save"
        ) from None


def _pickled(name: str) -> str:
    return (
        f"{name} holds pickled Python objects, which can run code when read; save plain "
        "numbers, with numpy.save(path, array.astype(float))"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(stream)
    if version == (2, 0):
        return np.lib.format.read_array_header_2_0(stream)
    raise ValueError(f"format version {version}")


def npy_source(path: Path) -> Source:
    """Open a `.npy` file, read by blocks of rows; what is read is not kept in memory."""
    return _array_source(
        path.name,
        lambda: path.open("rb"),
        lambda: np.load(path, mmap_mode="r"),
        path.stat().st_size,
    )


def npz_source(path: Path, member: str | None, role: str = "data") -> Source:
    """One array of an `.npz` archive: `member`, or the only one that can be the `role`.

    Without a name the data is the one array of two or more dimensions, and the target the one
    array of one dimension.
    """
    key = choose_member(path, member, role)

    def load() -> Any:
        with np.load(path) as archive:
            return archive[key]

    def opener() -> IO[bytes]:
        return zipfile.ZipFile(path).open(f"{key}.npy")

    with _reading(path.name), zipfile.ZipFile(path) as archive:
        n_bytes = archive.getinfo(f"{key}.npy").file_size
    return _array_source(f"{path.name}:{key}", opener, load, n_bytes)


def choose_member(path: Path, member: str | None, role: str) -> str:
    """Name the member to read; an error that lists them where it is not clear."""
    with _reading(path.name), zipfile.ZipFile(path) as archive:
        names = [n.removesuffix(".npy") for n in members(path) if n.endswith(".npy")]
        if member is not None:
            if member in names:
                return member
            raise InputError(f"{path.name} has no member {member!r}; it has {', '.join(names)}")
        fits = [n for n in names if (_ndim(archive, n) >= 2) == (role == "data")]
    if len(names) == 1 or len(fits) == 1:
        return (fits or names)[0]
    raise InputError(
        f"{path.name} has members {', '.join(names) or '(none)'}; say which is the {role}, as "
        f"{path.name}:{(fits or names or ['name'])[0]}"
    )


def _ndim(archive: zipfile.ZipFile, name: str) -> int:
    with archive.open(f"{name}.npy") as stream:
        return len(_header(stream)[0])


def _check_size(name: str, found: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse a header that promises more or fewer numbers than the file holds."""
    promised = math.prod(shape) * dtype.itemsize
    if found != promised:
        raise InputError(
            f"{name} holds {found} bytes of numbers where its header says {promised}; it is cut "
            "or changed; write it again with numpy.save"
        )


def _array_source(name: str, opener: Opener, load: Callable[[], Any], n_bytes: int) -> Source:
    with _reading(name), opener() as stream:
        shape, fortran, dtype = _header(stream)
        start = stream.tell()
    if dtype.hasobject:
        raise InputError(_pickled(name))
    if dtype.names is not None:
        return _structured(name, load)
    check_dtype(dtype, name)
    check_shape(shape, name)
    _check_size(name, n_bytes - start, shape, dtype)
    scale, notes = image_scale(dtype, len(shape))
    raw = _columns_first(name, load) if fortran else _stream(name, opener)

    def read(size: int, first: int) -> Iterator[Array]:
        for block in raw(size, first):
            yield scaled(block, scale)

    plain = name.endswith(".npy")  # a member of an archive is unpacked from its start
    return seekable(name, math.prod(shape[1:]), read, shape[0], notes, shape[1:], plain)


def _structured(name: str, load: Callable[[], Any]) -> Source:
    """Open the numeric fields of a structured array as columns."""
    with _reading(name):
        array = load()
    fields = array.dtype.names
    kept = [n for n in fields if array.dtype[n].kind in "fiub" and not array.dtype[n].shape]
    if not kept:
        raise InputError(f"{name} has no field of numbers; it has {', '.join(fields)}")
    gone = [n for n in fields if n not in kept]
    notes = (f"fields that are no numbers left out: {', '.join(gone)}",) if gone else ()
    columns = np.column_stack([np.asarray(array[n], dtype=np.float64) for n in kept])
    source = from_array(columns, name)
    return replace(source, notes=(*source.notes, *notes))


def _columns_first(name: str, load: Callable[[], Any]) -> RowsFrom:
    def read(size: int, first: int) -> Iterator[Array]:
        with _reading(name):
            whole = load()
        rows = whole.reshape(len(whole), -1)
        for start in range(first, len(rows), size):
            yield np.ascontiguousarray(rows[start : start + size])

    return read


def _stream(name: str, opener: Opener) -> RowsFrom:
    def read(size: int, first: int) -> Iterator[Array]:
        with _reading(name), opener() as stream:
            shape, _, dtype = _header(stream)
            n_rows, n_columns = shape[0], math.prod(shape[1:])
            stream.seek(first * n_columns * dtype.itemsize, os.SEEK_CUR)
            for start in range(first, n_rows, size):
                rows = min(size, n_rows - start)
                block = np.empty((rows, n_columns), dtype)
                _fill(stream, block, start)
                yield block.astype(dtype.newbyteorder("="), copy=False)
            if stream.read(1):  # which also checks a packed member's sum
                raise ValueError("it goes on after its last row")

    return read


def _fill(stream: IO[bytes], block: Array, start: int) -> None:
    view = block.reshape(-1).view(np.uint8).data
    done = 0
    while done < len(view):
        got = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not got:
            raise EOFError(f"it ends in row {start + done // max(block.strides[0], 1)}")
        done += got


def read_named(path: Path, member: str | None = None) -> dict[str, Any]:
    """Read the fields of a structured array, or the arrays of an archive, by name.

    Raises
    ------
    InputError
        Where the file is broken, or holds an array without names.
    """
    with _reading(path.name):
        if path.suffix == ".npz":
            names = [n.removesuffix(".npy") for n in members(path) if n.endswith(".npy")]
            with np.load(path, allow_pickle=False) as archive:
                return {n: archive[n] for n in names if member in (None, n)}
        array = np.load(path, allow_pickle=False)
    if array.dtype.names is None:
        raise InputError(
            f"{path.name} is an array without names of columns; give a table, or save a "
            "structured array or an .npz with an array for each column"
        )
    return {name: array[name] for name in array.dtype.names}


def read_array(path: Path, member: str | None, role: str) -> Any:
    """Read a whole array of any number of dimensions, for targets."""
    with _reading(path.name):
        if path.suffix == ".npz":
            key = choose_member(path, member, role)
            with np.load(path, allow_pickle=False) as archive:
                return archive[key]
        array = np.load(path, allow_pickle=False)
    if array.dtype.names is None and member is None:
        return array
    if member not in (array.dtype.names or ()):
        names = ", ".join(array.dtype.names or ()) or "one array without names"
        raise InputError(
            f"{path.name} has no column {member!r}; it has {names}"
            if member is not None
            else f"{path.name} has columns {names}; name one as the {role}, as {path.name}:NAME"
        )
    return array[member]

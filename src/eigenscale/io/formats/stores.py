"""Reading arrays from HDF5, zarr and safetensors by slices of rows (extra `data`)."""

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.archives import members
from eigenscale.io.formats.failures import broken_file, needs
from eigenscale.io.formats.source import (
    Source,
    check_dtype,
    check_shape,
    image_scale,
    scaled,
    seekable,
)

Arrays = Mapping[str, Any]
"""Names of arrays, each with `shape`, `dtype` and slicing by rows."""

_MOST_CHUNKS = 10_000_000
_ZARR = ("zarr.json", ".zarray", ".zgroup")


@dataclass(frozen=True)
class _Store:
    """A file of named arrays: how it is opened, and what is looked at before one is believed."""

    path: Path
    what: str
    opened: Callable[[], AbstractContextManager[Arrays]]
    check: Callable[[Any], tuple[str, ...]]
    errors: tuple[type[Exception], ...] = ()

    @contextmanager
    def arrays(self) -> Iterator[Arrays]:
        guard = broken_file(self.path.name, self.what, "write it again", *self.errors)
        with guard, self.opened() as arrays:
            yield arrays


def stored_source(path: Path, member: str | None = None) -> Source:
    """Open one array of a store, named as ``file.h5:name`` where there are several."""
    store = _store(path)
    with store.arrays() as arrays:
        key = _choose(arrays, member, path.name, "data")
        shape, dtype = tuple(arrays[key].shape), np.dtype(arrays[key].dtype)
        found = store.check(arrays[key])
    check_dtype(dtype, f"{path.name}:{key}")
    check_shape(shape, f"{path.name}:{key}")
    scale, notes = image_scale(dtype, len(shape))

    def read(size: int, first: int) -> Iterator[Array]:
        with store.arrays() as arrays:
            for start in range(first, shape[0], size):
                part = np.asarray(arrays[key][start : min(start + size, shape[0])])
                yield scaled(part.reshape(len(part), -1), scale)

    columns = int(np.prod(shape[1:]))
    return seekable(f"{path.name}:{key}", columns, read, shape[0], (*notes, *found), shape[1:])


def read_stored(path: Path, member: str | None = None) -> Any:
    """Read a whole array of a store, for targets: by default the one of one dimension."""
    store = _store(path)
    with store.arrays() as arrays:
        key = _choose(arrays, member, path.name, "target")
        store.check(arrays[key])
        return np.asarray(arrays[key][:])


def is_zarr_archive(path: Path) -> bool:
    """Whether a zip archive holds a zarr store."""
    return _zarr_inside(path) is not None


def _store(path: Path) -> _Store:
    if path.is_dir() or path.suffix.lower() in (".zarr", ".zip"):
        return _zarr(path)
    return _safetensors(path) if path.suffix.lower() == ".safetensors" else _hdf5(path)


def _hdf5(path: Path) -> _Store:
    try:
        import h5py
    except ImportError:
        raise needs("h5py", path.name) from None

    @contextmanager
    def opened() -> Iterator[Arrays]:
        found: dict[str, Any] = {}

        def note(name: str, thing: Any) -> None:
            if isinstance(thing, h5py.Dataset):
                matlab = "MATLAB_class" in thing.attrs and thing.ndim > 1
                found[name] = _ColumnMajor(thing) if matlab else thing

        with h5py.File(path, "r") as file:
            file.visititems(note)
            yield found

    return _Store(path, "HDF5 file", opened, _check_hdf5)


class _ColumnMajor:
    """A matrix of MATLAB 7.3, whose first dimension is the last one in the file."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset
        self.shape, self.dtype = tuple(dataset.shape[::-1]), dataset.dtype

    def __getitem__(self, rows: slice) -> Any:
        return np.ascontiguousarray(self.dataset[..., rows].T)


def _check_hdf5(array: Any) -> tuple[str, ...]:
    """Look whether a dataset is whole, and say where it is turned."""
    if isinstance(array, _ColumnMajor):
        note = "a matrix of MATLAB 7.3 is read with its rows as MATLAB has them"
        return (*_check_written(array.dataset), note)
    return _check_written(array)


def _check_written(dataset: Any) -> tuple[str, ...]:
    """Refuse a dataset with parts that nobody wrote, which would read as zeros."""
    if dataset.is_virtual or dataset.external:
        return ()
    if dataset.chunks:
        promised = math.prod(-(-n // c) for n, c in zip(dataset.shape, dataset.chunks, strict=True))
        found, parts = dataset.id.get_num_chunks(), "chunks"
    else:
        promised, parts = math.prod(dataset.shape) * dataset.dtype.itemsize, "bytes"
        found = dataset.id.get_storage_size()
    if found < promised:
        raise ValueError(f"{promised - found} of its {promised} {parts} were never written")
    return ()


def _zarr(path: Path) -> _Store:
    try:
        import zarr
    except ImportError:
        raise needs("zarr", path.name) from None

    @contextmanager
    def opened() -> Iterator[Arrays]:
        packed = path.is_file()
        store: Any = zarr.storage.ZipStore(path, mode="r") if packed else str(path)
        inside = _zarr_inside(path) if packed else ""
        try:
            node: Any = zarr.open(store=store, mode="r", path=inside)
            if isinstance(node, zarr.Array):
                yield {"array": node}
            else:
                inner = node.members(max_depth=None)
                yield {name: part for name, part in inner if isinstance(part, zarr.Array)}
        finally:
            if packed:
                store.close()

    return _Store(path, "zarr store", opened, _count_chunks)


def _zarr_inside(path: Path) -> str | None:
    """Folder of an archive in which its outermost zarr array or group lies; None where none."""
    places = map(os.path.split, members(path))
    folders = [folder for folder, name in places if name in _ZARR]
    return min(folders, key=len, default=None)


def _count_chunks(array: Any) -> tuple[str, ...]:
    """Say how many chunks are not there: zarr leaves out those that hold nothing but zeros."""
    promised = array.nchunks
    if promised > _MOST_CHUNKS:
        raise ValueError(f"its header promises {promised} chunks")
    stored = array.nchunks_initialized
    if promised > 1000 * max(stored, 1):
        raise ValueError(f"its header promises {promised} chunks and {stored} are stored")
    if stored >= promised:
        return ()
    return (f"{promised - stored} of {promised} chunks are not stored and read as zeros",)


def _safetensors(path: Path) -> _Store:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        raise needs("safetensors", path.name) from None

    @contextmanager
    def opened() -> Iterator[Arrays]:
        with safe_open(path, framework="np") as file:
            yield {name: _Tensor(file.get_slice(name), path, name) for name in file.keys()}  # noqa: SIM118

    return _Store(path, "safetensors file", opened, _check_kind, (SafetensorError,))


_KINDS = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2"}
_KINDS |= {"I8": "i1", "U8": "u1", "U16": "u2", "U32": "u4", "U64": "u8", "BOOL": "?"}
_KINDS |= {"BF16": "f4"}  # the upper half of a float32, which NumPy does not know


class _Tensor:
    """A slice of a safetensors file with the face of an array."""

    def __init__(self, part: Any, path: Path, name: str) -> None:
        self.part, self.path, self.name = part, path, name
        self.shape, self.kind = tuple(part.get_shape()), str(part.get_dtype())
        self.dtype = np.dtype(_KINDS.get(self.kind, "O"))

    def __getitem__(self, rows: slice) -> Any:
        if self.kind != "BF16":
            return self.part[rows]
        halves = np.memmap(self.path, "<u2", "r", self._start(), self.shape)[rows]
        return (halves.astype(np.uint32) << 16).view(np.float32)

    def _start(self) -> int:
        """Give the byte at which the tensor begins; the header was checked when it was opened."""
        with self.path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            offsets = json.loads(file.read(length))[self.name]["data_offsets"]
        return 8 + length + int(offsets[0])


def _check_kind(tensor: _Tensor) -> tuple[str, ...]:
    if tensor.kind not in _KINDS:
        raise InputError(
            f"{tensor.path.name}:{tensor.name} holds {tensor.kind}, which NumPy cannot read; save "
            "it as F32"
        )
    return ()


def _choose(arrays: Arrays, member: str | None, name: str, role: str) -> str:
    if member is not None:
        if member in arrays:
            return member
        raise InputError(f"{name} has no array {member!r}; it has {', '.join(arrays) or '(none)'}")
    fits = [key for key, array in arrays.items() if (len(array.shape) >= 2) == (role == "data")]
    if len(fits) == 1 or len(arrays) == 1:
        return (fits or list(arrays))[0]
    raise InputError(
        f"{name} has arrays {', '.join(arrays) or '(none)'}; say which is the {role}, as "
        f"{name}:{(fits or ['name'])[0]}"
    )

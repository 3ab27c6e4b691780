"""Reading arrays from HDF5, zarr and safetensors by slices of rows (extra `data`)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.data.failures import broken_file, needs
from eigenscale.data.source import (
    Block,
    Source,
    check_dtype,
    check_shape,
    image_scale,
    scaled,
    seekable,
)
from eigenscale.errors import InputError

Arrays = Mapping[str, Any]
"""Names of arrays, each with `shape`, `dtype` and slicing by rows."""


def hdf5_source(path: Path, member: str | None = None) -> Source:
    """Open one dataset of an HDF5 file, named as ``file.h5:name`` where there are several."""
    try:
        import h5py
    except ImportError:
        raise needs("h5py", path.name) from None

    @contextmanager
    def opened() -> Iterator[Arrays]:
        found: dict[str, Any] = {}

        def note(name: str, thing: Any) -> None:
            if isinstance(thing, h5py.Dataset):
                found[name] = thing

        with h5py.File(path, "r") as file:
            file.visititems(note)
            yield found

    return _stored(path, "HDF5 file", member, opened)


def zarr_source(path: Path, member: str | None = None) -> Source:
    """Open a zarr array, or one array of a zarr group."""
    try:
        import zarr
    except ImportError:
        raise needs("zarr", path.name) from None

    @contextmanager
    def opened() -> Iterator[Arrays]:
        node: Any = zarr.open(store=str(path), mode="r")
        yield {"array": node} if isinstance(node, zarr.Array) else dict(node.arrays())

    return _stored(path, "zarr store", member, opened)


def safetensors_source(path: Path, member: str | None = None) -> Source:
    """Open one tensor of a safetensors file."""
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        raise needs("safetensors", path.name) from None

    @contextmanager
    def opened() -> Iterator[Arrays]:
        with safe_open(path, framework="np") as file:
            yield {name: _Tensor(file.get_slice(name), path.name) for name in file.keys()}  # noqa: SIM118

    return _stored(path, "safetensors file", member, opened, SafetensorError)


_KINDS = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2"}
_KINDS |= {"I8": "i1", "U8": "u1", "U16": "u2", "U32": "u4", "U64": "u8", "BOOL": "?"}


class _Tensor:
    """A slice of a safetensors file with the face of an array."""

    def __init__(self, part: Any, name: str) -> None:
        self.part, self.shape = part, tuple(part.get_shape())
        kind = part.get_dtype()
        if kind not in _KINDS:
            raise InputError(f"{name} holds {kind}; NumPy cannot read that: save it as F32")
        self.dtype = np.dtype(_KINDS[kind])

    def __getitem__(self, rows: slice) -> Any:
        return self.part[rows]


def _stored(
    path: Path,
    what: str,
    member: str | None,
    opened: Callable[[], AbstractContextManager[Arrays]],
    *errors: type[Exception],
) -> Source:
    mend = "write it again"
    with broken_file(path.name, what, mend, *errors), opened() as arrays:
        key = _choose(arrays, member, path.name)
        shape, dtype = tuple(arrays[key].shape), np.dtype(arrays[key].dtype)
    check_dtype(dtype, f"{path.name}:{key}")
    check_shape(shape, f"{path.name}:{key}")
    scale, notes = image_scale(dtype, len(shape))

    def read(size: int, first: int) -> Iterator[Block]:
        with broken_file(path.name, what, mend, *errors), opened() as arrays:
            for start in range(first, shape[0], size):
                part = np.asarray(arrays[key][start : min(start + size, shape[0])])
                yield scaled(part.reshape(len(part), -1), scale)

    columns = int(np.prod(shape[1:]))
    return seekable(f"{path.name}:{key}", columns, read, shape[0], notes, shape[1:])


def _choose(arrays: Arrays, member: str | None, name: str) -> str:
    if member is not None:
        if member in arrays:
            return member
        raise InputError(f"{name} has no array {member!r}; it has {', '.join(arrays) or '(none)'}")
    fits = [key for key, array in arrays.items() if len(array.shape) >= 2]
    if len(fits) == 1:
        return fits[0]
    raise InputError(
        f"{name} has arrays {', '.join(arrays) or '(none)'}; say which is the data, as "
        f"{name}:{(fits or ['name'])[0]}"
    )

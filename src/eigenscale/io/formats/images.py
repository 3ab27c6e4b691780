"""Reading images: IDX files, folders and zip archives of pictures; patches of any of them."""

import gzip
import io
import math
import os
import struct
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
from eigenscale.io.formats.failures import broken_file, needs
from eigenscale.io.formats.folders import PICTURES
from eigenscale.io.formats.source import (
    Source,
    after,
    check_shape,
    image_scale,
    mapped,
    scaled,
    seekable,
)

_IDX = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_MAX_PIXELS = 1 << 26


def is_idx(path: Path) -> bool:
    """Tell an IDX file by its first bytes, packed or not."""
    if _is_packed(path):
        with broken_file(path.name, "gzip file", "download it again"), gzip.open(path) as file:
            start = file.read(4)
    else:
        with path.open("rb") as file:
            start = file.read(4)
    return len(start) == 4 and start[:2] == b"\0\0" and start[2] in _IDX and start[3] > 0


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def idx_source(path: Path) -> Source:
    """Open an IDX file (the format of MNIST), gzipped or not."""
    packed = _is_packed(path)

    def opened() -> IO[bytes]:
        return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]

    mend = "download or write it again"
    with broken_file(path.name, "IDX file", mend), opened() as stream:
        shape, dtype = _idx_header(stream)
    check_shape(shape, path.name)
    width = math.prod(shape[1:])
    if width * dtype.itemsize > 1 << 31:
        raise InputError(
            f"{path.name} says that its rows are longer than 2 GB; its header is broken: {mend}"
        )
    scale, notes = image_scale(dtype.newbyteorder("="), len(shape))

    def read(size: int, first: int) -> Iterator[Array]:
        with broken_file(path.name, "IDX file", mend), opened() as stream:
            _idx_header(stream)
            stream.seek(first * width * dtype.itemsize, os.SEEK_CUR)
            for start in range(first, shape[0], size):
                rows = min(size, shape[0] - start)
                data = stream.read(rows * width * dtype.itemsize)
                block = np.frombuffer(data, dtype)
                if block.size != rows * width:
                    raise EOFError(f"it ends in row {start + block.size // width}")
                native = block.astype(dtype.newbyteorder("="))
                yield scaled(native.reshape(rows, width), scale)
            if stream.read(1):  # which also checks a gzip file's sum
                raise ValueError("it goes on after its last row")

    return seekable(path.name, width, read, shape[0], notes, shape[1:], direct=not packed)


def _idx_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    _, _, kind, ndim = struct.unpack(">4B", stream.read(4))
    shape = struct.unpack(f">{ndim}I", stream.read(4 * ndim))
    return shape, np.dtype(_IDX[kind])


def read_idx(path: Path) -> Any:
    """Read a whole IDX file, for labels."""
    with broken_file(path.name, "IDX file", "download or write it again"):
        raw = path.read_bytes()
        data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        shape, dtype = _idx_header(io.BytesIO(data))
        values = np.frombuffer(data, dtype, offset=4 + 4 * len(shape))
        return values.reshape(shape).astype(dtype.newbyteorder("="))


def pictures_source(path: Path, grey: bool = False) -> Source:
    """Open a folder or a zip archive of pictures of one size, in the order of their names."""
    packed = path.is_file()
    names = _pictures_of(members(path) if packed else _files(path))
    opened = _archive if packed else _folder
    if len(names) < 2:
        raise InputError(
            f"{path.name} has {len(names)} pictures ({', '.join(PICTURES)}); give at least two"
        )
    with opened(path) as bytes_of:
        first = _decode(bytes_of(names[0]), names[0], grey)

    def read(size: int, begin: int) -> Iterator[Array]:
        with opened(path) as bytes_of:
            for start in range(begin, len(names), size):
                some = names[start : start + size]
                rows = [_decode(bytes_of(name), name, grey) for name in some]
                for name, row in zip(some, rows, strict=True):
                    _check_alike(name, row, names[0], first)
                yield scaled(np.stack(rows).reshape(len(rows), -1), 1 / 255)

    note = f"pictures {'in grey' if first.ndim == 2 else 'in colour'}, scaled to 0…1"
    return seekable(path.name, first.size, read, len(names), (note,), first.shape)


def _check_alike(name: str, row: Array, first_name: str, first: Array) -> None:
    if row.shape == first.shape:
        return
    same_size = row.shape[:2] == first.shape[:2]
    mend = "read all in grey (--grey)" if same_size else "bring all pictures to one size"
    raise InputError(f"{name} is {_size(row)} where {first_name} is {_size(first)}; {mend}")


def _size(picture: Array) -> str:
    return "×".join(str(n) for n in picture.shape)


def _pictures_of(names: list[str]) -> list[str]:
    return sorted(name for name in names if Path(name).suffix.lower() in PICTURES)


def _files(path: Path) -> list[str]:
    return [str(p.relative_to(path)) for p in path.rglob("*") if p.is_file()]


@contextmanager
def _folder(path: Path) -> Iterator[Callable[[str], bytes]]:
    yield lambda name: (path / name).read_bytes()


@contextmanager
def _archive(path: Path) -> Iterator[Callable[[str], bytes]]:
    with broken_file(path.name, "zip archive", "pack it again"), zipfile.ZipFile(path) as archive:
        yield archive.read


def _decode(data: bytes, name: str, grey: bool) -> Array:
    try:
        from PIL import Image
    except ImportError:
        raise needs("Pillow", name) from None
    bomb = Image.DecompressionBombError
    with broken_file(name, "picture", "drop it or save it again", bomb):
        with Image.open(io.BytesIO(data)) as picture:
            picture.verify()  # of PNG all checksums, which reading the pixels passes over
        with Image.open(io.BytesIO(data)) as picture:
            return _pixels(picture, grey)


def _pixels(picture: Any, grey: bool) -> Array:
    """Grey or colour from 0 to 255; 16 bits are not cut off at 8."""
    if picture.width * picture.height > _MAX_PIXELS:
        raise ValueError(f"{picture.width}×{picture.height} pixels")
    if picture.mode.startswith("I"):
        deep = np.asarray(picture, dtype=np.float32)
        return deep / np.float32(257)
    if picture.mode == "F":
        raise ValueError("its pixels are floats, of no known range: save them as .npy")
    plain = picture.mode in ("1", "L", "LA", "La")
    return np.asarray(picture.convert("L" if grey or plain else "RGB"))


def in_grey(source: Source) -> Source:
    """Weigh the three colours of images together, as eyes do (ITU-R 601); grey ones stay.

    Raises
    ------
    InputError
        Where the source is not of images.
    """
    shape = source.item_shape
    if len(shape) == 2:
        return source
    if len(shape) != 3 or shape[2] != 3:
        raise InputError(f"{source.name} is not of images in grey or of three colours; no --grey")
    weights = np.array([0.299, 0.587, 0.114], np.float32)

    def grey(block: Array) -> Array:
        return np.asarray((block.reshape(len(block), -1, 3) @ weights).reshape(len(block), -1))

    made = mapped(source, grey, shape[0] * shape[1], "in grey")
    return replace(made, item_shape=shape[:2])


def patches(source: Source, size: int) -> Source:
    """Cut each image into squares of `size` × `size` that do not overlap, a row each.

    Raises
    ------
    InputError
        Where the source is not of images, or they are smaller than a patch.
    """
    shape = source.item_shape
    if len(shape) not in (2, 3):
        raise InputError(
            f"{source.name} is not of images (height, width or height, width, colour); patches "
            "need images"
        )
    down, across = shape[0] // size if size > 0 else 0, shape[1] // size if size > 0 else 0
    if down == 0 or across == 0:
        raise InputError(f"patches has {size} where images are {shape[0]}×{shape[1]}; ask for less")
    colours, each = math.prod(shape[2:]), down * across

    def cut(block: Array) -> Array:
        whole = block.reshape(len(block), shape[0], shape[1], colours)
        whole = whole[:, : down * size, : across * size]
        tiles = whole.reshape(len(block), down, size, across, size, colours)
        return tiles.transpose(0, 1, 3, 2, 4, 5).reshape(-1, size * size * colours)

    def seek(rows: int, start: int) -> Iterator[Array]:
        skip = start % each
        for block in source.blocks_from(max(1, rows // each), start // each):
            yield cut(block)[skip:]
            skip = 0

    def blocks(rows: int) -> Iterator[Array]:
        return seek(rows, 0)

    n_rows = None if source.n_rows is None else source.n_rows * each
    note = f"cut into {each} patches of {size}×{size} each"
    return replace(
        source,
        n_columns=size * size * colours,
        blocks=blocks,
        seek=seek,
        n_rows=n_rows,
        notes=(*source.notes, note),
        item_shape=(size, size, *shape[2:]),
        adapt=after(cut, source.adapt),
        partition_rows=tuple(n * each for n in source.partition_rows),
    )

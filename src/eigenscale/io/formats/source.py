"""What every reader gives: rows of numbers in blocks, and how many columns there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.fingerprint import of_array

"""Two-dimensional, real: rows are samples, columns are inputs."""

RowsFrom = Callable[[int, int], Iterator[Array]]
"""Takes rows per block and the first row wanted, counted from 0."""


@dataclass(frozen=True)
class Source:
    """Rows of numbers that can be read in blocks.

    Attributes
    ----------
    name : str
        File name or "array", for messages.
    n_columns : int
        Inputs per row.
    blocks : callable
        Takes the number of rows wanted and gives an iterator over arrays of at most about so
        many rows. Every call starts from the first row again, unless `once`.
    n_rows : int or None
        None where only reading tells.
    notes : tuple of str
        What was done to the data on the way, such as scaling of images.
    once : bool
        True for iterators: the rows can be read one time only.
    item_shape : tuple of int
        Shape of one row before it was laid flat, where that is known: images.
    seek : callable or None
        As `blocks`, from any row; None where a reader must begin at the first row.
    direct : bool
        True where `seek` reaches a row without reading those before it.
    fingerprint : callable or None
        Gives what tells this data from other data; see `eigenscale.io.formats.fingerprint`.
    partitions : tuple
        Arrays of some rows each, in memory or still to be computed by Dask, where the data is
        not a file; `adapt` makes rows of them.
    adapt : callable or None
        What is done to a partition before its rows are measured.
    partition_rows : tuple of int
        Rows that each partition gives; empty where they are not known.
    """

    name: str
    n_columns: int
    blocks: Callable[[int], Iterator[Array]]
    n_rows: int | None = None
    notes: tuple[str, ...] = ()
    once: bool = False
    item_shape: tuple[int, ...] = ()
    seek: RowsFrom | None = None
    direct: bool = False
    fingerprint: Callable[[], dict[str, str]] | None = None
    partitions: tuple[Any, ...] = ()
    partition_rows: tuple[int, ...] = ()
    adapt: Callable[[Any], Array] | None = None

    def blocks_from(self, size: int, start: int) -> Iterator[Array]:
        """Blocks from row `start` on; what cannot be skipped is read and left out."""
        if self.seek is not None:
            yield from self.seek(size, start)
            return
        for block in self.blocks(size):
            if start < len(block):
                yield block[start:]
            start = max(start - len(block), 0)

    def head(self, rows: int) -> Array:
        """Read the first `rows` rows; not for sources that can be read one time only."""
        parts, seen = [], 0
        for block in self.blocks(rows):
            parts.append(block[: rows - seen])
            seen += len(parts[-1])
            if seen >= rows:
                break
        return np.concatenate(parts) if parts else np.empty((0, self.n_columns))


def seekable(
    name: str,
    n_columns: int,
    read: RowsFrom,
    n_rows: int,
    notes: tuple[str, ...] = (),
    item_shape: tuple[int, ...] = (),
    direct: bool = True,
) -> Source:
    """Make a source of a reader that can begin at any row."""

    def blocks(size: int) -> Iterator[Array]:
        return read(size, 0)

    return Source(name, n_columns, blocks, n_rows, notes, False, item_shape, read, direct)


def mapped(source: Source, function: Callable[[Array], Array], n_columns: int, note: str) -> Source:
    """Put a function of rows behind a source; a row stays a row."""

    def blocks(size: int) -> Iterator[Array]:
        return map(function, source.blocks(size))

    def seek(size: int, start: int) -> Iterator[Array]:
        return map(function, source.blocks_from(size, start))

    notes = (*source.notes, note)
    return replace(
        source,
        n_columns=n_columns,
        blocks=blocks,
        seek=seek,
        notes=notes,
        adapt=after(function, source.adapt),
    )


def after(function: Callable[[Array], Array], first: Callable[[Any], Array] | None) -> Any:
    """Give the function that does `first`, then `function`."""
    return function if first is None else lambda rows: function(first(rows))


def as_rows(block: Any, name: str) -> Array:
    """Lay an array out as rows and columns: images (n, height, width, …) become rows.

    Raises
    ------
    InputError
        Where it is one-dimensional, empty, or not of real numbers.
    """
    array = np.asarray(unmasked(block))
    check_dtype(array.dtype, name)
    check_shape(array.shape, name)
    return array.reshape(len(array), -1)


def unmasked(array: Any) -> Any:
    """Put NaN where values of a masked array are masked."""
    if not isinstance(array, np.ma.MaskedArray):
        return array
    kept: Any = array if array.dtype.kind == "f" else array.astype(np.float64)
    return kept.filled(np.nan)


def check_dtype(dtype: np.dtype[Any], name: str) -> None:
    """Refuse what is not a real number, with the mend."""
    if dtype.kind in "fiub":
        return
    if dtype.kind == "c":
        rule = "spectra are of real numbers; split it into real and imaginary columns"
    elif dtype.kind in "OV":
        rule = "spectra are of numbers; make it a plain array with astype(float)"
    else:
        rule = "spectra are of numbers; encode the text first, or drop it"
    raise InputError(f"{name} has dtype {dtype}; {rule}")


def check_shape(shape: tuple[int, ...], name: str) -> None:
    """Refuse what has no rows or no columns."""
    if len(shape) < 2:
        raise InputError(
            f"{name} has shape {shape}; rows are samples and columns are inputs, so two "
            "dimensions are needed; reshape it, or give a table of rows"
        )
    if 0 in shape:
        raise InputError(f"{name} has shape {shape}, so it is empty; give at least two rows")


def from_array(array: Any, name: str = "array") -> Source:
    """Wrap an array in memory (or memory-mapped, or anything sliced by rows).

    Examples
    --------
    >>> from_array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).n_columns
    2
    """
    array = unmasked(array)
    whole = array if hasattr(array, "dtype") and hasattr(array, "shape") else np.asarray(array)
    rows = as_rows(whole, name)
    scale, notes = image_scale(np.asarray(whole[:1]).dtype, np.ndim(whole))

    def read(size: int, first: int) -> Iterator[Array]:
        for start in range(first, len(rows), size):
            yield scaled(rows[start : start + size], scale)

    shape = tuple(np.shape(whole)[1:])
    source = seekable(name, rows.shape[1], read, len(rows), notes, shape)
    return replace(
        source,
        fingerprint=partial(of_array, rows),
        partitions=(rows,),
        adapt=partial(scaled, scale=scale),
    )


def image_scale(dtype: np.dtype[Any], ndim: int) -> tuple[float | None, tuple[str, ...]]:
    """Bytes of more than two dimensions are images: their scale to 0…1, and the note of it."""
    if dtype == np.uint8 and ndim > 2:
        return 1 / 255, ("bytes read as images, scaled to 0…1",)
    return None, ()


def scaled(block: Array, scale: float | None) -> Array:
    """`block` times `scale`, in float32; as it is where there is no scale."""
    if scale is None:
        return block
    return np.multiply(block, np.float32(scale), dtype=np.float32)


def from_chunks(chunks: Iterator[Any], name: str = "iterator") -> Source:
    """Wrap an iterator of arrays, each some rows; it can be read one time."""
    first = next(chunks, None)
    if first is None:
        raise InputError(f"{name} gives no chunk; give at least two rows")
    head = as_rows(first, f"{name}, chunk 1")

    def blocks(size: int) -> Iterator[Array]:
        yield from split(head, size)
        for number, chunk in enumerate(chunks, start=2):
            rows = as_rows(chunk, f"{name}, chunk {number}")
            if rows.shape[1] != head.shape[1]:
                raise InputError(
                    f"{name}, chunk {number} has {rows.shape[1]} columns where chunk 1 has "
                    f"{head.shape[1]}; all chunks need the same columns"
                )
            yield from split(rows, size)

    return Source(name, head.shape[1], blocks, once=True)


def without(source: Source, absent: NDArray[np.bool_]) -> Source:
    """Put NaN in all values of the rows that are `absent`, so that they are dropped with others."""

    def read(size: int, start: int) -> Iterator[Array]:
        for block in source.blocks_from(size, start):
            gone = absent[start : start + len(block)]
            start += len(block)
            if gone.any():
                block = block.astype(np.result_type(block.dtype, np.float32))
                block[: len(gone)][gone] = np.nan
            yield block

    def blocks(size: int) -> Iterator[Array]:
        return read(size, 0)

    return replace(source, blocks=blocks, seek=read, partitions=(), adapt=None)


def split(rows: Array, size: int) -> Iterator[Array]:
    """Slices of at most `size` rows."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]

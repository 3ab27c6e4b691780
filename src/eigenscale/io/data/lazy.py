"""Dask arrays and dataframes as sources: one partition is in memory at a time."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.source import (
    Source,
    check_dtype,
    check_shape,
    image_scale,
    scaled,
    split,
)


def is_lazy(data: Any) -> bool:
    """Tell a Dask array or dataframe, without loading Dask."""
    return hasattr(data, "__dask_graph__") and hasattr(data, "ndim")


def dask_source(data: Any, columns: Sequence[str] | None = None) -> Source:
    """Wrap a Dask array or dataframe; nothing is computed yet.

    Raises
    ------
    InputError
        Where it has fewer than two dimensions, no known columns, or is not of real numbers.
    """
    if hasattr(data, "to_dask_array"):
        data = (data[list(columns)] if columns is not None else data).to_dask_array()
    name = "Dask array"
    check_dtype(data.dtype, name)
    check_shape(tuple(1 if math.isnan(n) else n for n in data.shape), name)
    if any(math.isnan(n) for n in data.shape[1:]):
        raise InputError(f"{name} has shape {data.shape}; its columns must be known: rechunk it")
    whole = data.rechunk(dict.fromkeys(range(1, data.ndim), -1))
    scale, notes = image_scale(data.dtype, data.ndim)
    return _partitioned(whole, name, partial(_flat, scale=scale), notes)


def _flat(rows: Any, scale: float | None) -> Array:
    return scaled(rows.reshape(len(rows), -1), scale)


def _partitioned(
    whole: Any, name: str, adapt: Callable[[Any], Array], notes: tuple[str, ...]
) -> Source:
    parts = tuple(whole.to_delayed().ravel())
    sizes = tuple(-1 if math.isnan(n) else int(n) for n in whole.chunks[0])

    def read(size: int, start: int) -> Iterator[Array]:
        for part, known in zip(parts, sizes, strict=True):
            if 0 <= known <= start:
                start -= known
                continue
            rows = adapt(part.compute())
            yield from split(rows[start:], size)
            start = max(start - len(rows), 0)

    def blocks(size: int) -> Iterator[Array]:
        return read(size, 0)

    return Source(
        name,
        math.prod(whole.shape[1:]),
        blocks,
        None if -1 in sizes else sum(sizes),
        notes,
        item_shape=tuple(whole.shape[1:]),
        seek=read,
        direct=True,
        fingerprint=lambda: {"graph": str(whole.name)},
        partitions=parts,
        adapt=adapt,
        partition_rows=() if -1 in sizes else sizes,
    )

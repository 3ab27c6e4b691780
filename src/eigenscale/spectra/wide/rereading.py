"""Rows that are read again and again: the same blocks each time, bad rows left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Array
from eigenscale.io.formats.source import Source
from eigenscale.spectra.moments.margins import Centring

_ELEMENTS = 2**26  # of a block, 256 MB in single precision, where the inputs are very many


def rows_per_block(n_inputs: int) -> int:
    """Rows per block: enough for the products to be fast, few enough to stay small."""
    return int(np.clip(_ELEMENTS // n_inputs, 256, 2048))


def recut(blocks: Iterable[Array], size: int) -> Iterator[Array]:
    """Blocks of exactly `size` rows, the last perhaps fewer, however they come.

    >>> [len(b) for b in recut(np.split(np.zeros((10, 2)), [1, 7]), 4)]
    [4, 4, 2]
    """
    waiting: list[Array] = []
    count = 0
    for block in blocks:
        start = 0
        while start < len(block):
            part = block[start : start + size - count]
            start += len(part)
            if len(part) == size:
                yield part
                continue
            waiting.append(part.copy())  # readers may use their memory again
            count += len(part)
            if count == size:
                yield np.concatenate(waiting)
                waiting, count = [], 0
    if waiting:
        yield np.concatenate(waiting)


@dataclass(frozen=True, eq=False)
class CentredRows:
    """The finite rows of a source, less their mean, in blocks that are the same at every reading.

    Attributes
    ----------
    source : Source
        It can be read more than once.
    centre : Centring
        By the mean of all finite rows.
    n_samples : int
        Finite rows.
    n_read : int
        Rows, those that are not finite included.
    """

    source: Source
    centre: Centring
    n_samples: int
    n_read: int

    @property
    def n_inputs(self) -> int:
        """Columns."""
        return self.source.n_columns

    @property
    def size(self) -> int:
        """Rows per block."""
        return rows_per_block(self.n_inputs)

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Array]:
        """Centred blocks from row `start` of the source, a whole number of blocks, to `stop`.

        A block is good until the next one is asked for.
        """
        left = (self.n_read if stop is None else stop) - start
        out = np.empty((min(self.size, max(left, 0)), self.n_inputs), self.centre.work)
        for block in recut(self.source.blocks_from(self.size, start), self.size):
            if left <= 0:
                return
            rows = block[:left]
            yield self.centre(finite(rows) if self.n_read > self.n_samples else rows, out)
            left -= len(block)


def finite(block: Array) -> Array:
    """Leave out rows that hold NaN or infinity."""
    return block[np.isfinite(block).all(axis=1)]

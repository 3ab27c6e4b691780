"""Products of all rows with all rows, and of all columns with all columns, in little memory.

A slab of rows is kept while all rows from it on are read once more. With few rows the products
themselves are kept: XXᵀ has the eigenvalues of XᵀX, all that are not zero. With many only their
squares are summed: ‖XXᵀ‖ = ‖XᵀX‖, the Frobenius norm of the scatter matrix.
"""

from collections.abc import Callable, Iterator

import numpy as np

from eigenscale.arrays import Array, Floats
from eigenscale.spectra.wide.rereading import CentredRows

SLAB_BYTES = 10**9

Done = Callable[[float], None]
"""Called with the share that is done."""


def rows_in_slab(rows: CentredRows) -> int:
    """Rows of a slab: a whole number of blocks."""
    width = rows.n_inputs * np.dtype(rows.centre.work).itemsize
    return max(SLAB_BYTES // width // rows.size, 1) * rows.size


def products(rows: CentredRows) -> Iterator[tuple[int, int, Array]]:
    """Every pair of rows once: (first row, first row of the slab, products).

    Products have shape (rows, rows of the slab up to these).
    """
    kept = np.empty((min(rows_in_slab(rows), rows.n_samples), rows.n_inputs), rows.centre.work)
    start = origin = 0
    while start < rows.n_read:
        held, at, beyond = 0, origin, rows.n_read
        for number, block in enumerate(rows.blocks(start)):
            if beyond == rows.n_read and held + len(block) <= len(kept):
                kept[held : held + len(block)] = block
                held += len(block)
            else:
                beyond = min(beyond, start + number * rows.size)
            yield at, origin, block @ kept[:held].T
            at += len(block)
        start, origin = beyond, origin + held


def share_done(rows: CentredRows, at: int, origin: int) -> float:
    """Share of all pairs of rows that are behind, at a row of a slab."""
    n, slab = rows.n_samples, min(rows_in_slab(rows), rows.n_samples - origin)
    before = n**2 - (n - origin) ** 2
    return (before + 2 * slab * max(at - origin - slab / 2, 0)) / n**2


def row_square(rows: CentredRows, done: Done) -> float:
    """‖XXᵀ‖² over pairs of rows."""
    total = 0.0
    for at, origin, block in products(rows):
        total += _both_sides(block, at - origin)
        done(share_done(rows, at, origin))
    return total


def _both_sides(block: Array, old: int) -> float:
    """Σ of squares of products; those with rows before count twice, for both triangles."""
    before, own = block[:, :old], block[:, old:]
    return 2 * _square(before) + _square(own)


def _square(block: Array) -> float:
    return float(np.einsum("ij,ij->", block, block, dtype=np.float64))


def column_square(rows: CentredRows, done: Done) -> float:
    """‖XᵀX‖² by strips of columns, each of which reads all rows once."""
    p = rows.n_inputs
    width = max(SLAB_BYTES // (8 * p), 1)
    total = 0.0
    for start in range(0, p, width):
        stop = min(start + width, p)
        strip: Floats = np.zeros((stop - start, p - start))
        for block in rows.blocks():
            strip += block[:, start:stop].T @ block[:, start:]
        own, beyond = strip[:, : stop - start], strip[:, stop - start :]
        total += _square(own) + 2 * _square(beyond)
        done(1 - ((p - stop) / p) ** 2)
    return total


def gram_matrix(rows: CentredRows, done: Done) -> Floats:
    """XXᵀ in float64, shape (n_samples, n_samples); its lower triangle."""
    n = rows.n_samples
    matrix: Floats = np.zeros((n, n))
    for at, origin, block in products(rows):
        matrix[at : at + len(block), origin : origin + block.shape[1]] = block
        done(share_done(rows, at, origin))
    return matrix

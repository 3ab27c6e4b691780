"""Leading eigenvectors by a random block in few passes over the data.

A block of orthonormal directions Q is multiplied with the scatter matrix S = Σ x xᵀ of centred
rows, blocks of rows at a time: Z = XQ, and S Q = XᵀZ. Every pass gives Rayleigh–Ritz values (the
eigenvalues of QᵀSQ) with their residuals, and a step of Chebyshev's iteration

    Q' = orth((S − a/2) Q − (a/4)² Q₋₁),

which grows directions above a, and none in [0, a]; a is the least Ritz value of the block. That
takes a third of the passes that powers of S take where a spectrum falls slowly. Q₋₁ is carried
through each orthonormalisation, which is all that the three-term recurrence needs. Rounding is
that of a product of graded columns: Q is turned to Ritz vectors before every pass, so that a small
eigenvalue is not a difference of large numbers (Halko, Martinsson and Tropp 2011,
doi:10.1137/090771806; Zhou and Saad 2007, doi:10.1137/060675435).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Array, Floats
from eigenscale.spectra.moments.margins import add_products

TOLERANCE = 1e-4  # relative error at which an eigenvalue counts as known
MOST_PASSES = 12
_ROWS = 4096  # of a tall block that are worked on at once
_DEPENDENT = 1e-6  # share of a column's length outside the columns before it; less is rounding


@dataclass(frozen=True, eq=False)
class Ritz:
    """What one pass says.

    Attributes
    ----------
    values : ndarray, shape (l,)
        Ritz values, descending: from below near the leading eigenvalues of the scatter matrix.
    vectors, images : ndarray, shape (p, l)
        Ritz vectors V, and S V.
    turn : ndarray
        What turned the block to Ritz vectors.
    residuals : ndarray, shape (l,)
        ‖S v − θ v‖: an eigenvalue lies within it of each value.
    errors : ndarray, shape (l,)
        Error of each value: the residual, or its square over the distance to what lies outside
        the block, whichever is less, but not less than rounding.
    whole : bool
        Whether the block holds everything that is not zero.
    """

    values: Floats
    vectors: Array
    images: Floats
    turn: Floats
    residuals: Floats
    errors: Floats
    whole: bool

    def known(self, wanted: int) -> int:
        """How many of the first `wanted` values are right to the tolerance, without a gap."""
        right = self.errors[:wanted] <= TOLERANCE * self.values[:wanted]
        return len(right) if right.all() else int(np.argmin(right))


class ProductSums:
    """Sums of one pass: QᵀSQ and SQ."""

    def __init__(self, basis: Array) -> None:
        self.basis = basis
        self.inner = np.zeros((basis.shape[1],) * 2)
        self.images = np.zeros(basis.shape)

    def add(self, rows: Array) -> None:
        """Add centred rows (n, p)."""
        along = rows @ self.basis
        self.inner += along.T @ along
        add_products(self.images, rows, along)

    def ritz(self, trace: float, whole: bool = False) -> Ritz:
        """Turn the block to Ritz vectors; the sums are used up.

        `trace` is that of S; `whole` says that an earlier block held all that is not zero.
        """
        values, turn = np.linalg.eigh(self.inner)
        values, turn = values[::-1], turn[:, ::-1]
        work = np.finfo(self.basis.dtype).eps
        floor = max(np.finfo(float).eps * len(self.basis) * values[0], (16 * work) ** 2 * trace)
        alive = int(np.sum(values > floor))
        whole = whole or alive < len(values) or alive == len(self.basis)
        vectors = _times(self.basis, turn[:, :alive])
        images = _times(self.images, turn[:, :alive])
        values = np.ascontiguousarray(values[:alive])
        residuals = np.sqrt(_squares(images, vectors, values))
        outside = 0.0 if whole else values[-1]
        with np.errstate(divide="ignore"):
            errors = np.minimum(residuals, residuals**2 / (values - outside))
        errors = np.maximum(errors, 4 * work * values)
        return Ritz(values, vectors, images, turn[:, :alive], residuals, errors, whole)


def first_block(sketch: Floats, work: Any, rng: np.random.Generator) -> Array:
    """Orthonormal directions that span a sketch S Ω, shape (p, l)."""
    return orthonormal(sketch, None, work, rng)[0]


def next_block(ritz: Ritz, before: Array | None, rng: np.random.Generator) -> tuple[Array, Array]:
    """One step of the iteration: the next block, and the present one carried along."""
    values, cut = ritz.values, ritz.values[-1]
    if before is not None:
        before = _times(before, ritz.turn)
    new, work = ritz.images, ritz.vectors.dtype
    for start in range(0, len(new), _ROWS):
        part = slice(start, start + _ROWS)
        new[part] -= cut / 2 * ritz.vectors[part]
        if before is not None:
            new[part] -= (cut / 4) ** 2 * before[part]
    ritz.vectors[...] /= values.astype(work)  # not needed any more
    new /= values
    return orthonormal(new, ritz.vectors, work, rng)


def orthonormal(
    block: Floats, along: Array | None, work: Any, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Orthonormalise columns in order, and do to `along` what is done to them.

    Columns that depend on those before them are replaced by random ones.
    """
    along = np.zeros((len(block), 0), work) if along is None else along
    for _ in range(2):
        factor, lost = _factor(_gram(block, block))
        block = _times(block, factor)
        along = _times(along, factor) if along.shape[1] else along
        if lost:
            fresh = rng.standard_normal((len(block), lost))
            for _ in range(2):
                fresh -= block @ _gram(block, fresh)
            block = np.concatenate([block, fresh], axis=1)
            along = np.pad(along, ((0, 0), (0, lost if along.shape[1] else 0)))
    return block.astype(work, copy=False), along


def _factor(gram: Floats) -> tuple[Floats, int]:
    """R⁻¹ for the Gram matrix RᵀR of columns; and how many columns depend on others."""
    from scipy.linalg import solve_triangular

    length = np.sqrt(np.diagonal(gram))
    unit = 1.0 / np.where(length > 0, length, 1.0)
    scaled = gram * unit * unit[:, None]
    try:
        lower = np.linalg.cholesky(scaled)
        if np.diagonal(lower).min() > _DEPENDENT:
            inverse = solve_triangular(lower, np.eye(len(gram)), lower=True, overwrite_b=True)
            return unit[:, None] * inverse.T, 0
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(scaled)
    keep = values > _DEPENDENT**2 * values[-1]
    vectors = vectors[:, keep][:, ::-1] / np.sqrt(values[keep][::-1])
    return unit[:, None] * vectors, int(np.sum(~keep))


def _gram(left: Array, right: Array) -> Floats:
    """Leftᵀ right in float64."""
    total = np.zeros((left.shape[1], right.shape[1]))
    for start in range(0, len(left), _ROWS):
        part = slice(start, start + _ROWS)
        total += left[part].astype(np.float64).T @ right[part].astype(np.float64)
    return total


def _times(block: Array, matrix: Floats) -> Array:
    """Block times matrix, in the place of the block where the columns stay as many."""
    same = matrix.shape[1] == block.shape[1]
    out = block if same else np.empty((len(block), matrix.shape[1]), block.dtype)
    for start in range(0, len(block), _ROWS):
        part = slice(start, start + _ROWS)
        out[part] = block[part].astype(np.float64) @ matrix
    return out


def _squares(images: Floats, vectors: Array, values: Floats) -> Floats:
    """‖S v − θ v‖² of each column."""
    total = np.zeros(len(values))
    for start in range(0, len(images), _ROWS):
        part = slice(start, start + _ROWS)
        left = images[part] - vectors[part] * values
        total += np.einsum("ij,ij->j", left, left)
    return total

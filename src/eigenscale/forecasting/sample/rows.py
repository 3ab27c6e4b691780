"""Rows to learn from: explicit features, or a kernel between the rows.

Both give the same thing, a `Basis`: the eigenvectors of the centred training rows, and where other
rows fall on them. Ridge regression, its leverages and its held-out errors follow at every ridge.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from eigenscale.arrays import Floats, Index

_RANK = 1e-13  # eigenvalues below this share of the largest are rounding


@dataclass(frozen=True, eq=False)
class Basis:
    """Eigenvectors of n centred training rows; r of them have an eigenvalue above rounding.

    Attributes
    ----------
    eigenvalues : array, shape (r,)
        Of the kernel matrix over n, which are those of the covariance.
    inside : array, shape (n, r)
        Orthonormal columns.
    outside : array, shape (m, r)
        Where the other rows fall: a fit with coefficients c on `inside` predicts
        ``outside @ c`` for them.
    """

    eigenvalues: Floats
    inside: Floats
    outside: Floats


class Rows(Protocol):
    """Rows that a linear or a kernel method can be fitted to."""

    @property
    def n_rows(self) -> int:
        """How many rows there are."""

    @property
    def max_rank(self) -> float:
        """Most modes that the rows can have: columns of features, infinite for a kernel."""

    def basis(self, train: Index, other: Index) -> Basis:
        """Eigenvectors of the rows `train`, and where the rows `other` fall on them."""


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """Explicit features, shape (n, n_inputs); `rank` where the rows were turned into their span."""

    features: Floats
    rank: float | None = None

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.features)

    @property
    def max_rank(self) -> float:
        """The number of columns that vary."""
        if self.rank is not None:
            return self.rank
        return float(np.count_nonzero(np.ptp(self.features, axis=0)))

    def basis(self, train: Index, other: Index) -> Basis:
        """Eigenvectors through the smaller of the two Gram matrices."""
        mean = self.features[train].mean(axis=0)
        inside, outside = self.features[train] - mean, self.features[other] - mean
        n, n_columns = inside.shape
        if n > n_columns:
            values, axes = _positive(inside.T @ inside / n)
            scaled = axes / np.sqrt(values * n)
            return Basis(values, inside @ scaled, outside @ scaled)
        values, axes = _positive(inside @ inside.T / n)
        return Basis(values, axes, outside @ (inside.T @ (axes / (values * n))))


@dataclass(frozen=True, eq=False)
class KernelRows:
    """A kernel between the rows, shape (n, n); `basis` centres it on its training rows."""

    gram: Floats

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.gram)

    @property
    def max_rank(self) -> float:
        """Infinite: a kernel has a mode for every row."""
        return np.inf

    def basis(self, train: Index, other: Index) -> Basis:
        """Eigenvectors of the kernel matrix, centred in feature space."""
        inside, outside = self.gram[np.ix_(train, train)], self.gram[np.ix_(other, train)]
        mean, total = inside.mean(axis=0), inside.mean()
        inside = inside - mean - mean[:, None] + total
        outside = outside - mean - outside.mean(axis=1)[:, None] + total
        values, axes = _positive(inside / len(train))
        return Basis(values, axes, outside @ (axes / (values * len(train))))


def _positive(matrix: Floats) -> tuple[Floats, Floats]:
    values, axes = np.linalg.eigh(matrix)
    keep = values > _RANK * max(values[-1], 0.0)
    return values[keep], axes[:, keep]

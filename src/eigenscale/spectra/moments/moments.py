"""Means, second moments and cross moments of a sample, which add up in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.writing import whole_file


@dataclass(frozen=True, eq=False)
class Moments:
    """Central moments of n rows, in float64.

    Attributes
    ----------
    n_samples : int
        Rows counted.
    mean : ndarray, shape (p,)
        Mean of the inputs.
    scatter : ndarray, shape (p, p)
        Σ (x − mean)(x − mean)ᵀ, a sum over rows.
    target_mean : ndarray, shape (c,)
        Mean of the target; c = 0 where there is none.
    cross : ndarray, shape (p, c)
        Σ (x − mean)(y − target_mean)ᵀ.
    target_scatter : ndarray, shape (c, c)
        Σ (y − target_mean)(y − target_mean)ᵀ.

    Examples
    --------
    >>> a = Moments.of([[0.0, 1.0], [2.0, 1.0]])
    >>> b = Moments.of([[4.0, 7.0]])
    >>> (a + b).mean
    array([2., 3.])
    """

    n_samples: int
    mean: Floats
    scatter: Floats
    target_mean: Floats
    cross: Floats
    target_scatter: Floats

    @classmethod
    def empty(cls, n_inputs: int, n_targets: int = 0) -> "Moments":
        """Give the moments of no rows, which change nothing when they are added."""
        p, c = n_inputs, n_targets
        return cls(
            0, np.zeros(p), np.zeros((p, p)), np.zeros(c), np.zeros((p, c)), np.zeros((c, c))
        )

    @classmethod
    def of(cls, rows: Any, target: Any = None) -> "Moments":
        """Take the moments of an array in memory, shapes (n, p) and (n, c)."""
        x = np.asarray(rows, dtype=np.float64)
        y = np.zeros((len(x), 0))
        if target is not None:
            y = np.asarray(target, dtype=np.float64).reshape(len(x), -1)
        mean, target_mean = _mean(x), _mean(y)
        x, y = x - mean, y - target_mean
        return cls(len(x), mean, x.T @ x, target_mean, x.T @ y, y.T @ y)

    @property
    def n_inputs(self) -> int:
        """Columns of the data."""
        return len(self.mean)

    @property
    def n_targets(self) -> int:
        """Columns of the target; 0 where there is none."""
        return len(self.target_mean)

    @property
    def covariance(self) -> Floats:
        """Sample covariance (divided by n − 1), shape (p, p)."""
        return self.scatter / (self.n_samples - 1)

    @property
    def cross_covariance(self) -> Floats:
        """Covariance of inputs and target (divided by n − 1), shape (p, c)."""
        return self.cross / (self.n_samples - 1)

    @property
    def target_covariance(self) -> Floats:
        """Covariance of the target (divided by n − 1), shape (c, c)."""
        return self.target_scatter / (self.n_samples - 1)

    def __add__(self, other: "Moments") -> "Moments":
        """Join the moments of both samples together (Chan, Golub and LeVeque 1983)."""
        if (self.n_inputs, self.n_targets) != (other.n_inputs, other.n_targets):
            raise InputError(
                f"moments of {self.n_inputs} inputs and {self.n_targets} targets cannot be added "
                f"to moments of {other.n_inputs} and {other.n_targets}; measure the same columns"
            )
        n = self.n_samples + other.n_samples
        if 0 in (self.n_samples, other.n_samples):
            return self if other.n_samples == 0 else other
        dx, dy = other.mean - self.mean, other.target_mean - self.target_mean
        share, weight = other.n_samples / n, self.n_samples * other.n_samples / n
        return Moments(
            n,
            self.mean + share * dx,
            _plus_outer(self.scatter + other.scatter, weight, dx, dx),
            self.target_mean + share * dy,
            _plus_outer(self.cross + other.cross, weight, dx, dy),
            _plus_outer(self.target_scatter + other.target_scatter, weight, dy, dy),
        )

    def save(self, path: str | Path) -> None:
        """Write to an `.npz` file, whole or not at all."""
        with whole_file(path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **self.arrays())

    @classmethod
    def load(cls, path: str | Path) -> "Moments":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as archive:
            return cls.from_arrays({f.name: archive[f.name] for f in fields(cls)})

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give every field as an array, by name."""
        return {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_arrays(cls, parts: Mapping[str, NDArray[Any]]) -> "Moments":
        """Make moments of what `arrays` gave."""
        given: dict[str, Any] = {**parts, "n_samples": int(parts["n_samples"])}
        return cls(**given)


def about_zero(moments: Moments) -> Moments:
    """Moments about zero instead of the mean; the covariance then is XᵀX/n.

    >>> about_zero(Moments.of([[1.0], [3.0]])).covariance
    array([[5.]])
    """
    n, mean, target = moments.n_samples, moments.mean, moments.target_mean
    unit = (n - 1) / n
    return Moments(
        n,
        np.zeros_like(mean),
        unit * _plus_outer(moments.scatter.copy(), n, mean, mean),
        np.zeros_like(target),
        unit * _plus_outer(moments.cross.copy(), n, mean, target),
        unit * _plus_outer(moments.target_scatter.copy(), n, target, target),
    )


def _mean(rows: Floats) -> Floats:
    """Mean about the first row, so that a constant column deviates from it by exactly nothing."""
    return np.asarray(rows[0] + np.mean(rows - rows[0], axis=0))


def _plus_outer(matrix: Floats, weight: float, a: Floats, b: Floats) -> Floats:
    """`matrix` + weight · a bᵀ, in place and without a second matrix of that size."""
    for i in np.flatnonzero(a):
        matrix[i] += weight * a[i] * b
    return matrix


def merge(parts: Sequence[Moments]) -> Moments:
    """Add moments as a balanced tree, which keeps rounding errors small."""
    if not parts:
        raise InputError("no moments to merge; give at least one")
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [pair[0] + pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0]

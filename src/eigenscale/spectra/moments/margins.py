"""The first pass over wide data: everything about it but the second moments of its inputs.

Blocks are shifted by a pilot mean, so that a mean many times the standard deviation costs no
digits; what the shift leaves is taken off at the end. On the way the covariance is multiplied with
random directions, the sketch from which `eigenscale.spectra.wide.subspace` begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Array, Floats

_PANEL = 2048  # columns of the data whose products are added at once


@dataclass(frozen=True, eq=False)
class Margins:
    """Means, variances and cross moments of n rows of p inputs and c targets.

    Attributes
    ----------
    n_samples : int
        Rows counted.
    mean, variances : ndarray, shape (p,)
        Of each input; the variance is divided by n − 1.
    target_mean : ndarray, shape (c,)
        Mean of the target.
    cross : ndarray, shape (p, c)
        Σ (x − mean)(y − target_mean)ᵀ.
    target_scatter : ndarray, shape (c, c)
        Σ (y − target_mean)(y − target_mean)ᵀ.
    """

    n_samples: int
    mean: Floats
    variances: Floats
    target_mean: Floats
    cross: Floats
    target_scatter: Floats

    @property
    def n_inputs(self) -> int:
        """Columns of the data."""
        return len(self.mean)

    @property
    def n_targets(self) -> int:
        """Columns of the target; 0 where there is none."""
        return len(self.target_mean)

    @property
    def trace(self) -> float:
        """Total variance of the inputs, the trace of their covariance."""
        return float(self.variances.sum())

    @property
    def cross_covariance(self) -> Floats:
        """Covariance of inputs and target (divided by n − 1), shape (p, c)."""
        return self.cross / (self.n_samples - 1)

    @property
    def target_covariance(self) -> Floats:
        """Covariance of the target (divided by n − 1), shape (c, c)."""
        return self.target_scatter / (self.n_samples - 1)


@dataclass(frozen=True, eq=False)
class Centring:
    """Rows less their mean, times a power of two, in the precision of the products."""

    mean: Floats
    scale: float
    work: type[np.floating[Any]]

    def __call__(self, rows: Array, out: Array | None = None) -> Array:
        """Centre rows (n, p), into `out` where it is given; the difference is taken in float64."""
        out = np.empty(rows.shape, self.work) if out is None else out[: len(rows)]
        np.subtract(rows, self.mean, out=out, dtype=np.float64, casting="unsafe")
        if self.scale != 1.0:
            out *= self.work(self.scale)
        return out

    @classmethod
    def of(cls, rows: Array, work: type[np.floating[Any]]) -> "Centring":
        """Take the mean of a block, and the power of two that keeps its squares in range."""
        pilot = rows[0].astype(np.float64)
        mean = pilot + np.mean(rows - pilot, axis=0)
        spread = float(np.max(np.abs(rows - mean)))
        far = spread > 0 and not 1e-12 < spread < 1e12
        return cls(mean, float(2.0 ** -np.floor(np.log2(spread))) if far else 1.0, work)


class FirstSums:
    """Sums of the first pass; `margins` and `sketch` give what they say.

    `probes`, shape (p, l), are random directions; with none there is no sketch.
    """

    NAMES = ("first", "square", "target_first", "cross", "target_second", "target_shift", "sketch")

    def __init__(
        self, n_inputs: int, n_targets: int, work: type[np.floating[Any]], probes: Array
    ) -> None:
        p, c = n_inputs, n_targets
        self.work, self.probes = work, probes
        self.centre: Centring | None = None
        self.n_samples = 0
        self.first, self.square = np.zeros(p), np.zeros(p)
        self.target_shift, self.target_first = np.zeros(c), np.zeros(c)
        self.cross, self.target_second = np.zeros((p, c)), np.zeros((c, c))
        self.sketch = np.zeros(probes.shape)

    def add(self, rows: Array, target: Floats | None) -> None:
        """Add finite rows (n, p) and their targets (n, c)."""
        if self.centre is None:
            self.centre = Centring.of(rows, self.work)
            if target is not None:
                self.target_shift = target.mean(axis=0)
        x = self.centre(rows)
        self.n_samples += len(x)
        self.first += x.sum(axis=0, dtype=np.float64)
        self.square += np.einsum("ij,ij->j", x, x, dtype=np.float64)
        if self.probes.shape[1]:
            add_products(self.sketch, x, x @ self.probes)
        if target is not None:
            y = target - self.target_shift
            self.target_first += y.sum(axis=0)
            self.target_second += y.T @ y
            add_products(self.cross, x, y.astype(self.work))

    def margins(self) -> Margins:
        """Central moments of all rows added."""
        assert self.centre is not None
        n, unit = self.n_samples, 1.0 / self.centre.scale
        offset, target_offset = self.first / n, self.target_first / n
        left = np.maximum(self.square - n * offset**2, 0.0)
        return Margins(
            n,
            self.centre.mean + unit * offset,
            left * unit**2 / (n - 1),
            self.target_shift + target_offset,
            unit * (self.cross - np.outer(self.first, target_offset)),
            self.target_second - np.outer(self.target_first, target_offset),
        )

    def sketched(self) -> Floats:
        """Scatter about the mean times the probes, in scaled units; takes the place of the sums."""
        offset = self.first / self.n_samples
        along = self.first @ self.probes
        for start in range(0, len(offset), _PANEL):
            part = slice(start, start + _PANEL)
            self.sketch[part] -= np.outer(offset[part], along)
        return self.sketch

    def centring(self) -> Centring:
        """Centre by the mean of all rows from now on."""
        assert self.centre is not None
        return Centring(
            self.centre.mean + self.first / self.n_samples / self.centre.scale,
            self.centre.scale,
            self.work,
        )

    def state(self) -> dict[str, Array]:
        """Arrays that `restored` understands, but for the probes."""
        state = {f"first.{name}": getattr(self, name) for name in self.NAMES}
        state["first.count"] = np.array(self.n_samples)
        state["first.like"] = np.empty(0, self.work)
        if self.centre is not None:
            state |= {"first.shift": self.centre.mean, "first.scale": np.array(self.centre.scale)}
        return state

    @classmethod
    def restored(cls, state: Mapping[str, Array], probes: Array) -> "FirstSums":
        """Go on from what `state` gave."""
        work = state["first.like"].dtype.type
        p, c = state["first.cross"].shape
        sums = cls(p, c, work, probes.astype(work, copy=False))
        for name in cls.NAMES:
            setattr(sums, name, state[f"first.{name}"])
        sums.n_samples = int(state["first.count"])
        if "first.shift" in state:
            sums.centre = Centring(state["first.shift"], float(state["first.scale"]), work)
        return sums


def add_products(total: Floats, rows: Array, along: Array) -> None:
    """Add rowsᵀ along, shape (p, l), without another matrix of that size."""
    for start in range(0, len(total), _PANEL):
        part = slice(start, start + _PANEL)
        total[part] += rows[:, part].T @ along

"""The exponent of data whose structure is known, read where its modes lie.

Spectra of trees and fields are stairs: many modes share an eigenvalue. A line through all ranks of
a stair is off by more than sampling noise, so the mean eigenvalue of each group of modes is
compared with where the structure puts it.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.data.generators import Generator
from eigenscale.results import Interval
from eigenscale.spectrum import Spectrum

_PURE = 0.05  # how far the population may leave its power law; what it does is taken off
_SURE = 100.0  # samples that a group of modes needs for each of its modes


@dataclass(frozen=True)
class StructuredExponent:
    """The exponent measured on generated data, beside the one that the structure predicts.

    Attributes
    ----------
    alpha : Interval
        Measured; the interval holds sampling noise only.
    predicted : float
        What the structure says.
    ranks : tuple of int
        First and last rank used.
    """

    alpha: Interval
    predicted: float
    ranks: tuple[int, int]

    def to_dict(self) -> dict[str, Any]:
        """Keys `alpha`, `predicted_alpha`, `ranks`."""
        return {
            "alpha": self.alpha.to_dict(),
            "predicted_alpha": self.predicted,
            "ranks": list(self.ranks),
        }


def structured_exponent(
    spectrum: Spectrum, structure: Generator, level: float = 0.9
) -> StructuredExponent:
    """Measure the exponent of a sample of a generator by groups of modes.

    Weighted least squares of the log of each group's mean eigenvalue against the log of its place;
    weights are the inverse variances of the means, 2/(T m) for m modes of Gaussian data and 1/(T λ)
    for tokens. Groups at which the population leaves its power law by more than 5 %, as the leaves
    of a tree, and groups that the samples do not resolve, are left out.

    Parameters
    ----------
    spectrum : Spectrum
        Measured from ``structure.source()``.
    structure : Generator
        What it was drawn from.
    level : float
        Coverage of the interval.

    Raises
    ------
    InputError
        Where fewer than three groups are left: there are too few samples.
    """
    values = spectrum.eigenvalues
    ends = np.cumsum(structure.counts).astype(int)
    ends = ends[ends <= values.size]
    starts = np.concatenate([[0], ends[:-1]])
    means = np.array([values[i:j].mean() for i, j in zip(starts, ends, strict=True)])
    means = np.maximum(means, np.finfo(float).tiny)  # a group that no sample has
    variance = _variance(structure, structure.counts[: ends.size], means)
    power = structure.values * structure.places ** (1.0 + structure.alpha)
    off = power[: ends.size] / power[1]
    used = (np.abs(off - 1) < _PURE) & (ends * _SURE <= structure.n_rows) & (variance < 0.02)
    if used.sum() < 3:
        raise InputError(
            f"{structure.name} has {structure.n_rows:,} rows, too few to see three groups of its "
            "modes; give more with rows=…"
        )
    x = np.log(structure.places[: ends.size])[used]
    y, w = np.log(means / off)[used], 1.0 / variance[used]
    x = x - (w @ x) / w.sum()
    slope, error = (w @ (x * y)) / (w @ x**2), 1 / math.sqrt(w @ x**2)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    alpha = -slope - 1.0
    interval = Interval(alpha, alpha - z * error, alpha + z * error, level, error)
    first, last = np.flatnonzero(used)[[0, -1]]
    return StructuredExponent(interval, structure.alpha, (int(starts[first]) + 1, int(ends[last])))


def _variance(structure: Generator, counts: Floats, means: Floats) -> Floats:
    """Variance of the log of each group's mean eigenvalue."""
    if structure.name.startswith("tokens"):
        return np.asarray(1.0 / (structure.n_rows * means))
    return np.asarray(2.0 / (structure.n_rows * counts))

"""The spectrum as the sums over modes see it: scaled, positive modes only, counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from eigenscale.spectrum import Spectrum

Floats = NDArray[np.float64]

BLOCK = 1 << 17  # numbers in a block of points × modes: 1 MB, which stays in the cache
_FLOOR = 1e-304  # relative eigenvalues below this count as zero


@dataclass(frozen=True, eq=False)
class Modes:
    """Positive eigenvalues in units of the largest, with their multiplicities.

    Attributes
    ----------
    values, counts : array, shape (n,)
        Relative eigenvalues, descending from 1, and multiplicities.
    before : array, shape (n + 1,)
        Number of modes before each one, and in all.
    log_unit : float
        Logarithm of the largest eigenvalue, the unit of `values`.
    trace, inverse_trace : float
        Σ values and Σ 1/values, for brackets.
    """

    values: Floats
    counts: Floats
    before: Floats
    log_unit: float
    trace: float
    inverse_trace: float

    @property
    def rank(self) -> float:
        """Number of positive modes."""
        return float(self.before[-1])


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over modes at each g, with f = λ/(λ+g) and c = g/(λ+g); all terms positive.

    Attributes
    ----------
    above : array
        Number of modes with λ > g.
    missing : array
        Σ c over the modes above g.
    extra : array
        Σ f over the others, so that z = above - missing + extra without cancellation.
    missing_slope, extra_slope : array
        Σ f c over the modes above g and over the others.
    """

    above: Floats
    missing: Floats
    extra: Floats
    missing_slope: Floats
    extra_slope: Floats

    @property
    def z(self) -> Floats:
        """Σ f, the effective number of resolved modes."""
        return (self.above - self.missing) + self.extra

    @property
    def slope(self) -> Floats:
        """Σ f c = z - q = -dz/dlog g."""
        return self.missing_slope + self.extra_slope


_CACHE: WeakKeyDictionary[Spectrum, Modes] = WeakKeyDictionary()


def modes_of(spectrum: Spectrum) -> Modes:
    """Give the modes of a spectrum, worked out once."""
    if spectrum not in _CACHE:
        _CACHE[spectrum] = _count(spectrum)
    return _CACHE[spectrum]


def _count(spectrum: Spectrum) -> Modes:
    unit = spectrum.eigenvalues[0]
    keep = spectrum.eigenvalues > _FLOOR * unit
    values = spectrum.eigenvalues[keep] / unit
    counts = spectrum.multiplicities[keep]
    before = np.concatenate([[0.0], np.cumsum(counts)])
    return Modes(
        values,
        counts,
        before,
        float(np.log(unit)),
        float(counts @ values),
        float(counts @ (1.0 / values)),
    )


def blocks(points: int, modes: int) -> Iterator[slice]:
    """Cut `points` so that a block of points × modes holds at most `BLOCK` numbers."""
    step = max(1, BLOCK // max(1, modes))
    for start in range(0, points, step):
        yield slice(start, min(points, start + step))


def finite_g(log_g: Floats) -> Floats:
    """Turn relative log g into a number that neither over- nor underflows in a sum over modes."""
    return np.exp(np.clip(log_g, -700.0, 700.0))


def sums(modes: Modes, log_g: Floats) -> Sums:
    """Sum over the modes at each relative log g, shape (points,), by blocks."""
    out = np.empty((4, log_g.size))
    g = finite_g(log_g)
    split = modes.values.size - np.searchsorted(modes.values[::-1], g, side="right")
    for part in blocks(log_g.size, modes.values.size):
        column = g[part, None]
        share = 1.0 / (modes.values + column)
        above = modes.values > column
        learned, missing = modes.values * share, column * share
        product = learned * missing
        out[0, part] = (missing * above) @ modes.counts
        out[2, part] = (product * above) @ modes.counts
        np.logical_not(above, out=above)
        out[1, part] = (learned * above) @ modes.counts
        out[3, part] = (product * above) @ modes.counts
    return Sums(modes.before[split], *out)

"""The spectrum as the sums over modes see it: scaled, positive modes only, counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.gauss import condense
from eigenscale.spectrum import Spectrum, count_modes

BLOCK = 1 << 17  # numbers in a block of points × modes: 1 MB, which stays in the cache
_FLOOR = 1e-304  # relative eigenvalues below this count as zero
_FEW = 100  # eigenvalues that are not worth condensing
_CHEAP = 30_000  # eigenvalues × points up to which a sum costs less than condensing
_LONG = 2_000  # eigenvalues from which points are taken one by one, above and below g apart


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

    @cached_property
    def shares(self) -> Floats:
        """Share of each eigenvalue, with its multiplicity, in the trace."""
        return self.counts * self.values / self.trace


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
    missing_squares, extra_squares : array
        Σ c² over the modes above g, and Σ f² over the others.
    """

    above: Floats
    missing: Floats
    extra: Floats
    missing_squares: Floats
    extra_squares: Floats

    @property
    def z(self) -> Floats:
        """Σ f, the effective number of resolved modes."""
        return (self.above - self.missing) + self.extra

    @property
    def q(self) -> Floats:
        """Σ f², with its relative accuracy where it is far below z."""
        return (self.above - 2.0 * self.missing + self.missing_squares) + self.extra_squares

    @property
    def missing_slope(self) -> Floats:
        """Σ f c over the modes above g, where c is at most ½."""
        return self.missing - self.missing_squares

    @property
    def extra_slope(self) -> Floats:
        """Σ f c over the others, where f is at most ½."""
        return self.extra - self.extra_squares

    @property
    def slope(self) -> Floats:
        """Σ f c = z - q = -dz/dlog g."""
        return self.missing_slope + self.extra_slope


_CACHE: WeakKeyDictionary[Spectrum, dict[bool, Modes]] = WeakKeyDictionary()


def modes_of(spectrum: Spectrum, points: int = 0) -> Modes:
    """Give the modes of a spectrum for work on so many points, worked out once.

    With no points given they are all there. Else, unless they are few or sums over them cheaper
    than that, they are condensed to Gauss nodes (`eigenscale.equation.gauss.condense`), which
    changes sums by about 1e-14.
    """
    short = is_condensed(spectrum, points)
    spectrum.check_whole()
    known = _CACHE.setdefault(spectrum, {})
    if short not in known:
        known[short] = _count(spectrum, short)
    return known[short]


def is_condensed(spectrum: Spectrum, points: int) -> bool:
    """Whether sums at so many points are done on fewer nodes than there are eigenvalues."""
    size = spectrum.eigenvalues.size
    return size > _FEW and size * points > _CHEAP


def relative_eigenvalues(spectrum: Spectrum) -> Floats:
    """Eigenvalues in units of the largest; those below 1e-304 count as zero."""
    values = spectrum.eigenvalues / spectrum.eigenvalues[0]
    return np.where(values > _FLOOR, values, 0.0)


def _count(spectrum: Spectrum, short: bool) -> Modes:
    values = relative_eigenvalues(spectrum)
    positive = int(np.count_nonzero(values))
    values, counts = values[:positive], spectrum.multiplicities[:positive]
    if short:
        values, counts = condense(values, counts)
    before = np.concatenate([[0.0], np.cumsum(counts)])
    # A whole number of modes is meant as one: it decides where the spectrum has a gap.
    whole = np.rint(before)
    before = np.where(np.abs(before - whole) <= 1e-11 * before, whole, before)
    # Running sums lose a mode or two of 1e15; whether M is at least N or T depends on the last.
    before[-1] = count_modes(spectrum.multiplicities[:positive])
    before = np.minimum(before, before[-1])
    return Modes(
        values,
        counts,
        before,
        float(np.log(spectrum.eigenvalues[0])),
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
    g = finite_g(log_g)
    split = modes.values.size - np.searchsorted(modes.values[::-1], g, side="left")
    if modes.values.size > _LONG:
        columns = [_at_one(modes, x, i) for x, i in zip(g.tolist(), split.tolist(), strict=True)]
        return Sums(modes.before[split], *np.array(columns).reshape(-1, 4).T)
    both, lean, squares, leaning = np.empty((4, g.size))
    for part in blocks(g.size, modes.values.size):
        column = g[part, None]
        small = np.minimum(modes.values, column)
        small /= modes.values + column
        # The sign tells learned modes, of which c is summed, from the others, of which f is.
        signed = np.copysign(small, modes.values - column)
        both[part], lean[part] = small @ modes.counts, signed @ modes.counts
        signed *= small
        small *= small
        squares[part], leaning[part] = small @ modes.counts, signed @ modes.counts
    out = 0.5 * np.array([both + lean, both - lean, squares + leaning, squares - leaning])
    # The difference is no good where one side is the smaller by far, at a gap of the spectrum.
    faint = (np.minimum(out[0], out[1]) < 1e-6 * both) & (split > 0) & (split < modes.values.size)
    for i in np.flatnonzero(faint).tolist():
        out[:, i] = _at_one(modes, float(g[i]), int(split[i]))
    return Sums(modes.before[split], *out)


def _at_one(modes: Modes, g: float, split: int) -> tuple[float, float, float, float]:
    """Sum over many modes at one g: `split` of them lie above it."""
    missing = g / (modes.values[:split] + g)
    extra = modes.values[split:]
    extra = extra / (extra + g)
    above, below = modes.counts[:split], modes.counts[split:]
    first, second = float(missing @ above), float(extra @ below)
    missing *= missing
    extra *= extra
    return first, second, float(missing @ above), float(extra @ below)

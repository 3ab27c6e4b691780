"""Spectra of finite samples: density and expected ordered eigenvalues of φφᵀ/T.

The root g(ζ) of (★) at ζ = -a + i0 gives the density of the eigenvalues a of φφᵀ/T,
``-Im z/(π a)``, and their number above a,

    n(a) = abs(Im Φ)/π,   Φ = Σ log(1 + λ/g) - 2z - N log(1 - z/N) - T log(1 - z/T),

since dΦ/dlog ζ = -z. Instead of solving for g at each a, the image of the negative axis is drawn:
on every circle abs(g) = ρ it has one point, the first at which ``arg ζ(g)`` reaches π. So the curve
is a graph over ρ, found by bracketed roots and refined where eigenvalues are: no band is missed.
For N → ∞ (plain covariance) this is the curve of Marchenko and Pastur 1967, ``Σ λ²/abs(λ+g)² = T``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Complexes, Floats
from eigenscale.equation.continuation import complex_sums
from eigenscale.equation.edges import lower_turn, upper_turn
from eigenscale.equation.modes import Modes, blocks, modes_of
from eigenscale.equation.near import NearModes
from eigenscale.equation.root import INFINITE, solve
from eigenscale.errors import InputError
from eigenscale.results import Result, to_plain
from eigenscale.spectrum import Spectrum

_FIRST = 48  # points to begin with
_STEP = 0.02  # relative step of the count that is fine enough
_FINE = 0.06  # absolute step of the count that is
_AREA = 5e-4  # relative step of the count times step in log a that is
_EDGE = 1e-5  # absolute step of the count times step in log a that is, where a gap begins
_SHORT = 1e-13  # step in log ρ that is not cut further
_DEEP = 40.0  # how far below in log ρ an edge is looked for
_LOWEST = 600.0  # how far log a may lie below log ρ
_INSIDE = 3.1  # largest first guess of an angle, below π
_ROUNDS = 60
_MOST = 12_000  # points; more are only asked for where rounding hides a hard edge
_HALVINGS = 60


@dataclass(frozen=True, eq=False)
class SampleSpectrum(Result):
    """Density of the eigenvalues of φφᵀ/T at large size, on a curve of points.

    Attributes
    ----------
    eigenvalues : array, shape (points,)
        a, descending, from the upper edge to the lower one.
    density : array, shape (points,)
        Eigenvalues per unit of a; 0 in gaps.
    count : array, shape (points,)
        Expected number of eigenvalues above a.
    total : float
        Number of non-zero eigenvalues, min(N, T, rank).
    log_g : array of complex, shape (points,)
        log of the effective ridge g at ζ = -a + i0; its imaginary part is π in gaps.
    """

    eigenvalues: Floats
    density: Floats
    count: Floats
    total: float
    log_g: Complexes

    def __repr__(self) -> str:
        first, last = self.eigenvalues[[0, -1]]
        return f"SampleSpectrum({self.total:.4g} eigenvalues, {last:.4g} to {first:.4g})"

    def to_dict(self) -> dict[str, Any]:
        """Plain form: the curve of points, without the complex ridge."""
        names = ("eigenvalues", "density", "count", "total")
        return {name: to_plain(getattr(self, name)) for name in names}

    def quantile(self, count: ArrayLike) -> Floats:
        """Give the eigenvalue with `count` others above it, interpolated."""
        return np.asarray(np.interp(np.asarray(count, float), self.count, self.eigenvalues))

    def ordered(self, ranks: ArrayLike) -> Floats:
        """Give the expected eigenvalue of each rank, 1 the largest; 0 beyond `total`.

        It is the mean of the density over its share of the count, from rank - 1 to rank, so that
        the sum over all ranks is the trace.
        """
        last = np.asarray(ranks, float)
        return self._moment(last) - self._moment(last - 1.0)

    def _moment(self, count: Floats) -> Floats:
        """Σ of the eigenvalues up to `count`, those between two points on a straight line."""
        steps = np.diff(self.count)
        middle = 0.5 * (self.eigenvalues[1:] + self.eigenvalues[:-1])
        whole = np.concatenate([[0.0], np.cumsum(steps * middle)])
        at = np.clip(np.searchsorted(self.count, count) - 1, 0, steps.size - 1)
        inside = np.clip(count - self.count[at], 0.0, steps[at])
        slope = np.diff(self.eigenvalues)[at] / np.where(steps[at] > 0, steps[at], 1.0)
        return whole[at] + inside * (self.eigenvalues[at] + 0.5 * slope * inside)


def sample_spectrum(
    spectrum: Spectrum, n_samples: float, n_features: float = np.inf
) -> SampleSpectrum:
    """Find the density of the eigenvalues of φφᵀ/T for T samples and N random features.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues of the population.
    n_samples : float
        T > 0. For a covariance about the sample's mean give T - 1.
    n_features : float
        N > 0; ``inf`` is the plain covariance of the data.

    Raises
    ------
    InputError
        Where a size is not positive, or both are infinite.

    Examples
    --------
    >>> ones = Spectrum.from_eigenvalues(np.ones(100))
    >>> sample = sample_spectrum(ones, 400)
    >>> sample.eigenvalues[[0, -1]].round(3)  # Marchenko and Pastur
    array([2.25, 0.25])
    """
    N, T = float(n_features), float(n_samples)
    if not (N > 0 and T > 0):
        raise InputError(f"n_samples {T:g}, n_features {N:g}: sizes are positive; mend the value")
    if N == T == np.inf:
        raise InputError("n_samples and n_features are both infinite; give at least one")
    modes = modes_of(spectrum)
    curve = _Curve(spectrum, modes, NearModes(modes), min(N, INFINITE), min(T, INFINITE))
    return curve.draw()


def _turned(modes: Modes, log_rho: Floats, angle: Floats) -> Floats:
    """Sum arg(g/(λ+g)) over the modes."""
    out = np.empty(log_rho.size)
    for part in blocks(log_rho.size, modes.values.size):
        sine, cosine = np.sin(angle[part, None]), np.cos(angle[part, None])
        ratio = modes.values * np.exp(-log_rho[part, None])
        out[part] = np.arctan2(ratio * sine, 1.0 + ratio * cosine) @ modes.counts
    return out


def expected_eigenvalues(
    spectrum: Spectrum,
    n_samples: float,
    n_features: float = np.inf,
    ranks: ArrayLike | None = None,
) -> Floats:
    """Give the expected ordered eigenvalues of the covariance of a sample, the largest first.

    Parameters
    ----------
    spectrum, n_samples, n_features
        As in `sample_spectrum`.
    ranks : array_like, optional
        Which ones, from 1; all that are not zero where left out.

    Examples
    --------
    >>> spectrum = Spectrum.power_law(alpha=0.5, latent_dim=100)
    >>> values = expected_eigenvalues(spectrum, n_samples=50)
    >>> values.size, bool(abs(values.sum() / spectrum.trace - 1) < 1e-3)
    (50, True)
    """
    sample = sample_spectrum(spectrum, n_samples, n_features)
    if ranks is None:
        ranks = np.arange(1.0, np.floor(sample.total) + 1.0)
    return sample.ordered(ranks)


@dataclass(frozen=True, eq=False)
class _Curve:
    """The image of the negative axis in the plane of g, in units of the largest eigenvalue."""

    spectrum: Spectrum
    modes: Modes
    near: NearModes
    n_features: float
    n_samples: float

    @property
    def total(self) -> float:
        return min(self.n_features, self.n_samples, self.modes.rank)

    def draw(self) -> SampleSpectrum:
        """Draw the curve and refine it where the count changes by more than the tolerance."""
        log_rho = np.linspace(*self._ends(), _FIRST)
        found = self._points(log_rho, np.full(_FIRST, 2.0))
        for _ in range(_ROUNDS):
            wide = self._too_wide(log_rho, found)
            if not wide.size or log_rho.size + wide.size > _MOST:
                break
            new = 0.5 * (log_rho[wide] + log_rho[wide + 1])
            between = self._points(new, 0.5 * (found[0, wide] + found[0, wide + 1]))
            log_rho = np.insert(log_rho, wide + 1, new)
            found = np.insert(found, wide + 1, between, axis=1)
        return self._finish(log_rho, *found)

    def _too_wide(self, log_rho: Floats, found: Floats) -> NDArray[np.intp]:
        """Find intervals with too many eigenvalues, or with few at one end of a long gap."""
        angle, count, log_value = found
        held = np.abs(np.diff(count))
        share = held / np.maximum(1.0, count[:-1])
        step = np.minimum(np.abs(np.diff(log_value)), 1.0)
        edge = np.maximum(angle[1:], angle[:-1]) == np.pi
        wide = ((share > _STEP) & (held > _FINE)) | (share * step > _AREA)
        wide |= edge & (held * step > _EDGE)
        return np.flatnonzero(wide & (np.diff(log_rho) > _SHORT))

    def _phase(self, log_rho: Floats, angle: Floats) -> tuple[Floats, Floats, Complexes]:
        """Find arg ζ, its derivative in the angle, and z."""
        z, slope = np.empty((2, log_rho.size), dtype=complex)
        for part, modes in self.near.parts(log_rho, angle):
            above, rest, slope[part] = complex_sums(modes, log_rho[part] + 1j * angle[part])
            z[part] = above + rest
        left, other = 1 - z / self.n_features, 1 - z / self.n_samples
        phase = angle + np.angle(left) + np.angle(other)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = 1 + slope / (self.n_features * left) + slope / (self.n_samples * other)
        return phase, rate.real, z

    def _points(self, log_rho: Floats, guess: Floats) -> Floats:
        """Find the angle at which arg ζ reaches π on each circle, the count and log abs(ζ)."""
        low, high = np.zeros(log_rho.size), np.full(log_rho.size, np.pi)
        gap = self._in_gap(log_rho)
        angle = np.where(gap, np.pi, np.minimum(guess, _INSIDE))
        active = np.flatnonzero(~gap)
        for _ in range(_HALVINGS):
            now = angle[active]
            phase, rate, _ = self._phase(log_rho[active], now)
            excess = phase - np.pi
            low[active] = np.where(excess < 0, now, low[active])
            high[active] = np.where(excess >= 0, now, high[active])
            with np.errstate(divide="ignore", invalid="ignore"):
                new = now - excess / rate
            inside = (new > low[active]) & (new < high[active])
            angle[active] = np.where(inside, new, 0.5 * (low[active] + high[active]))
            active = active[np.abs(angle[active] - now) > 1e-13]
            if not active.size:
                break
        return np.stack([angle, *self._count(log_rho, angle)])

    def _in_gap(self, log_rho: Floats) -> NDArray[np.bool_]:
        """Whether the point at -ρ lies between eigenvalues: ζ there is real and rises with g."""
        phase, rate, _ = self._phase(log_rho, np.full(log_rho.size, np.pi))
        return (rate > 0) & (np.abs(phase - np.pi) < 1e-6)

    def _count(self, log_rho: Floats, angle: Floats) -> tuple[Floats, Floats]:
        N, T = self.n_features, self.n_samples
        z = self._phase(log_rho, angle)[2]
        turned = np.empty(log_rho.size)
        for part, modes in self.near.parts(log_rho, angle):
            turned[part] = _turned(modes, log_rho[part], angle[part])
        features, samples = 1 - z / N, 1 - z / T
        count = np.abs(turned + 2 * z.imag + N * np.angle(features) + T * np.angle(samples))
        with np.errstate(divide="ignore"):
            log_value = log_rho + np.log(np.abs(features)) + np.log(np.abs(samples))
        return count / np.pi, np.maximum(log_value, log_rho - _LOWEST)

    def _finish(
        self, log_rho: Floats, angle: Floats, count: Floats, log_value: Floats
    ) -> SampleSpectrum:
        order = np.argsort(-log_rho)
        z = self._phase(log_rho, angle)[2][order]
        values = np.exp(log_value[order])
        density = np.abs(z.imag) / (np.pi * values)
        count = np.maximum.accumulate(np.clip(count[order], 0.0, self.total))
        unit = float(np.exp(self.modes.log_unit))
        log_g = log_rho[order] + self.modes.log_unit + 1j * angle[order]
        return SampleSpectrum(values * unit, density / unit, count, self.total, log_g)

    def _ends(self) -> tuple[float, float]:
        """Log ρ at the lower and the upper edge of the spectrum."""
        sizes = np.array([self.n_features]), np.array([self.n_samples])
        high = upper_turn(self.modes, *sizes)[0]
        if self.modes.rank < min(self.n_features, self.n_samples):
            return float(np.log(lower_turn(self.modes, *sizes)[0])), float(np.log(high))
        return self._hard_end(), float(np.log(high))

    def _hard_end(self) -> float:
        """Log ρ at the lower edge where modes are left over, rank ≥ min(N, T): there g > 0.

        Between it and the ridgeless g, where z = min(N, T), ζ falls as g rises.
        """
        smaller, larger = sorted((self.n_features, self.n_samples))
        end = solve(self.spectrum, self.n_features, self.n_samples)
        if np.isneginf(end.log_g):
            return float(np.log(self.modes.values[-1])) - _DEEP
        low, high = float(end.log_g) - self.modes.log_unit - _DEEP, 0.0
        high += low + _DEEP
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            above, rest, slope = complex_sums(self.modes, np.array([middle + 0j]))
            over = float((above - smaller + rest).real[0])
            spare = larger - smaller - over
            falls = spare > 0 and slope.real[0] * (1 - over / spare) > over
            low, high = (low, middle) if falls else (middle, high)
        return high

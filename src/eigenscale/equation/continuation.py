"""The root of the one equation at complex ridge, followed from the positive axis.

The real root g(ζ) of (★) continues to the plane cut along the negative axis, where the
eigenvalues of the sample lie. There g is a complete Bernstein function of ζ: in the upper half
``0 ≤ arg g ≤ arg ζ``, and only one root has that property. In the notation of
`eigenscale.equation.root` the equation stays ``z(g) + m a(ζ/g) = m`` with the principal
square root in a: its branch point is never met, since arg(1 - z/N) + arg(1 - z/T) < π.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Complexes, Floats, Mask
from eigenscale.equation.modes import Modes, blocks, modes_of
from eigenscale.equation.root import INFINITE, solve
from eigenscale.spectrum import Spectrum

_STEP = 0.7  # longest step in log ζ between two solutions
_ROUNDS = 40
_TINY = 1e-12  # Newton steps below this end the iteration; the next one would be its square


@dataclass(frozen=True, eq=False)
class Continued:
    """The root of (★) along paths of complex ζ.

    Attributes
    ----------
    log_g : array of complex, shape (points, nodes)
        log g in units of the largest eigenvalue's logarithm: g/λ_1 = exp(log_g).
    left_features, left_samples : array of complex, shape (points, nodes)
        1 - z/N and 1 - z/T, free of cancellation.
    converged : array of bool, shape (points,)
        Whether Newton's method ended at every node of the path.
    """

    log_g: Complexes
    left_features: Complexes
    left_samples: Complexes
    converged: Mask


@dataclass(frozen=True, eq=False)
class _Sizes:
    """N and T as the equation uses them: m, ρ = m/max and 1 - ρ, shape (points,)."""

    smaller: Floats
    ratio: Floats
    gap: Floats
    features_smaller: Mask

    @classmethod
    def of(cls, n_features: Floats, n_samples: Floats) -> "_Sizes":
        N, T = np.minimum(n_features, INFINITE), np.minimum(n_samples, INFINITE)
        small, large = np.minimum(N, T), np.maximum(N, T)
        return cls(small, small / large, (large - small) / large, N <= T)


def follow(
    spectrum: Spectrum, n_features: Floats, n_samples: Floats, log_zeta: Complexes
) -> Continued:
    """Solve (★) at ``log_zeta``, shape (points, nodes), each row a path in the upper half plane.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues of the data.
    n_features, n_samples : array, shape (points,)
        N and T, positive, ``inf`` allowed.
    log_zeta : array of complex, shape (points, nodes)
        log ζ with imaginary part in [0, π). A node is reached from the one before, the
        first from the positive axis.
    """
    modes = modes_of(spectrum)
    sizes = _Sizes.of(n_features, n_samples)
    path = log_zeta - modes.log_unit
    start = solve(spectrum, n_features, n_samples, log_zeta[:, 0].real)
    log_g = (start.log_g - modes.log_unit).astype(complex)
    place = path[:, 0].real.astype(complex)
    out, good = np.empty_like(path), np.ones(len(path), dtype=bool)
    for k in range(path.shape[1]):
        log_g, reached = _walk(modes, sizes, log_g, place, path[:, k])
        good &= reached
        out[:, k], place = log_g, path[:, k]
    left = _left(sizes, path - out, axis=1)[0]
    other = sizes.gap[:, None] + sizes.ratio[:, None] * left
    first = sizes.features_smaller[:, None]
    return Continued(out, np.where(first, left, other), np.where(first, other, left), good)


def _walk(
    modes: Modes, sizes: _Sizes, log_g: Complexes, place: Complexes, goal: Complexes
) -> tuple[Complexes, Mask]:
    """From the solutions at `place` to those at `goal`, in steps that Newton's method bears."""
    steps = max(1, int(np.ceil(np.abs(goal - place).max() / _STEP)))
    good = np.ones(place.size, dtype=bool)
    for k in range(steps):
        here = place + (goal - place) * (k / steps)
        there = place + (goal - place) * ((k + 1) / steps)
        guess = log_g + _rate(modes, sizes, log_g, here) * (there - here)
        log_g, reached = _newton(modes, sizes, guess, there)
        good &= reached
    return log_g, good


def _left(sizes: _Sizes, log_ratio: Complexes, axis: int = 0) -> tuple[Complexes, Complexes]:
    """Give a = 1 - z/m from a (gap + ratio·a) = ζ/g, and da/dlog(ζ/g); `log_ratio` is log ζ/g."""
    shape = (-1, 1) if axis else (-1,)
    gap, ratio = sizes.gap.reshape(shape), sizes.ratio.reshape(shape)
    u: Complexes = np.exp(log_ratio)
    root: Complexes = np.sqrt(gap * gap + 4.0 * ratio * u)
    return 2.0 * u / (gap + root), u / root


def complex_sums(modes: Modes, log_g: Complexes) -> tuple[Floats, Complexes, Complexes]:
    """Count modes above abs(g), and give z less that number and z - q, in real arithmetic.

    With ρ = abs(g), a = min(λ/ρ, ρ/λ) and e = exp(i arg g) a mode above is a/(a + 1/e) short of 1,
    and one below counts a/(a + e). Distances from the pole, 1 - a and 1 + cos arg g, are formed
    without cancellation.
    """
    logs = np.log(modes.values)
    split = np.searchsorted(-logs, -log_g.real)
    rest, slope = np.empty((2, log_g.size), dtype=complex)
    for part in blocks(log_g.size, modes.values.size):
        x = logs - log_g.real[part, None]
        sine = np.sin(log_g.imag[part])
        turn = 2.0 * np.cos(0.5 * log_g.imag[part, None]) ** 2
        small, side = np.exp(-np.abs(x)), np.where(x > 0, -1.0, 1.0)
        near = 1.0 - small
        across = 2.0 * small * turn
        inverse = 1.0 / (near * near + across)
        weight = small * inverse
        rest[part] = (side * weight * (turn - near)) @ modes.counts
        rest[part] -= 1j * sine * (weight @ modes.counts)
        weight *= inverse
        slope[part] = (weight * ((turn - 1.0) * near * near + across)) @ modes.counts
        slope[part] -= 1j * sine * ((weight * side * near * (1.0 + small)) @ modes.counts)
    return modes.before[split], rest, slope


def _rate(modes: Modes, sizes: _Sizes, log_g: Complexes, log_zeta: Complexes) -> Complexes:
    """Give dlog g/dlog ζ on the solution."""
    change = _left(sizes, log_zeta - log_g)[1]
    return change / (complex_sums(modes, log_g)[2] / sizes.smaller + change)


def _newton(
    modes: Modes, sizes: _Sizes, log_g: Complexes, log_zeta: Complexes
) -> tuple[Complexes, Mask]:
    """Newton's method in log g, steps of at most 1, kept in the sector of the right branch."""
    log_g = _in_sector(log_g, log_zeta)
    active = np.arange(log_g.size)
    for _ in range(_ROUNDS):
        part = _Sizes(*(x[active] for x in vars(sizes).values()))
        now = log_g[active]
        left, change = _left(part, log_zeta[active] - now)
        above, rest, slope = complex_sums(modes, now)
        residual = (above - part.smaller + rest) / part.smaller + left
        step = residual / (slope / part.smaller + change)
        length = np.abs(step)
        new = _in_sector(now + step / np.maximum(length, 1.0), log_zeta[active])
        log_g[active] = new
        active = active[length > _TINY * np.maximum(1.0, np.abs(now))]
        if not active.size:
            break
    good = np.ones(log_g.size, dtype=bool)
    good[active] = False
    return log_g, good


def _in_sector(log_g: Complexes, log_zeta: Complexes) -> Complexes:
    return log_g.real + 1j * np.clip(log_g.imag, 0.0, log_zeta.imag)

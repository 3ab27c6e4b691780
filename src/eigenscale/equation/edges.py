"""The smallest and the largest eigenvalue of φφᵀ/T at large size: the edges of its spectrum.

Outside the spectrum (★) has a real root g = -x, and the sample's eigenvalue at which it would
sit is ``a(x) = x (1 - z/N)(1 - z/T)`` with ``z = Σ λ/(λ - x)``. The spectrum ends where a(x) turns,
``1/x = z'(x) (1/(N - z) + 1/(T - z))`` (Silverstein and Choi 1995, for two factors).
"""

from collections.abc import Callable

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.modes import Modes, blocks, modes_of
from eigenscale.equation.root import INFINITE
from eigenscale.spectrum import Spectrum

_HALVINGS = 50  # y stays below 1 by more than rounding


def lower_edge(spectrum: Spectrum, n_features: Floats, n_samples: Floats) -> Floats:
    """Give the smallest non-zero eigenvalue where every mode fits, rank < min(N, T); 0 elsewhere.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues of the data.
    n_features, n_samples : array, shape (points,)
        N and T, positive, ``inf`` allowed.

    Examples
    --------
    >>> ones = Spectrum.from_eigenvalues(np.ones(100))
    >>> edge = lower_edge(ones, np.array([np.inf]), np.array([400.0]))[0]
    >>> round(float(edge), 9)  # Marchenko and Pastur: (1 - sqrt(M/T))²
    0.25
    """
    modes = modes_of(spectrum)
    fits = modes.rank < np.minimum(n_features, n_samples)
    turn = lower_turn(modes, n_features, n_samples)
    edge = _eigenvalue(modes, n_features, n_samples, turn)
    return np.where(fits, edge, 0.0) * float(spectrum.eigenvalues[0])


def upper_edge(spectrum: Spectrum, n_features: Floats, n_samples: Floats) -> Floats:
    """Give the largest eigenvalue of φφᵀ/T.

    Examples
    --------
    >>> ones = Spectrum.from_eigenvalues(np.ones(100))
    >>> edge = upper_edge(ones, np.array([np.inf]), np.array([400.0]))[0]
    >>> round(float(edge), 9)  # Marchenko and Pastur: (1 + sqrt(M/T))²
    2.25
    """
    modes = modes_of(spectrum)
    turn = upper_turn(modes, n_features, n_samples)
    edge = _eigenvalue(modes, n_features, n_samples, turn)
    return edge * float(spectrum.eigenvalues[0])


def lower_turn(modes: Modes, n_features: Floats, n_samples: Floats) -> Floats:
    """Find x = -g at the lower edge, below the last mode, in units of the first."""
    last = modes.values[-1]
    return _turn(modes, n_features, n_samples, lambda y: last * y)


def upper_turn(modes: Modes, n_features: Floats, n_samples: Floats) -> Floats:
    """Find x = -g at the upper edge, above the first mode, in units of it."""
    return _turn(modes, n_features, n_samples, lambda y: 1.0 / y)


def _z(modes: Modes, x: Floats) -> tuple[Floats, Floats]:
    """Sum z = Σ λ/(λ-x) and z' = Σ λ/(λ-x)² at real x off the eigenvalues, shape (points,)."""
    out = np.empty((2, x.size))
    for part in blocks(x.size, modes.values.size):
        gap = 1.0 / (modes.values - x[part, None])
        weight = modes.values * gap
        out[0, part] = weight @ modes.counts
        out[1, part] = (weight * gap) @ modes.counts
    return out[0], out[1]


def _turn(
    modes: Modes, n_features: Floats, n_samples: Floats, at: Callable[[Floats], Floats]
) -> Floats:
    """Find x = at(y), y in (0, 1), where a(x) turns, by halving."""
    low, high = np.zeros(n_features.size), np.ones(n_features.size)
    n_features, n_samples = np.minimum(n_features, INFINITE), np.minimum(n_samples, INFINITE)
    smaller, larger = np.minimum(n_features, n_samples), np.maximum(n_features, n_samples)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        x = at(middle)
        z, slope = _z(modes, x)
        room, other = np.maximum(smaller - z, 0.0), np.maximum(larger - z, 0.0)
        # x z' (1/(N-z) + 1/(T-z)) < 1, multiplied out so that nothing is divided by 0.
        inside = x * slope * (1 + room / np.where(other > 0, other, 1.0)) < room
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return at(np.where(low > 0, low, high))


def _eigenvalue(modes: Modes, n_features: Floats, n_samples: Floats, x: Floats) -> Floats:
    z = _z(modes, x)[0]
    return x * (1 - z / n_features) * (1 - z / n_samples)

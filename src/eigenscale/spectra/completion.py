"""What stands in for eigenvalues that are not known: a power law that has their exact power.

The tail of a spectrum is known by its power p = Σλ, its squares s = Σλ² and how many they are.
Where ζ is far above it, all that a sum over it needs is that,

    Σ log(1 + λ/ζ) = p/ζ − s/(2ζ²) + Σλ³/(3ζ³) − …

so the log-determinants are taken from a power law that begins at the last known eigenvalue and has
the power p, with its squares corrected to s; a tenth of its third-order term is counted as the
error of not knowing the shape. What depends on single eigenvalues of the tail cannot be known.
"""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectrum import Spectrum, Tail

_STEEPEST = 60.0
_DOUBT = 0.1  # of the third-order term: how well a power law knows the shape of the tail
_UNSEEN = 0.02  # error of a log-determinant that drowns in its fluctuations


def tail_eigenvalues(last: float, known: int, tail: Tail) -> Floats:
    """Eigenvalues of a power law that goes on from `last`, at rank `known`, and has the power.

    Shape (tail.alive,); where even equal ones have less than the power, they are equal.
    """
    from scipy.optimize import brentq

    count = round(tail.alive)
    if count < 1 or tail.power <= 0:
        return np.zeros(max(count, 0))
    log_ranks = np.log1p(np.arange(1.0, count + 1) / known)

    def excess(steepness: float) -> float:
        return last * float(np.exp(-steepness * log_ranks).sum()) - tail.power

    if excess(0.0) <= 0:
        return np.full(count, tail.power / count)
    if excess(_STEEPEST) >= 0:
        values = np.exp(-_STEEPEST * log_ranks)
        return np.asarray(values * tail.power / values.sum())
    steepness = float(brentq(excess, 0.0, _STEEPEST, xtol=1e-12))
    values = last * np.exp(-steepness * log_ranks)
    return np.asarray(values * (tail.power / values.sum()))


def completed(spectrum: Spectrum) -> Spectrum:
    """Give the spectrum with a power law in the place of its unknown tail.

    The trace stays exact. What the tail explains of a target is not known; it stays unexplained,
    so that it acts as noise. Where a loss depends on how the tail goes on, this is a guess.

    Examples
    --------
    >>> import numpy as np
    >>> whole = np.arange(1.0, 101) ** -1.5
    >>> tail = Tail(90, 90, whole[10:].sum(), (whole[10:] ** 2).sum())
    >>> known = Spectrum(whole[:10], np.ones(10), tail=tail)
    >>> guess = completed(known)
    >>> bool(np.allclose(guess.eigenvalues, whole, rtol=0.01)), guess.latent_dim
    (True, 100.0)
    """
    tail = spectrum.tail
    if tail is None:
        return spectrum
    known = round(float(spectrum.multiplicities.sum()))
    rest = tail_eigenvalues(float(spectrum.eigenvalues[-1]), known, tail)
    zeros = [tail.modes - len(rest)] if tail.modes > len(rest) else []
    added = np.concatenate([rest, np.zeros(len(zeros))])
    power = spectrum.target_power
    return Spectrum.from_eigenvalues(
        np.concatenate([spectrum.eigenvalues, added]),
        None if power is None else np.concatenate([power, np.zeros(len(added))]),
        spectrum.unexplained,
        np.concatenate([spectrum.multiplicities, np.ones(len(rest)), zeros]),
    )


def beyond(spectrum: Diagonalised, log_zeta: Floats) -> Floats:
    """Σ log(1 + λ/ζ) over the tail at each ζ, shape (k,); zero where there is none."""
    tail = spectrum.tail
    if tail is None:
        return np.zeros(len(log_zeta))
    values = _standing_in(spectrum, tail)
    zeta = np.exp(log_zeta)
    total = np.array([np.log1p(values / z).sum() for z in zeta])
    return np.asarray(total - (tail.square - float(values @ values)) / (2 * zeta**2))


def resolved(spectrum: Diagonalised) -> int:
    """Give the last rank down to which log-determinants do not depend on the shape of the tail."""
    tail = spectrum.tail
    if tail is None or tail.power == 0:
        return spectrum.rank
    cubes = _DOUBT * float(np.sum(_standing_in(spectrum, tail) ** 3)) / 3
    least = max((cubes / _UNSEEN) ** (1 / 3), (tail.square_error / 2 / _UNSEEN) ** 0.5)
    return int(np.sum(spectrum.eigenvalues[: spectrum.rank] >= least))


def _standing_in(spectrum: Diagonalised, tail: Tail) -> Floats:
    last = float(spectrum.eigenvalues[spectrum.rank - 1])
    return tail_eigenvalues(last, spectrum.rank, tail)

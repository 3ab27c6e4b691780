"""The best time to stop training: where the loss is least along gradient flow.

Noise and the features that samples cannot tell apart are fitted last, so that the loss often
falls and rises again; stopping at its least value does nearly what the best ridge does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.equation.root import solve
from eigenscale.spectrum import Spectrum
from eigenscale.theory.training.flow import timed_loss
from eigenscale.theory.training.search import least

_GRID = 72  # looks along log t: valleys are about one e-fold wide
_SAME = 1e-8  # relative difference of losses that is numerical


@dataclass(frozen=True, eq=False)
class Stopping:
    """The best stopping time on a grid; arrays have the broadcast shape.

    Attributes
    ----------
    time : array
        Time with the least loss; ``inf`` where training to the end is best, 0 where none is.
    loss : array
        The loss at that time.
    """

    time: Floats
    loss: Floats


def best_stopping(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    decay: ArrayLike = 0.0,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> Stopping:
    """Find the time at which gradient flow has the least test loss.

    The loss is looked at on a grid of log t from before the first mode is learned until after the
    last one that can be; every deep valley between its points is then looked into. No time has a
    loss below by more than rounding and the accuracy of the loss.

    Parameters
    ----------
    spectrum, n_features, n_samples, decay, noise_var, weight_var
        As in `eigenscale.theory.training.flow.timed_loss`.

    Examples
    --------
    >>> spectrum = Spectrum.power_law(alpha=0.5, latent_dim=1000)
    >>> best = best_stopping(spectrum, 100, 100, noise_var=0.01)
    >>> bool(best.loss < timed_loss(spectrum, 100, 100, 1e3, noise_var=0.01).loss)
    True
    """
    arrays = (n_features, n_samples, decay)
    N, T, zeta = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in arrays))
    shape = N.shape
    N, T, zeta = N.ravel(), T.ravel(), zeta.ravel()
    options = {"noise_var": noise_var, "weight_var": weight_var}

    def look(log_time: Floats, rows: NDArray[np.intp]) -> Floats:
        there = (N[rows], T[rows], np.exp(log_time))
        return timed_loss(spectrum, *there, decay=zeta[rows], **options).loss

    grid = _grid(spectrum, N, T, zeta, noise_var + spectrum.unexplained, weight_var)
    log_time, loss = least(look, grid)
    end = timed_loss(spectrum, N, T, np.inf, decay=zeta, **options).loss
    start = timed_loss(spectrum, N, T, 0.0, decay=zeta, **options).loss
    time = np.where(end <= loss * (1 + _SAME), np.inf, np.exp(log_time))
    time = np.where(start <= np.minimum(loss, end), 0.0, time)
    return Stopping(time.reshape(shape), np.minimum(np.minimum(loss, end), start).reshape(shape))


def _grid(
    spectrum: Spectrum,
    N: Floats,
    T: Floats,
    decay: Floats,
    noise: float,
    weight_var: float,
) -> Floats:
    """Give log times from before anything counts until after all that can be learned is."""
    values, counts = spectrum.eigenvalues, spectrum.multiplicities
    top, total = values[0], spectrum.trace
    unit = values / top
    power = counts * spectrum.power(weight_var)
    # Where noise is strong the loss turns when t Σv²λ meets t² σ² (Σλ² + (Σλ)²/N)/T.
    squares = counts @ unit**2 + (total / top) ** 2 * (1.0 / N + 1.0 / T)
    with np.errstate(divide="ignore"):
        turn = np.log(power @ unit) + np.log(T) - np.log(squares) - np.log(noise + power.sum())
    first = np.minimum(np.minimum(0.0, turn) - np.log(100.0), 0.0) - np.log(top)
    first = np.maximum(np.where(np.isfinite(first), first, -np.log(top)), -600.0)
    last = values[values > 0][-1]
    end = solve(spectrum, N, T).log_g
    slowest = np.maximum(np.maximum(end, np.log(last)), np.log(decay + 1e-3 * last))
    final = np.minimum(np.maximum(np.log(1e6) - slowest, first + 1.0), 690.0)
    return np.asarray(first[:, None] + (final - first)[:, None] * np.linspace(0.0, 1.0, _GRID))

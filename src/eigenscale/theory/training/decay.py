"""The best weight decay for a given training time.

Decay and stopping do the same work: what is stopped early needs less decay, what is stopped very
early none. The end of training is the best ridge (`eigenscale.theory.optimal`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.spectrum import Spectrum
from eigenscale.theory.training.flow import timed_loss
from eigenscale.theory.training.search import least

_GRID = 48  # looks along log ζ
_SAME = 1e-8  # relative difference of losses that is numerical


@dataclass(frozen=True, eq=False)
class Decay:
    """The best decay on a grid; arrays have the broadcast shape.

    Attributes
    ----------
    decay : array
        ζ with the least loss, in the units of `eigenscale.theory.training.flow.timed_loss`; 0 where
        none is best. Where learning nothing is best it is so large that nothing is learned.
    loss : array
        The loss with it.
    """

    decay: Floats
    loss: Floats


def best_decay(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    time: ArrayLike,
    *,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> Decay:
    """Find the weight decay with which training for a time has the least test loss.

    Parameters
    ----------
    spectrum, n_features, n_samples, time, noise_var, weight_var
        As in `eigenscale.theory.training.flow.timed_loss`.

    Examples
    --------
    >>> spectrum = Spectrum.power_law(alpha=0.5, latent_dim=1000)
    >>> best = best_decay(spectrum, 100, 100, [1.0, 1e5], noise_var=0.01)
    >>> bool(best.decay[0] < best.decay[1])
    True
    """
    arrays = (n_features, n_samples, time)
    N, T, t = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in arrays))
    shape = N.shape
    N, T, t = N.ravel(), T.ravel(), t.ravel()
    options = {"noise_var": noise_var, "weight_var": weight_var}
    bare = timed_loss(spectrum, N, T, t, **options).loss
    decay, loss = np.zeros(N.size), bare.copy()
    used = np.flatnonzero((t > 0) & np.isfinite(T))  # decay gains nothing on endless data
    if used.size:

        def look(log_decay: Floats, rows: NDArray[np.intp]) -> Floats:
            there = (N[used][rows], T[used][rows], t[used][rows])
            return timed_loss(spectrum, *there, decay=np.exp(log_decay), **options).loss

        grid = _grid(spectrum, T[used], t[used], noise_var + spectrum.unexplained, weight_var)
        log_decay, found = least(look, grid)
        better = ~(bare[used] <= found * (1 + _SAME))
        decay[used] = np.where(better, np.exp(log_decay), 0.0)
        loss[used] = np.where(better, found, bare[used])
    return Decay(decay.reshape(shape), loss.reshape(shape))


def _grid(spectrum: Spectrum, T: Floats, time: Floats, noise: float, weight_var: float) -> Floats:
    """Give log decays from where they change nothing to where nothing is learned."""
    values, counts = spectrum.eigenvalues, spectrum.multiplicities
    positive = values[values > 0]
    power = float(counts @ spectrum.power(weight_var))
    with np.errstate(divide="ignore", over="ignore"):
        none = np.log(1e-9) - np.log(np.minimum(time, 1e9 / positive[-1]))
        noisy = np.log(noise) - np.log(T) - np.log(power) if power > 0 else np.full(T.size, 50.0)
    high = np.log(spectrum.trace) + np.maximum(noisy, 0.0) + 12.0
    low = np.maximum(np.minimum(none, high - 20.0), -600.0)
    return np.asarray(low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _GRID))

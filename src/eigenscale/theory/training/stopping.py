"""The best time to stop training: where the loss is least along gradient flow.

Noise and the features that samples cannot tell apart are fitted last, so that the loss often
falls and rises again; stopping at its least value does nearly what the best ridge does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.equation.root import solve
from eigenscale.spectrum import Spectrum
from eigenscale.theory.training.flow import timed_loss

_GRID = 40
_ROUNDS = 24
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
    last one that can be; then the zero of its slope next to the least value is bracketed.

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
    search = _Search(spectrum, N, T, zeta, options)
    log_time, loss = search.refine(*search.grid())
    end = timed_loss(spectrum, N, T, np.inf, decay=zeta, **options).loss
    start = timed_loss(spectrum, N, T, 0.0, decay=zeta, **options).loss
    time = np.where(end <= loss * (1 + _SAME), np.inf, np.exp(log_time))
    time = np.where(start <= np.minimum(loss, end), 0.0, time)
    return Stopping(time.reshape(shape), np.minimum(np.minimum(loss, end), start).reshape(shape))


@dataclass(frozen=True, eq=False)
class _Search:
    spectrum: Spectrum
    n_features: Floats
    n_samples: Floats
    decay: Floats
    options: dict[str, float]

    def grid(self) -> tuple[Floats, Floats, Floats]:
        """Bracket the least loss in log t: its neighbours, and the loss there."""
        values = self.spectrum.eigenvalues
        first = np.log(0.1 / values[0])
        end = solve(self.spectrum, self.n_features, self.n_samples).log_g
        last = values[values > 0][-1]
        slowest = np.maximum(np.maximum(end, np.log(last)), np.log(self.decay + last * 1e-3))
        final = np.log(1e5) - slowest
        steps = np.linspace(0.0, 1.0, _GRID)
        log_time = first + (final - first)[:, None] * steps
        loss = timed_loss(
            self.spectrum,
            self.n_features[:, None],
            self.n_samples[:, None],
            np.exp(log_time),
            decay=self.decay[:, None],
            **self.options,
        ).loss
        at = np.argmin(loss, axis=1)
        row = np.arange(at.size)
        return (
            log_time[row, np.maximum(at - 1, 0)],
            log_time[row, np.minimum(at + 1, _GRID - 1)],
            log_time[row, at],
        )

    def refine(self, low: Floats, high: Floats, middle: Floats) -> tuple[Floats, Floats]:
        """Close in on the zero of the slope between `low` and `high`, by secants and halving."""
        slopes = [self._look(low)[1], self._look(high)[1]]
        now = middle
        loss = np.full(now.size, np.inf)
        for k in range(_ROUNDS):
            loss, slope = self._look(now)
            falls = slope < 0
            low, high = np.where(falls, now, low), np.where(falls, high, now)
            slopes = [np.where(falls, slope, slopes[0]), np.where(falls, slopes[1], slope)]
            if (high - low).max() < 1e-6:
                break
            with np.errstate(divide="ignore", invalid="ignore"):
                secant = low - slopes[0] * (high - low) / (slopes[1] - slopes[0])
            inside = (secant > low) & (secant < high) & (k % 3 != 2)
            now = np.where(inside, secant, 0.5 * (low + high))
        return now, loss

    def _look(self, log_time: Floats) -> tuple[Floats, Floats]:
        """Give the loss and dL/dlog t at one time for each point."""
        found = timed_loss(
            self.spectrum,
            self.n_features,
            self.n_samples,
            np.exp(log_time),
            decay=self.decay,
            **self.options,
        )
        return found.loss, -np.nan_to_num(found.exponent_time) * found.loss

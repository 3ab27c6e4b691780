"""Which resource limits the loss, and the simple law that nearly describes it.

Both look at the best ridge, where more of anything never hurts. There and with no noise the exact
loss is nearly k (1/N + 1/T)^α while both sizes are far below the number of modes M
(Maloney, Roberts and Sully 2022, arXiv:2210.16859, section on the phenomenological model).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.results import Result
from eigenscale.spectrum import Spectrum
from eigenscale.surface import LossSurface
from eigenscale.theory.optimal import best_ridge_loss
from eigenscale.theory.training.flow import timed_loss
from eigenscale.theory.training.stopping import best_stopping

LIMITS = ("features", "samples", "noise", "latent dimension", "time")
"""What can limit the loss."""


def limits(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> NDArray[np.str_]:
    """Say which resource limits the loss at the best ridge, for every element of a grid.

    Noise limits where without it the loss would be less than half. Else the latent dimension does
    where both sizes reach half the number of modes: the spectrum ends, and the power law of the
    loss with it. Else it is features or samples, whichever made infinite lowers the loss more.

    Returns
    -------
    array of str
        Of the broadcast shape, with values from `LIMITS`.

    Examples
    --------
    >>> str(limits(Spectrum.power_law(0.5, 10**9), 100, 10**6))
    'features'
    """
    N, T = np.broadcast_arrays(np.asarray(n_features, float), np.asarray(n_samples, float))

    def loss(n: ArrayLike, t: ArrayLike) -> Floats:
        found = best_ridge_loss(spectrum, n, t, noise_var=noise_var, weight_var=weight_var).loss
        return np.broadcast_to(found, N.shape)

    now = loss(N, T)
    silent = best_ridge_loss(_without_noise(spectrum), N, T, weight_var=weight_var).loss
    found = np.where(loss(np.inf, T) <= loss(N, np.inf), 0, 1)
    found = np.where(np.minimum(N, T) >= 0.5 * spectrum.rank, 3, found)
    found = np.where(silent < 0.5 * now, 2, found)
    return np.asarray(LIMITS)[np.where(now == 0, 3, found)]


def limits_in_time(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    time: ArrayLike,
    *,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> NDArray[np.str_]:
    """Say which resource limits the loss after gradient flow for a time, without ridge.

    As `limits`, with the loss after that time; time limits where training on, to the best time,
    would lower the loss more than endless features or samples would.

    Examples
    --------
    >>> str(limits_in_time(Spectrum.power_law(0.5, 10**4), 1000, 1000, time=1.0))
    'time'
    """
    arrays = (np.asarray(x, dtype=float) for x in (n_features, n_samples, time))
    N, T, t = np.broadcast_arrays(*arrays)
    noise = {"noise_var": noise_var, "weight_var": weight_var}
    now = timed_loss(spectrum, N, T, t, **noise).loss
    freed = np.stack(
        [
            timed_loss(spectrum, np.inf, T, t, **noise).loss,
            timed_loss(spectrum, N, np.inf, t, **noise).loss,
        ]
    )
    best = best_stopping(spectrum, N, T, **noise)
    scarcer = np.argmin(freed, axis=0)
    found = np.where(np.minimum(N, T) >= 0.5 * spectrum.rank, 3, scarcer)
    found = np.where((best.time > t) & (best.loss < freed.min(axis=0)), 4, found)
    silent = timed_loss(_without_noise(spectrum), N, T, t, weight_var=weight_var).loss
    return np.asarray(LIMITS)[np.where(silent < 0.5 * now, 2, found)]


def _without_noise(spectrum: Spectrum) -> Spectrum:
    return Spectrum(spectrum.eigenvalues, spectrum.multiplicities, spectrum.target_power)


@dataclass(frozen=True, eq=False)
class SimpleLaw(Result):
    """The law k (1/N + 1/T)^alpha fitted to a surface, and where it holds.

    Attributes
    ----------
    k, alpha : float
        Fitted constants.
    n_features, n_samples, loss : array
        The grid and the exact loss on it.
    ratio : array
        Law over exact loss.
    holds : array of bool
        Where the law is within `within` of the exact loss.
    within : float
        Relative error allowed.
    """

    k: float
    alpha: float
    n_features: Floats
    n_samples: Floats
    loss: Floats
    ratio: Floats
    within: float

    def __repr__(self) -> str:
        return (
            f"SimpleLaw({self.k:.4g} (1/N + 1/T)^{self.alpha:.4g}, "
            f"holds on {100 * self.holds.mean():.3g} % of the grid to {100 * self.within:g} %)"
        )

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Where the law is within `within` of the exact loss."""
        return np.abs(self.ratio - 1.0) <= self.within

    def __call__(self, n_features: ArrayLike, n_samples: ArrayLike) -> Floats:
        """Give the law's loss; the arguments broadcast."""
        N, T = np.asarray(n_features, float), np.asarray(n_samples, float)
        return np.asarray(self.k * (1.0 / N + 1.0 / T) ** self.alpha)


def fit_simple_law(
    surface: LossSurface,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    below: float = np.inf,
    within: float = 0.05,
) -> SimpleLaw:
    """Fit k (1/N + 1/T)^alpha to a surface by least squares of log loss.

    Parameters
    ----------
    surface : LossSurface
        Such as ``SolvableModel(...).surface(ridge="optimal")``.
    n_features, n_samples : array_like
        The grid, broadcast against each other.
    below : float
        Only points with N and T below this are fitted: a tenth of the latent dimension keeps the
        fit off the end of the spectrum. The law is compared on the whole grid.
    within : float
        Relative error up to which the law counts as holding.

    Raises
    ------
    InputError
        Where fewer than two points are left to fit.
    """
    N, T = np.broadcast_arrays(np.asarray(n_features, float), np.asarray(n_samples, float))
    loss = surface.loss(N, T)
    used = (below > N) & (below > T) & np.isfinite(loss) & (loss > 0)
    x = np.log(1.0 / N + 1.0 / T)
    if np.unique(x[used]).size < 2:
        raise InputError(f"below {below:g} leaves fewer than two points; give a wider grid")
    alpha, log_k = np.polyfit(x[used], np.log(loss[used]), 1)
    with np.errstate(divide="ignore"):
        ratio = np.exp(log_k + alpha * x) / loss
    return SimpleLaw(float(np.exp(log_k)), float(alpha), N, T, loss, ratio, within)

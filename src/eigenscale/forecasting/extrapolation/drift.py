"""How far a forecast may miss beyond the sample: as smaller subset fits missed the top."""

from collections.abc import Sequence

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.extrapolation.surface import SubsetSurface
from eigenscale.forecasting.extrapolation.transfer import Place, Query, log_ridge

_KAPPAS = 48
_LOOK_BACK = 5
_LEAST = 0.003  # relative error for each e-fold of samples beyond the sample
_MOST = 1.0


class Drift:
    """Relative error for each e-fold beyond the sample, by κ at the sample's size.

    Subset fits of the top's kind forecast the loss of the top; what they miss beyond their noise,
    squared and for each squared e-fold between them, is averaged.
    """

    def __init__(self, surfaces: Sequence[SubsetSurface], luck: Floats) -> None:
        top, rates = surfaces[-1], []
        grid = top.whole.log_kappa
        self.log_kappa = np.linspace(grid[0], grid[-1], _KAPPAS)
        query = _at_kappas(top, self.log_kappa)
        value, draws, place = top.loss(query)
        for surface in surfaces[-1 - _LOOK_BACK : -1]:
            if surface.open_ended == top.open_ended:
                missed = _missed(surface, query, value, draws, place(luck))
                rates.append(missed / np.log(top.n_samples / surface.n_samples) ** 2)
        rate = np.mean(rates, axis=0) if rates else np.zeros(_KAPPAS)
        self.rate = np.sqrt(_LEAST**2 + np.minimum(rate, _MOST))

    def __call__(self, log_kappa: Floats) -> Floats:
        """Relative error for each e-fold."""
        return np.asarray(np.interp(log_kappa, self.log_kappa, self.rate))


def _at_kappas(top: SubsetSurface, log_kappa: Floats) -> Query:
    """Give queries of the top's own size that fall on these values of κ."""
    n = len(log_kappa)
    size = Query(np.full(n, float(top.n_samples)), np.full(n, np.inf), np.zeros(n))
    ridge = np.exp(log_ridge(top.whole, Place.of(top.whole, log_kappa), size))
    return Query(size.n_samples, size.n_features, ridge)


def _missed(
    surface: SubsetSurface, query: Query, value: Floats, draws: Floats, luck: Floats
) -> Floats:
    """Squared difference of the logarithms beyond its noise."""
    other, other_draws, place = surface.loss(query)
    scatter = place(np.nan_to_num(surface.whole.scatter)) / np.sqrt(surface.fit.n_subsets)
    noise = log_ratio(other_draws, draws).var(axis=0) + scatter**2 + luck**2
    return np.asarray(np.maximum(log_ratio(other, value) ** 2 - noise, 0))


def log_ratio(a: Floats, b: Floats) -> Floats:
    """Logarithm of a/b, 0 where one of them is not a loss."""
    good = np.isfinite(a) & np.isfinite(b) & (a > 0) & (b > 0)
    return np.asarray(np.log(np.where(good, a, 1.0) / np.where(good, b, 1.0)))

"""How far a forecast may miss beyond the sample: as smaller rungs missed the top."""

from collections.abc import Sequence

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.extrapolation.transfer import Place, Query, log_ridge
from eigenscale.forecasting.subset_fits.steady import Rung

_LENSES = 48
_LOOK_BACK = 5
_LEAST = 0.003  # relative error for each e-fold of samples beyond the sample
_MOST = 1.0


class Drift:
    """Relative error for each e-fold beyond the sample, by the lens at the sample's size.

    Rungs of the top's kind forecast the loss of the top; what they miss beyond their noise, squared
    and for each squared e-fold between them, is averaged.
    """

    def __init__(self, rungs: Sequence[Rung], luck: Floats) -> None:
        top, rates = rungs[-1], []
        grid = top.whole.log_lens
        self.log_lens = np.linspace(grid[0], grid[-1], _LENSES)
        query = _at_lenses(top, self.log_lens)
        value, draws, place = top.loss(query)
        for rung in rungs[-1 - _LOOK_BACK : -1]:
            if rung.open_ended == top.open_ended:
                missed = _missed(rung, query, value, draws, place(luck))
                rates.append(missed / np.log(top.n_samples / rung.n_samples) ** 2)
        rate = np.mean(rates, axis=0) if rates else np.zeros(_LENSES)
        self.rate = np.sqrt(_LEAST**2 + np.minimum(rate, _MOST))

    def __call__(self, log_lens: Floats) -> Floats:
        """Relative error for each e-fold."""
        return np.asarray(np.interp(log_lens, self.log_lens, self.rate))


def _at_lenses(top: Rung, log_lens: Floats) -> Query:
    """Give queries of the top's own size that fall on these lenses."""
    n = len(log_lens)
    size = Query(np.full(n, float(top.n_samples)), np.full(n, np.inf), np.zeros(n))
    ridge = np.exp(log_ridge(top.whole, Place.of(top.whole, log_lens), size))
    return Query(size.n_samples, size.n_features, ridge)


def _missed(rung: Rung, query: Query, value: Floats, draws: Floats, luck: Floats) -> Floats:
    """Squared difference of the logarithms beyond its noise."""
    other, other_draws, place = rung.loss(query)
    scatter = place(np.nan_to_num(rung.whole.scatter)) / np.sqrt(rung.anchor.n_subsets)
    noise = log_ratio(other_draws, draws).var(axis=0) + scatter**2 + luck**2
    return np.asarray(np.maximum(log_ratio(other, value) ** 2 - noise, 0))


def log_ratio(a: Floats, b: Floats) -> Floats:
    """Logarithm of a/b, 0 where one of them is not a loss."""
    good = np.isfinite(a) & np.isfinite(b) & (a > 0) & (b > 0)
    return np.asarray(np.log(np.where(good, a, 1.0) / np.where(good, b, 1.0)))

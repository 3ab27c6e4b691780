"""What pairs of training sets tell: B without theory, and by how much V differs from its formula.

Subset fits of half the sample and less have several training sets without a common row, so that B
is measured there. B belongs to the population, so it holds for the larger subset fits too: they
take it over where the smaller one reaches, and by degrees mix it with their own below. What is left
of their held-out loss is V, and its ratio to the formula's goes with every forecast from that
subset fit.
"""

from dataclasses import replace

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.extrapolation.transfer import Place, Query, loss_at
from eigenscale.forecasting.subset_fits.subset_fit import SubsetFit
from eigenscale.forecasting.subset_fits.tail import extend, is_open

_MISFIT = 0.04  # relative error of the formula of V, which splitting E by it puts into B
_FADE = 0.02  # relative error that a tail of B gains with each e-fold below the last κ
_MOST_EXCESS = 5.0
_ROUNDING = 1e-12  # of the loss: differences below it are rounding


def calibrated(subset: SubsetFit) -> SubsetFit:
    """Set the ratio of measured V to the formula's, at the subset fit's own number of rows."""
    place = Place.of(subset, subset.log_kappa)
    n = np.full(len(subset.log_kappa), float(subset.n_samples))
    query = Query(n, np.full_like(n, np.inf), np.zeros_like(n))
    plain = replace(
        subset, excess=np.ones_like(subset.bias), excess_draws=np.ones_like(subset.bias_draws)
    )
    value, draws = (loss / (1 + 1 / n) for loss in loss_at(plain, query, place))
    return replace(
        subset,
        excess=_ratio(subset.loss, value, subset.bias),
        excess_draws=_ratio(subset.loss_draws, draws, subset.bias_draws),
    )


def _ratio(loss: Floats, value: Floats, bias: Floats) -> Floats:
    measured, formula = loss - bias, value - bias
    sound = np.isfinite(formula) & (formula > _ROUNDING * np.abs(value))
    ratio = np.where(sound, measured / np.where(sound, formula, 1.0), 1.0)
    return np.asarray(np.clip(ratio, 1 / _MOST_EXCESS, _MOST_EXCESS))


def graft(top: SubsetFit, paired: SubsetFit) -> SubsetFit:
    """Give a subset fit the B of a smaller one that has it from pairs."""
    below = extend(paired) if is_open(paired) else paired
    place = Place.of(below, top.log_kappa)
    share = _share(top, paired, place(below.bias_draws))
    return replace(
        top,
        bias=_mixed(top.bias, place(below.bias), share),
        bias_draws=_mixed(top.bias_draws, place(below.bias_draws), share),
        cross=top.cross,
        binned=_mixed(top.binned, _rebinned(top, place(below.binned)), share),
        binned_draws=_mixed(top.binned_draws, _rebinned(top, place(below.binned_draws)), share),
        paired=True,
    )


def _share(top: SubsetFit, paired: SubsetFit, taken: Floats) -> Floats:
    """Weight of the smaller subset fit's B: 1 where it has measured it, by precision below."""
    bias = np.maximum(top.bias, 1e-300)
    split = _MISFIT * np.maximum(top.loss - top.bias, 0) / bias
    luck = (
        np.interp(top.log_kappa, paired.log_kappa, np.nan_to_num(paired.scatter)) * top.loss / bias
    )
    own = (top.bias_draws.std(axis=0) / bias) ** 2 + split**2 + luck**2
    depth = np.maximum(paired.log_kappa[0] - top.log_kappa, 0)
    other = (taken.std(axis=0) / np.maximum(taken.mean(axis=0), 1e-300)) ** 2
    other = other + (_FADE * depth) ** 2
    return np.where(depth > 0, own / (own + other + 1e-300), 1.0)


def _mixed(own: Floats, taken: Floats, share: Floats) -> Floats:
    return np.asarray((1 - share) * own + share * taken)


def _rebinned(top: SubsetFit, binned: Floats) -> Floats:
    """Put values in bins of one count into bins of another: bins hold equally many rows."""
    n_bins, wanted = binned.shape[-2], top.binned.shape[-2]
    if n_bins == wanted:
        return binned
    place = np.clip((np.arange(wanted) + 0.5) / wanted * n_bins, 0, n_bins - 1).astype(int)
    return np.asarray(binned[..., place, :])

"""How much larger a mean loss may be than rows drawn anew show: rare huge losses that none has.

Drawing rows with replacement never draws a loss larger than the largest seen. Where losses have a
heavy tail, as squared errors of prices do, the mean lives there. The largest tenth of the losses is
taken for a generalised Pareto distribution, whose shape and scale are averaged over a grid by their
likelihood and a prior for the shape.
Source: Pickands 1975 (tails above a threshold are generalised Pareto).
"""

import numpy as np

from eigenscale.arrays import Floats

_SHARE, _FEWEST = 0.1, 10  # losses that are tail
_SHAPES = np.linspace(-0.5, 0.9, 29)  # at 1 there is no mean
_RATIOS = np.exp(np.linspace(-1.2, 2.2, 40))  # mean above the threshold, over that of the sample
_USUAL, _SPREAD = 0.25, 0.35  # of the shape
_UPPER = 0.95
_MOST = 6.0


def stretch(losses: Floats, draws: Floats) -> float:
    """Give the factor, 1 or more, by which draws above the mean are too close to it.

    Parameters
    ----------
    losses : array, shape (n,)
        Of rows that were held out.
    draws : array, shape (B,)
        Bootstrap draws of their mean, relative to it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> share = (np.arange(400) + 0.5) / 400
    >>> def of(losses):
    ...     rows = rng.integers(400, size=(200, 400))
    ...     return stretch(losses, losses[rows].mean(axis=1) / losses.mean())
    >>> of(share) == 1, of(share**-0.7) > 1.2
    (True, True)
    """
    seen = float(np.log(max(np.quantile(draws, _UPPER), 1 + 1e-9)))
    return float(np.clip(np.log(upper_end(losses)) / seen, 1.0, _MOST))


def upper_end(losses: Floats) -> float:
    """Give the upper end of a 90 % interval of the mean, over the mean of the sample."""
    k = min(max(round(_SHARE * len(losses)), _FEWEST), len(losses) - 1)
    ordered = np.sort(losses)
    threshold = ordered[-k - 1]
    above = ordered[-k:] - threshold
    mean = float(above.mean())
    if mean <= 1e-12 * max(threshold, 1e-300):
        return 1.0
    weight = _likelihood(above, mean).sum(axis=0)
    weight /= weight.sum()
    place = np.cumsum(weight) - weight / 2
    middle, high = np.interp([0.5, _UPPER], place, _RATIOS)
    rest = ordered[:-k].sum() + k * threshold
    return float(max((rest + k * mean * high) / (rest + k * mean * min(middle, 1.0)), 1.0))


def _likelihood(above: Floats, mean: float) -> Floats:
    """Likelihood times prior on the grid of shapes and ratios, up to a factor."""
    shape = _SHAPES[:, None]
    scale = _RATIOS * mean * (1 - shape)
    curved = np.abs(shape) > 1e-6
    inner = 1 + shape[..., None] * above / scale[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        bent = -(1 + 1 / np.where(curved, shape, 1.0)) * np.log(inner).sum(axis=-1)
    straight = -above.sum() / scale
    log = np.where(curved, bent, straight) - len(above) * np.log(scale)
    log = np.where((inner > 0).all(axis=-1), log, -np.inf)
    log -= 0.5 * ((shape - _USUAL) / _SPREAD) ** 2
    return np.asarray(np.exp(log - log.max()))

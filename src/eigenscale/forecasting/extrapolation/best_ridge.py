"""The ridge of least loss: every κ of the subset fits next to the size is tried at once.

An effective ridge is a ridge, so each subset fit gives the loss as a curve over ridges without
solving for anything. Subset fits next to a size have seen fits of such a size; the top alone would
have to derive them.
"""

from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.forecasting.extrapolation.nested import NestedFits
from eigenscale.forecasting.extrapolation.surface import SubsetSurface
from eigenscale.forecasting.extrapolation.transfer import Place, Query, hat, log_ridge

_RIDGES = 32  # tried for every query
_FACTORS = (1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True, eq=False)
class Curve:
    """Ridge and loss (logarithms, infinite where there are none) at every κ, (n, K) each."""

    ridge: Floats
    loss: Floats

    @classmethod
    def of(cls, surface: SubsetSurface, query: Query) -> "Curve":
        """Take a subset fit's loss at each of its values of κ, which ascend as ridges do."""
        subset = surface.whole
        n, K = len(query), len(subset.log_kappa)
        wide = Query(*(np.repeat(x, K) for x in (query.n_samples, query.n_features, query.ridge)))
        place = Place.of(subset, np.tile(subset.log_kappa, n))
        ridge = log_ridge(subset, place, wide)
        loss = np.where(np.isfinite(ridge), surface.loss_at(wide, place), np.inf)
        with np.errstate(divide="ignore"):
            return cls(ridge.reshape(n, K), np.log(loss).reshape(n, K))

    def thinned(self) -> "Curve":
        """Keep some values of κ of each query, evenly from the least that it can have."""
        K = self.ridge.shape[1]
        first = np.argmax(np.isfinite(self.ridge), axis=1)[:, None]
        at = np.rint(first + (K - 1 - first) * np.linspace(0, 1, min(_RIDGES, K))).astype(int)
        return Curve(*(np.take_along_axis(each, at, axis=1) for each in (self.ridge, self.loss)))

    def at(self, row: int, ridge: Floats) -> Floats:
        """Interpolate the loss of one query at ridges; the ends are held."""
        sound = np.isfinite(self.loss[row])
        if not sound.any():
            return np.full(len(ridge), np.inf)
        return np.asarray(np.interp(ridge, self.ridge[row, sound], self.loss[row, sound]))


def best_ridge(nested: NestedFits, query: Query) -> Floats:
    """Find the ridge of least loss for every query, whose own ridge is not looked at.

    The result is 0 where no ridge is best. Coming from large ridges, the first minimum counts: what
    a tail promises far below the sample's reach does not.
    """
    curve = Curve.of(nested.top, query).thinned()
    loss = _near(nested, query, curve)
    n, G = loss.shape
    if nested.trials is not None:
        sizes = [np.repeat(x, G) for x in (query.n_samples, query.n_features)]
        more = nested.trials(Query(sizes[0], sizes[1], np.exp(curve.ridge.ravel())))
        loss = loss + np.sum(more, axis=0).reshape(n, G)
    loss = np.where(np.isfinite(curve.ridge), loss, np.inf)
    best = _first_minimum(loss)
    row, step = np.arange(n), _step(loss, best)
    other = np.clip(best + np.sign(step).astype(int), 0, G - 1)
    here, there = curve.ridge[row, best], curve.ridge[row, other]
    found = np.exp(here + np.abs(step) * np.where(np.isfinite(there), there - here, 0.0))
    least = np.flatnonzero(best == 0)
    if len(least):
        found[least] = _from_none(nested, query.take(least), found[least])
    return np.asarray(found)


def _from_none(nested: NestedFits, query: Query, least: Floats) -> Floats:
    """Choose between no ridge, the least that a κ has, and larger ones, by what is forecast.

    Near no ridge a loss may peak, which curves that were measured at other sizes do not show.
    """
    ridges = np.array([0 * least, *(least * factor for factor in _FACTORS)])
    losses = [nested.expected(replace(query, ridge=ridge)) for ridge in ridges]
    return np.asarray(np.take_along_axis(ridges, np.argmin(losses, axis=0)[None], axis=0)[0])


def _near(nested: NestedFits, query: Query, curve: Curve) -> Floats:
    """Loss (log) at the ridges of the top's `curve`, by the subset fits on both sides."""
    sizes = np.log([float(surface.n_samples) for surface in nested.surfaces])
    loss = np.zeros_like(curve.loss)
    for k, surface in enumerate(nested.surfaces):
        share = hat(np.log(query.n_samples), sizes, k)
        rows = np.flatnonzero(share)
        if not len(rows):
            continue
        if surface is nested.top:
            loss[rows] += share[rows, None] * curve.loss[rows]
            continue
        theirs = Curve.of(surface, query.take(rows))
        for i, row in enumerate(rows):
            loss[row] += share[row] * theirs.at(i, curve.ridge[row])
    return loss


def _first_minimum(log_loss: Floats) -> Index:
    """Index of the least loss, from the right, before the loss has risen by 2 %."""
    falling = log_loss[:, ::-1]
    least = np.minimum.accumulate(falling, axis=1)
    with np.errstate(invalid="ignore"):  # infinite where nothing is known yet
        risen = np.maximum.accumulate(falling - least > np.log(1.02), axis=1)
    at = np.argmin(np.where(risen, np.inf, falling), axis=1)
    return np.asarray(log_loss.shape[1] - 1 - at)


def _step(loss: Floats, best: Index) -> Floats:
    """Distance to the minimum of the parabola, in grid steps; 0 at the ends."""
    row, K = np.arange(len(best)), loss.shape[1]
    inner = np.clip(best, 1, K - 2)
    left, middle, right = (loss[row, inner + i] for i in (-1, 0, 1))
    sound = (best == inner) & np.isfinite(left) & np.isfinite(right)
    left, middle, right = (np.where(sound, part, 0.0) for part in (left, middle, right))
    bend, tilt = left - 2 * middle + right, left - right
    return np.asarray(np.clip(0.5 * tilt / np.where(bend > 0, bend, 1.0), -1, 1))

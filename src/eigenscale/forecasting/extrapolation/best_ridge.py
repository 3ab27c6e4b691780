"""The ridge of least loss: every lens of the rungs next to the size is tried at once.

A lens is a ridge, so each rung gives the loss as a curve over ridges without solving for anything.
Rungs next to a size have seen fits of such a size; the top alone would have to derive them.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.forecasting.extrapolation.transfer import Place, Query, hat, log_ridge
from eigenscale.forecasting.subset_fits.steady import Rung

if TYPE_CHECKING:
    from eigenscale.forecasting.extrapolation.nested import Ladder

_RIDGES = 32  # tried for every query
_FACTORS = (1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True, eq=False)
class Curve:
    """Ridge and loss (logarithms, infinite where there are none) at every lens, (n, K) each."""

    ridge: Floats
    loss: Floats

    @classmethod
    def of(cls, rung: Rung, query: Query) -> "Curve":
        """Take a rung's loss at each of its lenses, which ascend as ridges do."""
        anchor = rung.whole
        n, K = len(query), len(anchor.log_lens)
        wide = Query(*(np.repeat(x, K) for x in (query.n_samples, query.n_features, query.ridge)))
        place = Place.of(anchor, np.tile(anchor.log_lens, n))
        ridge = log_ridge(anchor, place, wide)
        loss = np.where(np.isfinite(ridge), rung.loss_at(wide, place), np.inf)
        with np.errstate(divide="ignore"):
            return cls(ridge.reshape(n, K), np.log(loss).reshape(n, K))

    def thinned(self) -> "Curve":
        """Keep some lenses of each query, evenly from the least that it can have."""
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


def best_ridge(ladder: "Ladder", query: Query) -> Floats:
    """Find the ridge of least loss for every query; 0 where none is best.

    Coming from large ridges, the first minimum counts: what a tail promises far below the
    sample's reach does not.
    """
    curve = Curve.of(ladder.top, query).thinned()
    loss = _near(ladder, query, curve)
    n, G = loss.shape
    if ladder.trials is not None:
        sizes = [np.repeat(x, G) for x in (query.n_samples, query.n_features)]
        more = ladder.trials(Query(sizes[0], sizes[1], np.exp(curve.ridge.ravel())))
        loss = loss + np.sum(more, axis=0).reshape(n, G)
    loss = np.where(np.isfinite(curve.ridge), loss, np.inf)
    best = _first_minimum(loss)
    row, step = np.arange(n), _step(loss, best)
    other = np.clip(best + np.sign(step).astype(int), 0, G - 1)
    here, there = curve.ridge[row, best], curve.ridge[row, other]
    found = np.exp(here + np.abs(step) * np.where(np.isfinite(there), there - here, 0.0))
    least = np.flatnonzero(best == 0)
    if len(least):
        found[least] = _from_none(ladder, query.take(least), found[least])
    return np.asarray(found)


def _from_none(ladder: "Ladder", query: Query, least: Floats) -> Floats:
    """Choose between no ridge, the least that a lens has, and larger ones, by what is forecast.

    Near no ridge a loss may peak, which curves that were measured at other sizes do not show.
    """
    ridges = np.array([0 * least, *(least * factor for factor in _FACTORS)])
    losses = [ladder.expected(replace(query, ridge=ridge)) for ridge in ridges]
    return np.asarray(np.take_along_axis(ridges, np.argmin(losses, axis=0)[None], axis=0)[0])


def _near(ladder: "Ladder", query: Query, curve: Curve) -> Floats:
    """Loss (log) at the ridges of the top's `curve`, by the rungs on both sides of the size."""
    sizes = np.log([float(rung.n_samples) for rung in ladder.rungs])
    loss = np.zeros_like(curve.loss)
    for k, rung in enumerate(ladder.rungs):
        share = hat(np.log(query.n_samples), sizes, k)
        rows = np.flatnonzero(share)
        if not len(rows):
            continue
        if rung is ladder.top:
            loss[rows] += share[rows, None] * curve.loss[rows]
            continue
        theirs = Curve.of(rung, query.take(rows))
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

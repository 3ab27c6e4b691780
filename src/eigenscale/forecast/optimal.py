"""The ridge of least loss: every lens of a rung is tried at once, and the best one refined."""

from dataclasses import replace

import numpy as np

from eigenscale.forecast.rows import Floats, Index
from eigenscale.forecast.rung import Rung
from eigenscale.forecast.transfer import Place, Query, log_ridge
from eigenscale.forecast.trials import Trials


def best_ridge(rung: Rung, query: Query, trials: Trials | None = None) -> Floats:
    """Find the ridge of least loss for every query; 0 where none is best.

    A lens is a ridge: on the grid of lenses that the samples and features allow, the loss is
    compared, and a parabola through the three best gives the rest. Coming from large
    ridges, the first minimum counts: what a tail promises far below the sample's reach does not.
    """
    anchor = rung.whole
    n, K = len(query), len(anchor.log_lens)
    wide = Query(*(np.repeat(x, K) for x in (query.n_samples, query.n_features, query.ridge)))
    place = Place.of(anchor, np.tile(anchor.log_lens, n))
    ridge = log_ridge(anchor, place, wide).reshape(n, K)
    loss = rung.loss_at(wide, place)
    if trials is not None:
        shift, doubt = trials(replace(wide, ridge=np.exp(ridge.ravel())))
        loss = loss * np.exp(shift + doubt)
    loss = loss.reshape(n, K)
    loss = np.where(np.isfinite(ridge), loss, np.inf)
    best = _first_minimum(loss)
    lens = anchor.log_lens[best] + _step(loss, best) * np.gradient(anchor.log_lens)[best]
    found = np.exp(log_ridge(anchor, Place.of(anchor, lens), query))
    return np.where(best == np.argmax(np.isfinite(ridge), axis=1), 0.0, found)


def _first_minimum(loss: Floats) -> Index:
    """Index of the least loss, from the right, before the loss has risen by 2 %."""
    falling = loss[:, ::-1]
    least = np.minimum.accumulate(falling, axis=1)
    risen = np.maximum.accumulate(falling > 1.02 * least, axis=1)
    at = np.argmin(np.where(risen, np.inf, falling), axis=1)
    return np.asarray(loss.shape[1] - 1 - at)


def _step(loss: Floats, best: Index) -> Floats:
    """Distance to the minimum of the parabola, in grid steps; 0 at the ends."""
    row, K = np.arange(len(best)), loss.shape[1]
    inner = np.clip(best, 1, K - 2)
    left, middle, right = (loss[row, inner + i] for i in (-1, 0, 1))
    sound = (best == inner) & np.isfinite(left) & np.isfinite(right)
    bend = np.where(sound, left - 2 * middle + right, 1.0)
    bend, tilt = np.where(sound, bend, 1.0), np.where(sound, left - right, 0.0)
    return np.asarray(np.clip(0.5 * tilt / np.where(bend > 0, bend, 1.0), -1, 1))

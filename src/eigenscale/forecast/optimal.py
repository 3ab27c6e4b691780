"""The ridge of least loss: every lens of an anchor is tried at once, and the best one refined."""

import numpy as np

from eigenscale.forecast.anchor import Anchor
from eigenscale.forecast.rows import Floats
from eigenscale.forecast.transfer import Place, Query, log_ridge, loss_at


def best_ridge(anchor: Anchor, query: Query) -> Floats:
    """Find the ridge of least loss for every query; 0 where none is best.

    A lens is a ridge: on the grid of lenses that the samples and features allow, the loss is
    compared, and a parabola through the three best gives the rest.
    """
    n, K = len(query), len(anchor.log_lens)
    wide = Query(*(np.repeat(x, K) for x in (query.n_samples, query.n_features, query.ridge)))
    place = Place.of(anchor, np.tile(anchor.log_lens, n))
    ridge = log_ridge(anchor, place, wide).reshape(n, K)
    loss = loss_at(anchor, wide, place, draws=False)[0].reshape(n, K)
    loss = np.where(np.isfinite(ridge), loss, np.inf)
    best = np.argmin(loss, axis=1)
    lens = anchor.log_lens[best] + _step(loss, best) * np.gradient(anchor.log_lens)[best]
    found = np.exp(log_ridge(anchor, Place.of(anchor, lens), query))
    return np.where(best == np.argmax(np.isfinite(ridge), axis=1), 0.0, found)


def _step(loss: Floats, best: np.ndarray) -> Floats:
    """Distance to the minimum of the parabola, in grid steps; 0 at the ends."""
    row, K = np.arange(len(best)), loss.shape[1]
    inner = np.clip(best, 1, K - 2)
    left, middle, right = (loss[row, inner + i] for i in (-1, 0, 1))
    sound = (best == inner) & np.isfinite(left) & np.isfinite(right)
    bend = np.where(sound, left - 2 * middle + right, 1.0)
    step = 0.5 * np.where(sound, left - right, 0.0) / np.where(bend > 0, bend, 1.0)
    return np.asarray(np.clip(step, -1, 1))

"""The learning curve through measured points: an average of curve forms, and how sure it is.

Every cell of `eigenscale.forecasting.external.shapes` is fitted to the points, by relative errors
and with weights that rise with size, and counts by how well it fits and how often it was right on
public curves. Two strengths of the rise are averaged, with a part of the straight line through
the last five points. Where the points follow a power law with a floor so closely that it predicted
their own larger ones from the smaller ones, that law takes over.

How far cells disagree, how the points scatter and how far one looks ahead say how sure it is;
the constants were set on public curves (`benchmarks/learning_curves.py`).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats, Index, Mask
from eigenscale.errors import InputError
from eigenscale.forecasting.external.points import Points
from eigenscale.forecasting.external.power_law import (
    LEAST,
    LEAST_ERROR,
    Noise,
    PowerLaw,
    fit_power_law,
)
from eigenscale.forecasting.external.shapes import SHAPES, floor_and_fall

_RISES = (0.5, 1.0)  # weights of squared errors go as u to twice that
_SCATTER = 0.02  # relative scatter of points about a curve, before any is seen
_BELIEF = 2.0  # points that this belief counts for
_SCATTERS = (0.007, 0.04)  # least and largest belief taken from repeats
_LINE, _LINE_FROM = 0.15, 0.5  # share of the straight line, from so many e-folds ahead on
_LINE_POINTS = 5
_TILT, _MOST_TILT = 0.75, 0.3  # from the median towards the least relative error
_CELLS, _OWN, _AHEAD = 1.5, 0.5, 0.04  # disagreement, scatter, each e-fold ahead
_WIDER = 1.06  # times the normal width
_FREEDOM = 6.0  # of Student's t in the draws
_EXACT = 0.004  # miss of the power law for each e-fold, in its own backtest, that halves its weight
_NOTHING = 1e-100  # what losses that all are zero are fitted as
_TINY = 1e-3  # of the least loss: no predicted loss is smaller


@dataclass(frozen=True, eq=False)
class CurveAverage:
    """A loss surface through points; the first argument counts nothing.

    Attributes
    ----------
    floor, fall, weights : array, shape (2, cells)
        c and a of each cell, and its weight, for each rise of the weights; weights add up to 1.
    line : (float, float)
        Logarithm of the loss at `last`, and slope against log size, of the last points.
    scatter : float
        Relative scatter of points about the curve, weighted towards the largest.
    last : float
        Largest size that was measured.
    drift : float
        Standard deviation of the logarithm for each e-fold beyond `last`.
    least : float
        Least loss that is predicted.
    law : PowerLaw or None
        A power law with a floor, where it could be fitted.
    trust : float
        Weight of that law, between 0 and 1.
    cells : array, shape (B,)
        Cell that each draw follows.
    wobble : array, shape (B,)
        Student's t numbers, one for each draw.
    by_law : array, shape (B,)
        Whether a draw is one of the law's.
    errors : array, shape (m,)
        Relative standard errors of the measured means.
    """

    floor: Floats
    fall: Floats
    weights: Floats
    line: tuple[float, float]
    scatter: float
    last: float
    drift: float
    least: float
    law: PowerLaw | None
    trust: float
    cells: Index
    wobble: Floats
    by_law: Mask
    errors: Floats

    @property
    def size_name(self) -> str:
        """Name of the first argument of `loss`, which does not count."""
        return "n_features"

    @property
    def data_name(self) -> str:
        """Name of the second argument of `loss`."""
        return "n_samples"

    @property
    def form_weights(self) -> dict[str, float]:
        """Weight of each form in the average, by name; the line and the law are not counted."""
        ends = np.cumsum([len(shape.weights) for shape in SHAPES])
        parts = np.split(self.weights.sum(axis=0), ends[:-1])
        return {shape.name: float(p.sum()) for shape, p in zip(SHAPES, parts, strict=True)}

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Give the expected loss; the arguments broadcast."""
        shape = np.broadcast_shapes(np.shape(size), np.shape(data))
        samples = np.broadcast_to(np.asarray(data, float), shape)
        middle, spread = self._middle(self._logs(samples.ravel()), samples.ravel())
        value = np.exp(middle - np.minimum(_TILT * spread**2, _MOST_TILT)).reshape(shape)
        if self.law is not None:
            value = self.trust * self.law.loss(samples) + (1 - self.trust) * value
        return _settled(value)

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Plausible losses, shape (B, *broadcast)."""
        shape = np.broadcast_shapes(np.shape(size), np.shape(data))
        samples = np.broadcast_to(np.asarray(data, float), shape).ravel()
        logs = self._logs(samples)
        middle, _ = self._middle(logs, samples)
        ahead = np.log(np.maximum(samples / self.last, 1.0))
        own = np.sqrt((_OWN * self.scatter) ** 2 + (self.drift * ahead) ** 2)
        apart = _CELLS * (logs.reshape(-1, len(samples))[self.cells] - middle)
        drawn = np.exp(middle + _WIDER * (apart + own * self.wobble[:, None]))
        if self.law is not None and self.by_law.any():
            drawn[self.by_law] = self.law.draw(samples)[: self.by_law.sum()]
        return _settled(drawn.reshape(-1, *shape))

    def _logs(self, samples: Floats) -> Floats:
        """Logarithm of each cell's curve, shape (2, cells, m)."""
        values = self.floor[..., None] + self.fall[..., None] * _shapes_at(samples / self.last)
        return np.asarray(np.log(np.maximum(values, self.least)))

    def _middle(self, logs: Floats, samples: Floats) -> tuple[Floats, Floats]:
        """Average of the logarithm over cells and line, and how far cells disagree."""
        weights = self.weights[..., None]
        mean = (weights * logs).sum(axis=(0, 1))
        spread = np.sqrt((weights * (logs - mean) ** 2).sum(axis=(0, 1)))
        height, slope = self.line
        ahead = np.maximum(np.log(samples / self.last), 0.0)
        share = _LINE * np.minimum(ahead / _LINE_FROM, 1.0)
        return mean + share * (height + slope * ahead - mean), spread


def fit_curve(points: Points, *, draws: int, rng: np.random.Generator) -> CurveAverage:
    """Fit every cell, weigh them, and draw what else the points allow.

    Raises
    ------
    InputError
        Fewer than four sizes.
    """
    m = len(points.n_samples)
    if m < LEAST:
        raise InputError(
            f"{points.name} has {m} size{'s' * (m != 1)}; a power law with a floor needs "
            f"{LEAST} or more; measure at more numbers of samples"
        )
    noise = Noise.of(points, draws, rng)
    u = points.n_samples / points.n_samples[-1]
    loss = _positive(points.mean)
    belief = _SCATTER
    if noise.errors.max() > LEAST_ERROR:
        belief = float(np.clip(np.sqrt(np.mean(noise.errors**2)), *_SCATTERS))
    parts = [_weighed(u, loss, rise, belief) for rise in _RISES]
    floor, fall, weights = (np.array([part[i] for part in parts]) for i in range(3))
    weights = weights / len(_RISES)
    law, trust = _law(replace(points, losses=loss[:, None]), noise, draws, rng)
    return CurveAverage(
        floor,
        fall,
        weights,
        _line(u, loss),
        float(np.mean([part[3] for part in parts])),
        float(points.n_samples[-1]),
        min(_AHEAD, float(np.log(loss.max() / loss.min()))),
        _TINY * float(loss.min()),
        law,
        trust,
        rng.choice(weights.size, draws, p=weights.ravel()),
        rng.standard_t(_FREEDOM, draws),
        np.arange(draws) < round(trust * draws),
        noise.errors,
    )


def _settled(loss: Floats) -> Floats:
    """Give zero where all losses were."""
    return np.where(loss < 1e6 * _NOTHING, 0.0, loss)


def _positive(loss: Floats) -> Floats:
    """Means of zero, of which there is no logarithm, as half the least that is not."""
    return np.maximum(loss, loss[loss > 0].min() / 2) if (loss > 0).any() else loss + _NOTHING


def _shapes_at(u: Floats) -> Floats:
    return np.concatenate([shape.at(u) for shape in SHAPES])


def _weighed(
    u: Floats, loss: Floats, rise: float, belief: float
) -> tuple[Floats, Floats, Floats, float]:
    """Floor, fall and weight of every cell, shape (cells,) each, and the scatter."""
    weight = u ** (2 * rise)
    floor, fall, misses = floor_and_fall(_shapes_at(u), loss, weight / loss**2)
    best, count = float(misses.min()), float(weight.sum())
    scatter2 = (best + _BELIEF * belief**2) / (max(count - 2, 0.0) + _BELIEF)
    prior = np.concatenate([shape.weights for shape in SHAPES])
    weights = prior * np.exp(-(misses - best) / (2 * scatter2))
    return floor, fall, weights / weights.sum(), scatter2**0.5


def _line(u: Floats, loss: Floats) -> tuple[float, float]:
    """Height at the largest size and slope of the last points, in logarithms; it never rises."""
    x, y = np.log(u[-_LINE_POINTS:]), np.log(loss[-_LINE_POINTS:])
    slope = float((x - x.mean()) @ y / ((x - x.mean()) @ (x - x.mean())))
    if slope >= 0:
        return float(y.mean()), 0.0
    return float(y.mean() - slope * x.mean()), slope


def _law(
    points: Points, noise: Noise, draws: int, rng: np.random.Generator
) -> tuple[PowerLaw | None, float]:
    """Give the power law with a floor and its weight by its own backtest; none on a flat curve."""
    if np.ptp(points.mean) == 0:
        return None, 0.0
    law = fit_power_law(points, noise, draws=draws, rng=rng)
    return law, 1 / (1 + (law.missed / _EXACT) ** 2)

"""Nested subset fits: nested sizes of the sample, each scored on what it has not seen.

The top subset fit uses every row. Within the sample, subset fits near the size that is asked for
answer together (`average`); beyond it the top does, and how far smaller subset fits missed the top
says how far the top may miss (`drift`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.forecasting.extrapolation.average import REACH, average
from eigenscale.forecasting.extrapolation.drift import Drift, log_ratio
from eigenscale.forecasting.extrapolation.pairs import calibrated, graft
from eigenscale.forecasting.extrapolation.surface import SubsetSurface
from eigenscale.forecasting.extrapolation.transfer import Place, Query, hat, solve
from eigenscale.forecasting.extrapolation.trials import Trials
from eigenscale.forecasting.sample.rows import Rows
from eigenscale.forecasting.subset_fits.heavy_tail import stretch
from eigenscale.forecasting.subset_fits.subset_fit import SubsetFit, Weights, fit_subsets
from eigenscale.progress import Progress

_SMALLEST = 32  # rows of the lowest subset fit
_MOST_SUBSETS = 8
_PARTITIONS = 2
# The bootstrap draws rows as test rows only; they train the fits as well, so that samples differ
# more: up to 1.3 times, over twelve samples each of six cases (LOG.md).
_TRAINED = 1.25


@dataclass(frozen=True, eq=False)
class Prediction:
    """Losses of n queries: `value` (n,), `draws` (B, n); where they fall on the top subset fit.

    `wobble` (B, n) is the part of the draws that does not come from resampling rows.
    """

    value: Floats
    draws: Floats
    place: Place
    modes: Floats
    wobble: Floats


@dataclass(frozen=True, eq=False)
class NestedFits:
    """Subset fits of ascending size on the same rows."""

    surfaces: tuple[SubsetSurface, ...]
    noise: Floats  # standard normal, shape (B, 3): beyond, luck and theory, trials
    weights: Weights
    luck: Floats  # relative scatter of the top's one training set, at its values of κ
    drift: Drift
    trials: Trials | None = None  # real fits with random features
    variance_draws: Floats = field(default_factory=lambda: np.ones(1))  # of the target, relative
    stretch: float = 1.0  # of draws above the value, for rare huge losses that no row shows

    @property
    def top(self) -> SubsetSurface:
        """The subset fit of all rows."""
        return self.surfaces[-1]

    def predict(self, query: Query) -> Prediction:
        """Predict the loss of every query."""
        value, draws, place = self.top.loss(query)
        modes = place.log(self.top.whole.modes)
        log_value, doubt, lucky = self._together(query, value, draws, place)
        spread = self.noise[:, [0]] * self._beyond(query) + self.noise[:, [1]] * doubt
        if self.trials is not None:
            more, doubt = self.trials(query)
            log_value, spread = log_value + more, spread + self.noise[:, [2]] * doubt
        value, wobble = np.exp(log_value), np.exp(spread)
        return Prediction(value, value * lucky * wobble, place, modes, wobble)

    def expected(self, query: Query) -> Floats:
        """Give the expected loss (log), with what trials doubt of random features; no draws."""
        log_loss = self._together(query, *self.top.loss(query, drawn=False))[0]
        return log_loss if self.trials is None else log_loss + np.sum(self.trials(query), axis=0)

    def _together(
        self, query: Query, value: Floats, draws: Floats, place: Place
    ) -> tuple[Floats, Floats, Floats]:
        """Logarithm of the loss, its standard deviation, and the draws over the value."""
        sizes = np.log([float(surface.n_samples) for surface in self.surfaces])
        asked_size = np.log(query.n_samples)
        distance = np.clip(asked_size, sizes[0], sizes[-1])[:, None] - sizes
        logs, luck = np.zeros((2, len(query), len(sizes)))
        asked = np.abs(distance) < REACH
        lucky = np.zeros_like(draws)
        for k, surface in enumerate(self.surfaces):
            share = hat(asked_size, sizes, k)
            near = np.flatnonzero(asked[:, k])
            if surface is self.top:
                near = np.arange(len(query))
                found, drawn, at = value, draws, place
            else:
                found, drawn, at = surface.loss(query.take(near), drawn=len(draws) > 0)
            asked[near, k] &= np.isfinite(found)
            logs[near, k] = _log(found)
            luck[near, k] = self._luck(k, at)
            lucky[:, near] += share[near] * log_ratio(drawn, found)
        fade = np.minimum(np.exp(sizes[-1] - asked_size), 1.0)
        mean, doubt = average(logs, luck, distance, asked)
        top, sound = _log(value), np.isfinite(value)
        mean = np.where(asked.any(axis=1), mean, top)
        return (
            np.where(sound, top + fade * (mean - top), np.inf),
            np.where(sound, fade * doubt, 0.0),
            np.exp(_TRAINED * lucky * np.where(lucky > 0, self.stretch, 1.0)),
        )

    def _luck(self, k: int, place: Place) -> Floats:
        """Relative error of a loss from its training sets, which share the sample's rows."""
        if k == len(self.surfaces) - 1:
            return np.asarray(place(self.luck))
        surface = self.surfaces[k]
        shared = surface.n_samples / self.top.n_samples
        left = shared + (1 - shared) / surface.fit.n_subsets
        return np.asarray(place(np.nan_to_num(surface.whole.scatter)) * np.sqrt(left))

    def _beyond(self, query: Query) -> Floats:
        """Say how uncertain the logarithm is beyond the sample."""
        distance = np.maximum(np.log(query.n_samples / self.top.n_samples), 0.0)
        if not distance.any():
            return distance
        at_top = query.at_samples(float(self.top.n_samples))
        return np.asarray(distance * self.drift(solve(self.top.whole, at_top).log_kappa))


def _log(loss: Floats) -> Floats:
    return np.log(np.where(np.isfinite(loss), np.maximum(loss, 1e-300), 1.0))


def _luck(surfaces: Sequence[SubsetSurface]) -> Floats:
    """Relative standard deviation of the top fit's one training set, from a smaller fit's."""
    grid = surfaces[-1].whole.log_kappa
    if len(surfaces) == 1:
        return np.zeros(len(grid))
    surface = surfaces[max(len(surfaces) - 3, 0)].fit
    shrink = np.sqrt(surface.n_samples / surfaces[-1].n_samples)
    return np.asarray(np.interp(grid, surface.log_kappa, np.nan_to_num(surface.scatter)) * shrink)


def build(
    rows: Rows,
    target: Floats,
    *,
    draws: int = 200,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> NestedFits:
    """Fit and score every subset fit."""
    n = rows.n_rows
    weights = Weights.draw(n, draws, rng)
    sizes = _sizes(n, target.shape[1])
    fits, done, work = [], 0.0, float(sum(size**2 for size in sizes))
    for size in sizes:
        fits.append(fit_subsets(rows, target, _partitions(n, size, rng), weights))
        done += size**2
        if progress is not None:
            progress(done, work)
    surfaces = [SubsetSurface(calibrated(each)).ready() for each in _grafted(fits)]
    luck, noise = _luck(surfaces), rng.standard_normal((draws, 3))
    square = ((target - target.mean(axis=0)) ** 2).sum(axis=1, keepdims=True)
    count = weights.draws @ weights.sums(np.ones_like(square))
    variance = (weights.draws @ weights.sums(square) / count)[:, 0] / square.mean()
    return NestedFits(
        tuple(surfaces),
        noise,
        weights,
        luck,
        Drift(surfaces, luck),
        variance_draws=variance,
        stretch=_stretch(fits[-1].row_losses, weights),
    )


def _stretch(losses: Floats, weights: Weights) -> float:
    """Say how far draws above the value fall short, by the tail of the rows' losses."""
    sums = weights.draws @ weights.sums(losses[:, None])
    count = weights.draws @ weights.sums(np.ones((len(losses), 1)))
    return stretch(losses, (sums / count)[:, 0] / max(losses.mean(), 1e-300))


def _grafted(fits: Sequence[SubsetFit]) -> list[SubsetFit]:
    """Subset fits, those of more than half the sample with the B of the largest that has pairs."""
    paired = [each for each in fits if each.paired]
    return [each if each.paired or not paired else graft(each, paired[-1]) for each in fits]


def _partitions(n: int, size: int, rng: np.random.Generator) -> list[list[Index]]:
    """Training sets of a subset fit: random partitions of the rows, cut off at a number of sets."""
    if size == n:
        return [[np.arange(n)]]
    each = min(n // size, _MOST_SUBSETS)
    out = []
    for _ in range(_PARTITIONS):
        order = rng.permutation(n)
        out.append([np.sort(order[i * size : (i + 1) * size]) for i in range(each)])
    return out


def _sizes(n: int, n_columns: int) -> Sequence[int]:
    """Sizes that fall by √2 from the sample, ascending, down to a few rows for each column."""
    least = max(_SMALLEST, 4 * n_columns)
    steps = int(np.floor(2 * np.log2(max(n / least, 1))))
    return [round(n * 2 ** (-k / 2)) for k in range(steps, -1, -1)]

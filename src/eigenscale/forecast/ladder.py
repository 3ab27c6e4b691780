"""A ladder of anchors: nested sizes of the sample, each scored on what it has not seen.

The top rung uses every row. Within the sample, what smaller rungs measure corrects the transfer
from the top (only by as much as stands out of their noise); beyond it, how far smaller rungs
missed the top says how far the top may miss what is beyond.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eigenscale.forecast.anchor import Anchor, Weights, anchor
from eigenscale.forecast.optimal import best_ridge
from eigenscale.forecast.pairs import calibrated, graft
from eigenscale.forecast.rows import Floats, Index, Rows
from eigenscale.forecast.rung import Rung
from eigenscale.forecast.transfer import Place, Query
from eigenscale.forecast.trials import Trials
from eigenscale.progress import Progress

_SMALLEST = 32  # rows of the lowest rung
_MOST_SUBSETS = 8
_PARTITIONS = 2
_DRIFT = 0.003  # least relative error for each e-fold of samples beyond the sample


@dataclass(frozen=True, eq=False)
class Prediction:
    """Losses of n queries: `value` (n,), `draws` (B, n); where they fall on the top rung.

    `wobble` (B, n) is the part of the draws that does not come from resampling rows.
    """

    value: Floats
    draws: Floats
    place: Place
    modes: Floats
    wobble: Floats


@dataclass(frozen=True, eq=False)
class Ladder:
    """Rungs of ascending size on the same rows."""

    rungs: tuple[Rung, ...]
    noise: Floats  # standard normal, shape (B, rungs + 3)
    weights: Weights
    trials: Trials | None = None  # real fits with random features

    @property
    def top(self) -> Rung:
        """The rung of all rows."""
        return self.rungs[-1]

    def predict(self, query: Query) -> Prediction:
        """Predict the loss of every query."""
        value, draws, place = self.top.loss(query)
        modes = place.log(self.top.whole.modes)
        sound = np.isfinite(value)
        part = query.take(np.flatnonzero(sound))
        wobble = np.ones_like(draws)
        scatter = place.take(sound)(self._top_scatter)
        wobble[:, sound] = np.exp(
            self.noise[:, [-1]] * self._beyond(part) + self.noise[:, [-2]] * scatter
        )
        value[sound], draws[:, sound] = self._refined(part, value[sound], draws[:, sound])
        if self.trials is not None:
            shift, spread = self.trials(part)
            value[sound] *= np.exp(shift)
            draws[:, sound] *= np.exp(shift)
            wobble[:, sound] *= np.exp(self.noise[:, [-3]] * spread)
        return Prediction(value, draws * wobble, place, modes, wobble)

    def best_ridge(self, query: Query) -> Floats:
        """Find the ridge of least loss for every query, whose own ridge is not looked at."""
        return best_ridge(self.top, query, self.trials)

    def _refined(self, query: Query, value: Floats, draws: Floats) -> tuple[Floats, Floats]:
        """Correct by smaller rungs."""
        log_value, log_draws = np.log(value), np.log(np.maximum(draws, 1e-300))
        shift, shift_draws = self._within(query, log_value, log_draws)
        return np.exp(log_value + shift), np.exp(log_draws + shift_draws)

    def _within(self, query: Query, log_value: Floats, log_draws: Floats) -> tuple[Floats, Floats]:
        """Correction of the logarithm by rungs near the query's number of samples."""
        sizes = np.log([rung.n_samples for rung in self.rungs])
        shift, shift_draws = np.zeros(len(query)), np.zeros_like(log_draws)
        for k, rung in enumerate(self.rungs[:-1]):
            share = _hat(np.log(query.n_samples), sizes, k)
            near = np.flatnonzero(share)
            if not near.size:
                continue
            gap = _Gap.of(rung, query.take(near), log_value[near], log_draws[:, near])
            true = np.maximum(gap.value**2 - gap.noise**2, 0.0)
            trust = true / (true + gap.noise**2 + 1e-12)
            shift[near] += share[near] * trust * gap.value
            spread = trust * gap.scatter
            shift_draws[:, near] += share[near] * (trust * gap.draws + self.noise[:, [k]] * spread)
        return shift, shift_draws

    def _beyond(self, query: Query) -> Floats:
        """Say how uncertain the logarithm is beyond the sample, from how rungs missed the top."""
        distance = np.log(query.n_samples / self.top.n_samples)
        out = np.flatnonzero(distance > 0)
        spread = np.zeros(len(query))
        if not out.size:
            return spread
        here = query.take(out).at_samples(float(self.top.n_samples))
        value, draws, place = self.top.loss(here)
        luck = place(self._top_scatter)
        value = np.where(np.isfinite(value), value, 1e300)
        base, base_draws = np.log(value), np.log(np.clip(draws, 1e-300, 1e300))
        rates = []
        for rung in self.rungs[-6:-1]:
            if rung.open_ended == self.top.open_ended:
                gap = _Gap.of(rung, here, base, base_draws)
                steps = np.log(self.top.n_samples / rung.n_samples)
                missed = gap.value**2 - gap.noise**2 - luck**2
                rates.append(np.maximum(missed, 0) / steps**2)
        rate = np.mean(rates, axis=0) if rates else _DRIFT**2
        spread[out] = distance[out] * np.sqrt(_DRIFT**2 + np.minimum(rate, 1.0))
        return spread

    @cached_property
    def _top_scatter(self) -> Floats:
        """Relative standard deviation of the top rung's one training set, from a smaller rung's."""
        grid = self.top.whole.log_lens
        if len(self.rungs) == 1:
            return np.zeros(len(grid))
        rung = self.rungs[max(len(self.rungs) - 3, 0)].anchor
        shrink = np.sqrt(rung.n_samples / self.top.n_samples)
        return np.asarray(np.interp(grid, rung.log_lens, np.nan_to_num(rung.scatter)) * shrink)


@dataclass(frozen=True, eq=False)
class _Gap:
    """By how much (in the logarithm) a rung differs from the top, its draws, and its noise."""

    value: Floats
    draws: Floats
    noise: Floats
    scatter: Floats

    @classmethod
    def of(cls, rung: Rung, query: Query, log_value: Floats, log_draws: Floats) -> "_Gap":
        value, draws, place = rung.loss(query)
        good = np.isfinite(value) & np.isfinite(log_value)
        gap = np.where(good, np.log(np.where(good, value, 1.0)) - log_value, 0.0)
        finite = np.where(np.isfinite(draws), np.maximum(draws, 1e-300), 1.0)
        gap_draws = np.where(good, np.log(finite) - log_draws, 0.0)
        scatter = place(rung.whole.scatter) / np.sqrt(rung.anchor.n_subsets)
        return cls(gap, gap_draws, np.hypot(gap_draws.std(axis=0), scatter), scatter)


def _hat(x: Floats, knots: Floats, k: int) -> Floats:
    """Weight of knot k in linear interpolation; the lowest knot reaches down to everything."""
    values = np.zeros(len(knots))
    values[k] = 1.0
    return np.asarray(np.interp(x, knots, values))


def build(
    rows: Rows,
    target: Floats,
    *,
    draws: int = 200,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Ladder:
    """Fit and score every rung."""
    n = rows.n_rows
    weights = Weights.draw(n, draws, rng)
    sizes = _sizes(n, target.shape[1])
    anchors, done, work = [], 0.0, float(sum(size**2 for size in sizes))
    for size in sizes:
        anchors.append(anchor(rows, target, _partitions(n, size, rng), weights))
        done += size**2
        if progress is not None:
            progress(done, work)
    rungs = [Rung(calibrated(each)) for each in _grafted(anchors)]
    noise = rng.standard_normal((draws, len(sizes) + 3))
    return Ladder(tuple(rungs), noise, weights)


def _grafted(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Anchors, those of more than half the sample with the B of the largest that has pairs."""
    paired = [each for each in anchors if each.paired]
    return [each if each.paired or not paired else graft(each, paired[-1]) for each in anchors]


def _partitions(n: int, size: int, rng: np.random.Generator) -> list[list[Index]]:
    """Training sets of a rung: random partitions of the rows, cut off at a number of sets."""
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

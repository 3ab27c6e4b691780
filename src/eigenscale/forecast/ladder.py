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
from eigenscale.forecast.rows import Floats, Index, Rows
from eigenscale.forecast.tail import SCENARIOS, extend, is_open
from eigenscale.forecast.transfer import Place, Query, loss_at, solve
from eigenscale.progress import Progress

_SMALLEST = 32  # rows of the lowest rung
_MOST_SUBSETS = 8
_MOST = 0.5  # correction of the logarithm by a smaller rung; more says that the rung fails
_DRIFT = 0.003  # least relative error for each e-fold of samples beyond the sample


@dataclass(frozen=True, eq=False)
class Prediction:
    """Losses of n queries: `value` (n,), `draws` (B, n); where they fall on the top rung."""

    value: Floats
    draws: Floats
    place: Place
    modes: Floats


@dataclass(frozen=True, eq=False)
class Ladder:
    """Anchors of ascending size on the same rows."""

    anchors: tuple[Anchor, ...]
    noise: Floats  # standard normal, shape (B, rungs + 2)

    @property
    def top(self) -> Anchor:
        """The anchor of all rows."""
        return self.anchors[-1]

    @property
    def open_ended(self) -> bool:
        """Whether there may be modes that the whole sample does not resolve."""
        return is_open(self.top)

    @cached_property
    def _open(self) -> tuple[Anchor, ...]:
        """Every rung, extended below its smallest lens where there may be more modes."""
        return tuple(extend(a) if is_open(a) else a for a in self.anchors)

    @cached_property
    def _scenarios(self) -> tuple[Anchor, ...]:
        if not is_open(self.top):
            return (self.top,)
        return tuple(extend(self.top, i) for i in range(len(SCENARIOS)))

    def predict(self, query: Query) -> Prediction:
        """Predict the loss of every query."""
        value, draws, place = self._from_top(query)
        modes = place.log(self._scenarios[0].modes)
        sound = np.isfinite(value)
        part = query.take(np.flatnonzero(sound))
        value[sound], draws[:, sound] = self._refined(
            part, value[sound], draws[:, sound], place.take(sound)
        )
        return Prediction(value, draws, place, modes)

    def _refined(
        self, query: Query, value: Floats, draws: Floats, place: Place
    ) -> tuple[Floats, Floats]:
        """Correct by smaller rungs, and add what the bootstrap does not see."""
        log_value, log_draws = np.log(value), np.log(np.maximum(draws, 1e-300))
        shift, shift_draws = self._within(query, log_value, log_draws)
        spread = self._beyond(query)
        scatter = place(self._top_scatter) if len(self.anchors) > 1 else np.zeros(len(query))
        log_draws = log_draws + shift_draws
        log_draws += self.noise[:, [-1]] * spread + self.noise[:, [-2]] * scatter
        return np.exp(log_value + shift), np.exp(log_draws)

    def best_ridge(self, query: Query) -> Floats:
        """Find the ridge of least loss for every query, whose own ridge is not looked at."""
        return best_ridge(self._open[-1], query)

    def _from_top(self, query: Query) -> tuple[Floats, Floats, Place]:
        rung = self._scenarios[0]
        place = solve(rung, query)
        value, draws = loss_at(rung, query, place)
        if len(self._scenarios) > 1 and (place.log_lens < self.top.log_lens[0]).any():
            for i, other in enumerate(self._scenarios[1:], start=1):
                at = loss_at(other, query, solve(other, query))[1]
                draws[i :: len(self._scenarios)] = at[i :: len(self._scenarios)]
        return value, draws, place

    def _within(self, query: Query, log_value: Floats, log_draws: Floats) -> tuple[Floats, Floats]:
        """Correction of the logarithm by rungs near the query's number of samples."""
        sizes = np.log([a.n_samples for a in self.anchors])
        shift, shift_draws = np.zeros(len(query)), np.zeros_like(log_draws)
        for k, rung in enumerate(self._open[:-1]):
            share = _hat(np.log(query.n_samples), sizes, k)
            near = np.flatnonzero(share)
            if not near.size:
                continue
            gap, gap_draws, noise = self._gap(rung, query, near, log_value, log_draws)
            trust = gap**2 / (gap**2 + noise**2 + 1e-12) * (np.abs(gap) < _MOST)
            shift[near] += share[near] * trust * gap
            wobble = trust * gap_draws + self.noise[:, [k]] * np.where(
                np.abs(gap) < _MOST, trust * self._scatter(rung, query, near), np.abs(gap)
            )
            shift_draws[:, near] += share[near] * wobble
        return shift, shift_draws

    def _gap(
        self, rung: Anchor, query: Query, near: Index, log_value: Floats, log_draws: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """By how much a rung differs from the top, its draws, and its noise."""
        part = query.take(near)
        value, draws = loss_at(rung, part, solve(rung, part))
        good = np.isfinite(value)
        gap = np.where(good, np.log(np.where(good, value, 1.0)) - log_value[near], 0.0)
        finite = np.where(np.isfinite(draws), np.maximum(draws, 1e-300), 1.0)
        gap_draws = np.where(good, np.log(finite) - log_draws[:, near], 0.0)
        return gap, gap_draws, np.hypot(gap_draws.std(axis=0), self._scatter(rung, query, near))

    def _scatter(self, rung: Anchor, query: Query, near: Index) -> Floats:
        part = query.take(near)
        scatter = solve(rung, part)(rung.scatter)
        return np.asarray(scatter / np.sqrt(rung.n_subsets))

    def _beyond(self, query: Query) -> Floats:
        """Say how uncertain the logarithm is beyond the sample, from how rungs missed the top."""
        distance = np.log(query.n_samples / self.top.n_samples)
        out = np.flatnonzero(distance > 0)
        spread = np.zeros(len(query))
        if not out.size:
            return spread
        here = query.take(out).at_samples(float(self.top.n_samples))
        value, draws, _ = self._from_top(here)
        base, base_draws = np.log(value), np.log(np.maximum(draws, 1e-300))
        rates = [np.full(out.size, _DRIFT**2)]
        for rung, plain in zip(self._open[-4:-1], self.anchors[-4:-1], strict=True):
            if is_open(plain) != self.open_ended:
                continue
            gap, _, noise = self._gap(rung, here, np.arange(out.size), base, base_draws)
            steps = np.log(self.top.n_samples / rung.n_samples)
            rates.append(np.maximum(gap**2 - noise**2, 0) / steps**2)
        spread[out] = distance[out] * np.sqrt(rates[0] + np.mean(rates[1:] or [rates[0]], axis=0))
        return spread

    @cached_property
    def _top_scatter(self) -> Floats:
        """Relative standard deviation of the top rung's one training set, from a smaller rung's."""
        rung = self._open[-3] if len(self.anchors) > 2 else self._open[0]
        grid = self._scenarios[0].log_lens
        shrink = np.sqrt(rung.n_samples / self.top.n_samples)
        return np.asarray(np.interp(grid, rung.log_lens, np.nan_to_num(rung.scatter)) * shrink)


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
        order = rng.permutation(n)
        count = min(n // size, _MOST_SUBSETS)
        subsets = [np.sort(order[i * size : (i + 1) * size]) for i in range(count)]
        anchors.append(anchor(rows, target, subsets, weights))
        done += size**2
        if progress is not None:
            progress(done, work)
    noise = rng.standard_normal((draws, len(sizes) + 2))
    return Ladder(tuple(anchors), noise)


def _sizes(n: int, n_columns: int) -> Sequence[int]:
    """Halves of the sample, ascending, down to a few rows for each target column."""
    least = max(_SMALLEST, 4 * n_columns)
    sizes = [n]
    while sizes[-1] // 2 >= least:
        sizes.append(sizes[-1] // 2)
    return sizes[::-1]

"""From a subset fit to any number of samples and features: solve for κ, put the variance back.

With N random features in front, the covariance that ridge regression sees is itself a sample of
features, and its effective ridge κ₁ follows from the population's g by (★): κ₁ = g (1 - z/N), with

    D₁ = z + (D - z)(N - z)/(N - D),    B₁ = Q - (Q - B)(N - z)/(N - D).

Then, on T samples, ridge = κ₁ · mean τ/(1 + s τ), z = T · mean s τ/(1 + s τ), and

    V = (D₁/T) [mean ω b + (B₁ - B) mean ω τ] / (1 - (D₁/T) mean ω τ),    E = B₁ + V,

where b is the loss without variance at each τ. All τ = 1 gives the loss of theory.md 3.
"""

from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Floats, Index, Mask
from eigenscale.forecasting.subset_fits.subset_fit import SubsetFit

_OUTER, _INNER = 60, 60
_CLOSE = 1e-12
_HUGE = 1e12
_SINGULAR = 1e-5  # of 1 - D/T: the loss diverges there


@dataclass(frozen=True, eq=False)
class Query:
    """What is asked, arrays of shape (n,): samples, features (infinite: none in front), ridge."""

    n_samples: Floats
    n_features: Floats
    ridge: Floats

    def __len__(self) -> int:
        return len(self.n_samples)

    def take(self, index: Index) -> "Query":
        """Take some of the queries."""
        return Query(self.n_samples[index], self.n_features[index], self.ridge[index])

    def at_samples(self, n_samples: float) -> "Query":
        """Give the same queries at another number of samples."""
        return replace(self, n_samples=np.full(len(self), n_samples))


@dataclass(frozen=True, eq=False)
class Place:
    """Where on a subset fit's grid a query falls: left neighbour, weight of the right one."""

    left: Index
    share: Floats
    log_kappa: Floats

    @classmethod
    def of(cls, subset: SubsetFit, log_kappa: Floats) -> "Place":
        """Locate; beyond an end the end itself."""
        grid = subset.log_kappa
        at = np.clip(log_kappa, grid[0], grid[-1])
        left = np.clip(np.searchsorted(grid, at, side="right") - 1, 0, len(grid) - 2)
        return cls(left, (at - grid[left]) / (grid[left + 1] - grid[left]), log_kappa)

    def take(self, which: Mask) -> "Place":
        """Take some of the places."""
        return Place(self.left[which], self.share[which], self.log_kappa[which])

    def __call__(self, values: Floats) -> Floats:
        """Interpolate along the last axis."""
        return np.asarray(
            values[..., self.left] * (1 - self.share) + values[..., self.left + 1] * self.share
        )

    def log(self, values: Floats) -> Floats:
        """Interpolate the logarithm of something positive."""
        return np.exp(self(np.log(np.maximum(values, 1e-300))))


def solve(subset: SubsetFit, query: Query) -> Place:
    """Find κ at which each query's ridge is met, by false position in log κ.

    Where κ of no ridge is larger, as with more modes than samples or features, that one.
    """
    wanted = np.log(np.maximum(query.ridge, 1e-300))
    low, high = _least_kappa(subset, query), np.full(len(query), subset.log_kappa[-1])

    def miss(log_kappa: Floats) -> Floats:
        return log_ridge(subset, Place.of(subset, log_kappa), query) - wanted

    at_low, at_high = miss(low), miss(high)
    low, high = np.where(at_high < 0, high, low), np.where(at_low > 0, low, high)
    before = np.zeros(len(query), dtype=int)
    for step in range(_OUTER):
        log_kappa = _guess(low, high, at_low, at_high, plain=step % 8 == 7)
        found = miss(log_kappa)
        above = found > 0
        # An end that stays twice counts half (Dowell and Jarratt 1971), so that both close in.
        side = np.where(above, 1, -1)
        stays = np.where(side == before, 0.5, 1.0)
        at_low = np.where(above, at_low * stays, found)
        at_high, before = np.where(above, found, at_high * stays), side
        low, high = np.where(above, low, log_kappa), np.where(above, log_kappa, high)
        if np.all((high - low < _CLOSE) | (np.abs(found) < _CLOSE)):
            break
    near = np.abs(found) < _CLOSE
    return Place.of(subset, np.where(near, log_kappa, high))


def _least_kappa(subset: SubsetFit, query: Query) -> Floats:
    """Smallest κ (log) that so many samples and features can have, or the subset fit's end."""
    most = np.minimum(query.n_samples - 1, query.n_features) * (1 - 1e-12)
    modes = np.log(np.maximum(subset.modes[::-1], 1e-300))
    return np.interp(np.log(most), np.maximum.accumulate(modes), subset.log_kappa[::-1])


def _guess(low: Floats, high: Floats, at_low: Floats, at_high: Floats, *, plain: bool) -> Floats:
    """Where the line through both ends is zero, or the middle."""
    sound = np.isfinite(at_low) & (at_high > 0) & (at_low < 0)
    share = np.where(sound, at_high, 1.0) / np.where(sound, at_high - at_low, 2.0)
    return np.asarray(high - (high - low) * (0.5 if plain else np.clip(share, 0.001, 0.999)))


def log_ridge(subset: SubsetFit, place: Place, query: Query) -> Floats:
    """Ridge (log) that has κ at `place`; -inf where κ cannot be so small."""
    modes = place.log(subset.modes)
    left = 1 - modes / query.n_features
    samples = query.n_samples - 1
    possible = (modes < samples) & (left > 0)
    s = _scale(place(subset.odds), np.where(possible, modes / samples, 0.5))
    with np.errstate(divide="ignore"):
        ridge = place.log_kappa + np.log(np.maximum(left, 0)) + np.log(modes / (samples * s))
    return np.where(possible, ridge, -np.inf)


def _scale(odds: Floats, filled: Floats) -> Floats:
    """Solve mean s τ/(1 + s τ) = filled for s; shape (bins, n) and (n,) to (n,).

    Newton steps on log(mean/(1 - mean)), which is nearly straight in log s; none of them starts
    too high, as the mean is at most what all τ = 1 give.
    """
    wanted = np.log(filled / (1 - filled))
    low, high = wanted, np.full_like(wanted, np.log(_HUGE))
    log_s = low
    for _ in range(_INNER):
        share = 1 / (1 + np.exp(-log_s) / np.maximum(odds, 1e-300))
        mean = np.clip(share.mean(axis=0), 1e-300, 1 - 1e-16)
        miss = wanted - np.log(mean / (1 - mean))
        low, high = np.where(miss >= 0, log_s, low), np.where(miss <= 0, log_s, high)
        slope = (share * (1 - share)).mean(axis=0) / (mean * (1 - mean))
        after = log_s + miss / np.maximum(slope, 1e-12)
        log_s, before = np.where((after < low) | (after > high), (low + high) / 2, after), log_s
        if np.all(np.abs(log_s - before) < _CLOSE):
            break
    return np.exp(log_s)


def loss_at(
    subset: SubsetFit, query: Query, place: Place, *, draws: bool = True
) -> tuple[Floats, Floats]:
    """Give the expected held-out loss, shape (n,), and its draws, (B, n) or (0, n)."""
    parts = _Parts.of(subset, query, place)
    value = parts.loss(
        *(place(v) for v in (subset.bias, subset.cross, subset.binned, subset.excess))
    )
    if not draws:
        return value, np.empty((0, len(query)))
    noisy = (subset.bias_draws, subset.cross_draws, subset.binned_draws, subset.excess_draws)
    return value, parts.loss(*(place(values) for values in noisy))


@dataclass(frozen=True, eq=False)
class _Parts:
    """What the loss needs apart from the noisy functions."""

    odds: Floats
    weight: Floats
    wide_share: Floats
    feature_cost: Floats
    intercept: Floats

    @classmethod
    def of(cls, subset: SubsetFit, query: Query, place: Place) -> "_Parts":
        modes, wide = place.log(subset.modes), place.log(subset.wide_modes)
        samples = query.n_samples - 1
        odds = place(subset.odds)
        s = _scale(odds, np.clip(modes / samples, 1e-12, 1 - 1e-9))
        pull = odds / (1 + s * odds)
        weight = (pull / pull.mean(axis=0)) ** 2 / odds
        kept = _kept(modes, wide, query.n_features)
        wide_features = modes + (wide - modes) * kept
        return cls(odds, weight, wide_features / samples, 1 - kept, 1 + 1 / query.n_samples)

    def loss(self, bias: Floats, cross: Floats, binned: Floats, excess: Floats) -> Floats:
        added = self.feature_cost * (cross - bias)
        tilt = (self.weight * self.odds).mean(axis=0)
        push = (self.weight * binned).mean(axis=-2) + added * tilt
        left = 1 - self.wide_share * tilt
        sound = left > _SINGULAR
        variance = self.wide_share * np.maximum(push, 0) / np.where(sound, left, 1.0)
        return np.where(sound, (bias + added + excess * variance) * self.intercept, np.inf)


def _kept(modes: Floats, wide: Floats, n_features: Floats) -> Floats:
    """Return (N - z)/(N - D): dlog g/dlog κ₁, 1 for infinitely many features."""
    finite = np.isfinite(n_features)
    N = np.where(finite, n_features, 1.0)
    return np.where(finite, np.maximum(N - modes, 0) / np.where(finite, N - wide, 1.0), 1.0)


def hat(x: Floats, knots: Floats, k: int) -> Floats:
    """Give the weight of knot k in linear interpolation, the end knots held."""
    values = np.zeros(len(knots))
    values[k] = 1.0
    return np.asarray(np.interp(x, knots, values))

"""A subset fit: what fits on n rows tell about the population, by κ, the effective ridge.

Held-out loss E splits into what any fit with that κ has, and what drawing n rows adds:

    E = B + V,    V = (D/n) · mean_i ω_i e_i²,
    ω_i = τ_i/(1 + s τ_i)² / (mean_j τ_j/(1 + s τ_j))²,

with ``D = z + dz/dlog κ = Σ λ²/(λ+κ)²``. Where two training sets share no row, B is measured
without theory: the residuals of a row under both have the mean product B, since what one drew the
other did not. With one training set, V is taken from its formula. B, z, D, the spread of τ and
the loss without variance at each τ belong to the population, so they hold for any other number of
rows; `transfer` puts V back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.forecasting.sample.rows import Rows
from eigenscale.forecasting.subset_fits.held_out import POINTS, HeldOut, held_out

_BINS = 24
_MOST_RESIDUALS = 60_000_000  # held at once; targets with more columns go without pairs
_LEAST = 1e-4  # of the loss, that is not variance
_STEP = 1e-3  # least distance of two points in log κ


@dataclass(frozen=True, eq=False)
class SubsetFit:
    """Population functions on K points of κ, ascending; B draws of each where it is noisy.

    Attributes
    ----------
    n_samples : int
        Rows that each fit was made on.
    max_rank : float
        Most modes there can be.
    log_kappa : array, shape (K,)
        log κ.
    log_ridges : array, shape (K,)
        Logarithm of the ridge that each κ was measured at.
    modes, wide_modes : array, shape (K,)
        z = Σ λ/(λ+κ) and D = Σ λ²/(λ+κ)².
    odds : array, shape (bins, K)
        τ, of mean 1, in bins of equally many rows.
    bias, bias_draws : array, shape (K,), (B, K)
        B, unexplained variance included.
    cross, cross_draws : array, shape (K,), (B, K)
        Q = E[y (y - mean fit)], the loss of a linear response: B = Q - dQ/dlog κ.
    binned, binned_draws : array, shape (bins, K), (B, bins, K)
        Mean of the loss without variance, in the bins of τ.
    loss, loss_draws : array, shape (K,), (B, K)
        E as measured, without the intercept's share.
    excess, excess_draws : array, shape (K,), (B, K)
        Measured V over that of the theory; `pairs.calibrated` sets it.
    scatter : array, shape (K,)
        Relative standard deviation of the loss of one training set; NaN where only one was used.
    n_subsets : int
        Training sets that were averaged.
    paired : bool
        Whether B is from pairs of training sets.
    row_losses : array, shape (rows,)
        Held-out loss of every row at the κ of least loss.
    """

    n_samples: int
    max_rank: float
    log_kappa: Floats
    log_ridges: Floats
    modes: Floats
    wide_modes: Floats
    odds: Floats
    bias: Floats
    cross: Floats
    binned: Floats
    bias_draws: Floats
    cross_draws: Floats
    binned_draws: Floats
    loss: Floats
    loss_draws: Floats
    excess: Floats
    excess_draws: Floats
    scatter: Floats
    n_subsets: int
    paired: bool
    row_losses: Floats


@dataclass(frozen=True, eq=False)
class Weights:
    """Bootstrap by groups of rows: `group` of each row, and draws of the groups' weights (B, G)."""

    group: Index
    draws: Floats

    @classmethod
    def draw(cls, n_rows: int, n_draws: int, rng: np.random.Generator) -> "Weights":
        """Draw groups of rows anew with replacement; all subset fits share them."""
        n_groups = min(64, n_rows)
        group = rng.permutation(n_rows) % n_groups
        share = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), n_draws)
        return cls(group.astype(np.intp), share.astype(float))

    def sums(self, values: Floats, index: Index | None = None) -> Floats:
        """Sum over the rows of each group: (n, K) to (G, K)."""
        group = self.group if index is None else self.group[index]
        out = np.zeros((self.draws.shape[1], values.shape[1]))
        np.add.at(out, group, values)
        return out


def fit_subsets(
    rows: Rows, target: Floats, partitions: Sequence[Sequence[Index]], weights: Weights
) -> SubsetFit:
    """Fit on subsets of equal size, score on all rows, and average.

    Subsets of one partition share no row.
    """
    subsets = [subset for partition in partitions for subset in partition]
    fits, pair = _fits(rows, target, partitions)
    n, ridges = len(subsets[0]), fits[0].ridges
    modes = _mean([fit.modes for fit in fits])
    modes_slope = _mean([fit.modes_slope for fit in fits])
    kappa_slope = _mean([fit.kappa_slope for fit in fits])
    scale = _mean([fit.odds.mean(axis=0) for fit in fits])
    log_kappa = np.log(ridges) + np.log(scale) - np.log(modes / n)
    keep = _ascending(log_kappa)
    odds = np.concatenate([fit.odds for fit in fits])[:, keep] / scale[keep]
    # The mean of n rows is the fit's intercept; it costs every fit a factor 1 + 1/n.
    squared = _mean([fit.squared for fit in fits])[:, keep] / (1 + 1 / n)
    cross = _mean([fit.cross for fit in fits])[:, keep] / (1 + 1 / n)
    wide = (modes + modes_slope / kappa_slope)[keep]
    index = np.concatenate(subsets)
    loss, loss_draws = _resampled(squared, weights)
    if pair is None:
        mean_odds, mean, drawn = _bins(odds, squared, index, weights)
        part = _Split(n, wide, scale[keep], mean_odds, mean, drawn)
        bias, binned = part.without_variance(loss, mean)
        bias_draws, binned_draws = part.without_variance(loss_draws, drawn)
    else:
        mean_odds, binned, binned_draws = _bins(odds, pair[:, keep], index, weights)
        bias, bias_draws = _resampled(pair[:, keep], weights)
        bias = np.maximum(bias, _LEAST * loss)
        bias_draws = np.maximum(bias_draws, _LEAST * loss_draws)
    return SubsetFit(
        n,
        rows.max_rank,
        log_kappa[keep],
        np.log(ridges)[keep],
        modes[keep],
        wide,
        mean_odds,
        bias,
        _resampled(cross, weights)[0],
        binned,
        bias_draws,
        _resampled(cross, weights)[1],
        binned_draws,
        loss,
        loss_draws,
        np.ones_like(loss),
        np.ones_like(loss_draws),
        _scatter([fit.squared.mean(axis=0)[keep] for fit in fits]),
        len(fits),
        pair is not None,
        squared[:, loss.argmin()],
    )


def _fits(
    rows: Rows, target: Floats, partitions: Sequence[Sequence[Index]]
) -> tuple[list[HeldOut], Floats | None]:
    """All fits, and the mean product of two held-out residuals of a row, from disjoint subsets."""
    several = any(len(partition) > 1 for partition in partitions)
    keep = several and target.size * POINTS <= _MOST_RESIDUALS
    fits: list[HeldOut] = []
    products = []
    for partition in partitions:
        total, own, count = np.zeros(()), np.zeros(()), len(partition)
        for subset in partition:
            fit = held_out(rows, target, subset, fits[0].ridges if fits else None, keep)
            if fit.residual is not None:
                total, own = total + fit.residual, own + fit.squared
            fits.append(replace(fit, residual=None))
        if keep and count > 1:
            products.append((np.einsum("nkc,nkc->nk", total, total) - own) / (count * (count - 1)))
    return fits, _mean(products) if products else None


def _mean(arrays: Sequence[Floats]) -> Floats:
    return np.asarray(sum(arrays[1:], start=arrays[0]) / len(arrays))


def _scatter(losses: Sequence[Floats]) -> Floats:
    if len(losses) < 2:
        return np.full_like(losses[0], np.nan)
    return np.asarray(np.std(losses, axis=0, ddof=1) / np.mean(losses, axis=0))


def _ascending(log_kappa: Floats) -> Index:
    """Points that climb by at least a step, the last one kept."""
    keep, last = [], np.inf
    for i in range(len(log_kappa) - 1, -1, -1):
        if np.isfinite(log_kappa[i]) and log_kappa[i] < last - _STEP:
            keep.append(i)
            last = log_kappa[i]
    return np.array(keep[::-1], dtype=np.intp)


def _resampled(values: Floats, weights: Weights) -> tuple[Floats, Floats]:
    """Mean over rows and its draws."""
    counts = np.bincount(weights.group, minlength=weights.draws.shape[1])
    draws = weights.draws @ weights.sums(values) / (weights.draws @ counts)[:, None]
    return values.mean(axis=0), draws


def _bins(
    odds: Floats, squared: Floats, index: Index, weights: Weights
) -> tuple[Floats, Floats, Floats]:
    """Mean τ and mean squared residual in bins of equally many rows, with draws."""
    n, K = odds.shape
    n_bins, n_groups = min(_BINS, max(1, n // 8)), weights.draws.shape[1]
    rank = np.argsort(np.argsort(odds, axis=0), axis=0)
    cell = rank * n_bins // n + n_bins * weights.group[index][:, None]
    cell = cell * K + np.arange(K)
    shape = (n_groups, n_bins * K)

    def total(values: Floats | None) -> Floats:
        flat = None if values is None else values.ravel()
        return np.bincount(cell.ravel(), flat, n_groups * n_bins * K).reshape(shape)

    count, loss, size = total(None), total(squared[index]), total(odds)
    mean = (loss.sum(axis=0) / count.sum(axis=0)).reshape(n_bins, K)
    mean_odds = (size.sum(axis=0) / count.sum(axis=0)).reshape(n_bins, K)
    drawn = (weights.draws @ loss) / np.maximum(weights.draws @ count, 1e-300)
    return mean_odds, mean, drawn.reshape(-1, n_bins, K)


@dataclass(frozen=True, eq=False)
class _Split:
    """Takes the variance of n rows out of a loss."""

    n: int
    wide: Floats
    scale: Floats
    odds: Floats
    binned: Floats
    binned_draws: Floats

    def without_variance(self, loss: Floats, binned: Floats) -> tuple[Floats, Floats]:
        pull = self.odds / (1 + self.scale * self.odds)
        weight = (pull / pull.mean(axis=0)) ** 2 / self.odds
        variance = self.wide / (self.n - 1) * (weight * binned).mean(axis=-2)
        return np.maximum(loss - variance, _LEAST * loss), binned - self.odds * variance[
            ..., None, :
        ]

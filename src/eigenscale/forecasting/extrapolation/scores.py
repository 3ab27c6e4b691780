"""Classes: from the held-out scores of the sample to the share of wrong answers at any size.

The score of a fit is its mean over training sets, which depends on κ alone, plus a scatter whose
variance goes as the row's τ times V. Held-out scores of a subset fit at κ of a query have that mean
with the scatter of the subset fit's n rows. At fewer rows, or with random features, the scatter is
larger: as much Gaussian noise is added, correlated over classes as the residuals are. At more rows
it is smaller, and the share of wrong answers is extrapolated from noise added to noise taken away,
as in SIMEX (Cook and Stefanski 1994). The two subset fits next to the query answer together, each
by several training sets where it has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.forecasting.extrapolation.surface import SubsetSurface
from eigenscale.forecasting.sample.rows import Basis, Rows
from eigenscale.forecasting.subset_fits.subset_fit import Weights

_SCORED = 2000  # noisy scores of each fit, at least
_SETS = 2  # training sets of a subset fit of half the rows or less
_KAPPAS = 64
_NOISE = np.append(0.0, np.geomspace(0.002, 4.0, 10))  # variance added, over the loss
_ADDED = (
    0.0,
    0.5,
    1.0,
    1.5,
)  # noise added for the extrapolation, in units of what is taken away


@dataclass(frozen=True, eq=False)
class Scores:
    """Held-out scores of all rows from one fit on a subset fit's number of rows, at any κ.

    Attributes
    ----------
    subset fit : SubsetSurface
    basis : Basis
        Of the rows `train`; the rows `other` lie outside.
    train, other : array of int
    target : array, shape (n, classes)
        Zeros and ones.
    weights : Weights
        The subset fits' bootstrap.
    noise : array, shape (repeats, n, classes)
        Standard normal, the same for every query.
    """

    surface: SubsetSurface
    basis: Basis
    train: Index
    other: Index
    target: Floats
    weights: Weights
    noise: Floats
    _known: dict[int, Floats] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        surface: SubsetSurface,
        rows: Rows,
        target: Floats,
        weights: Weights,
        rng: np.random.Generator,
    ) -> "tuple[Scores, ...]":
        """Fit once more on as many rows as the subset fit, twice where there are enough."""
        order, n = rng.permutation(rows.n_rows), surface.n_samples
        out = []
        for i in range(min(_SETS, rows.n_rows // n)):
            train = np.sort(order[i * n : (i + 1) * n])
            other = np.setdiff1d(order, train)
            noise = rng.standard_normal((-(-_SCORED // len(target)), *target.shape))
            one = cls(surface, rows.basis(train, other), train, other, target, weights, noise)
            _ = one._once  # worked out before the first query comes
            out.append(one)
        return tuple(out)

    def wrong(self, log_kappa: Floats, loss: Floats) -> Floats:
        """Wrong answers in each group of rows where κ and the loss are known, (n, G)."""
        own, scatter = self.surface.own(log_kappa)[1:]
        grid = self._grid
        place = np.clip(np.interp(log_kappa, grid, np.arange(len(grid))), 0, len(grid) - 1 - 1e-9)
        out = np.empty((len(loss), self.weights.draws.shape[1]))
        for i, at in enumerate(place):
            left, share = int(at), at - int(at)
            levels = self._at(left) * (1 - share) + self._at(left + 1) * share
            out[i] = _changed(levels, _NOISE * own[i], loss[i] - own[i], scatter[i])
        return out

    @cached_property
    def _grid(self) -> Floats:
        """Effective ridges that scores are kept at."""
        log_kappa = self.surface.fit.log_kappa
        return np.linspace(log_kappa[0], log_kappa[-1], _KAPPAS)

    def _at(self, i: int) -> Floats:
        """Wrong answers in each group with every noise, (noises, G), at κ i of the grid."""
        if i not in self._known:
            ridge, own, _ = self.surface.own(self._grid[[i]])
            scores, odds = self._held_out(float(ridge[0]))
            self._known[i] = self._noisy(scores, odds, _NOISE * own[0])
        return self._known[i]

    @cached_property
    def _once(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """What all ridges share: mean, coefficients, squared basis, and what it does not span."""
        n, inside = len(self.train), self.basis.inside
        mean = self.target[self.train].mean(axis=0)
        centred = self.target[self.train] - mean
        coefficients = inside.T @ centred
        square = inside**2
        beyond = np.maximum(1 - 1 / n - square.sum(axis=1), 0.0)
        beyond[beyond < 1e-10] = 0.0
        null = np.where(beyond[:, None] > 0, centred - inside @ coefficients, 0.0)
        return mean, coefficients, square, beyond, null

    def _held_out(self, ridge: float) -> tuple[Floats, Floats]:
        """Scores of all rows from fits without them, and τ (1 for rows outside)."""
        mean, coefficients, square, beyond, null = self._once
        lost = ridge / (self.basis.eigenvalues + ridge)
        rest = beyond + square @ lost
        residual = null + self.basis.inside @ (lost[:, None] * coefficients)
        scores, odds = np.empty_like(self.target), np.ones(len(self.target))
        scores[self.train] = self.target[self.train] - residual / rest[:, None]
        scores[self.other] = mean + self.basis.outside @ ((1 - lost)[:, None] * coefficients)
        own = (1 - 1 / len(self.train)) / rest - 1  # H_ii/(1 - H_ii)
        own = np.minimum(own, 30 * np.median(own))
        odds[self.train] = own / own.mean()
        return scores, odds

    def _noisy(self, scores: Floats, odds: Floats, variances: Floats) -> Floats:
        """Chance of a wrong answer, summed over the rows of each group, for each added variance."""
        residual = self.target - scores
        shape = residual.T @ residual
        root = np.linalg.cholesky(shape / np.trace(shape) + 1e-12 * np.eye(len(shape)))
        right = self.target.argmax(axis=1)
        jitter = np.sqrt(odds)[:, None] * (self.noise @ root.T)
        wrong = np.stack(
            [
                ((scores + np.sqrt(variance) * jitter).argmax(axis=2) != right).mean(axis=0)
                for variance in variances
            ],
            axis=1,
        )
        return np.asarray(self.weights.sums(wrong).T)


def _changed(levels: Floats, added: Floats, more: float, now: float) -> Floats:
    """Wrong answers once the scatter, of variance `now`, has changed by `more`."""

    def at(variance: Floats) -> Floats:
        place = np.interp(variance, added, np.arange(len(added)))
        left = np.minimum(place.astype(int), len(added) - 2)
        share = (place - left)[:, None]
        return np.asarray(levels[left] * (1 - share) + levels[left + 1] * share)

    if more >= 0:
        return np.asarray(at(np.array([more]))[0])
    # Less scatter than was measured: a straight line or parabola in the variance.
    step = np.array(_ADDED) * max(-more, 0.25 * now)
    pull = np.vander([more], 3) @ np.linalg.pinv(np.vander(step, 3))
    return np.asarray((pull @ at(step))[0])


def error_rates(
    scores: Sequence[tuple[Scores, ...]],
    n_samples: Floats,
    log_kappa: Floats,
    loss: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Share of wrong answers, (n,), its draws (B, n), and its error from training sets, (n,).

    `scores` has the sets of every subset fit, ascending.
    """
    weights = scores[0][0].weights
    counts = np.bincount(weights.group, minlength=weights.draws.shape[1])
    sums, each = np.zeros((len(loss), len(counts))), []
    for share, own in zip(_shares(scores, n_samples), scores, strict=True):
        near = np.flatnonzero(share)
        for one in own if near.size else ():
            wrong = np.zeros_like(sums)
            wrong[near] = one.wrong(log_kappa[near], loss[near])
            part = share / len(own)
            sums += part[:, None] * wrong
            each.append((part, wrong.sum(axis=1) / counts.sum()))
    value = sums.sum(axis=1) / counts.sum()
    parts, rates = (np.array(x) for x in zip(*each, strict=True))
    spread = np.sqrt((parts * (rates - value) ** 2).sum(axis=0))
    left = np.sqrt((parts**2).sum(axis=0))
    draws = weights.draws @ sums.T / (weights.draws @ counts)[:, None]
    return value, draws, spread * left


def _shares(scores: Sequence[tuple[Scores, ...]], n_samples: Floats) -> Floats:
    """Weight of every subset fit in each query, (subset fits, n): the two next to it."""
    sizes = np.log([float(own[0].surface.n_samples) for own in scores])
    if len(sizes) == 1:
        return np.ones((1, len(n_samples)))
    # Beyond the sample the subset fit below the top keeps a third, against the luck of one set.
    place = np.interp(np.log(n_samples), sizes, np.arange(len(sizes)))
    place = np.minimum(place, len(sizes) - 4 / 3)
    return np.asarray(np.maximum(1 - np.abs(place - np.arange(len(sizes))[:, None]), 0.0))

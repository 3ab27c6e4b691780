"""Classes: from the held-out scores of the sample to the share of wrong answers at any size.

The score of a fit is its mean over training sets, which depends on the lens alone, plus a scatter
whose variance goes as the row's τ times V. Held-out scores of a rung at the lens of a query have
that mean with the scatter of the rung's n rows. At fewer rows, or with random features, the scatter
is larger: as much Gaussian noise is added, correlated over classes as the residuals are. At more
rows it is smaller, and the share of wrong answers is extrapolated from noise added to noise taken
away, as in SIMEX (Cook and Stefanski 1994). The smallest rung above the query is the one to ask.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eigenscale.forecast.anchor import Weights
from eigenscale.forecast.rows import Basis, Floats, Index, Rows
from eigenscale.forecast.rung import Rung

_REPEATS = 4
_ADDED = (0.0, 0.5, 1.0, 1.5)  # noise added for the extrapolation, in units of what is taken away


@dataclass(frozen=True, eq=False)
class Scores:
    """Held-out scores of all rows from one fit on a rung's number of rows, at any lens.

    Attributes
    ----------
    rung : Rung
    basis : Basis
        Of the rows `train`; the rows `other` lie outside.
    train, other : array of int
    target : array, shape (n, classes)
        Zeros and ones.
    weights : Weights
        The ladder's bootstrap.
    noise : array, shape (repeats, n, classes)
        Standard normal, the same for every query.
    """

    rung: Rung
    basis: Basis
    train: Index
    other: Index
    target: Floats
    weights: Weights
    noise: Floats

    @classmethod
    def of(
        cls, rung: Rung, rows: Rows, target: Floats, weights: Weights, rng: np.random.Generator
    ) -> "Scores":
        """Fit once more on as many rows as the rung has."""
        order = rng.permutation(rows.n_rows)
        train, other = np.sort(order[: rung.n_samples]), np.sort(order[rung.n_samples :])
        noise = rng.standard_normal((_REPEATS, *target.shape))
        return cls(rung, rows.basis(train, other), train, other, target, weights, noise)

    def error_rate(self, log_lens: Floats, loss: Floats) -> tuple[Floats, Floats]:
        """Share of wrong answers where the lens and the loss are known, (n,), and draws (B, n)."""
        ridge, own, scatter = self.rung.own(log_lens)
        value = np.full(len(loss), np.nan)
        draws = np.full((len(self.weights.draws), len(loss)), np.nan)
        for i in np.flatnonzero(np.isfinite(loss)):
            scores, odds = self._held_out(float(ridge[i]))
            wrong = self._wrong(scores, odds, float(loss[i] - own[i]), float(scatter[i]))
            value[i] = np.clip(wrong.mean(), 0, 1)
            draws[:, i] = np.clip(self._resampled(wrong), 0, 1)
        return value, draws

    def _resampled(self, wrong: Floats) -> Floats:
        counts = np.bincount(self.weights.group, minlength=self.weights.draws.shape[1])
        sums = self.weights.sums(wrong[:, None])[:, 0]
        return np.asarray(self.weights.draws @ sums / (self.weights.draws @ counts))

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

    def _wrong(self, scores: Floats, odds: Floats, more: float, now: float) -> Floats:
        """Chance of each row to be answered wrongly, once its scatter has changed by `more`."""
        residual = self.target - scores
        shape = residual.T @ residual
        root = np.linalg.cholesky(shape / np.trace(shape) + 1e-12 * np.eye(len(shape)))
        right = self.target.argmax(axis=1)

        def at(variance: float) -> Floats:
            if variance <= 0:
                return np.asarray((scores.argmax(axis=1) != right).astype(float))
            jitter = np.sqrt(variance * odds)[:, None] * (self.noise @ root.T)
            return np.asarray(((scores + jitter).argmax(axis=2) != right).mean(axis=0))

        if more >= 0:
            return at(more)
        # Less scatter than was measured: a straight line or parabola in the variance.
        step = max(-more, 0.25 * now)
        added = np.array(_ADDED) * step
        at_each = np.array([at(variance) for variance in added])
        design = np.vander(added, 3)
        pull = np.vander([more], 3) @ np.linalg.pinv(design)
        extrapolated: Floats = pull[0] @ at_each
        return extrapolated

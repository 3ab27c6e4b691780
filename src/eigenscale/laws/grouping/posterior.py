"""Ladders of a few rungs in each group: what may be true, given weak priors and few residuals.

Three to six runs of a group leave few residuals or none, so that resampled tables say too little
about the scatter of a run. Here the scatter is unknown too: it has a prior, and a likelihood by
Laplace's method. For each scatter drawn, losses and prior means are drawn anew and the law is
fitted to both; such fits are draws of the posterior, exactly where the law is linear
(Bardsley et al. 2014, SIAM J. Sci. Comput. 36, A1895).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.laws.estimation.prior import FLOOR, OF_SIZE_OR_DATA
from eigenscale.laws.table import Table

TERM = (np.log(0.15), 1.0)  # of the least loss, at the centre of the runs: log median, log sd
SCATTER = (np.log(0.004), 1.0)  # of a single run: log median, log sd
FACTOR = 0.25  # standard deviation of the log factors of a group
SHARED = 5  # E, both terms, both exponents
TRIED = np.geomspace(0.08, 2e-4, 25)  # scatters, from where the priors rule to where the runs do
STEPS, DAMPING, SETTLED = 120, 1e-2, 1e-3  # a gain that no longer matters, in nats
LEAST = (1e-3, 0.02)  # floor, over the least loss, and exponents


@dataclass(frozen=True, eq=False)
class _Ladders:
    """Centred logs (n,) of size, data and of the loss over the least loss; groups; priors (q,)."""

    x: Floats
    y: Floats
    z: Floats
    groups: NDArray[np.int64]
    mean: Floats
    sd: Floats

    def model(self, at: Floats) -> tuple[Floats, Floats]:
        """Log loss (B, n) and its slopes (B, n, q) at points (B, q)."""
        E, size, data, alpha, beta = (column[:, None] for column in at[:, :SHARED].T)
        factors = at[:, SHARED:].reshape(len(at), -1, 2)
        padded = np.concatenate([np.zeros((len(at), 1, 2)), factors], axis=1)[:, self.groups]
        S = np.exp(np.clip(size - alpha * self.x + padded[..., 0], -60, 60))
        T = np.exp(np.clip(data - beta * self.y + padded[..., 1], -60, 60))
        value = E + S + T
        parts = [1 / value, S / value, T / value, -self.x * S / value, -self.y * T / value]
        for j in range(1, factors.shape[1] + 1):
            member = self.groups == j
            parts += [member * S / value, member * T / value]
        return np.log(value), np.stack(parts, axis=-1)

    def best(self, at: Floats, scatter: Floats, z: Floats, mean: Floats) -> tuple[Floats, Floats]:
        """Minimise the sum of squares of runs and priors, for B problems at once.

        Levenberg and Marquardt's steps from `at` (B, q), with losses `z` (B, n), prior means
        `mean` (B, q) and scatters (B,). Gives the points and the normal matrices (B, q, q).
        """
        damping = np.full(len(at), DAMPING)
        cost, gradient, matrix = self._normal(at, scatter, z, mean)
        for step in range(STEPS):
            raised = matrix + damping[:, None, None] * (
                np.einsum("bqq->bq", matrix)[..., None] * np.eye(at.shape[1])
            )
            tried = at - np.linalg.solve(raised, gradient[..., None])[..., 0]
            tried[:, 0] = np.clip(tried[:, 0], LEAST[0], None)
            tried[:, 3:SHARED] = np.clip(tried[:, 3:SHARED], LEAST[1], None)
            new = self._normal(tried, scatter, z, mean)
            better = new[0] <= cost
            settled = step > 10 and bool((np.where(better, cost - new[0], SETTLED) < SETTLED).all())
            at = np.where(better[:, None], tried, at)
            cost = np.where(better, new[0], cost)
            gradient = np.where(better[:, None], new[1], gradient)
            matrix = np.where(better[:, None, None], new[2], matrix)
            if settled:
                break
            damping = np.clip(np.where(better, 0.3 * damping, 5 * damping), 1e-9, 1e9)
        return at, matrix

    def _normal(
        self, at: Floats, scatter: Floats, z: Floats, mean: Floats
    ) -> tuple[Floats, Floats, Floats]:
        value, slopes = self.model(at)
        off, slopes = (value - z) / scatter[:, None], slopes / scatter[:, None, None]
        away = (at - mean) / self.sd
        cost = 0.5 * ((off**2).sum(axis=1) + (away**2).sum(axis=1))
        gradient = np.einsum("bn,bnq->bq", off, slopes) + away / self.sd
        matrix = np.einsum("bnq,bnr->bqr", slopes, slopes) + np.diag(self.sd**-2)
        return np.nan_to_num(cost, nan=np.inf), gradient, matrix

    def scatters(self, at: Floats) -> tuple[Floats, Floats]:
        """Best points (k, q) for the scatters `TRIED`, and the probability (k,) of each."""
        found, log_p = [], []
        for s in TRIED:
            scatter = np.array([s])
            at, matrix = self.best(at, scatter, self.z[None], self.mean[None])
            cost = float(self._normal(at, scatter, self.z[None], self.mean[None])[0][0])
            prior = 0.5 * ((np.log(s) - SCATTER[0]) / SCATTER[1]) ** 2
            volume = 0.5 * np.linalg.slogdet(matrix[0])[1]
            log_p.append(-len(self.z) * np.log(s) - cost - volume - prior)
            found.append(at[0])
        p = np.exp(np.array(log_p) - max(log_p))
        return np.array(found), p / p.sum()


def posterior(
    table: Table, groups: NDArray[np.int64], draws: int, rng: np.random.Generator
) -> Floats:
    """Draw parameters of `grouped_law` that may be true, shape (draws, 5 + 2 (g − 1)).

    Parameters
    ----------
    table : Table
        With params and tokens.
    groups : int array (n,)
        Number of each run's group, from 0, each of them present.
    """
    logs = [np.log(table.inputs[name]) for name in ("params", "tokens")]
    centre = [float(x.mean()) for x in logs]
    least = float(table.target.min())
    mean = np.zeros(SHARED + 2 * int(groups.max()))
    sd = np.full(len(mean), FACTOR)
    mean[:SHARED] = FLOOR.mean, TERM[0], TERM[0], OF_SIZE_OR_DATA.mean, OF_SIZE_OR_DATA.mean
    sd[:SHARED] = FLOOR.sd, TERM[1], TERM[1], OF_SIZE_OR_DATA.sd, OF_SIZE_OR_DATA.sd
    x, y = (values - middle for values, middle in zip(logs, centre, strict=True))
    known = _Ladders(x, y, np.log(table.target / least), groups, mean, sd)
    best, p = known.scatters(mean[None])
    chosen = rng.choice(len(TRIED), size=draws, p=p)
    scatter = TRIED[chosen]
    losses = known.z + scatter[:, None] * rng.standard_normal((draws, len(x)))
    means = mean + sd * rng.standard_normal((draws, len(mean)))
    found, _ = known.best(best[chosen], scatter, losses, means)
    theta = found.copy()
    theta[:, 0] *= least
    for term, exponent, middle in ((1, 3, centre[0]), (2, 4, centre[1])):
        theta[:, term] = least * np.exp(found[:, term] + found[:, exponent] * middle)
    return theta

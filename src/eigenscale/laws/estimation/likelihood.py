"""Scatter of the runs: the likelihood that belongs to an objective, and what follows from it."""

from dataclasses import dataclass
from math import erf, exp, inf, log, pi, sqrt

import numpy as np

from eigenscale.arrays import Floats, Mask
from eigenscale.laws.estimation.fitted import Fitted
from eigenscale.laws.estimation.objective import Objective

GOLDEN = (sqrt(5) - 1) / 2


def log_normaliser(s: float, delta: float) -> float:
    """Log of ∫ exp(−rho(r)/s²) dr, for Huber's rho."""
    gauss = s * sqrt(2 * pi) * erf(min(delta / s, 1e6) / sqrt(2))
    tail = 0.0 if delta == inf else 2 * s * s / delta * exp(-0.5 * (delta / s) ** 2)
    return log(gauss + tail)


def log_likelihood(residuals: Floats, objective: Objective) -> float:
    """Largest log likelihood over the scale s of the density exp(−rho(r)/s²).

    Huber's objective is the likelihood of residuals that are Gaussian within delta and
    exponential beyond; least squares and least absolute deviation are its ends.
    """
    total, n = float(objective.value(residuals).sum()), len(residuals)
    top = max(float(np.abs(residuals).max()), 1e-15)

    def cost(log_s: float) -> float:
        s = exp(log_s)
        return n * log_normaliser(s, objective.delta) + total / s**2

    low, high = log(top) - 25.0, log(top) + 3.0
    while high - low > 1e-7:
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, right) if cost(left) < cost(right) else (left, high)
    return -cost(0.5 * (low + high))


def aicc(fit: Fitted) -> float:
    """Akaike's criterion for small samples; infinite where there are too few runs for it."""
    n, k = fit.n_runs, len(fit.law.parameters) - len(fit.fixed) + 1  # the scale counts
    if n <= k + 1:
        return inf
    return -2 * log_likelihood(fit.residuals, fit.objective) + 2 * k * n / (n - k - 1)


@dataclass(frozen=True, eq=False)
class Curvature:
    """Asymptotic theory of the estimate.

    Attributes
    ----------
    covariance : array (q, q)
        Of the fitting coordinates (Huber's sandwich, residuals of unequal variance allowed).
    inverse : array (q, q)
        Of the objective's second derivatives.
    """

    covariance: Floats
    inverse: Floats

    def se(self, direction: Floats) -> Floats:
        """Give the standard error of `direction` (..., q) times the coordinates."""
        return np.asarray(np.sqrt(np.einsum("...i,ij,...j", direction, self.covariance, direction)))

    def rise(self, direction: Floats) -> float:
        """Rise of the objective, over chi-squared/2, when that combination is held at the truth."""
        return float(self.se(direction) ** 2 / (direction @ self.inverse @ direction + 1e-300))


def bends(residuals: Floats, objective: Objective) -> Floats:
    """Second derivative of the objective at each run, smoothed.

    For small delta few residuals lie within it, so they are counted in a wider window that
    shrinks slowly with the number of runs, and weighted by delta / window (Powell 1991).
    """
    spread = 1.4826 * float(np.median(np.abs(residuals))) + 1e-300
    window = max(objective.delta, 1.5 * spread * len(residuals) ** (-1 / 5))  # inf: squares
    inside = (np.abs(residuals) <= window).astype(float)
    share = min(objective.delta / window, 1.0) if objective.delta < inf else 1.0
    return np.asarray(inside * share)


def curvature(fit: Fitted, kept: Mask | None = None) -> Curvature:
    """Sandwich covariance of the coordinates (of those `kept`) and scale of the objective.

    The middle of the sandwich sums whole groups where the fit names groups that share noise.
    """
    problem = fit.problem
    at = problem.coordinates(fit.theta)
    slopes = problem.residuals(at[None])[1][0]  # (q, n)
    slopes = slopes if kept is None else slopes[kept]
    pull = slopes * (problem.weights * fit.objective.slope(fit.residuals))
    bent = bends(fit.residuals, fit.objective)
    n, q = fit.n_runs, len(slopes)
    spare, groups = n / max(n - q, 1), fit.groups
    if groups is not None:
        count = int(groups.max()) + 1
        pull = np.stack([np.bincount(groups, row, count) for row in pull])
        spare = count / (count - 1)
    bend = (slopes * problem.weights * bent) @ slopes.T
    if problem.prior is not None:
        prior = problem.penalty(at[None])[2]
        bend = bend + (prior if kept is None else prior[np.ix_(kept, kept)])
    bread = np.linalg.pinv(bend)
    return Curvature(bread @ (pull @ pull.T * spare) @ bread, bread)

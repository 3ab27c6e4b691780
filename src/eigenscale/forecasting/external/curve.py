"""The empirical law through measured points: a power with a floor, and how sure it is.

The draws behind the intervals carry what is not known: the noise of the measured means (folds of
one cross-validation share rows, and the luck of a fold moves all sizes together), the scatter about
the law beyond that noise, and, past the largest size, a drift that grows with the distance, as
large as the law fitted to smaller sizes missed the larger ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.forecasting.external.points import Points
from eigenscale.laws.estimation.objective import Objective, parse_objective
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.estimation.refine import Status, refine_along
from eigenscale.laws.estimation.solve import solve
from eigenscale.laws.estimation.stated import problem_of
from eigenscale.laws.forms.power import power
from eigenscale.laws.law import Law
from eigenscale.laws.table import Table, usable

LEAST = 4  # sizes, for three parameters
LAW: Law = power("n_samples")
_DRIFT = 0.01  # least relative error for each e-fold of samples beyond those measured
_MOST_DRIFT = 0.5
_LEAST_ERROR = 1e-4  # relative error of a mean that is believed
_FREEDOM = 2  # fewer degrees of freedom give intervals without end


@dataclass(frozen=True, eq=False)
class EmpiricalCurve:
    """A loss surface through points: a law and its draws; the first argument counts nothing.

    Attributes
    ----------
    theta : array, shape (3,)
        Floor E, scale A and exponent alpha of ``E + A/n_samples^alpha``.
    draws : array, shape (B, 3)
    wobble : array, shape (B,)
        Standard normal numbers, for the drift.
    drift : float
        Standard deviation of the logarithm for each e-fold beyond `last`.
    last : float
        Largest size that was measured.
    residuals : array, shape (m,)
        Log measured - log fitted.
    errors : array, shape (m,)
        Relative standard errors of the measured means.
    """

    theta: Floats
    draws: Floats
    wobble: Floats
    drift: float
    last: float
    residuals: Floats
    errors: Floats

    @property
    def size_name(self) -> str:
        """Name of the first argument of `loss`, which does not count."""
        return "n_features"

    @property
    def data_name(self) -> str:
        """Name of the second argument of `loss`."""
        return "n_samples"

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Give the expected loss; the arguments broadcast."""
        shape = np.broadcast_shapes(np.shape(size), np.shape(data))
        return LAW.predict(self.theta, n_samples=np.broadcast_to(data, shape))

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Plausible losses, shape (B, *broadcast)."""
        shape = np.broadcast_shapes(np.shape(size), np.shape(data))
        samples = np.broadcast_to(np.asarray(data, float), shape)
        distance = np.log(np.maximum(samples / self.last, 1.0))
        wobble = self.wobble.reshape(-1, *(1,) * len(shape))
        return LAW.predict(self.draws, n_samples=samples) * np.exp(self.drift * distance * wobble)


def fit_curve(points: Points, *, draws: int, rng: np.random.Generator) -> EmpiricalCurve:
    """Fit the law, and draw what else the points allow.

    Raises
    ------
    InputError
        Fewer than four sizes, or losses that do not differ.
    """
    m = len(points.n_samples)
    if m < LEAST:
        raise InputError(
            f"{points.name} has {m} size{'s' * (m != 1)}; a power law with a floor needs "
            f"{LEAST} or more; measure at more numbers of samples"
        )
    noise = Noise.of(points, draws, rng)
    objective = parse_objective("squares")
    problem = _problem(points.n_samples, points.mean, noise.errors)
    at = solve(problem, objective)[0]
    residuals = -problem.residuals(at[None])[0][0]
    shift = noise.draws + _scatter(residuals, noise.errors, draws, rng)
    theta = problem.theta(_refits(problem, objective, at, shift))
    return EmpiricalCurve(
        problem.theta(at),
        theta,
        rng.standard_normal(len(theta)),
        _drift(points, noise.errors),
        float(points.n_samples[-1]),
        residuals,
        noise.errors,
    )


@dataclass(frozen=True, eq=False)
class Noise:
    """Relative standard errors of the means (m,), and draws of their errors (B, m)."""

    errors: Floats
    draws: Floats

    @classmethod
    def of(cls, points: Points, draws: int, rng: np.random.Generator) -> "Noise":
        """Read the noise off repeats; zero draws where there are none."""
        count = points.repeats
        if count.max() < 2:
            flat = np.full(len(count), _LEAST_ERROR)
            return cls(flat, np.zeros((draws, len(count))))
        apart = points.losses / points.mean[:, None] - 1  # of a fold the loss may be 0
        if points.paired:
            return cls._of_folds(apart, draws, rng)
        freedom = np.maximum(count - 1, 0)
        variance = np.nansum(apart**2) / freedom.sum()
        errors = np.sqrt(variance / count)
        loose = np.sqrt(freedom.sum() / rng.chisquare(freedom.sum(), draws))
        drawn = rng.standard_normal((draws, len(count))) * errors * loose[:, None]
        return cls(np.maximum(errors, _LEAST_ERROR), drawn)

    @classmethod
    def _of_folds(cls, apart: Floats, draws: int, rng: np.random.Generator) -> "Noise":
        """Draw whole folds, which keeps sizes together."""
        k = apart.shape[1]
        share = np.sqrt(1 / (k * (k - 1)))
        loose = np.sqrt((k - 1) / rng.chisquare(k - 1, draws))
        drawn = share * loose[:, None] * (rng.standard_normal((draws, k)) @ apart.T)
        own = (apart**2).sum(axis=1)
        errors = share * np.sqrt((own + own.mean()) / 2)  # single sizes are noisy: half the mean
        return cls(np.maximum(errors, _LEAST_ERROR), drawn)


def _problem(n_samples: Floats, loss: Floats, errors: Floats) -> Problem:
    weights = 1 / errors**2
    table = Table({"n_samples": n_samples}, loss, weights=weights / weights.mean())
    return problem_of(usable(table, LAW, {}), LAW, {})


def _scatter(residuals: Floats, errors: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Errors beyond the noise of the means: how the points scatter about the law."""
    freedom = max(len(residuals) - len(LAW.parameters), 1)
    found = (residuals**2).sum() / freedom
    known = np.mean(errors**2) if errors.max() > _LEAST_ERROR else 0.0
    beyond = np.sqrt(max(found - known, 0.0))
    loose = np.sqrt(max(freedom, _FREEDOM) / rng.chisquare(max(freedom, _FREEDOM), draws))
    return np.asarray(rng.standard_normal((draws, len(residuals))) * beyond * loose[:, None])


def _refits(problem: Problem, objective: Objective, at: Floats, shift: Floats) -> Floats:
    """Fit again with every log loss moved by `shift` (B, m); draws that fail are left out."""
    start = np.repeat(at[None], len(shift), axis=0)
    weights = np.repeat(problem.weights[None], len(shift), axis=0)
    ends = refine_along(problem, objective, start, weights, shift)
    good = ends.status != Status.ITERATIONS
    if good.mean() < 0.5:
        raise ConvergenceError(
            "fewer than half of the resampled power laws converged; the points are too noisy"
        )
    return np.asarray(ends.coordinates[good])


def _drift(points: Points, errors: Floats) -> float:
    """By how much fits to smaller sizes missed larger ones, for each e-fold; the usual case."""
    n, loss = points.n_samples, points.mean
    rates = []
    for count in range(LEAST, len(n)):
        problem = _problem(n[:count], loss[:count], errors[:count])
        try:
            theta = problem.theta(solve(problem, parse_objective("squares"))[0])
        except ConvergenceError:
            continue
        missed = np.log(loss[count:] / LAW.predict(theta, n_samples=n[count:]))
        beyond = np.maximum(missed**2 - errors[count:] ** 2, 0.0)
        rates.append(np.mean(beyond / np.log(n[count:] / n[count - 1]) ** 2))
    measured = np.sqrt(np.median(rates)) if rates else 0.0
    return float(np.clip(measured, _DRIFT, _MOST_DRIFT))

"""A power law with a floor through measured points, and the noise of the points.

The draws carry what is not known: the noise of the measured means (folds of one cross-validation
share rows, and what is special about a fold moves all sizes together), the scatter about the law
beyond that noise, and, past the largest size, a drift that grows with the distance, as large as the
law fitted to smaller sizes missed the larger ones.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.external.points import Points
from eigenscale.forecasting.external.shapes import floor_and_fall

LEAST_ERROR = 1e-4  # relative error of a mean that is believed
LEAST = 4  # sizes, for three parameters
_DRIFT = 0.01  # least relative error for each e-fold of samples beyond those measured
_MOST_DRIFT = 0.5
_EXPONENTS = np.geomspace(0.02, 4.0, 60)
_GOLDEN = (5**0.5 - 1) / 2
_STEPS = 34  # of the search between two of them
_FREEDOM = 2  # fewer degrees of freedom give intervals without end


@dataclass(frozen=True, eq=False)
class PowerLaw:
    """``E + A/n_samples^alpha`` and its draws.

    Attributes
    ----------
    theta : array, shape (3,)
        Floor E, scale A and exponent alpha.
    draws : array, shape (B, 3)
    wobble : array, shape (B,)
        Standard normal numbers, for the drift.
    missed : float
        By how much laws fitted to the smaller sizes missed the logarithm of the larger ones, for
        each e-fold of samples: the median; infinite where there are too few sizes to try.
    last : float
        Largest size that was measured.
    """

    theta: Floats
    draws: Floats
    wobble: Floats
    missed: float
    last: float

    @property
    def drift(self) -> float:
        """Standard deviation of the logarithm for each e-fold beyond the largest size."""
        return float(np.clip(self.missed, _DRIFT, _MOST_DRIFT))

    def loss(self, samples: Floats) -> Floats:
        """Give the expected loss at each number of samples."""
        return _predicted(self.theta, samples)

    def draw(self, samples: Floats) -> Floats:
        """Plausible losses, shape (B, m)."""
        ahead = np.log(np.maximum(samples / self.last, 1.0))
        moved = np.exp(self.drift * ahead * self.wobble[:, None])
        return np.asarray(_predicted(self.draws[:, None], samples) * moved)


def fit_power_law(
    points: Points, noise: "Noise", *, draws: int, rng: np.random.Generator
) -> PowerLaw:
    """Fit the law by least squares of relative errors, and draw what else the points allow."""
    n, loss = points.n_samples, points.mean
    theta = _fitted(n, loss[None], noise.errors)[0]
    residuals = np.log(loss / _predicted(theta, n))
    shift = noise.draws + _scatter(residuals, noise.errors, draws, rng)
    return PowerLaw(
        theta,
        _fitted(n, loss * np.exp(shift), noise.errors),
        rng.standard_normal(draws),
        _missed(n, loss, noise.errors),
        float(n[-1]),
    )


def _predicted(theta: Floats, n: Floats) -> Floats:
    """E + A/n^alpha of parameters in the last axis."""
    return np.asarray(theta[..., 0] + theta[..., 1] * n ** -theta[..., 2])


def _fitted(n: Floats, loss: Floats, errors: Floats) -> Floats:
    """Parameters (B, 3) of rows of losses (B, m): the exponent by golden section."""
    weight = 1 / (loss * errors) ** 2
    u = n / n[-1]

    def misses(exponent: Floats) -> Floats:
        """Give sums of squares (B,) at exponents (B,)."""
        return floor_and_fall(u ** -exponent[:, None], loss, weight)[2]

    shapes = u ** -_EXPONENTS[:, None]
    grid = floor_and_fall(shapes, loss[:, None], weight[:, None])[2]
    best = np.clip(grid.argmin(axis=1), 1, len(_EXPONENTS) - 2)
    low, high = _EXPONENTS[best - 1], _EXPONENTS[best + 1]
    for _ in range(_STEPS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        nearer = misses(left) < misses(right)
        low, high = np.where(nearer, low, left), np.where(nearer, right, high)
    exponent = (low + high) / 2
    floor, fall, _ = floor_and_fall(u ** -exponent[:, None], loss, weight)
    return np.stack([floor, fall * n[-1] ** exponent, exponent], axis=1)


@dataclass(frozen=True, eq=False)
class Noise:
    """Relative standard errors of the means (m,), and draws of their errors (B, m)."""

    errors: Floats
    draws: Floats

    @classmethod
    def of(cls, points: Points, draws: int, rng: np.random.Generator) -> "Noise":
        """Read the noise off stated errors or repeats; zero draws where there are none."""
        count = points.repeats
        if points.errors is not None:
            stated = points.errors / np.maximum(points.mean, 1e-300)
            drawn = rng.standard_normal((draws, len(count))) * stated
            return cls(np.maximum(stated, LEAST_ERROR), drawn)
        if count.max() < 2:
            flat = np.full(len(count), LEAST_ERROR)
            return cls(flat, np.zeros((draws, len(count))))
        scale = np.where(points.mean > 0, points.mean, 1.0)[:, None]  # all folds may have loss 0
        apart = points.losses / scale - 1
        if points.paired:
            return cls._of_folds(apart, draws, rng)
        freedom = np.maximum(count - 1, 0)
        variance = np.nansum(apart**2) / freedom.sum()
        errors = np.sqrt(variance / count)
        loose = np.sqrt(freedom.sum() / rng.chisquare(freedom.sum(), draws))
        drawn = rng.standard_normal((draws, len(count))) * errors * loose[:, None]
        return cls(np.maximum(errors, LEAST_ERROR), drawn)

    @classmethod
    def _of_folds(cls, apart: Floats, draws: int, rng: np.random.Generator) -> "Noise":
        """Draw whole folds, which keeps sizes together."""
        k = apart.shape[1]
        share = np.sqrt(1 / (k * (k - 1)))
        loose = np.sqrt((k - 1) / rng.chisquare(k - 1, draws))
        drawn = share * loose[:, None] * (rng.standard_normal((draws, k)) @ apart.T)
        own = (apart**2).sum(axis=1)
        errors = share * np.sqrt((own + own.mean()) / 2)  # single sizes are noisy: half the mean
        return cls(np.maximum(errors, LEAST_ERROR), drawn)


def _scatter(residuals: Floats, errors: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Errors beyond the noise of the means: how the points scatter about the law."""
    freedom = max(len(residuals) - 3, 1)
    found = (residuals**2).sum() / freedom
    known = np.mean(errors**2) if errors.max() > LEAST_ERROR else 0.0
    beyond = np.sqrt(max(found - known, 0.0))
    loose = np.sqrt(max(freedom, _FREEDOM) / rng.chisquare(max(freedom, _FREEDOM), draws))
    return np.asarray(rng.standard_normal((draws, len(residuals))) * beyond * loose[:, None])


def _missed(n: Floats, loss: Floats, errors: Floats) -> float:
    """By how much fits to smaller sizes missed larger ones, for each e-fold; the usual case."""
    rates = []
    for count in range(LEAST, len(n)):
        theta = _fitted(n[:count], loss[None, :count], errors[:count])[0]
        missed = np.log(loss[count:] / _predicted(theta, n[count:]))
        rates.append(np.mean(missed**2 / np.log(n[count:] / n[count - 1]) ** 2))
    return float(np.sqrt(np.median(rates))) if rates else float("inf")

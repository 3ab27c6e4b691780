"""A law of the curve against curves, in the coordinates that fits are made in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.exposure import Exposure
from eigenscale.laws.curves.law import CurveLaw

FLOOR = (np.log(0.88), 0.2)  # weak prior on log(L0 / lowest loss): centre and deviation
ALPHA = {"exposure": (0.5, 0.25), "steps": (0.4, 0.25)}  # the same for alpha, by clock
AMPLITUDE = (np.log(0.15), 1.0)  # the same for log(A x^-alpha / loss) in the middle of the curves


@dataclass(frozen=True, eq=False)
class Scale:
    """What makes parameters comparable between curves: units of loss, rate and time.

    Attributes
    ----------
    loss, lowest : float
        Median and lowest loss.
    log_peak : float
        Logarithm of the largest learning rate.
    log_time : float
        Mean logarithm of the clock at the records.
    """

    loss: float
    lowest: float
    log_peak: float
    log_time: float


@dataclass(frozen=True, eq=False)
class Prior:
    """Independent normal priors on the coordinates, each (q,)."""

    mean: Floats
    deviation: Floats


@dataclass(frozen=True, eq=False)
class CurveProblem:
    """Curves, a law and a weak prior; one residual per record.

    A point is a vector of *coordinates*: positive parameters by their logarithm and in a form
    that no unit of loss or rate enters, exponents as they are.

    Attributes
    ----------
    exposures : sequence of Exposure
    log_loss : array (n,)
        Of all curves, one after another.
    scale : Scale
    prior : Prior
    noise : float
        Deviation of the residuals, times the square root of the records that share one
        independent piece of noise; what the prior is weighed by.
    """

    law: CurveLaw
    exposures: Sequence[Exposure]
    log_loss: Floats
    scale: Scale
    prior: Prior
    noise: float = 1e-3

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the coordinates."""
        return self.law.names

    @property
    def weights(self) -> Floats:
        """Weight of each record: one."""
        return np.ones(len(self.log_loss))

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest coordinates."""
        mean, wide = self.prior.mean, 30.0
        low, high = mean - wide, mean + wide
        low[2], high[2] = 1e-3, 5.0
        for i, parameter in enumerate(self.law.shape, start=3):
            if not parameter.log:
                low[i], high[i] = parameter.low, parameter.high
        return low, high

    @cached_property
    def _map(self) -> tuple[Floats, Floats]:
        """(K, k0): log-or-plain parameters u = K v + k0 of coordinates v."""
        return coordinate_map(self.law, self.scale)

    def theta(self, coordinates: Floats) -> Floats:
        """Parameters (..., p) of coordinates (..., p)."""
        into, shift = self._map
        return as_parameters(self.law, coordinates @ into.T + shift)

    def residuals(self, coordinates: Floats) -> tuple[Floats, Floats]:
        """Log residuals (B, n) of all records, and derivatives (B, p, n), at (B, p)."""
        into, _ = self._map
        count, q = coordinates.shape
        residual = np.empty((count, len(self.log_loss)))
        slope = np.empty((count, q, len(self.log_loss)))
        for b, theta in enumerate(self.theta(coordinates)):
            loss, by_u = self.losses(theta)
            with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
                residual[b] = np.log(loss) - self.log_loss
                slope[b] = into.T @ (by_u / loss)
        return residual, slope

    def penalty(self, coordinates: Floats) -> tuple[Floats, Floats, Floats]:
        """Give what the prior adds at (B, p): value, gradient, and Hessian (p, p)."""
        precision = (self.noise / self.prior.deviation) ** 2
        off = coordinates - self.prior.mean
        return 0.5 * off**2 @ precision, off * precision, np.diag(precision)

    def losses(self, theta: Floats) -> tuple[Floats, Floats]:
        """Loss (n,) of all curves and its derivatives (p, n), see `CurveLaw.evaluate`."""
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [self.law.evaluate(theta, e) for e in self.exposures]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts], axis=1)


def coordinate_map(law: CurveLaw, scale: Scale) -> tuple[Floats, Floats]:
    """(K, k0): log-or-plain parameters u = K v + k0 of coordinates v."""
    p = len(law.names)
    into, shift = np.eye(p), np.zeros(p)
    shift[0] = np.log(scale.loss)
    shift[1] = np.log(scale.loss)
    into[1, 2] = scale.log_time
    for i, parameter in enumerate(law.shape, start=3):
        shift[i] = -parameter.rate_power * scale.log_peak
        if parameter.of_loss:
            shift[i] += np.log(scale.loss)
        if parameter.rate_exponent:
            into[i, law.names.index(parameter.rate_exponent)] = scale.log_peak
    return into, shift


def as_parameters(law: CurveLaw, u: Floats) -> Floats:
    """Exponentiate what is fitted by its logarithm."""
    logged = np.array([True, True, False, *(p.log for p in law.shape)])
    with np.errstate(over="ignore"):
        return np.asarray(np.where(logged, np.exp(np.where(logged, u, 0.0)), u))


def as_coordinates(law: CurveLaw, scale: Scale, theta: Floats) -> Floats:
    """Coordinates (..., p) of parameters (..., p)."""
    into, shift = coordinate_map(law, scale)
    logged = np.array([True, True, False, *(p.log for p in law.shape)])
    u = np.where(logged, np.log(np.where(logged, theta, 1.0)), theta)
    return np.asarray(np.linalg.solve(into, (u - shift)[..., None])[..., 0])


def weak_prior(law: CurveLaw, scale: Scale) -> Prior:
    """Give what is likely where curves say nothing: the size of published constants."""
    floor = FLOOR[0] + np.log(scale.lowest / scale.loss)
    centres = [floor, AMPLITUDE[0], ALPHA[law.clock][0], *(p.typical for p in law.shape)]
    spreads = [FLOOR[1], AMPLITUDE[1], ALPHA[law.clock][1], *(p.spread for p in law.shape)]
    return Prior(np.array(centres), np.array(spreads))


def scale_of(law: CurveLaw, exposures: Sequence[Exposure], log_loss: Floats) -> Scale:
    """Take the units of curves."""
    times = np.concatenate([law.time(e) for e in exposures])
    return Scale(
        float(np.exp(np.median(log_loss))),
        float(np.exp(log_loss.min())),
        float(np.log(max(e.peak for e in exposures))),
        float(np.log(times).mean()),
    )

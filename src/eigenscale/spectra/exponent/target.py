"""The exponent of the target: how fast its power falls from mode to mode, measured from data.

The population's power in mode J is taken as v_J² ~ J^-(1+ω). A sample of T rows has modes of its
own: near the end of its spectrum each of them mixes many of the population's. At large size the
power that the sample's modes hold follows from the same equation as their eigenvalues: with the
effective ridge g at ζ = -a + i0,

    Σ_i P_i/(a_i + ζ) ~ Σ_J v_J²/(λ_J + g),    power per eigenvalue = Im Σ v²/(λ+g) / Im z · a,

to which sampling adds s²/T in every mode. The likelihood is that of a χ² for each mode and target
column; powers that scatter more than that widen the interval.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.modes import blocks
from eigenscale.equation.sample import sample_spectrum
from eigenscale.errors import InputError
from eigenscale.results import Interval, Result, plain
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.moments.margins import Margins
from eigenscale.spectrum import Spectrum
from eigenscale.text.numbers import with_interval

_GRID = np.arange(-0.9, 4.01, 0.1)  # exponents whose expected powers are worked out
_FINE = 20  # steps between two of them in the profile
_NOISES = np.concatenate([[0.0], np.geomspace(1e-9, 0.99, 37)])  # of the total, tried at first
_FEWEST = 8  # modes above the noise, below which nothing is said
_ALPHA = 0.05  # of the null test
_LEAST = 1.0  # of the scatter of a χ²: a teacher drawn anew would scatter as much


@dataclass(frozen=True, eq=False)
class TargetExponent(Result):
    """The exponent ω of the target's power, v_J² ~ J^-(1+ω).

    Attributes
    ----------
    exponent : Interval
        ω; ω = α is the isotropic teacher, above 1 + α the target is easy.
    ranks : tuple of int
        First and last rank whose power stands above what sampling adds.
    noise_var : float
        s², the variance of the target that acts as noise.
    null_p_value : float
        Probability of as much structure in the powers where the target has nothing to do with the
        inputs.
    status : str
        ``"interval"`` or ``"not identifiable"``.
    reason : str
        Why it is not identifiable.
    """

    exponent: Interval
    ranks: tuple[int, int]
    noise_var: float
    null_p_value: float
    status: str
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The value with its window, or why there is none."""
        if self.status != "interval":
            return f"not identifiable: {self.reason}"
        first, last = self.ranks
        known = with_interval(self.exponent, level=True)
        return f"{known}, ranks {first} to {last}; the target's power falls as rank^-(1+ω)"

    def _text(self) -> str:
        return f"Target exponent ω: {self.sentence}."

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "exponent": self.exponent,
            "ranks": list(self.ranks),
            "noise_var": self.noise_var,
            "null_p_value": self.null_p_value,
            "status": self.status,
            "reason": self.reason,
        }


def target_exponent(
    measured: Diagonalised, population: Spectrum, level: float = 0.9
) -> TargetExponent:
    """Measure the exponent ω of the target's power from a measured spectrum with a target.

    Parameters
    ----------
    measured : Diagonalised
        Of `eigenscale.spectra.measure.measure` with a target, not wide.
    population : Spectrum
        The power law of the population, such as ``measured.finite_sample().population``.
    level : float
        Coverage of the interval.

    Raises
    ------
    InputError
        Where there is no target, or the spectrum has more inputs than a covariance is kept for.
    """
    powers, columns = _powers(measured)
    if powers.size < _FEWEST:
        raise InputError(
            f"{measured.name} has {powers.size} modes; a target exponent needs {_FEWEST} or more"
        )
    profile = _Profile.of(powers, columns, _expected(population, measured.n_samples, powers.size))
    return _conclude(profile, measured.n_samples, level)


def _powers(measured: Diagonalised) -> tuple[Floats, int]:
    """Give the target's power in each mode of the sample, nothing taken off, and its columns."""
    moments = measured.moments
    if measured.target_power is None or moments is None or not moments.n_targets:
        raise InputError(f"{measured.name} has no target; give one, to measure its exponent")
    if measured.tail is not None or isinstance(moments, Margins):
        raise InputError(
            f"{measured.name} has more inputs than a covariance is kept for; a target exponent "
            "needs fewer"
        )
    values, vectors = np.linalg.eigh(moments.covariance)
    kept = measured.rank
    projected = vectors[:, ::-1][:, :kept].T @ moments.cross_covariance
    scale = np.maximum(values[::-1][:kept], np.finfo(float).tiny)
    return np.sum(projected**2, axis=1) / scale, int(moments.n_targets)


def _expected(population: Spectrum, n_samples: int, modes: int) -> Floats:
    """Give the power expected in each mode of a sample, shape (exponents, modes)."""
    curve = sample_spectrum(population, n_samples - 1.0)
    ranks = np.cumsum(population.multiplicities)
    centres = np.arange(modes) + 0.5
    order = np.argsort(curve.count, kind="stable")
    inside = order[(curve.density[order] > 0) & (curve.eigenvalues[order] > 0)]
    log_g = curve.log_g[inside]
    share = np.empty((_GRID.size, inside.size))
    logs = np.log(population.eigenvalues)
    weights = population.multiplicities[:, None] * ranks[:, None] ** -(1.0 + _GRID)
    for part in blocks(inside.size, logs.size):
        # 1/(λ+g) has the imaginary part -|g| sin / |λ+g|².
        g = np.exp(log_g[part])[:, None]
        below = np.abs(g.imag) / np.abs(population.eigenvalues + g) ** 2
        share[:, part] = (below @ weights).T
    per_mode = share / (np.pi * curve.density[inside])
    found = [np.interp(centres, curve.count[inside], np.log(row)) for row in per_mode]
    return np.asarray(np.exp(np.array(found)))


@dataclass(frozen=True, eq=False)
class _Profile:
    """Deviance against ω with amplitude and noise at their best.

    Attributes
    ----------
    powers : array, shape (modes,)
        Measured, in units of their mean.
    columns : int
        Of the target: degrees of freedom of each power.
    log_shape : array, shape (exponents, modes)
        Logarithm of the expected powers on the grid, of mean 1.
    unit : float
        Mean of the powers.
    """

    powers: Floats
    columns: int
    log_shape: Floats
    unit: float

    @classmethod
    def of(cls, powers: Floats, columns: int, expected: Floats) -> "_Profile":
        unit = float(powers.mean())
        shape = np.log(expected / expected.mean(axis=1, keepdims=True))
        return cls(powers / unit, columns, shape, unit)

    def shape(self, exponent: float) -> Floats:
        """Give the expected powers at any exponent on the grid's range, of about mean 1."""
        place = np.clip((exponent - _GRID[0]) / (_GRID[1] - _GRID[0]), 0, _GRID.size - 1)
        low = min(int(place), _GRID.size - 2)
        part = place - low
        return np.asarray(np.exp((1 - part) * self.log_shape[low] + part * self.log_shape[low + 1]))

    def deviance(self, means: Floats) -> Floats:
        """-2 log likelihood for expected powers along the last axis."""
        return np.asarray(self.columns * np.sum(self.powers / means + np.log(means), axis=-1))

    def best(self, exponent: float) -> tuple[float, float, float]:
        """Give the least deviance, and the logs of amplitude and noise that reach it."""
        from scipy.optimize import minimize

        shape = self.shape(exponent)

        def rise(x: Floats) -> tuple[float, Floats]:
            signal, noise = np.exp(x)
            means = signal * shape + noise
            slope = self.columns * (1.0 - self.powers / means) / means
            gradient = np.array([signal * (slope @ shape), noise * slope.sum()])
            return float(self.deviance(means)), gradient

        trial = _NOISES[:, None]
        left = np.maximum((self.powers - trial).sum(axis=1) / shape.sum(), 1e-12)[:, None]
        level = self.deviance(left * shape + np.maximum(trial, 1e-12))
        at = int(np.argmin(level))
        start = np.log([float(left[at, 0]), max(float(trial[at, 0]), 1e-12)])
        found = minimize(
            rise, start, jac=True, method="L-BFGS-B", bounds=[(-40.0, 10.0), (-40.0, 3.0)]
        )
        return float(found.fun), float(found.x[0]), float(found.x[1])


def _conclude(profile: _Profile, n_samples: int, level: float) -> TargetExponent:
    from scipy.optimize import minimize_scalar
    from scipy.stats import chi2

    looked = [profile.best(float(w))[0] for w in _GRID[::4]]
    middle = float(_GRID[::4][int(np.argmin(looked))])
    ends = (max(middle - 0.4, _GRID[0]), min(middle + 0.4, _GRID[-1]))
    found = minimize_scalar(
        lambda w: profile.best(w)[0], bounds=ends, method="bounded", options={"xatol": 2e-3}
    )
    omega = float(found.x)
    least, signal, noise = profile.best(omega)
    silent = float(profile.deviance(np.full(profile.powers.size, profile.powers.mean())))
    p_value = float(chi2.sf(max(silent - least, 0.0), 2))
    excess = _scatter(profile, omega, signal, noise)
    allowed = float(chi2.ppf(level, 1)) * excess
    low, high = (
        _crossing(lambda w: profile.best(w)[0] - least - allowed, omega, end)
        for end in (_GRID[0], _GRID[-1])
    )
    above = profile.shape(omega) * np.exp(signal) > np.exp(noise)
    last = int(above.size if above.all() else np.argmin(above))
    status, reason = "interval", ""
    if p_value > _ALPHA:
        status, reason = "not identifiable", "the powers of the modes are those of noise alone"
    elif last < _FEWEST:
        reason = f"only {last} modes of the target stand above what sampling adds"
        status = "not identifiable"
    elif np.isnan(low) or np.isnan(high):
        status, reason = "not identifiable", "the powers fit any exponent beyond a bound"
    interval = Interval(omega, low, high, level)
    variance = np.exp(noise) * profile.unit * n_samples
    return TargetExponent(interval, (1, max(last, 1)), variance, p_value, status, reason)


def _scatter(profile: _Profile, omega: float, signal: float, noise: float) -> float:
    """How much more the score of ω scatters than that of χ² variates."""
    step = 0.05
    means = [np.exp(signal) * profile.shape(omega + d) + np.exp(noise) for d in (-step, 0.0, step)]
    along = np.stack(
        [
            (np.log(means[2]) - np.log(means[0])) / (2 * step),
            1.0 - np.exp(noise) / means[1],
            np.exp(noise) / means[1],
        ]
    )
    bread = np.linalg.pinv(along @ along.T)
    residual = profile.powers / means[1] - 1.0
    meat = (along * residual**2) @ along.T
    excess = (bread @ meat @ bread)[0, 0] / (2.0 / profile.columns * bread[0, 0])
    return float(max(excess, _LEAST))


def _crossing(rise: Callable[[float], float], inner: float, end: float) -> float:
    """Find where a profile reaches 0 between its minimum and an end of the grid; NaN if not."""
    from scipy.optimize import brentq

    if rise(end) <= 0:
        return float("nan")
    return float(brentq(rise, inner, end, xtol=1e-3))

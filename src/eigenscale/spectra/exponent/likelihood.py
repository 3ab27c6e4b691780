"""Fitting a population to a sample's spectrum by the likelihood of its log-determinants."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.spectra.exponent.populations import Shape
from eigenscale.spectra.exponent.statistics import expected, observed
from eigenscale.spectrum import Spectrum

JITTER = 1e-4  # of each variance: detail finer than the theory's own error at finite size
_TAIL = 0.97  # of the ranks: the grid of ζ ends at this eigenvalue, short of the last few
_ROUNDS = 60
_STEP = 1e-4
_GAIN = 1e-3  # of -2 log likelihood: a thirtieth of a standard error


@dataclass(frozen=True, eq=False)
class Problem:
    """Measured spectra seen through their statistics on a grid of ζ.

    Where the window leaves out the head, the population takes its head from the measured
    eigenvalues, and only differences of neighbouring statistics are used, in which eigenvalues
    far above ζ count as one mode each, whatever their size.

    Attributes
    ----------
    log_zeta, n_samples : ndarray, shape (k,)
        Of each statistic; statistics of nested samples stand one after the other.
    values : ndarray, shape (c,)
        What was observed, after `contrasts`, shape (c, k), where there are any.
    head : ndarray
        Eigenvalues before the window.
    """

    log_zeta: Floats
    n_samples: Floats
    values: Floats
    contrasts: Floats | None
    head: Floats

    @classmethod
    def of(
        cls,
        eigenvalues: Floats,
        n_samples: float,
        ranks: tuple[int, int],
        beyond: Callable[[Floats], Floats] | None = None,
    ) -> "Problem":
        """Make the problem for positive `eigenvalues`, descending, over a window of ranks.

        `beyond` gives what eigenvalues that are not known one by one add to the statistics.
        """
        first, last = ranks
        if last == len(eigenvalues):
            last = max(first + 2, int(_TAIL * last))
        top = np.log(eigenvalues[first - 1]) + (1.5 if first == 1 else 0.0)
        bottom = np.log(eigenvalues[last - 1])
        count = int(np.clip(np.ceil(top - bottom) + 1, 8, 60))
        log_zeta = np.linspace(top, bottom, count)
        values = observed(eigenvalues, log_zeta)
        if beyond is not None:
            values = values + beyond(log_zeta)
        contrasts = None if first == 1 else np.diff(np.eye(count), axis=0)
        if contrasts is not None:
            values = contrasts @ values
        sizes = np.full(count, float(n_samples))
        return cls(log_zeta, sizes, values, contrasts, eigenvalues[: first - 1])

    @classmethod
    def joined(cls, parts: Sequence["Problem"]) -> "Problem":
        """Put the statistics of nested samples together; the head is that of the last."""
        from scipy.linalg import block_diag

        tables = [part.contrasts for part in parts if part.contrasts is not None]
        contrasts = np.asarray(block_diag(*tables)) if tables else None
        return cls(
            np.concatenate([part.log_zeta for part in parts]),
            np.concatenate([part.n_samples for part in parts]),
            np.concatenate([part.values for part in parts]),
            contrasts,
            parts[-1].head,
        )

    def residuals(self, spectrum: Spectrum, n_features: float) -> tuple[Floats, Floats, Floats]:
        """Observed minus expected, the factor of its covariance (Cholesky), effective ridge g."""
        theory = expected(self._whole(spectrum), n_features, self.n_samples, self.log_zeta)
        covariance = theory.covariance
        if self.contrasts is not None:
            covariance = self.contrasts @ covariance @ self.contrasts.T
        covariance = covariance + JITTER * np.diag(np.diagonal(covariance))
        residuals = self.values - self._contrasted(theory.mean)
        return residuals, np.asarray(np.linalg.cholesky(covariance)), theory.g

    def change(self, before: Spectrum, after: Spectrum, g: Floats) -> Floats:
        """Difference of the expected statistics of two populations close to each other.

        At each ζ they are stationary in g and z, which may stay; terms of order one are left out.
        """
        return self._contrasted(self._counts(after, g) - self._counts(before, g))

    def _counts(self, spectrum: Spectrum, g: Floats) -> Floats:
        whole = self._whole(spectrum)
        return np.asarray(np.log1p(whole.eigenvalues / g[:, None]) @ whole.multiplicities)

    def _contrasted(self, statistics: Floats) -> Floats:
        return statistics if self.contrasts is None else self.contrasts @ statistics

    def _whole(self, spectrum: Spectrum) -> Spectrum:
        return _with_head(spectrum, self.head) if len(self.head) else spectrum


def _with_head(spectrum: Spectrum, head: Floats) -> Spectrum:
    """Replace the first modes by measured ones."""
    left = np.cumsum(spectrum.multiplicities) - len(head)
    counts = np.clip(left, 0.0, spectrum.multiplicities)
    tail = counts > 0
    return Spectrum.from_eigenvalues(
        np.concatenate([head, spectrum.eigenvalues[tail]]),
        multiplicities=np.concatenate([np.ones(len(head)), counts[tail]]),
    )


@dataclass(frozen=True, eq=False)
class Fitted:
    """A maximum of the likelihood.

    Attributes
    ----------
    theta, covariance : ndarray
        Parameters of the shape and their covariance (inverse Fisher information).
    deviance : float
        -2 log likelihood, up to a constant of the problem.
    chi_square, freedom : float
        Of the residuals, with the degrees of freedom that the statistics have between them.
    mean, factor, jacobian : ndarray
        Expected statistics, shape (c,), the Cholesky factor of their covariance, (c, c), and
        their derivatives by theta.
    """

    theta: Floats
    covariance: Floats
    deviance: float
    chi_square: float
    freedom: float
    mean: Floats
    factor: Floats
    jacobian: Floats


@dataclass(frozen=True, eq=False)
class _Point:
    """The likelihood at one theta."""

    theta: Floats
    spectrum: Spectrum
    residuals: Floats
    factor: Floats
    g: Floats
    deviance: float

    def white(self, columns: Floats) -> Floats:
        """Residuals or their derivatives in units of their own fluctuations."""
        return np.asarray(np.linalg.solve(self.factor, columns))


@dataclass(frozen=True, eq=False)
class _Objective:
    """-2 log likelihood as a function of theta; None where it cannot be evaluated."""

    problem: Problem
    shape: Shape
    n_features: float
    latent_dim: float

    def __call__(self, theta: Floats) -> _Point | None:
        theta = np.clip(theta, self.shape.lower, self.shape.upper)
        try:
            spectrum = self.shape.build(theta, self.latent_dim)
            residuals, factor, g = self.problem.residuals(spectrum, self.n_features)
        except (InputError, np.linalg.LinAlgError):
            return None
        white = np.linalg.solve(factor, residuals)
        deviance = float(white @ white + 2 * np.log(np.diagonal(factor)).sum())
        if not np.isfinite(deviance):
            return None
        return _Point(theta, spectrum, residuals, factor, g, deviance)

    def jacobian(self, here: _Point) -> Floats:
        """Differentiate expected statistics, one-sided, at the same effective ridge."""
        columns = []
        for j in range(len(here.theta)):
            moved = here.theta.copy()
            moved[j] += _STEP if moved[j] + _STEP <= self.shape.upper[j] else -_STEP
            there = self.shape.build(moved, self.latent_dim)
            change = self.problem.change(here.spectrum, there, here.g)
            columns.append(change / (moved[j] - here.theta[j]))
        return np.stack(columns, axis=1)


def fit_shape(
    problem: Problem, shape: Shape, start: Floats, n_features: float, latent_dim: float
) -> Fitted:
    """Fit the shape's parameters by damped Fisher scoring.

    The covariance of the statistics is that of the parameters before each step, so that what is
    found is generalised least squares with its own weights, as good as the maximum of the
    likelihood and found in fewer steps.

    Raises
    ------
    ConvergenceError
        Where the likelihood cannot be evaluated at the start.
    """
    objective = _Objective(problem, shape, n_features, latent_dim)
    here = objective(np.asarray(start, dtype=np.float64))
    if here is None:
        raise ConvergenceError(f"the {shape.name} has no likelihood at its start {start}")
    damping = 1e-3
    for _ in range(_ROUNDS):
        jacobian = objective.jacobian(here)
        white = here.white(jacobian)
        information, gradient = white.T @ white, white.T @ here.white(here.residuals)
        misfit = float(np.sum(here.white(here.residuals) ** 2))
        gain = gradient @ np.linalg.pinv(information, hermitian=True) @ gradient
        if gain < _GAIN * max(1.0, misfit / len(here.residuals)):
            break
        there, damping = _step(objective, here, information, gradient, damping)
        if there is here:
            break
        here = there
    chi_square = float(np.sum(here.white(here.residuals) ** 2))
    covariance = np.asarray(np.linalg.pinv(information, hermitian=True))
    freedom = _freedom(here.factor) - len(here.theta)
    return Fitted(
        here.theta,
        covariance,
        here.deviance,
        chi_square,
        freedom,
        problem.values - here.residuals,
        here.factor,
        jacobian,
    )


def _step(
    objective: _Objective, here: _Point, information: Floats, gradient: Floats, damping: float
) -> tuple[_Point, float]:
    """Move without raising the misfit, with the damping that takes; stay where none helps."""
    before = float(np.sum(here.white(here.residuals) ** 2))
    scale = np.diag(np.diagonal(information) + 1e-12)
    while damping < 1e8:
        step = np.linalg.solve(information + damping * scale, gradient)
        there = objective(here.theta + step / max(1.0, float(np.abs(step).max()) / 2.0))
        if there is not None and np.sum(here.white(there.residuals) ** 2) <= before:
            return there, max(damping / 5, 1e-7)
        damping *= 6
    return here, damping


def _freedom(factor: Floats) -> float:
    """Statistics that are not drowned by the jitter: tr(C (C + jitter)⁻¹)."""
    total = factor @ factor.T
    noise = np.diagonal(total) * JITTER / (1 + JITTER)
    return float(len(total) - np.sum(np.diagonal(np.linalg.inv(total)) * noise))

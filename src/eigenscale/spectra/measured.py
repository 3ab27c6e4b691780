"""The spectrum of a dataset, as measured, with the analyses that users ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.results import Result
from eigenscale.spectra.completion import completed
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.exponent.answers import Answers, answers
from eigenscale.spectra.exponent.finite_sample import FiniteSampleFit, finite_sample_fit
from eigenscale.spectra.exponent.least_squares import Exponent, least_squares
from eigenscale.spectra.exponent.target import TargetExponent, target_exponent
from eigenscale.spectra.moments.margins import Margins
from eigenscale.spectra.moments.moments import Moments
from eigenscale.spectrum import Spectrum


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredSpectrum(Diagonalised, Result):
    """A `Diagonalised` spectrum, with fits of its exponent and its completion as methods."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.notes

    def completed(self) -> Spectrum:
        """Give a spectrum for theory: a power law of the exact power in place of the tail.

        See `eigenscale.spectra.completion.completed`.
        """
        return completed(self)

    def exponent(self, ranks: tuple[int, int] | None = None, level: float = 0.9) -> Exponent:
        """Fit the exponent α (the spectrum falls as 1+α) by least squares over a window.

        Parameters
        ----------
        ranks : (first, last), optional
            Ranks to fit, counted from 1, both included. By default a window that leaves out the
            head and the tail that a finite sample distorts (`exponent.default_window`).
        level : float
            Of the interval.
        """
        return least_squares(self, ranks, level)

    def finite_sample(
        self, ranks: tuple[int, int] | None = None, level: float = 0.9, structure: str = "auto"
    ) -> FiniteSampleFit:
        """Fit α, scale and latent dimension to all ranks by the theory of finite samples.

        This corrects the tail, which falls too fast in a sample. See
        `eigenscale.spectra.exponent.finite_sample.finite_sample_fit` for the parameters.

        Examples
        --------
        >>> import numpy as np
        >>> from eigenscale.spectra.measure import measure
        >>> rng = np.random.default_rng(0)
        >>> rows = rng.normal(size=(200, 100)) * np.arange(1.0, 101) ** -0.75
        >>> round(measure(rows).finite_sample().alpha.value, 1)
        0.5
        """
        return finite_sample_fit(self, ranks, level, structure)

    def target_exponent(self, level: float = 0.9) -> TargetExponent:
        """Measure how fast the target's power falls from mode to mode, v_J² ~ J^-(1+ω).

        The population's spectrum is the power law of `finite_sample`. See
        `eigenscale.spectra.exponent.target.target_exponent`.

        Examples
        --------
        >>> import numpy as np
        >>> from eigenscale.spectra.measure import measure
        >>> rng, ranks = np.random.default_rng(0), np.arange(1.0, 101)
        >>> rows = rng.normal(size=(1000, 100)) * ranks**-0.75
        >>> target = rows @ (rng.normal(size=100) * ranks**-0.25)  # ω = 1
        >>> found = measure(rows, target=target).target_exponent()
        >>> found.status, bool(found.exponent.low < 1 < found.exponent.high)
        ('interval', True)
        """
        return target_exponent(self, self.finite_sample().population, level)

    def answers(
        self,
        ranks: tuple[int, int] | None = None,
        level: float = 0.9,
        subsets: "Sequence[MeasuredSpectrum]" = (),
    ) -> Answers:
        """Give the exponent in three ways, and say whether this is a power law at all.

        Least squares over a stated window, the theory of finite samples over all ranks, and the
        local slope against rank; with a comparison of shapes and isotropic noise. Spectra of
        nested `subsets` (`measure_subsets`) help to read off the latent dimension.
        """
        return answers(self, ranks, level, subsets)


def from_moments(
    moments: Moments,
    name: str = "data",
    *,
    n_read: int = 0,
    n_dropped: int = 0,
    notes: tuple[str, ...] = (),
) -> MeasuredSpectrum:
    """Diagonalise the covariance; with a target, project the cross covariance as well.

    Raises
    ------
    InputError
        With fewer than two rows, or where no column varies.
    """
    if moments.n_samples < 2:
        raise InputError(f"{name} has {moments.n_samples} rows; a spectrum needs at least 2")
    if not (np.diagonal(moments.scatter) > 0).any():
        raise InputError(
            f"{name} has no column that varies in {moments.n_samples} rows; a spectrum needs one"
        )
    covariance = moments.covariance
    power, unexplained = None, 0.0
    if moments.n_targets:
        values, vectors = np.linalg.eigh(covariance)
        values = _descending(values, moments)
        power, unexplained = target_power(values, vectors[:, ::-1], moments)
    else:
        values = _descending(np.linalg.eigvalsh(covariance), moments)
    return MeasuredSpectrum(
        eigenvalues=values,
        multiplicities=np.ones(len(values)),
        target_power=power,
        unexplained=unexplained,
        moments=moments,
        name=name,
        n_read=n_read or moments.n_samples,
        n_dropped=n_dropped,
        notes=notes,
    )


def from_eigenvalues(values: Any, n_samples: int, name: str = "spectrum") -> MeasuredSpectrum:
    """Make a measured spectrum from eigenvalues alone, of a sample covariance of `n_samples` rows.

    The moments are those of uncorrelated inputs with these variances.
    """
    variances = np.sort(np.asarray(values, dtype=np.float64).ravel())[::-1]
    empty = Moments.empty(len(variances))
    moments = replace(empty, n_samples=n_samples, scatter=np.diag(variances) * (n_samples - 1))
    return from_moments(moments, name)


def _descending(values: NDArray[np.floating[Any]], moments: Moments) -> Floats:
    """From large to small; exactly zero beyond what rounding and the number of samples allow.

    A covariance has no negative eigenvalue: how far below zero the least one lies is what rounding
    did, and what lies as little above zero is rounding, too.
    """
    descending = np.asarray(values[::-1], dtype=np.float64)
    descending = np.where(descending > -2.0 * descending[-1], descending, 0.0)
    descending = np.maximum(descending, 0.0)
    descending[moments.n_samples - 1 :] = 0.0
    return descending


def target_power(
    values: Floats, vectors: NDArray[Any], moments: Moments | Margins
) -> tuple[Floats, float]:
    """v_J² of each mode and the unexplained variance, corrected for sampling.

    A sample of n rows adds about (unexplained)/n to every v_J², and a least-squares fit of d
    modes leaves only (n − 1 − d)/(n − 1) of the unexplained variance; both are undone. Where
    d reaches n − 1 the residual says nothing: the plain sample values are given.
    """
    alive = values > values[0] * np.finfo(float).eps * len(values)
    power = np.zeros(len(values))
    projected = vectors[:, alive].T @ moments.cross_covariance
    power[alive] = np.sum(projected**2, axis=1) / values[alive]
    return without_sampling(power, alive, moments)


def without_sampling(
    power: Floats, alive: NDArray[np.bool_], moments: Moments | Margins
) -> tuple[Floats, float]:
    """Take off the power of `alive` modes what sampling adds; and the unexplained variance."""
    residual = max(float(np.trace(moments.target_covariance)) - float(power.sum()), 0.0)
    n, d = moments.n_samples - 1, int(alive.sum())
    if d >= n:
        return power, residual
    unexplained = residual * n / (n - d)
    power[alive] = np.maximum(power[alive] - unexplained / n, 0.0)
    return power, unexplained

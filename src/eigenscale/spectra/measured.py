"""The spectrum of a dataset, as measured: eigenvalues, target power, and where they come from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.spectra.moments.moments import Moments
from eigenscale.spectrum import Spectrum

if TYPE_CHECKING:
    from eigenscale.spectra.components import Components
    from eigenscale.spectra.exponent.answers import Answers
    from eigenscale.spectra.exponent.finite_sample import FiniteSampleFit
    from eigenscale.spectra.exponent.least_squares import Exponent
    from eigenscale.spectra.moments.margins import Margins


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredSpectrum(Spectrum):
    """Covariance eigenvalues of a sample, a `Spectrum` with its origin.

    Attributes
    ----------
    eigenvalues : ndarray, shape (n_inputs,) or fewer
        Of the sample covariance (divided by n − 1), descending; the leading ones where there is a
        `tail`.
    target_power : ndarray, as many as eigenvalues, or None
        v_J² = Σ_c (u_J · Cov(x, y_c))² / λ_J, summed over target columns, with the part that
        sampling adds taken off where `n_samples` allows it.
    unexplained : float
        Variance of the target, summed over columns, that no linear function of the inputs
        explains; corrected for the degrees of freedom that the fit uses. With a `tail`, what the
        leading modes do not explain: the others may explain part of it.
    tail : Tail or None
        What is known of the eigenvalues beyond the leading ones, where not all were found.
    moments : Moments or Margins
        What it was computed from: n_samples, mean, covariance, cross covariance; with more than
        16,384 inputs all but the covariance.
    name : str
        Of the data.
    n_read, n_dropped : int
        Rows read, and rows left out because they were not finite.
    notes : tuple of str
        What was done to the data on the way.
    errors : ndarray, as many as eigenvalues, or None
        How far each eigenvalue may be off, where they were found by iteration.
    """

    moments: "Moments | Margins | None" = None
    name: str = "data"
    n_read: int = 0
    n_dropped: int = 0
    notes: tuple[str, ...] = ()
    errors: Floats | None = None

    @property
    def n_samples(self) -> int:
        """Rows that were measured."""
        return self._moments.n_samples

    @property
    def n_inputs(self) -> int:
        """Columns that were measured."""
        return self._moments.n_inputs

    @property
    def mean(self) -> Floats:
        """Mean of each input, shape (n_inputs,)."""
        return self._moments.mean

    @property
    def target_variance_total(self) -> float:
        """Variance of the target, summed over its columns; 0 without a target."""
        return float(np.trace(self._moments.target_covariance))

    @property
    def rank(self) -> int:
        """Eigenvalues known one by one that differ from zero by more than rounding."""
        most = min(self.n_inputs, self.n_samples - 1)
        floor = self.eigenvalues[0] * np.finfo(float).eps * self.n_inputs
        return int(np.sum(self.eigenvalues[:most] > floor))

    @property
    def effective_rank(self) -> float:
        """Exp of the entropy of the eigenvalues' shares (Roy and Vetterli 2007).

        NaN where the tail is not known: see `effective_rank_bounds`.
        """
        low, high = self.effective_rank_bounds
        return (low * high) ** 0.5 if high - low <= 1e-3 * high else float("nan")

    @property
    def effective_rank_bounds(self) -> tuple[float, float]:
        """Least and largest effective rank that the known eigenvalues and the tail's power allow.

        Entropy is least where the tail's modes are as large as the last known one, and largest
        where all that can differ from zero are equal.
        """
        alive = self.eigenvalues[self.eigenvalues > 0]
        share = alive / self.trace
        known = -float(np.sum(share * np.log(share)))
        if self.tail is None or self.tail.power == 0:
            return float(np.exp(known)), float(np.exp(known))
        rest = self.tail.power / self.trace
        ends = known - rest * np.log([float(share[-1]), min(rest / self.tail.alive, share[-1])])
        return float(np.exp(ends[0])), float(np.exp(ends[1]))

    @property
    def square(self) -> float:
        """Σ λ², the squared Frobenius norm of the covariance, the tail's included."""
        known = float(np.sum(self.eigenvalues**2))
        return known if self.tail is None else known + self.tail.square

    @property
    def participation_ratio(self) -> float:
        """(Σ λ)² / Σ λ²: how many directions carry the variance."""
        return float(self.trace**2 / self.square)

    @property
    def components(self) -> "Components":
        """The principal components' view: explained variance and the largest gap."""
        from eigenscale.spectra.components import components_of

        return components_of(self.eigenvalues[: self.rank], float(self.trace))

    def completed(self) -> Spectrum:
        """Give a spectrum for theory: a power law of the exact power in place of the tail.

        See `eigenscale.spectra.completion.completed`.
        """
        from eigenscale.spectra.completion import completed

        return completed(self)

    def exponent(self, ranks: tuple[int, int] | None = None, level: float = 0.9) -> "Exponent":
        """Fit the exponent α (the spectrum falls as 1+α) by least squares over a window.

        Parameters
        ----------
        ranks : (first, last), optional
            Ranks to fit, counted from 1, both included. By default a window that leaves out the
            head and the tail that a finite sample distorts (`exponent.default_window`).
        level : float
            Of the interval.
        """
        from eigenscale.spectra.exponent.least_squares import least_squares

        return least_squares(self, ranks, level)

    def finite_sample(
        self, ranks: tuple[int, int] | None = None, level: float = 0.9, structure: str = "auto"
    ) -> "FiniteSampleFit":
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
        from eigenscale.spectra.exponent.finite_sample import finite_sample_fit

        return finite_sample_fit(self, ranks, level, structure)

    def answers(
        self,
        ranks: tuple[int, int] | None = None,
        level: float = 0.9,
        subsets: "Sequence[MeasuredSpectrum]" = (),
    ) -> "Answers":
        """Give the exponent in three ways, and say whether this is a power law at all.

        Least squares over a stated window, the theory of finite samples over all ranks, and the
        local slope against rank; with a comparison of shapes and isotropic noise. Spectra of
        nested `subsets` (`measure_subsets`) help to read off the latent dimension.
        """
        from eigenscale.spectra.exponent.answers import answers

        return answers(self, ranks, level, subsets)

    @property
    def _moments(self) -> "Moments | Margins":
        assert self.moments is not None
        return self.moments

    def __repr__(self) -> str:
        low, high = self.effective_rank_bounds
        ends = f"{low:.4g}", f"{high:.4g}"
        rank = ends[0] if ends[0] == ends[1] else " to ".join(ends)
        known = "" if self.tail is None else f"the leading {len(self.eigenvalues)} known, "
        return (
            f"MeasuredSpectrum({self.name}: {self.n_samples} samples of {self.n_inputs} inputs, "
            f"{known}effective rank {rank}, largest eigenvalue {self.eigenvalues[0]:.4g})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values; the mean and the moments stay out."""
        result: dict[str, Any] = {
            "name": self.name,
            "n_samples": self.n_samples,
            "n_inputs": self.n_inputs,
            "n_dropped": self.n_dropped,
            "eigenvalues": self.eigenvalues.tolist(),
            "trace": float(self.trace),
            "rank": self.rank,
            "effective_rank": self.effective_rank,
            "participation_ratio": self.participation_ratio,
            "notes": list(self.notes),
        }
        if self.tail is not None:
            result |= {
                "tail": asdict(self.tail),
                "effective_rank_bounds": list(self.effective_rank_bounds),
            }
        if self.errors is not None:
            result["errors"] = self.errors.tolist()
        if self.target_power is not None:
            result |= {
                "target_power": self.target_power.tolist(),
                "unexplained": self.unexplained,
                "target_variance": self.target_variance_total,
            }
        return result


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
    """From large to small; exactly zero beyond the rank that the number of samples allows."""
    descending = np.asarray(np.maximum(values[::-1], 0.0), dtype=np.float64)
    descending[moments.n_samples - 1 :] = 0.0
    return descending


def target_power(
    values: Floats, vectors: NDArray[Any], moments: "Moments | Margins"
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
    power: Floats, alive: NDArray[np.bool_], moments: "Moments | Margins"
) -> tuple[Floats, float]:
    """Take off the power of `alive` modes what sampling adds; and the unexplained variance."""
    residual = max(float(np.trace(moments.target_covariance)) - float(power.sum()), 0.0)
    n, d = moments.n_samples - 1, int(alive.sum())
    if d >= n:
        return power, residual
    unexplained = residual * n / (n - d)
    power[alive] = np.maximum(power[alive] - unexplained / n, 0.0)
    return power, unexplained

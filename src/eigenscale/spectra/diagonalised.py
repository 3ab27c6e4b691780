"""The numbers of a sample's spectrum: eigenvalues, target power, components, where they come from.

Fits and completions are typed against `Diagonalised`, which knows nothing of them; the class that
users hold, `eigenscale.spectra.measured.MeasuredSpectrum`, joins them on top as methods.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.io.preparation.preparation import Preparation
from eigenscale.spectra.moments.margins import Margins
from eigenscale.spectra.moments.moments import Moments
from eigenscale.spectrum import Spectrum

SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, eq=False)
class Components:
    """How the variance is spread over principal components.

    Attributes
    ----------
    explained : ndarray, shape (rank,)
        Share of the variance that the first k components hold, k = 1, 2, ….
    needed : dict of float to int
        Components that hold 50, 80, 90, 95 and 99 % of the variance; a share is missing where the
        measured components do not reach it.
    gap_rank : int
        The last component before the largest gap, the largest ratio of one eigenvalue to the
        next in the first half of the ranks; 0 with fewer than two eigenvalues.
    gap : float
        That ratio.
    """

    explained: Floats
    needed: dict[float, int]
    gap_rank: int
    gap: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values; shares are keys such as "0.9"."""
        return {
            "explained_variance": self.explained.tolist(),
            "components_for": {f"{share:g}": n for share, n in self.needed.items()},
            "gap_rank": self.gap_rank,
            "gap": self.gap,
        }


def components_of(eigenvalues: Floats, trace: float | None = None) -> Components:
    """Read the components off descending `eigenvalues`; `trace` is the whole variance.

    Examples
    --------
    >>> import numpy as np
    >>> found = components_of(np.array([8.0, 4.0, 0.02, 0.01, 0.005]))
    >>> found.needed[0.95], found.gap_rank
    (2, 2)
    """
    values = eigenvalues[eigenvalues > 0]
    whole = float(values.sum()) if trace is None else trace
    explained = np.minimum(np.cumsum(values) / whole, 1.0)
    at = {s: int(np.searchsorted(explained, s * (1 - 1e-12))) + 1 for s in SHARES}
    rank, gap = _gap(values)
    return Components(
        explained,
        {s: n for s, n in at.items() if n <= len(values)},
        rank,
        gap,
    )


def _gap(values: Floats) -> tuple[int, float]:
    """Rank and size of the largest fall; where a sample's spectrum ends every fall is steep."""
    if len(values) < 2:
        return 0, 1.0
    ratios = values[:-1] / values[1:]
    at = int(np.argmax(ratios[: max(1, len(values) // 2)]))
    return at + 1, float(ratios[at])


@dataclass(frozen=True, eq=False, repr=False)
class Diagonalised(Spectrum):
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
    prepared : Preparation or None
        What was done to the columns of a table.
    """

    moments: Moments | Margins | None = None
    name: str = "data"
    n_read: int = 0
    n_dropped: int = 0
    notes: tuple[str, ...] = ()
    errors: Floats | None = None
    prepared: Preparation | None = None

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
    def components(self) -> Components:
        """The principal components' view: explained variance and the largest gap."""
        return components_of(self.eigenvalues[: self.rank], float(self.trace))

    @property
    def _moments(self) -> Moments | Margins:
        assert self.moments is not None
        return self.moments

    def __repr__(self) -> str:
        low, high = self.effective_rank_bounds
        ends = f"{low:.4g}", f"{high:.4g}"
        rank = ends[0] if ends[0] == ends[1] else " to ".join(ends)
        known = "" if self.tail is None else f"the leading {len(self.eigenvalues)} known, "
        return (
            f"{type(self).__name__}({self.name}: {self.n_samples} samples of "
            f"{self.n_inputs} inputs, "
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
            "warnings": list(self.notes),
        }
        if self.tail is not None:
            result |= {
                "tail": asdict(self.tail),
                "effective_rank_bounds": list(self.effective_rank_bounds),
            }
        if self.errors is not None:
            result["errors"] = self.errors.tolist()
        if self.prepared is not None:
            result["prepared"] = self.prepared.to_dict()
        if self.target_power is not None:
            result |= {
                "target_power": self.target_power.tolist(),
                "unexplained": self.unexplained,
                "target_variance": self.target_variance_total,
            }
        return result

"""The latent dimension from the spectra of several sample sizes together.

One population, (α, scale, M), has to explain the spectrum at every number of samples: with few
samples the tail is lost, and how it comes back as they grow says where it ends. The statistics of
all sizes are fitted together, with the covariance that nested samples have between them. For
Gaussian data the largest sample alone holds all the information, so that the interval hardly
narrows; what the smaller ones add is the test: where one M does not explain all sizes, there is
none to be read off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eigenscale.errors import InputError
from eigenscale.results import Interval, to_plain
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.exponent.finite_sample import (
    FEWEST,
    FiniteSampleFit,
    conclude,
    finite_sample_fit,
    fits_of,
    problem_of,
)
from eigenscale.spectra.exponent.likelihood import Problem
from eigenscale.spectra.exponent.profiles import LatentDim


@dataclass(frozen=True)
class SizeFit:
    """What one sample size says on its own, over the same window."""

    n_samples: int
    alpha: Interval
    latent_dim: LatentDim
    p_value: float


@dataclass(frozen=True, eq=False)
class JointFit:
    """One population fitted to the spectra of nested samples.

    Attributes
    ----------
    fit : FiniteSampleFit
        The joint fit; its p-value tests one population against all sizes.
    sizes : tuple of SizeFit
        Each size on its own, from small to large.
    """

    fit: FiniteSampleFit
    sizes: tuple[SizeFit, ...]

    @property
    def latent_dim(self) -> LatentDim:
        """An interval, a lower bound, or not identifiable; so where one M is refused as well."""
        return self.fit.latent_dim

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "latent_dim": to_plain(self.latent_dim),
            "alpha": self.fit.alpha.to_dict(),
            "structure": self.fit.structure,
            "ranks": list(self.fit.ranks),
            "p_value": self.fit.p_value,
            "sizes": [to_plain(size) for size in self.sizes],
        }


def latent_dimension(
    spectra: Sequence[Diagonalised],
    ranks: tuple[int, int] | None = None,
    level: float = 0.9,
    structure: str = "auto",
) -> JointFit:
    """Read the latent dimension off the spectra of nested samples, the largest last.

    Parameters
    ----------
    spectra : sequence of Diagonalised
        Of the same columns, each sample part of the next, as `measure_subsets` gives them.
    ranks : (first, last), optional
        Window of the largest; by default the one that its own fit chooses.
    structure : {"auto", "direct", "random map"}
        See `FiniteSampleFit`.

    Raises
    ------
    InputError
        Where the columns differ, or no spectrum has eight ranks in the window.

    Examples
    --------
    >>> import numpy as np
    >>> from eigenscale.spectra.subsets import measure_all
    >>> rng = np.random.default_rng(0)
    >>> latent = rng.normal(size=(1200, 400)) * np.arange(1.0, 401) ** -0.75
    >>> rows = latent @ rng.normal(size=(400, 60)) / 60**0.5
    >>> found = latent_dimension(measure_all(rows, sizes=[60, 300]))
    >>> found.latent_dim.low < 400 < found.latent_dim.high
    True
    """
    whole = spectra[-1]
    if len({s.n_inputs for s in spectra}) > 1:
        raise InputError("spectra have different numbers of inputs; measure the same columns")
    alone = finite_sample_fit(whole, ranks, level, structure)
    usable = [s for s in spectra if _last(s, alone.ranks) - alone.ranks[0] + 1 >= FEWEST]
    sizes = tuple(_alone(s, alone, level, structure) for s in usable[:-1])
    fit = alone if len(usable) == 1 else _together(usable, alone.ranks, level, structure)
    return JointFit(fit, (*sizes, SizeFit(whole.n_samples, *_estimates(alone), alone.p_value)))


def _last(spectrum: Diagonalised, ranks: tuple[int, int]) -> int:
    return min(ranks[1], spectrum.rank)


def _estimates(fit: FiniteSampleFit) -> tuple[Interval, LatentDim]:
    return fit.alpha, fit.latent_dim


def _alone(
    spectrum: Diagonalised, largest: FiniteSampleFit, level: float, structure: str
) -> SizeFit:
    window = (largest.ranks[0], _last(spectrum, largest.ranks))
    fit = finite_sample_fit(spectrum, window, level, structure)
    return SizeFit(spectrum.n_samples, *_estimates(fit), fit.p_value)


def _together(
    spectra: Sequence[Diagonalised], ranks: tuple[int, int], level: float, structure: str
) -> FiniteSampleFit:
    parts = [problem_of(s, (ranks[0], _last(s, ranks))) for s in spectra]
    problem = Problem.joined(parts)
    return conclude(fits_of(problem, spectra[-1], ranks, structure), problem, ranks, level)

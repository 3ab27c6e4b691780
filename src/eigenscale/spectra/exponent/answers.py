"""The three answers about a spectrum's exponent, side by side, and which to trust."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from eigenscale.errors import ConvergenceError
from eigenscale.results import Interval, Result, to_plain
from eigenscale.spectra.completion import resolved
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.exponent.finite_sample import FEWEST, FiniteSampleFit, finite_sample_fit
from eigenscale.spectra.exponent.joint import JointFit, latent_dimension
from eigenscale.spectra.exponent.least_squares import Exponent, least_squares
from eigenscale.spectra.exponent.profiles import LatentDim
from eigenscale.spectra.exponent.shapes import Verdict, compare_shapes
from eigenscale.spectra.exponent.slope import LocalSlope, local_slope


@dataclass(frozen=True, eq=False)
class Answers(Result):
    """Least squares, the theory of finite samples and the local slope, with a verdict.

    Attributes
    ----------
    least_squares : Exponent
        Over the stated window.
    finite_sample : FiniteSampleFit or None
        Over all ranks; None where there are too few.
    local : LocalSlope
        α against rank.
    verdict : Verdict or None
        Whether it is a power law, with the other shapes compared.
    joint : JointFit or None
        The latent dimension from several sample sizes together, where there are several.
    """

    least_squares: Exponent
    finite_sample: FiniteSampleFit | None
    local: LocalSlope
    verdict: Verdict | None
    joint: JointFit | None = None

    @property
    def latent_dim(self) -> LatentDim | None:
        """The latent dimension by all sizes together, or by the spectrum of all rows."""
        if self.joint is not None:
            return self.joint.latent_dim
        return None if self.finite_sample is None else self.finite_sample.latent_dim

    @property
    def trusted(self) -> str:
        """Name the answer to quote: least squares unless a power law holds."""
        holds = self.verdict is not None and self.verdict.power_law
        return "finite sample" if holds else "least squares"

    @property
    def alpha(self) -> Interval:
        """α by the trusted answer; the spectrum falls as 1+α."""
        return self._trusted.alpha

    @property
    def ranks(self) -> tuple[int, int]:
        """The ranks that the trusted answer used."""
        return self._trusted.ranks

    @property
    def _trusted(self) -> Exponent | FiniteSampleFit:
        if self.trusted == "finite sample" and self.finite_sample is not None:
            return self.finite_sample
        return self.least_squares

    def to_dict(self) -> dict[str, Any]:
        """Plain values, the trusted answer first."""
        return {
            "alpha": to_plain(self.alpha),
            "ranks": list(self.ranks),
            "method": self.trusted,
            "power_law": None if self.verdict is None else self.verdict.power_law,
            "verdict": None if self.verdict is None else self.verdict.sentence,
            "latent_dim": to_plain(self.latent_dim),
            "least_squares": to_plain(self.least_squares),
            "finite_sample": to_plain(self.finite_sample),
            "local_slope": to_plain(self.local),
            "shapes": None if self.verdict is None else to_plain(self.verdict.shapes),
            **({} if self.joint is None else {"joint": self.joint.to_dict()}),
        }


def answers(
    spectrum: Diagonalised,
    ranks: tuple[int, int] | None = None,
    level: float = 0.9,
    subsets: Sequence[Diagonalised] = (),
) -> Answers:
    """Ask all three; `ranks` is the window of the least squares and of the finite-sample fit.

    With the spectra of nested `subsets` the latent dimension is fitted to all sizes together.
    """
    line, fit, verdict = least_squares(spectrum, ranks, level), None, None
    most = resolved(spectrum)
    first, last = (1, most) if ranks is None else (ranks[0], min(ranks[1], most))
    if last - first + 1 >= FEWEST:
        with suppress(ConvergenceError):
            fit = finite_sample_fit(spectrum, None if ranks is None else (first, last), level)
            verdict = compare_shapes(spectrum, fit)
    joint = None if fit is None or not subsets else _joint([*subsets, spectrum], ranks, level)
    return Answers(line, fit, local_slope(spectrum), verdict, joint)


def _joint(
    spectra: Sequence[Diagonalised], ranks: tuple[int, int] | None, level: float
) -> JointFit | None:
    try:
        return latent_dimension(spectra, ranks, level)
    except ConvergenceError:
        return None

"""Effective ranks by their names: several numbers are called so, and they differ tenfold."""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.exponent.least_squares import least_squares

_LEAST_RANKS = 3  # for a line

DEFINITIONS = {
    "entropy_rank": (
        "exp of the entropy of the eigenvalues' shares of the variance (Roy and Vetterli 2007)"
    ),
    "rankme": "exp of the entropy of the singular values' shares (Garrido et al. 2023)",
    "participation_ratio": "(Σ λ)² / Σ λ²: how many directions carry the variance",
    "stable_rank": "Σ λ / λ₁: the variance over that of the largest direction",
    "alpha_req": "minus the slope of log λ against log rank, 1 + α (Agrawal et al. 2022, α-ReQ)",
}
NAMES = {
    "entropy_rank": "entropy rank",
    "rankme": "RankMe",
    "participation_ratio": "participation ratio",
    "stable_rank": "stable rank",
    "alpha_req": "α-ReQ",
}


@dataclass(frozen=True)
class EffectiveRanks:
    """Five summaries of one spectrum; NaN where the eigenvalues known do not give one.

    Attributes
    ----------
    entropy_rank, rankme, participation_ratio, stable_rank, alpha_req : float
        See `DEFINITIONS`.
    """

    entropy_rank: float
    rankme: float
    participation_ratio: float
    stable_rank: float
    alpha_req: float

    def to_dict(self) -> dict[str, float]:
        """Values by name."""
        return dict(vars(self))


def effective_ranks(spectrum: Diagonalised, ranks: tuple[int, int] | None = None) -> EffectiveRanks:
    """Give every effective rank of a spectrum; `ranks` is the window of α-ReQ.

    Examples
    --------
    >>> from eigenscale.spectra.measured import from_eigenvalues
    >>> found = effective_ranks(from_eigenvalues([4.0, 1.0, 1.0, 1.0, 1.0], n_samples=1000))
    >>> round(found.entropy_rank, 2), round(found.rankme, 2), found.stable_rank
    (4.0, 4.76, 2.0)
    """
    alive = spectrum.eigenvalues[spectrum.eigenvalues > 0]
    whole = spectrum.tail is None or spectrum.tail.power == 0
    slope = float("nan")
    if spectrum.rank >= _LEAST_RANKS:
        slope = 1 + least_squares(spectrum, ranks).alpha.value
    return EffectiveRanks(
        float(spectrum.effective_rank),
        entropy_of(np.sqrt(alive)) if whole else float("nan"),
        spectrum.participation_ratio,
        float(spectrum.trace) / float(alive[0]),
        slope,
    )


def entropy_of(values: Floats) -> float:
    """Exp of the entropy of positive values' shares of their sum.

    >>> entropy_of(np.ones(7))
    7.0
    """
    share = values / values.sum()
    return float(np.round(np.exp(-np.sum(share * np.log(share))), 12))

"""Zipf's law: how the frequency of tokens falls with their rank.

Text is bursty: a word that occurs once is likely to occur again nearby. Counts then scatter more
than Poisson's, by a factor φ that is measured between stretches of the text, and both the interval
and what sorting by chance counts does to the line depend on it (`scripts/zipf_coverage.py`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.formats.text import TokenCounts, token_counts
from eigenscale.results import Interval
from eigenscale.spectra.exponent.least_squares import fit_line

STRETCHES = 40  # of the text, left out one by one
_RELIABLE = 10  # occurrences over φ, below which ranks are sorted by chance
_FIRST = 10
_ROUNDS = 4  # of the correction, which depends on the exponent
_PIECES = 12  # of log rank, in each of which φ is averaged
_SHOWN = 60  # ranks in the plain form, evenly in log rank


@dataclass(frozen=True, eq=False)
class Zipf:
    """Token frequencies of a text and the exponent of their fall.

    Attributes
    ----------
    exponent : Interval
        s of frequency ~ rank^-s; natural language has s near 1.
    ranks : tuple of int
        Window, first and last rank.
    n_tokens, n_types : int
        Tokens counted, and how many of them differ.
    counts : ndarray
        Occurrences of each token, from the most frequent down.
    burstiness : float
        φ at the end of the window: variance of counts between stretches of the text over that of
        tokens strewn at random, 1 for those.
    """

    exponent: Interval
    ranks: tuple[int, int]
    n_tokens: int
    n_types: int
    counts: Floats
    burstiness: float

    def line(self, ranks: Any) -> Floats:
        """Evaluate the fitted number of occurrences at `ranks`."""
        first, last = self.ranks
        window = np.arange(first, last + 1)
        level = np.mean(
            np.log(self.counts[first - 1 : last]) + self.exponent.value * np.log(window)
        )
        return np.exp(level - self.exponent.value * np.log(np.asarray(ranks, dtype=np.float64)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with the counts at ranks even in log rank."""
        ranks = np.unique(np.geomspace(1, self.n_types, _SHOWN).round().astype(int))
        return {
            "exponent": self.exponent.to_dict(),
            "ranks": list(self.ranks),
            "n_tokens": self.n_tokens,
            "n_types": self.n_types,
            "burstiness": self.burstiness,
            "counts": [{"rank": int(rank), "count": int(self.counts[rank - 1])} for rank in ranks],
        }


def zipf(path: str | Path, level: float = 0.9) -> Zipf:
    """Count the tokens of a text file or folder and fit their rank–frequency line.

    Least squares of log frequency on log rank, from rank 10 to the last token that occurs 10 φ
    times, or to a quarter of the types, beyond which a vocabulary ends. Sorting by chance counts
    moves frequent tokens forward: of tokens that follow rank^-s the one at rank r occurs
    about φ/(2s) times more often than its share, to first order, which is taken off. The interval
    joins the departure from a straight line with a jackknife over 40 stretches of the text.

    Raises
    ------
    InputError
        Where the text has too few frequent tokens.
    """
    where = Path(path)
    if not where.exists():
        raise InputError(f"{where} does not exist; check the path")
    found = token_counts(where, STRETCHES, _RELIABLE)
    phi = dispersion(found)
    last = _last(found, phi)
    if last < 3 * _FIRST:
        raise InputError(
            f"{where.name} has {last} tokens frequent enough to rank ({_RELIABLE} times, or more "
            f"where they come in bursts, in the first quarter of {len(found.totals)}); Zipf's law "
            f"needs {3 * _FIRST}; give a longer text"
        )
    counts = found.totals.astype(np.float64)
    exponent = exponent_of(found, phi, last, level)
    ends = (_FIRST, last)
    return Zipf(exponent, ends, int(counts.sum()), len(counts), counts, float(phi[last - 1]))


def dispersion(found: TokenCounts) -> Floats:
    """φ of the frequent tokens, shape (frequent types,), averaged over pieces of log rank."""
    stretches, frequent = found.parts.shape
    if stretches < 2 or frequent == 0:
        return np.ones(frequent)
    sizes = found.parts.sum(axis=1, keepdims=True) / max(1, found.parts.sum())
    expected = sizes * found.totals[:frequent]
    phi = np.sum((found.parts - expected) ** 2 / np.maximum(expected, 1e-300), axis=0)
    log_rank = np.log(np.arange(1, frequent + 1))
    piece = (log_rank / max(log_rank[-1], 1e-300) * _PIECES).astype(int)
    mean = np.bincount(piece, phi) / np.maximum(np.bincount(piece), 1) / (stretches - 1)
    return np.asarray(np.maximum(mean, 1.0)[piece])


def _last(found: TokenCounts, phi: Floats) -> int:
    """Last rank of the window: before the first token that is sorted by chance."""
    rare = found.totals[: len(phi)] < _RELIABLE * phi
    return min(int(np.argmax(rare)) if rare.any() else len(phi), len(found.totals) // 4)


def exponent_of(found: TokenCounts, phi: Floats, last: int, level: float) -> Interval:
    """Give the exponent over ranks 10 to `last`, its variance by leaving out stretches."""
    window = slice(_FIRST - 1, last)
    frequent = found.totals[: len(phi)]
    left = np.sort(frequent - found.parts, axis=1)[:, ::-1]
    draws = np.array([-_slope(part[window], phi[window], 0.0, level).value for part in left])
    n = max(len(draws), 2)
    variance = (n - 1) / n * float(np.sum((draws - draws.mean()) ** 2))
    whole = _slope(frequent[window], phi[window], variance, level)
    return Interval(-whole.value, -whole.high, -whole.low, level, whole.se)


def _slope(counts: Any, phi: Floats, variance: float, level: float) -> Interval:
    """Slope of sorted counts from rank 10, what sorting does taken off."""
    exponent = 1.0
    for _ in range(_ROUNDS):
        occurrences = np.maximum(counts - 0.5 * phi / exponent, 0.1)
        slope, _, _ = fit_line(occurrences, _FIRST, 0.0, level, variance)
        exponent = max(-slope.value, 0.1)
    return slope

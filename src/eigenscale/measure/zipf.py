"""Zipf's law: how the frequency of tokens falls with their rank."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.data.text import paragraphs, token_counts
from eigenscale.errors import InputError
from eigenscale.measure.exponent import fit_line
from eigenscale.measure.moments import Floats
from eigenscale.results import Interval

_RELIABLE = 10  # occurrences below which ranks are sorted by chance
_FIRST = 10
_ROUNDS = 4  # of the correction, which depends on the exponent
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
    """

    exponent: Interval
    ranks: tuple[int, int]
    n_tokens: int
    n_types: int
    counts: Floats

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
            "counts": [{"rank": int(rank), "count": int(self.counts[rank - 1])} for rank in ranks],
        }


def zipf(path: str | Path, level: float = 0.9) -> Zipf:
    """Count the tokens of a text file or folder and fit their rank–frequency line.

    Least squares of log frequency on log rank, from rank 10 to the last token that occurs ten
    times, or to a quarter of the types, beyond which a vocabulary ends. Sorting by chance counts
    moves frequent tokens forward: of tokens that follow rank^-s the one at rank r occurs
    about 1/(2s) times more often than its share, to first order, which is taken off.

    Raises
    ------
    InputError
        Where the text has too few frequent tokens.
    """
    where = Path(path)
    if not where.exists():
        raise InputError(f"{where} does not exist; check the path")
    counts = token_counts(paragraphs(where))
    last = min(int((counts >= _RELIABLE).sum()), len(counts) // 4)
    if last < 3 * _FIRST:
        raise InputError(
            f"{where.name} has {int((counts >= _RELIABLE).sum())} tokens that occur {_RELIABLE} "
            f"times among {len(counts)}; Zipf's law needs {3 * _FIRST} in the first quarter; give "
            "a longer text"
        )
    exponent = _slope(counts[_FIRST - 1 : last], level)
    return Zipf(exponent, (_FIRST, last), int(counts.sum()), len(counts), counts)


def _slope(window: Floats, level: float) -> Interval:
    """Give the exponent of sorted `window`, from rank 10, what sorting does taken off."""
    exponent = 1.0
    for _ in range(_ROUNDS):
        slope, _, _ = fit_line(window - 0.5 / exponent, _FIRST, 1 / window, level)
        exponent = max(-slope.value, 0.1)
    return Interval(-slope.value, -slope.high, -slope.low, level, slope.se)

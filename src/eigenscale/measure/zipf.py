"""Zipf's law: how the frequency of tokens falls with their rank."""

from dataclasses import dataclass
from pathlib import Path

from eigenscale.data.text import paragraphs, token_counts
from eigenscale.errors import InputError
from eigenscale.measure.exponent import fit_line
from eigenscale.measure.moments import Floats
from eigenscale.results import Interval

_RELIABLE = 10  # occurrences below which ranks are sorted by chance
_FIRST = 10


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


def zipf(path: str | Path, level: float = 0.9) -> Zipf:
    """Count the tokens of a text file or folder and fit their rank–frequency line.

    Least squares of log frequency on log rank, from rank 10 to the last token that occurs ten
    times. Rarer tokens are sorted by chance and left out.

    Raises
    ------
    InputError
        Where the text has too few frequent tokens.
    """
    where = Path(path)
    if not where.exists():
        raise InputError(f"{where} does not exist; check the path")
    counts = token_counts(paragraphs(where))
    last = int((counts >= _RELIABLE).sum())
    if last < 3 * _FIRST:
        raise InputError(
            f"{where.name} has {last} tokens that occur {_RELIABLE} times; Zipf's law needs "
            f"{3 * _FIRST}; give a longer text"
        )
    slope, _, _ = fit_line(counts[_FIRST - 1 : last], _FIRST, 1 / counts[_FIRST - 1 : last], level)
    return Zipf(
        Interval(-slope.value, -slope.high, -slope.low, level, slope.se),
        (_FIRST, last),
        int(counts.sum()),
        len(counts),
        counts,
    )

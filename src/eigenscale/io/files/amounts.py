"""Numbers as people write them in tables: $1,200.50, 12 %, 1 200,5 €, (300), 85 kg."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats

_CURRENCY = r"(?:[$€£¥₹₩₽]|US\$|USD|EUR|GBP|CHF|JPY|INR|CNY|Rs\.?|kr\.?|zł|R\$)"
_DIGITS = r"\d[\d.,' \u00a0\u202f]*"
_CELL = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+\u2212])?\s*(?P<before>{_CURRENCY})?\s*(?P<inner>[-+\u2212])?"
    rf"(?P<digits>{_DIGITS}|\.\d+)(?P<power>[eE][-+]?\d+)?"
    rf"\s*(?P<unit>%|\u2030|{_CURRENCY}|[A-Za-zµ°][A-Za-zµ°²³/%]*)?\s*(?P<close>\))?"
)
_GROUPS = re.compile(r"\d{1,3}(?:([., '\u00a0\u202f])\d{3})(?:\1\d{3})*")
_SPACES = re.compile(r"[ '\u00a0\u202f]")
_MOST_STRAYS = 3  # different words that stand for a missing number
_STRAY_SHARE = 0.05
_FEWEST = 10  # different numbers from which on a column with stray words is numbers


@dataclass(frozen=True, eq=False)
class Amounts:
    """A column of text read as numbers.

    Attributes
    ----------
    values : array, shape (n,)
        NaN where the cell is one of `strays`.
    example : str
        A cell that is written with more than digits; empty where all are plain.
    strays : tuple of str
        Words that stand where a number is missing.
    """

    values: Floats
    example: str = ""
    strays: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What was understood, to stand behind the name of a column; empty for plain numbers."""
        parts = []
        if self.example:
            parts.append(f"read as numbers from text such as {self.example}")
        if self.strays:
            parts.append(f"{', '.join(self.strays)} counted as missing")
        return "; ".join(parts)


def amounts(text: NDArray[Any]) -> Amounts | None:
    """Read text as numbers with one unit; None where it is something else.

    Parameters
    ----------
    text : array of str, shape (n,)
        None of them empty. A column is read as a whole: whether a comma groups thousands or begins
        decimals is decided by all cells together, and all units must be the same.

    Examples
    --------
    >>> amounts(np.array(["$1,200.50", "$300", "($20)"])).values
    array([1200.5,  300. ,  -20. ])
    >>> amounts(np.array(["12,5 %", "7 %"])).values
    array([12.5,  7. ])
    >>> amounts(np.array(["12A", "7B"])) is None
    True
    """
    plain = _plain(text)
    if plain is not None:
        return Amounts(plain)
    found = [_CELL.fullmatch(cell.strip()) for cell in text.tolist()]
    lost = np.array([match is None for match in found])
    strays = tuple(np.unique(text[lost]).tolist())
    if lost.mean() > _STRAY_SHARE or len(strays) > _MOST_STRAYS:
        return None
    cells = [match for match in found if match is not None]
    if len({match["unit"] or match["before"] or "" for match in cells} - {""}) > 1:
        return None
    comma = _decimal_comma([match["digits"].strip() for match in cells])
    values = np.full(len(text), np.nan)
    values[~lost] = [_value(match, comma) for match in cells]
    if not np.isfinite(values[~lost]).all():
        return None
    if strays and len(np.unique(values[~lost])) < _FEWEST:
        return None
    marked = [match.string.strip() for match in cells if not _is_plain(match)]
    return Amounts(values, marked[0] if marked else "", strays)


def _plain(text: NDArray[Any]) -> Floats | None:
    try:
        found = text.astype(np.float64)
    except ValueError:
        return None
    return np.where(np.isfinite(found), found, np.nan)


def _is_plain(match: re.Match[str]) -> bool:
    try:
        float(match.string)
    except ValueError:
        return False
    return True


def _decimal_comma(digits: list[str]) -> bool:
    """Whether a comma begins decimals: in some cell it stands where no thousands can begin."""
    for cell in digits:
        if cell.count(",") == 1 and cell.rfind(",") > cell.rfind("."):
            whole, _, part = cell.partition(",")
            if len(part) != 3 or whole.startswith("0") or len(whole.lstrip()) > 3:
                return True
        if cell.count(".") > 1:
            return True
    return False


def _value(match: re.Match[str], comma: bool) -> float:
    """Give the number of a cell; NaN where its digits are grouped as no number is."""
    digits = match["digits"].strip()
    group, point = (".", ",") if comma else (",", ".")
    whole, _, part = digits.partition(point)
    if re.search(r"[., ']", part) or (
        re.search(r"[., '\u00a0\u202f]", whole) and not _grouped(whole)
    ):
        return float("nan")
    plain = _SPACES.sub("", whole.replace(group, ""))
    value = float(f"{plain or '0'}.{part or '0'}{match['power'] or ''}")
    minus = any(mark in ("-", "\u2212") for mark in (match["sign"], match["inner"]))
    bracketed = bool(match["open"] and match["close"])
    return -value if minus or bracketed else value


def _grouped(whole: str) -> bool:
    return bool(_GROUPS.fullmatch(whole))

"""Cells of a line of text, and what their signs say: numbers, decimal signs, groups of three."""

import csv
import re
from collections.abc import Sequence

_NUMBER = re.compile(
    r"[+-]?(\d+([_.,'\u00a0\u202f]\d+)*[.,]?|[1-9]\d{0,2}( \d{3})+([.,]\d+)?|[.,]\d+)"
    r"([eE][+-]?\d+)?"
    r"|[+-]?(nan|inf|infinity)",
    re.I,
)
_STRONG = {sign: re.compile(rf"[+-]?(\d*[{sign}]\d+|\d+[{sign}])([eE][+-]?\d+)?") for sign in ".,"}
_GROUPS = {sign: re.compile(rf"[+-]?[1-9]\d{{0,2}}([{sign}]\d{{3}})+") for sign in ".,"}
_GROUPED = {
    decimal: re.compile(rf"[+-]?[1-9]\d{{0,2}}((?:{sign}\d{{3}})+)([{decimal}]\d+)?")
    for decimal, sign in ((".", "[,']"), (",", "[.']"))
}
_UNIT = re.compile(r"(?<=\d) ?[A-Za-z%]{1,10}$")


def cells_of(line: str, separator: str, markdown: bool = False) -> list[str]:
    """Take a line apart.

    Examples
    --------
    >>> cells_of('a,"b,c",d', ",")
    ['a', 'b,c', 'd']
    """
    if markdown:
        inner = line.strip().removeprefix("|").removesuffix("|")
        return [cell.strip(" *`") for cell in inner.split("|")]
    if separator == " ":
        return next(csv.reader([" ".join(line.split())], delimiter=" "), [])
    return next(csv.reader([line], delimiter=separator), [])


def is_number(text: str) -> bool:
    """Whether a cell is a number, with either decimal sign.

    Examples
    --------
    >>> [is_number(cell) for cell in ("1.5e3", "2,5", "1 200", "1 2", "1,", "15M")]
    [True, True, True, False, True, False]
    """
    return bool(_NUMBER.fullmatch(text.strip()))


def share_of_numbers(rows: Sequence[Sequence[str]]) -> float:
    """Give the share of cells that are numbers, alone or with a unit as in 15M.

    A sign that ends a cell is none of a number.
    """
    cells = [_UNIT.sub("", cell.strip()) for row in rows for cell in row]
    return sum(is_number(cell) and cell[-1] not in ".," for cell in cells) / max(len(cells), 1)


def decimal_sign(cells: Sequence[str], written: str) -> str:
    """Tell whether the comma or the point parts whole numbers from fractions.

    Parameters
    ----------
    cells : sequence of str
    written : str
        The sign between columns in the file.

    Examples
    --------
    >>> decimal_sign(["20000000", "4,258"], ";"), decimal_sign(["1,200", "3.5"], ";")
    (',', '.')
    """
    texts = [cell.strip() for cell in cells]
    sure = {
        sign: any(_STRONG[sign].fullmatch(t) and not _GROUPS[sign].fullmatch(t) for t in texts)
        or any(re.fullmatch(rf"[+-]?\d{{1,3}}([{other}]\d{{3}})+[{sign}]\d+", t) for t in texts)
        for sign, other in ((".", ","), (",", "."))
    }
    if sure["."] != sure[","]:
        return "," if sure[","] else "."
    if sure["."]:
        return "."
    single = any(t.count(",") == 1 and _GROUPS[","].fullmatch(t) for t in texts)
    several = any(t.count(",") > 1 and _GROUPS[","].fullmatch(t) for t in texts)
    points = any("." in t and is_number(t) for t in texts)
    comma = single and not several and written != "," and (written == ";" or not points)
    return "," if comma else "."


def has_groups(cells: Sequence[str], decimal: str) -> bool:
    """Whether numbers have a sign between thousands."""
    return any(_GROUPED[decimal].fullmatch(cell.strip()) for cell in cells)


def without_groups(cell: str, decimal: str) -> str:
    """Take the signs between thousands out of a number.

    Examples
    --------
    >>> without_groups("1,200.5", "."), without_groups("1.200,5", ","), without_groups("0.257", ",")
    ('1200.5', '1200,5', '0.257')
    """
    match = _GROUPED[decimal].fullmatch(cell.strip())
    if match is None:
        return cell
    bare = re.sub(r"\D", "", match[1])
    start, end = match.span(1)
    text = cell.strip()
    return f"{text[:start]}{bare}{text[end:]}"

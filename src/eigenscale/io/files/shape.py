"""The shape of a table of text: the sign between columns, and lines that are no rows."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

from eigenscale.io.files.cells import (
    cells_of,
    decimal_sign,
    has_groups,
    is_number,
    share_of_numbers,
    without_groups,
)
from eigenscale.io.files.text import HEAD, has
from eigenscale.writing import scratch_path

SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "white space"}
"""Signs between columns and what they are called, in the order in which they are preferred."""

ROWS = 400
"""Rows that are looked at."""

_SEPARATOR_LINE = re.compile(r"^\s*\"?sep=(.)\"?\s*$", re.IGNORECASE)
_RULE = re.compile(r"^[\s|:+=-]*-[\s|:+=-]*$")  # the line below the header of a Markdown table
_SHEET_ERROR = re.compile(r"#(REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)")  # cells, no comments
_VOID = re.compile(r"[\s,;|]*")  # a line of separators without a cell
_WHITE = 0.9  # what white space has to be better by
_HEADLESS = 0.8  # and a sign that does not part the first line alike


@dataclass(frozen=True)
class Shape:
    """What the lines have in common: how cells are told apart, and lines that are no rows."""

    separator: str
    width: int
    markdown: bool
    first: int  # rows before the header
    comments: bool
    header_in_comment: bool
    header: tuple[str, ...]
    odd: bool
    decimal: str = "."
    groups: bool = False

    @classmethod
    def of(cls, lines: list[str], suffix: str) -> "Shape":
        """Find the shape of the first lines of a file whose name ends in `suffix`."""
        named = _SEPARATOR_LINE.match(lines[0])
        markdown = _is_markdown(lines)
        comments = not markdown and _has_comments(lines)
        rows = [line for line in lines if not _VOID.fullmatch(line)]
        rows = [line for line in rows if not (comments and _is_comment(line))]
        rows = rows[1:] if named else rows
        if markdown:
            separator = "|"
            rows = [line for line in rows if "|" in line and not _RULE.match(line)]
        else:
            separator = named[1] if named else _separator(rows, suffix)
        some = [cells_of(line, separator, markdown) for line in rows[:ROWS]]
        width = usual(some)
        start = _start(some, width, separator)
        inside = _header_in_comment(lines, some, separator, width) if comments else None
        header = tuple(inside or (some[start] if some else ()))
        again = not inside and any(tuple(cells) == header for cells in some[start + 1 :])
        void = not lines[0].strip() or bool(_VOID.fullmatch(lines[-1]))
        odd = bool(named or markdown or comments or start or separator == " " or void)
        repeated = again and not all(map(is_number, header))
        found = cls(separator, width, markdown, start, comments, bool(inside), header,
                    odd or repeated)  # fmt: skip
        return found._with_signs([cell for row in some[start + 1 :] for cell in row])

    def _with_signs(self, cells: Sequence[str]) -> "Shape":
        """Add the decimal sign, and whether thousands are parted."""
        decimal = decimal_sign(cells, self.separator)
        groups = has_groups(cells, decimal)
        odd = self.odd or groups
        return replace(self, decimal=decimal, groups=groups, odd=odd)

    def is_row(self, line: str) -> bool:
        """Whether a line is a row of cells, not a comment, a rule or blank."""
        if not line.strip() or (self.comments and _is_comment(line)):
            return False
        return not self.markdown or ("|" in line and not _RULE.match(line))


def _start(rows: Sequence[Sequence[str]], width: int, separator: str) -> int:
    """Count the rows before the header, which are titles."""
    if width < 2:
        return 0
    if separator == " ":
        body = next((i for i, row in enumerate(rows) if _is_body(row, width)), 0)
        start = max(body - 1, 0)
        return start if start and len(rows[start]) in {width, width - 1} else body * (start > 0)
    start = next((i for i, cells in enumerate(rows) if len(cells) >= width - 1), 0)
    return start if len(rows[start:]) > 1 and _before(rows[:start]) else 0


def _is_body(row: Sequence[str], width: int) -> bool:
    return len(row) == width and any(map(is_number, row))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "%")) and not _SHEET_ERROR.match(line.lstrip())


def _has_comments(lines: Sequence[str]) -> bool:
    marked = sum(_is_comment(line) for line in lines[:ROWS])
    return 0 < marked < 0.5 * min(len(lines), ROWS) or (marked > 0 and _is_comment(lines[0]))


def _is_markdown(lines: Sequence[str]) -> bool:
    pairs = pairwise(lines)
    return any("|" in a and "|" in b and _RULE.match(b) for a, b in islice(pairs, ROWS))


def usual(rows: Iterable[Sequence[str]]) -> int:
    """Give the number of cells that most rows have."""
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _before(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the lines before the header are titles: fewer cells, and one of them full."""
    return all(sum(bool(cell.strip()) for cell in row) <= 2 for row in rows)


def _separator(rows: Sequence[str], suffix: str) -> str:
    """Choose the sign that takes the most lines apart alike, into numbers where it can."""
    some = rows[:100]
    if not some or (suffix in {".tsv", ".tab"} and "\t" in some[0]):
        return "\t" if some else ","
    scores: dict[str, float] = {}
    alike: dict[str, float] = {}
    for sign in SEPARATORS:
        taken = [cells_of(line, sign) for line in some]
        width, count = max(Counter(map(len, taken)).items(), key=lambda item: (item[1], item[0]))
        if width < 2 or (sign == " " and not _is_columns(taken, width)):
            continue
        alike[sign] = count / len(some)
        numbers = share_of_numbers([row for row in taken[1:] if len(row) == width])
        weight = _WHITE if sign == " " else 1.0 if len(taken[0]) == width else _HEADLESS
        scores[sign] = alike[sign] * (0.25 + numbers) * weight
    if not scores:
        return ","
    best = max(scores, key=lambda sign: scores[sign])
    if alike[best] < 0.4 and best != " ":
        heads = {sign: some[0].count(sign) for sign in (",", ";", "\t", "|")}
        return max(heads, key=lambda sign: heads[sign]) if any(heads.values()) else ","
    return best


def _is_columns(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether white space parts columns: lines alike, and one column of numbers at least."""
    body = [row for row in rows[1:] if len(row) == width]
    if len(rows) < 2 or len(body) < max(0.8 * len(rows[1:]), len(rows) - 4):
        return False
    return any(sum(is_number(row[i]) for row in body) >= len(body) - 1 for i in range(width))


def _header_in_comment(
    lines: Sequence[str], rows: Sequence[Sequence[str]], separator: str, width: int
) -> tuple[str, ...] | None:
    """Column names that stand in the last comment above rows of numbers only."""
    if not rows or not all(map(is_number, rows[0])):
        return None
    above = []
    for line in lines:
        if line.strip() and not _is_comment(line):
            break
        above.append(line.lstrip("#% \t"))
    for text in reversed([line for line in above if line.strip()]):
        for sign in (separator, ",", " "):
            cells = [cell.strip() for cell in cells_of(text, sign)]
            if len(cells) == width and not any(map(is_number, cells)) and len({*cells}) == width:
                return tuple(cells)
    return None


def goes_on_odd(path: Path, shape: Shape) -> bool:
    """Whether comments or the header come again behind what was looked at."""
    if path.stat().st_size <= HEAD or shape.width < 2 or all(map(is_number, shape.header)):
        return False
    line = shape.separator.join(shape.header)
    return has(path, f"\n{line}".encode()) or has(path, b"\n#")


class Tidying:
    """Rows of a file without what is no row; counts what is left out."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.counts = dict.fromkeys(
            ("comment lines", "lines before the header", "repeated headers",
             "lines outside the table", "empty rows at the end"), 0)  # fmt: skip

    def lines(self, source: Iterable[str]) -> Iterator[str]:
        """Lines that are rows."""
        shape = self.shape
        for number, line in enumerate(source):
            if number == 0 and _SEPARATOR_LINE.match(line):
                continue
            if shape.is_row(line):
                yield " ".join(line.split()) if shape.separator == " " else line
                continue
            self.counts["comment lines"] += shape.comments and _is_comment(line)
            outside = shape.markdown and bool(line.strip()) and not _RULE.match(line)
            self.counts["lines outside the table"] += outside

    def _cells(self, source: Iterable[str]) -> Iterator[list[str]]:
        if self.shape.markdown:
            return (cells_of(line, "|", True) for line in self.lines(source))
        return csv.reader(self.lines(source), delimiter=self.shape.separator)

    def rows(self, source: Iterable[str]) -> Iterator[list[str]]:
        """Rows of cells, the header once, without empty ones at the end.

        Signs between thousands are taken out of numbers.
        """
        shape, header = self.shape, list(self.shape.header)
        seen, before = shape.header_in_comment, shape.first
        if seen:
            self.counts["comment lines"] -= 1
            yield header
        empty: list[list[str]] = []
        for cells in self._cells(source):
            if before:
                before -= 1
                self.counts["lines before the header"] += 1
            elif seen and cells == header:
                self.counts["repeated headers"] += 1
            elif seen and len(cells) > 1 and not any(cells):
                empty.append(cells)
            else:
                seen = True
                yield from empty
                empty.clear()
                changed = shape.groups
                yield [without_groups(c, shape.decimal) for c in cells] if changed else cells
        self.counts["empty rows at the end"] = len(empty)


def tidied(path: Path, shape: Shape) -> tuple[Path, dict[str, int]]:
    """Write the rows alone, tab between cells; count what is left out."""
    target, tidying = scratch_path(path.name), Tidying(shape)
    with (
        path.open(encoding="utf-8", errors="replace", newline=None) as source,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(tidying.rows(source))
    return target, tidying.counts

"""How a table of text is written: separator, decimal sign, comments, header, index columns."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from eigenscale.errors import InputError
from eigenscale.io.files.cells import cells_of, is_number
from eigenscale.io.files.index import index_is_kept, index_reason
from eigenscale.io.files.shape import ROWS, SEPARATORS, Shape, goes_on_odd, tidied, usual
from eigenscale.io.files.text import HEAD, as_utf8

_LONGEST = 1 << 24  # bytes of a line that is one


@dataclass(frozen=True)
class Dialect:
    """A table of text as it was understood.

    Attributes
    ----------
    path : Path
        A file of clean lines in UTF-8: the original, or a tidied copy.
    separator, decimal : str
    names : tuple of str
        Names of all columns, each different; f0, f1, … where there is no header.
    header : bool
        Whether the first line of `path` is the header.
    numbered : dict of str to str
        Columns that number the rows, and why they are taken for such.
    notes : tuple of str
        What was done that is not plain CSV, a sentence each.
    quoted : bool
        Whether cells may hold line ends.
    """

    path: Path
    separator: str
    decimal: str
    names: tuple[str, ...]
    header: bool
    numbered: dict[str, str]
    notes: tuple[str, ...] = ()
    quoted: bool = False

    @property
    def index(self) -> dict[str, str]:
        """Columns that number the rows; none where they are kept."""
        return {} if index_is_kept() else self.numbered

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns without those that number the rows."""
        return tuple(name for name in self.names if name not in self.index)


def sniff(path: Path) -> Dialect:
    """Find out how the table of a text file is written.

    Raises
    ------
    InputError
        Where the file is empty, no text, or has a line that is no line.
    """
    return _sniffed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _sniffed(path: Path, changed: int) -> Dialect:  # noqa: ARG001
    text, encoding = as_utf8(path)
    notes = [] if encoding in {"utf-8", "utf-8-sig"} else [f"the text is read as {encoding}"]
    lines = _head(text, path.name)
    if not any(line.strip() for line in lines):
        raise InputError(f"{path.name} is empty; give a header and at least two rows")
    shape = Shape.of(lines, path.suffix.lower())
    separator = shape.separator
    if shape.odd or goes_on_odd(text, shape):
        text, counts = tidied(text, shape)
        notes += [f"{what} left out: {count}" for what, count in counts.items() if count]
        lines, separator = _head(text, path.name), "\t"
    return _understood(text, lines, shape, separator, notes, path.name)


def _head(path: Path, name: str) -> list[str]:
    """Lines of the first megabyte, the last one whole."""
    with path.open("rb") as file:
        raw = file.read(HEAD) + file.readline(_LONGEST)
    if max(map(len, raw.split(b"\n")), default=0) >= _LONGEST:
        raise InputError(f"{name} has a line of more than 16 MB; a table has a line for each row")
    return raw.decode("utf-8", errors="replace").splitlines()


def _understood(
    path: Path, lines: list[str], shape: Shape, separator: str, notes: list[str], name: str
) -> Dialect:
    """Name the columns, find the decimal sign and the columns that number the rows."""
    quoted = any('"' in line for line in lines)
    rows = [row for row in islice(csv.reader(lines, delimiter=separator), ROWS) if row]
    first = [cell.strip() for cell in rows[0]]
    width = max(usual(rows[1:]), len(first)) if len(rows) > 1 else len(first)
    header, more = _is_header(first, width, shape.header_in_comment, name)
    notes += more
    body = rows[1:] if header else rows
    index: dict[str, str] = {}
    names = first if header else [f"f{i}" for i in range(width)]
    if header and len(first) == width - 1 and _has_row_names(body):
        names, index = ["row names", *first], {"row names": "it has no name in the header"}
    names, renamed = distinct(names)
    notes += renamed
    columns = list(zip(*(row for row in body if len(row) == width), strict=True))
    if len(columns) == len(names) and header:
        index |= _index_of(names, first, columns)
    notes += _in_words(shape)
    return Dialect(
        path, separator, shape.decimal, tuple(names), header, index, tuple(notes), quoted
    )


def _in_words(shape: Shape) -> list[str]:
    """Say what is not plain CSV in sentences."""
    notes = []
    if shape.markdown:
        notes.append("a Markdown table is read")
    elif shape.separator not in {",", "\t"}:
        notes.append(f"columns are separated by {SEPARATORS.get(shape.separator, 'signs')}")
    if shape.groups:
        notes.append("thousands separators are removed from numbers")
    if shape.decimal == ",":
        notes.append("the comma is read as decimal sign: 2,5 is two and a half")
    return notes


def _is_header(first: Sequence[str], width: int, known: bool, name: str) -> tuple[bool, list[str]]:
    """Whether the first line holds names, and what is odd about it."""
    unprintable = [cell for cell in first if not cell.isprintable()]
    if unprintable:
        raise InputError(
            f"{name} has the column name {unprintable[0]!r:.40}, which cannot be printed; "
            "mend its first line"
        )
    numbers = [cell for cell in first if is_number(cell)]
    if known or len(numbers) < len(first):
        odd = [cell for cell in numbers if not cell.isdecimal()]
        note = f"the first line is read as names, though {odd[0] if odd else ''!r} is a number"
        return True, [note] if odd else []
    if (
        len(first) > 1
        and list(first) == [str(i) for i in range(len(first))]
        and len(first) == width
    ):
        return True, [f"the first line, 0 to {len(first) - 1}, is read as column names"]
    return False, []


def distinct(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give each column a name of its own; say which were called alike.

    Examples
    --------
    >>> distinct(["x", "y", "x"])[0]
    ['x', 'y', 'x.1']
    """
    found: list[str] = []
    renamed = []
    taken = set(names)
    for place, name in enumerate(names):
        given = name or f"column {place + 1}"
        count = 0
        new = given
        while new in found or (new != name and new in taken):
            count += 1
            new = f"{given}.{count}"
        if new != name and name:
            renamed.append(f"{name!r} is the name of several columns; one is called {new!r}")
        found.append(new)
    return found, renamed


def _has_row_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first cells name or number the rows, as R writes them without a header."""
    return len(rows) > 1 and index_reason("", [row[0] for row in rows], first=True) is not None


def _index_of(
    names: Sequence[str], given: Sequence[str], columns: Sequence[Sequence[str]]
) -> dict[str, str]:
    """Columns that number or name the rows, with the reason."""
    unnamed = {
        name
        for name, cells in zip(names, columns, strict=True)
        if name not in given and not any(cells)
    }
    found = dict.fromkeys(unnamed, "it has no name and holds nothing")
    if len(names) - len(found) < 2:
        return found
    for place, (name, cells) in enumerate(zip(names, columns, strict=True)):
        if name in found:
            continue
        bare = "" if name not in given and len(given) == len(names) else name
        reason = index_reason(bare, cells, first=place == 0)
        if reason and len(names) - len(found) > 1:
            found[name] = reason
    return found


def is_table(path: Path) -> bool:
    """Whether a text file is a table of numbers rather than prose.

    Every line has the same number of cells, and of the cells below the header four of five are
    numbers.
    """
    with path.open("rb") as file:
        if not file.read(HEAD).strip():
            return False
    try:
        dialect = sniff(path)
    except InputError:
        return False
    lines = _head(dialect.path, path.name)
    rows = [cells_of(line, dialect.separator) for line in lines[:ROWS] if line.strip()]
    body = rows[1:] if dialect.header else rows
    if len(body) < 2 or any(len(row) != len(dialect.names) for row in body):
        return False
    cells = [cell for row in body for cell in row]
    return sum(map(is_number, cells)) >= 0.8 * len(cells)

"""How a table of text is written: separator, decimal sign, comments, header, index columns."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path

from eigenscale.errors import InputError
from eigenscale.io.files.index import index_reason
from eigenscale.io.files.text import HEAD, as_utf8, has
from eigenscale.writing import scratch_path

SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "white space"}
"""Signs between columns and what they are called, in the order in which they are preferred."""

_ROWS = 400  # rows that are looked at
_LONGEST = 1 << 24  # bytes of a line that is one
_SEPARATOR_LINE = re.compile(r"^\s*\"?sep=(.)\"?\s*$", re.IGNORECASE)
_RULE = re.compile(r"^[\s|:+=-]*-[\s|:+=-]*$")  # the line below the header of a Markdown table
_SHEET_ERROR = re.compile(r"#(REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)")  # cells, no comments
_NUMBER = re.compile(r"[+-]?(\d[\d_.,' ]*|[.,]\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.I)
_STRONG = {sign: re.compile(rf"[+-]?(\d*[{sign}]\d+|\d+[{sign}])([eE][+-]?\d+)?") for sign in ".,"}
_GROUPS = {sign: re.compile(rf"[+-]?\d{{1,3}}([{sign}]\d{{3}})+") for sign in ".,"}


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
    index : dict of str to str
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
    index: dict[str, str]
    notes: tuple[str, ...] = ()
    quoted: bool = False

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
    shape = _Shape.of(lines, path.suffix.lower())
    separator = shape.separator
    if shape.odd or _goes_on_odd(text, shape):
        text, counts = _tidied(text, shape)
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


@dataclass(frozen=True)
class _Shape:
    """What the lines have in common: how cells are told apart, and lines that are no rows."""

    separator: str
    width: int
    markdown: bool
    first: int  # lines before the header
    comments: bool
    header_in_comment: bool
    header: tuple[str, ...]
    odd: bool

    @classmethod
    def of(cls, lines: list[str], suffix: str) -> "_Shape":
        named = _SEPARATOR_LINE.match(lines[0])
        markdown = _is_markdown(lines)
        comments = not markdown and _has_comments(lines)
        rows = [line for line in lines if line.strip() and not (comments and _is_comment(line))]
        rows = rows[1:] if named else rows
        if markdown:
            separator = "|"
            rows = [line for line in rows if "|" in line and not _RULE.match(line)]
        else:
            separator = named[1] if named else _separator(rows, suffix)
        some = [cells_of(line, separator, markdown) for line in rows[:_ROWS]]
        width = _usual(some)
        start = next((i for i, cells in enumerate(some) if len(cells) >= width - 1), 0)
        start = start if width > 1 and len(some[start:]) > 1 and _before(some[:start]) else 0
        inside = _header_in_comment(lines, some, separator, width) if comments else None
        header = tuple(inside or some[start])
        again = not inside and any(tuple(cells) == header for cells in some[start + 1 :])
        odd = bool(named or markdown or comments or start or separator == " ")
        repeated = again and not all(map(is_number, header))
        return cls(separator, width, markdown, start, comments, bool(inside), header,
                   odd or repeated)  # fmt: skip

    def is_row(self, line: str) -> bool:
        """Whether a line is a row of cells, not a comment, a rule or blank."""
        if not line.strip() or (self.comments and _is_comment(line)):
            return False
        return not self.markdown or ("|" in line and not _RULE.match(line))


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


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "%")) and not _SHEET_ERROR.match(line.lstrip())


def _has_comments(lines: Sequence[str]) -> bool:
    marked = sum(_is_comment(line) for line in lines[:_ROWS])
    return 0 < marked < 0.5 * min(len(lines), _ROWS) or (marked > 0 and _is_comment(lines[0]))


def _is_markdown(lines: Sequence[str]) -> bool:
    pairs = pairwise(lines)
    return any("|" in a and "|" in b and _RULE.match(b) for a, b in islice(pairs, _ROWS))


def _usual(rows: Iterable[Sequence[str]]) -> int:
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _before(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the lines before the header are titles: fewer cells, and one of them full."""
    return all(sum(bool(cell.strip()) for cell in row) <= 2 for row in rows)


def _separator(rows: Sequence[str], suffix: str) -> str:
    """Choose the sign that takes the most lines apart alike."""
    some = rows[:100]
    if suffix in {".tsv", ".tab"} and "\t" in some[0]:
        return "\t"
    scores = {}
    for sign in SEPARATORS:
        widths = Counter(len(cells_of(line, sign)) for line in some)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        if width > 1 and (sign != " " or _is_columns(some, width)):
            scores[sign] = count / len(some) - (0.6 if sign == " " else 0.0)
    if not scores:
        return ","
    best = max(scores, key=lambda sign: scores[sign])
    if scores[best] < 0.4 and best != " ":
        heads = {sign: some[0].count(sign) for sign in (",", ";", "\t", "|")}
        return max(heads, key=lambda sign: heads[sign]) if any(heads.values()) else ","
    return best


def _is_columns(lines: Sequence[str], width: int) -> bool:
    """Whether white space parts columns: all lines alike, and one column of numbers at least."""
    rows = [line.split() for line in lines]
    body = rows[1:] if len(rows) > 1 else rows
    if len(lines) < 2 or any(len(row) != width for row in body):
        return False
    if len(rows[0]) not in {width, width - 1}:
        return False
    return any(all(is_number(row[i]) for row in body) for i in range(width))


def is_number(text: str) -> bool:
    """Whether a cell is a number, with either decimal sign."""
    return bool(_NUMBER.fullmatch(text.strip()))


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


def _goes_on_odd(path: Path, shape: _Shape) -> bool:
    """Whether comments or the header come again behind what was looked at."""
    if path.stat().st_size <= HEAD or shape.width < 2 or all(map(is_number, shape.header)):
        return False
    line = shape.separator.join(shape.header)
    return has(path, f"\n{line}".encode()) or has(path, b"\n#")


def _tidied(path: Path, shape: _Shape) -> tuple[Path, dict[str, int]]:
    """Write the rows alone, tab between cells; count what is left out."""
    target = scratch_path(path.name)
    counts = {"comment lines": 0, "lines before the header": 0, "repeated headers": 0,
              "lines outside the table": 0}  # fmt: skip
    header = list(shape.header)
    seen = shape.header_in_comment
    before = shape.first
    with (
        path.open(encoding="utf-8", errors="replace", newline=None) as source,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        write = csv.writer(file, delimiter="\t", lineterminator="\n").writerow
        if seen:
            write(header)
        for number, line in enumerate(source):
            if number == 0 and _SEPARATOR_LINE.match(line):
                continue
            if not shape.is_row(line):
                counts["comment lines"] += shape.comments and _is_comment(line)
                outside = shape.markdown and bool(line.strip()) and not _RULE.match(line)
                counts["lines outside the table"] += outside
                continue
            if before:
                before -= 1
                counts["lines before the header"] += 1
                continue
            cells = cells_of(line.rstrip("\n"), shape.separator, shape.markdown)
            if seen and cells == header:
                counts["repeated headers"] += 1
                continue
            seen = True
            write(cells)
    counts["comment lines"] -= shape.header_in_comment
    return target, counts


def _understood(
    path: Path, lines: list[str], shape: _Shape, separator: str, notes: list[str], name: str
) -> Dialect:
    """Name the columns, find the decimal sign and the columns that number the rows."""
    quoted = any('"' in line for line in lines)
    rows = [row for row in islice(csv.reader(lines, delimiter=separator), _ROWS) if row]
    decimal = decimal_sign([cell for row in rows[1:] for cell in row], separator, shape.separator)
    first = [cell.strip() for cell in rows[0]]
    width = max(_usual(rows[1:]), len(first)) if len(rows) > 1 else len(first)
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
    notes += _in_words(shape, decimal)
    return Dialect(path, separator, decimal, tuple(names), header, index, tuple(notes), quoted)


def _in_words(shape: _Shape, decimal: str) -> list[str]:
    """Say what is not plain CSV in sentences."""
    notes = []
    if shape.markdown:
        notes.append("a Markdown table is read")
    elif shape.separator not in {",", "\t"}:
        notes.append(f"columns are separated by {SEPARATORS.get(shape.separator, 'signs')}")
    if decimal == ",":
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


def decimal_sign(cells: Sequence[str], separator: str, written: str) -> str:
    """Tell whether the comma or the point parts whole numbers from fractions.

    Examples
    --------
    >>> decimal_sign(["20000000", "4,258"], ";", ";"), decimal_sign(["1,200", "3.5"], ";", ";")
    (',', '.')
    """
    if separator == ",":
        return "."
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
    return "," if single and not several and (written == ";" or not points) else "."


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
    rows = [cells_of(line, dialect.separator) for line in lines[:_ROWS] if line.strip()]
    body = rows[1:] if dialect.header else rows
    if len(body) < 2 or any(len(row) != len(dialect.names) for row in body):
        return False
    cells = [cell for row in body for cell in row]
    return sum(map(is_number, cells)) >= 0.8 * len(cells)

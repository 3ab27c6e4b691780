"""Columns that number the rows: told by their name, or by being the exact row number."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

INDEX_NAMES = frozenset({
    "index", "idx", "row", "rownum", "row_num", "row_number", "rownumber", "row_id", "rowid",
    "rownames", "row_names", "__index_level_0__", "level_0",
})  # fmt: skip
"""Names that say that a column numbers the rows, lower case, without signs."""

_kept: ContextVar[bool] = ContextVar("index_kept", default=False)
_FEWEST = 5  # rows that make an exact row number no chance
_WHOLE = re.compile(r"\d+(\.0*)?")


def index_reason(name: str, cells: Sequence[str], *, first: bool) -> str | None:
    """Say why a column numbers the rows; None where it does not.

    Parameters
    ----------
    name : str
        Name of the column, empty where it has none.
    cells : sequence of str
        Its first rows.
    first : bool
        Whether it is the first column.

    Examples
    --------
    >>> index_reason("", ["0", "1", "2", "3", "4"], first=True)
    'it has no name'
    >>> index_reason("x", ["4", "2"], first=True)
    """
    bare = re.sub(r"^unnamed:? ?\d*$", "", name.strip().lower())
    words = re.sub(r"[^a-z0-9_]+", "_", bare).strip("_") if not bare.startswith("__") else bare
    whole = all(_WHOLE.fullmatch(cell.strip()) for cell in cells if cell.strip())
    if not bare:
        labels = not any(re.fullmatch(r"[+-]?[\d.,eE+-]+", cell.strip()) for cell in cells)
        unlike = len({*cells}) == len(cells)
        return "it has no name" if first and unlike and (whole or labels) else None
    if words in INDEX_NAMES and whole:
        return "its name says so"
    if len(cells) < _FEWEST or not whole or not first:
        return None
    try:
        numbers = [int(float(cell)) for cell in cells]
    except (ValueError, OverflowError):
        return None
    exact = any(numbers == list(range(start, start + len(cells))) for start in (0, 1))
    return "it is the exact row number" if exact else None


@contextmanager
def keeping_index(keep: bool = True) -> Iterator[None]:
    """Read columns that number the rows as any others, within the block.

    Examples
    --------
    >>> with keeping_index():
    ...     index_is_kept()
    True
    """
    token = _kept.set(keep)
    try:
        yield
    finally:
        _kept.reset(token)


def keep_index(keep: bool) -> None:
    """Keep columns that number the rows until the `keeping_index` around it ends."""
    _kept.set(keep)


def index_is_kept() -> bool:
    """Whether columns that number the rows are read as any others."""
    return _kept.get()

"""Roles of a table's columns: numbers, categories, dates, free text.

A column of text whose values are all numbers is numbers, with a currency, a unit or thousands too;
the usual marks of a missing value are missing. Categories are numbered, so that a table becomes one
array of float64 with NaN where a value is missing.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats, Mask
from eigenscale.errors import InputError
from eigenscale.io.files.amounts import amounts

Role = Literal["number", "category", "date", "text"]

MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "nan", "null", "none", "-", "--", "missing"})
_MOST_LABELS = 100  # more different labels are text
_FREE = 0.5  # share of different labels from which on text is free
_SURE_DATES = 0.95
_LONGEST_DATE = 35  # characters
_DATES = (
    *("%Y-%m-%d", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d-%b-%y"),  # years of two digits first
    *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y"),
    *("%b %d, %Y", "%b %d %Y", "%d-%b-%Y", "%d %B %Y", "%B %d, %Y", "%Y-%m-%dT%H:%M:%S"),
)
_TIMES = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M"),
    *("%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M"),
    "%d/%m/%Y %H:%M:%S",
)
_ZONE = re.compile(r"(:\d\d)(\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$")
_DAY = 86_400.0
_LARGEST = 1e150  # squares, and sums of them, are numbers up to here


@dataclass(frozen=True, eq=False)
class Column:
    """One column as numbers.

    Attributes
    ----------
    name : str
    role : "number", "category", "date" or "text"
    values : array, shape (n,)
        Numbers, numbers of categories, or days since 1970; NaN where missing. Of text, numbers of
        the different values.
    labels : tuple of str
        Categories in order of their numbers; empty otherwise.
    whole : bool
        Whether the numbers are integers as they were written.
    said : str
        What was read into the cells, where they are more than plain numbers.
    """

    name: str
    role: Role
    values: Floats
    labels: tuple[str, ...] = ()
    whole: bool = False
    said: str = ""

    @property
    def known(self) -> Mask:
        """Rows that have a value."""
        return np.isfinite(self.values)

    @property
    def n_different(self) -> int:
        """Different values."""
        return len(np.unique(self.values[self.known]))


def column_of(name: str, values: Any) -> Column | None:
    """Read an Arrow column; None where it holds lists or records.

    Examples
    --------
    >>> import pyarrow as pa
    >>> column_of("size", pa.chunked_array([["1.5", "?", "2"]])).values
    array([1.5, nan, 2. ])
    >>> column_of("sex", pa.chunked_array([["f", "m", "f"]])).labels
    ('f', 'm')
    """
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return None
    if pa.types.is_temporal(kind):
        return _dates_of(name, values)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(name, values.to_pylist())
    if pa.types.is_null(kind):
        return Column(name, "number", np.full(len(values), np.nan))
    numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    check_size(name, numbers)
    return Column(name, "number", numbers, whole=not pa.types.is_floating(kind))


def check_size(name: str, numbers: Floats) -> None:
    """Refuse a column of numbers so large that their squares are none."""
    largest = float(np.nanmax(np.abs(numbers), initial=0.0))
    if largest > _LARGEST:
        raise InputError(
            f"column {name!r} reaches {largest:.3g}, and its squares are beyond what a number can "
            "hold; divide it by a constant, or leave it out (--columns)"
        )


def _dates_of(name: str, values: Any) -> Column | None:
    import pyarrow as pa

    if not (pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)):
        return None
    moments = values.cast(pa.timestamp("s"), safe=False).to_numpy().astype("datetime64[s]")
    days = moments.astype(np.float64) / _DAY
    return Column(name, "date", np.where(np.isnat(moments), np.nan, days))


def _text(name: str, cells: list[Any]) -> Column:
    text = [None if c is None or c.strip().lower() in MISSING else c.strip() for c in cells]
    known = np.array([c is not None for c in text], dtype=bool)
    some = np.array([c for c in text if c is not None])
    values = np.full(len(text), np.nan)
    if not some.size:
        return Column(name, "number", values)
    numbers = amounts(some)
    if numbers is not None:
        values[known] = numbers.values
        return Column(name, "number", values, whole=_whole(some), said=numbers.said)
    days = _days(some)
    if days is not None:
        values[known] = days
        return Column(name, "date", values)
    labels, codes = np.unique(some, return_inverse=True)
    values[known] = codes
    free = len(labels) > max(_MOST_LABELS, 0.1 * len(some)) or (
        len(labels) > _FREE * len(some) and len(labels) > 10
    )
    if free:
        return Column(name, "text", values, tuple(labels.tolist()))
    return Column(name, "category", values, tuple(labels.tolist()))


def _whole(text: NDArray[Any]) -> bool:
    return bool(all(c.lstrip("+-").isdecimal() for c in text.tolist()))


def _days(text: NDArray[Any]) -> Floats | None:
    """Days since 1970 where one format of dates fits nearly all values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = text[0]
    if len(first) > _LONGEST_DATE or not re.search(r"\d[-./: ,]", first):
        return None
    cells = pa.array([_ZONE.sub(r"\1", cell) for cell in text.tolist()])
    for form in (*_DATES, *_TIMES):
        found = pc.strptime(cells, format=form, unit="s", error_is_null=True)
        moments = found.to_numpy(zero_copy_only=False).astype("datetime64[s]")
        lost = np.isnat(moments)
        if lost.mean() <= 1 - _SURE_DATES:
            return np.where(lost, np.nan, moments.astype(np.float64) / _DAY)
    return None

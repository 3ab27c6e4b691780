"""Which rows to keep: conditions such as ``State=finished,tokens>1e9``."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Mask
from eigenscale.errors import InputError
from eigenscale.io.runs.units import parse_quantity
from eigenscale.io.tables.table import Table
from eigenscale.text.lines import listed

_SIGNS = ("!=", "<=", ">=", "=", "<", ">", "~")
_PART = re.compile(r"^(?P<column>[^=<>!~]+?)\s*(?P<sign>!=|<=|>=|=|<|>|~)\s*(?P<value>.+)$")
_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Condition:
    """A column, a sign (= != < > <= >= or ~ for contains) and one value or several."""

    column: str
    sign: str
    values: tuple[str, ...]

    def mask(self, table: Table) -> Mask:
        """Mark the rows that fulfil it.

        Raises
        ------
        InputError
            When the table has no such column, or what is compared is no number.
        """
        if self.column not in table.columns:
            raise InputError(
                f"where names column {self.column!r}, which is not in the table; it has: "
                f"{listed(table.columns)}"
            )
        cells = table.columns[self.column].tolist()
        texts = [text_of(cell) for cell in cells]
        if self.sign == "~":
            found = [any(v.lower() in text.lower() for v in self.values) for text in texts]
        elif self.sign in _ORDER:
            found = self._compared(cells)
        else:
            found = [(text in self.values) == (self.sign == "=") for text in texts]
        return np.array(found, dtype=bool)

    def _compared(self, cells: Sequence[Any]) -> list[bool]:
        limit = parse_quantity(self.values[0]) if len(self.values) == 1 else None
        if limit is None:
            raise InputError(
                f"where compares {self.column!r} with {', '.join(self.values)}, which is not one "
                f"number; write a number behind {self.sign}"
            )
        numbers = [c if isinstance(c, float) else parse_quantity(str(c)) for c in cells]
        return [n is not None and bool(_ORDER[self.sign](n, limit)) for n in numbers]

    def __str__(self) -> str:
        shown = repr(self.values[0]) if len(self.values) == 1 else list(self.values)
        return f"{self.column} {self.sign} {shown}"


def text_of(value: Any) -> str:
    """Write a cell as it is compared: numbers without needless digits."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def parse(texts: Sequence[str]) -> list[Condition]:
    """Read conditions as they are written on the command line.

    A part between commas that has no sign is one more value of the condition before it.

    Raises
    ------
    InputError
        When there is no condition before it.

    Examples
    --------
    >>> [str(one) for one in parse(["State=finished,failed,tokens>1e9"])]
    ["State = ['finished', 'failed']", "tokens > '1e9'"]
    """
    found: list[Condition] = []
    for text in texts:
        first = len(found)
        for part in text.split(","):
            match = _PART.match(part.strip())
            if match is not None:
                found.append(Condition(match["column"], match["sign"], (match["value"].strip(),)))
            elif len(found) > first and part.strip():
                last = found.pop()
                values = (*last.values, part.strip())
                found.append(Condition(last.column, last.sign, values))
            else:
                raise InputError(
                    f"--where {text!r} is not a pair; write name=value, with one of "
                    f"{' '.join(_SIGNS)}"
                )
    return found


def conditions(where: Mapping[str, Any] | str | Sequence[str] | None) -> list[Condition]:
    """Give the conditions that a mapping or a text asks for."""
    if not where:
        return []
    if isinstance(where, str):
        return parse([where])
    if not isinstance(where, Mapping):
        return parse(where)
    found = []
    for column, wanted in where.items():
        several = isinstance(wanted, list | tuple | set | np.ndarray)
        values = tuple(text_of(v) for v in (wanted if several else [wanted]))
        found.append(Condition(column, "=", values))
    return found


def keep(table: Table, wanted: Sequence[Condition]) -> Mask:
    """Mark the rows that fulfil all conditions.

    Raises
    ------
    InputError
        When none does; the message lists what the column holds.
    """
    kept = np.ones(len(table), dtype=bool)
    for one in wanted:
        kept &= one.mask(table)
        if not kept.any():
            cells = sorted({text_of(v) for v in table.columns[one.column].tolist()})
            raise InputError(f"no row has {one}; column {one.column!r} has: {', '.join(cells[:8])}")
    return kept

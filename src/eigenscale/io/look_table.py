"""What a table of data is taken for: the kind of each column, what is left out, what is odd."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.io.preparation.exclusions import LeftOut
from eigenscale.io.preparation.preparation import Encoded
from eigenscale.io.preparation.tables import RawTable, raw_table

_SHOWN = 12  # columns of the first rows
_DAY = 86_400.0

Said = dict[str, str | None]


def table_of(file: str | Path, target: str | None) -> RawTable | None:
    """Read a table with named columns; None where the file is something else."""
    return raw_table(str(file), target)


def columns_of(table: RawTable, target: str | None) -> list[Said]:
    """Name, role, kind and unit of each column, inputs first."""
    found: list[Said] = [
        {"name": c.name, "role": "input", "unit": None, "kind": c.role}
        for c in table.preparation.columns
    ]
    if target is not None and table.target is not None:
        kind = "number" if table.target.classes is None else "category"
        found.append({"name": target, "role": "target", "unit": None, "kind": kind})
    groups = table.preparation.groups
    gone = table.preparation.left_out
    return found + [{"name": g.name, "role": _role(g, groups), "unit": None} for g in gone]


def _role(gone: LeftOut, groups: tuple[str, ...]) -> str:
    if gone.name in groups:
        return "group"
    named = ("identifier", "number the rows", "numbers the rows", "index", "it has no name",
             "its name says so", "exact row number")  # fmt: skip
    return "index" if any(word in gone.why for word in named) else "left out"


def notes_of(table: RawTable) -> list[str]:
    """Say what would be done to the columns, and what looks odd."""
    preparation = table.preparation
    gone = {g.why for g in preparation.left_out}
    lines = [x for x in preparation.summary if not any(x.endswith(why) for why in gone)]
    target = table.target
    if target is not None and target.absent is not None:
        lines.append(f"{int(target.absent.sum()):,} rows have no target and are left out")
    return [*lines, *preparation.warnings]


def first_rows_of(table: RawTable, count: int) -> list[dict[str, Any]]:
    """Give the first rows as they are understood."""
    columns = table.preparation.columns[:_SHOWN]
    return [
        {c.name: _cell(c, value) for c, value in zip(columns, row, strict=False)}
        for row in table.raw[:count].tolist()
    ]


def _cell(column: Encoded, value: float) -> Any:
    if not np.isfinite(value):
        return None
    if column.role == "category":
        return column.labels[int(value)]
    if column.role == "date":
        return (
            datetime.fromtimestamp(value * _DAY, UTC)
            .strftime("%Y-%m-%d %H:%M")
            .removesuffix(" 00:00")
        )
    return value

"""Fields of a table of runs that are computed from several columns: ``tokens=steps*batch*seq``."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.runs.assemble import numbers
from eigenscale.io.runs.names import LABELS
from eigenscale.io.runs.spellings import guess
from eigenscale.io.runs.units import parse_quantity
from eigenscale.io.tables.expressions import evaluate, is_expression, names_in
from eigenscale.io.tables.table import Table


def with_computed(
    table: Table, wanted: Mapping[str, str] | Mapping[str, str | float]
) -> tuple[Table, frozenset[str]]:
    """Add a column for every expression among `wanted` (field → column or expression).

    Returns
    -------
    Table
        With the computed columns, each named as its expression is written.
    frozenset of str
        Names of the computed columns.

    Raises
    ------
    InputError
        An expression that is none, a column that does not exist or holds text.
    """
    columns, notes = dict(table.columns), list(table.notes)
    made = {}
    for field, text in wanted.items():
        if not isinstance(text, str) or parse_quantity(text, flops=field == "flops") is not None:
            continue
        if is_expression(text, table.columns):
            made[text] = field
    rows = np.arange(1, len(table) + 1)
    for text, field in made.items():
        if field in LABELS:
            raise InputError(f"{field}={text}: {field} holds labels; name one column for it")
        try:
            plain, names = names_in(text, table.columns)
            parts = {
                f"_{i}": numbers(table.columns[name], field, name, rows)
                for i, name in enumerate(names)
            }
            columns[text] = evaluate(plain, parts)
        except InputError as error:
            raise InputError(f"{field}={text}: {error}") from None
        if not names:
            raise InputError(f"{field}={text} names no column; write the number itself")
        notes += [note for name in names if (note := _unit_note(field, text, name))]
    return replace(table, columns=columns, notes=tuple(notes)), frozenset(made)


def _unit_note(field: str, text: str, name: str) -> str | None:
    """Say that a unit in the name of a column is not applied inside an expression."""
    meaning = guess(name)
    if meaning is None or meaning.unit in {1.0, "nats", ""} or name == text.strip("`"):
        return None
    return (
        f"column {name!r} names a unit ({meaning.unit}); in {field}={text} its numbers count as "
        "they are written"
    )

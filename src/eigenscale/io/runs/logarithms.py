"""Columns that hold logarithms of counts, turned back where their base is said."""

import re
from dataclasses import replace

import numpy as np

from eigenscale.io.runs.spellings import guess
from eigenscale.io.tables.table import Table

_LOG = re.compile(
    r"(log_?10|lg|log_?2|ln|log)(?:\s*\((?P<inside>[^()]+)\)|[ _](?P<behind>.+))", re.I
)
_BASES = {"log10": 10.0, "lg": 10.0, "log2": 2.0, "ln": np.e}
_COUNTS = {"params", "tokens", "flops"}


def without_logarithms(table: Table) -> Table:
    """Turn columns such as ``log10 params`` back into counts, and say so.

    A logarithm of unknown base is left alone, which is said too.
    """
    columns, notes = dict(table.columns), []
    for name, values in table.columns.items():
        match = _LOG.fullmatch(name.strip())
        inside = "" if match is None else (match["inside"] or match["behind"]).strip()
        meaning = guess(inside) if inside else None
        if match is None or meaning is None or meaning.field not in _COUNTS or inside in columns:
            continue
        base = _BASES.get(match[1].lower().replace("_", ""))
        if base is None or values.dtype != np.float64:
            notes.append(
                f"column {name!r} holds logarithms whose base is not said, and is not used; call "
                f"it log10({inside}) or ln({inside})"
            )
            continue
        with np.errstate(over="ignore"):
            counts = base**values
        columns = {(inside if n == name else n): (counts if n == name else c)
                   for n, c in columns.items()}  # fmt: skip
        notes.append(f"column {name!r} is read as logarithms; {inside} is {base:.3g} to its power")
    return replace(table, columns=columns, notes=(*table.notes, *notes)) if notes else table

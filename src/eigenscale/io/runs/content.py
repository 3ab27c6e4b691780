"""What the values of a column say that its name does not: sizes such as 15M, and rates."""

import re

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.io.runs.spellings import Guess, guess, is_rate
from eigenscale.io.runs.units import count_scale, parse_quantity
from eigenscale.io.tables.table import Table

_SIZES = {"size", "model", "model_size", "scale", "variant"}
_SUFFIXED = re.compile(r"[\d.,]+\s*[kmbgt](illion)?s?( ?param(eter)?s?)?", re.IGNORECASE)
LEAST_TOTAL = 1e16
"""FLOPs that a training run worth a law takes at least; a rate of one device is below."""


def by_content(table: Table) -> tuple[dict[str, Guess | None], list[str]]:
    """Guess again where values speak against the name; say what was decided."""
    found: dict[str, Guess | None] = {}
    notes = []
    named = {c: guess(c) for c in table.columns}
    has_size = any(g is not None and g.field == "params" for g in named.values())
    for column, meaning in named.items():
        values = table.columns[column]
        if column.strip().lower() in _SIZES and not has_size and _are_sizes(values.tolist()):
            found[column] = Guess("params", 6)
            notes.append(f"column {column!r} is read as params: it holds sizes such as {values[0]}")
        elif meaning is not None and meaning.field == "flops" and _is_rate(values, meaning):
            found[column] = None
            notes.append(
                f"column {column!r} is a rate (FLOPs each second), not the compute of a run, and "
                f"is not used; if it is a total, say columns={{'flops': '{column}'}} "
                f"(--columns flops={column})"
            )
        elif is_rate(column):
            notes.append(f"column {column!r} is a rate, not a total, and is not used")
    return found, notes


def _are_sizes(cells: list[object]) -> bool:
    """Whether cells are sizes as people write them: 15M, 1.3B; or numbers as large."""
    present = [c for c in cells if c is not None and c == c]
    texts = [c for c in present if isinstance(c, str)]
    if texts:
        return len(texts) == len(present) and all(_SUFFIXED.fullmatch(t.strip()) for t in texts)
    return bool(present) and all(isinstance(c, float) and c >= 1e5 for c in present)


def _is_rate(values: Floats, meaning: Guess) -> bool:
    """Whether FLOPs with a prefix are too few for the training of anything."""
    if not isinstance(meaning.unit, str) or not re.fullmatch(r"[kmgtpez]flops", meaning.unit):
        return False
    if values.dtype != np.float64:
        numbers = [parse_quantity(v, flops=True) for v in values.tolist() if isinstance(v, str)]
        values = np.array([n for n in numbers if n is not None], dtype=np.float64)
    known = values[np.isfinite(values)]
    return (
        bool(known.size) and float(known.max()) * count_scale("flops", meaning.unit) < LEAST_TOTAL
    )

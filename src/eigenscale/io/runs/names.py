"""Which column is what, and where the user says otherwise."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from eigenscale.errors import InputError
from eigenscale.io.runs.spellings import Guess, guess
from eigenscale.io.runs.units import parse_quantity
from eigenscale.text.lines import listed

FIELDS = (
    "params",
    "tokens",
    "flops",
    "loss",
    "unique_tokens",
    "steps",
    "batch_tokens",
    "family",
    "experiment",
    "seed",
    "name",
    "flagged",
    "score",
    "loss_se",
    "repeats",
    "lr",
    "spent",
    "state",
)
"""What a column can be; `params` also stands for features, `tokens` also for samples."""

SPENT = "spent_flops"
"""Beside a column of FLOP: what a run took beyond its share of a trunk, see `curve --points`."""

LABELS = ("family", "experiment", "seed", "name", "state")
"""Fields that hold labels, not numbers."""


@dataclass
class Recognition:
    """Columns taken, those that could also have been, and what their names say about units."""

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    units: dict[str, str | float] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    alternatives: dict[str, tuple[str, ...]] = field(default_factory=dict)


def recognise(
    columns: Iterable[str],
    override: Mapping[str, str | float] | None = None,
    *,
    empty: Collection[str] = (),
    content: Mapping[str, Guess | None] | None = None,
    computed: Collection[str] = (),
) -> Recognition:
    """Match columns to fields; `override` names a column, or a number for every row.

    Columns that are `empty` are taken only where there is no other; `content` is what the
    values of a column say against its name, and names of `computed` columns say nothing.

    Raises
    ------
    InputError
        When `override` names a field or a column that does not exist.
    """
    present = list(columns)
    found: dict[str, list[tuple[int, int, str, Guess]]] = {}
    for place, column in enumerate(present):
        if column in computed:
            continue
        meaning = content[column] if content and column in content else guess(column)
        if meaning is not None:
            rank = meaning.rank + (1000 if column in empty else 0)
            found.setdefault(meaning.field, []).append((rank, place, column, meaning))
    result = Recognition()
    for name, candidates in found.items():
        candidates.sort(key=lambda c: c[:2])
        result.columns[name] = candidates[0][2]
        result.alternatives[name] = tuple(c[2] for c in candidates[1:])
        result.units[name], result.kinds[name] = candidates[0][3].unit, candidates[0][3].kind
    others = result.alternatives.get("flops", ())
    if SPENT in others:
        result.columns["spent"] = SPENT
        result.alternatives["flops"] = tuple(column for column in others if column != SPENT)
    for name, chosen in (override or {}).items():
        _override(result, present, name, chosen, computed)
    return result


def _override(
    result: Recognition,
    present: list[str],
    name: str,
    column: str | float,
    computed: Collection[str],
) -> None:
    target = {"n_features": "params", "n_samples": "tokens"}.get(name, name)
    if target not in FIELDS:
        raise InputError(f"columns names {name!r}, which is not one of: {', '.join(FIELDS)}")
    others = [c for c in (result.columns.get(target), *result.alternatives.get(target, ())) if c]
    meaning = guess(column) if isinstance(column, str) and column not in computed else None
    same = meaning is not None and meaning.field == target
    result.kinds[target] = meaning.kind if meaning is not None and same else ""
    if name != target:
        result.kinds[target] = name
    result.units[target] = meaning.unit if meaning is not None and same else _plain_unit(target)
    if column in present:
        result.columns[target] = str(column)
        result.alternatives[target] = tuple(c for c in others if c != column)
        return
    value = parse_quantity(str(column), flops=target == "flops")
    if value is None or target in LABELS:
        raise InputError(
            f"column {column!r} for {name} is not in the table; it has: {listed(present)}"
        )
    result.columns.pop(target, None)
    result.units[target] = _plain_unit(target)
    result.constants[target] = value
    result.alternatives[target] = tuple(others)


def _plain_unit(target: str) -> str | float:
    return "nats" if target == "loss" else 1.0

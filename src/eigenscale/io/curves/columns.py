"""Which columns of a table are step, loss and learning rate."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from eigenscale.errors import InputError
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.io.runs.names import recognise
from eigenscale.io.runs.spellings import guess, words_of
from eigenscale.io.tables.table import Table, empty_columns
from eigenscale.text.lines import listed

_RATES = """lr lrs eta learning_rate learningrate learning_rates rate current_lr last_lr
lr_adam adamw_lr lr_adamw lr_adam_w adam_w_lr adam_lr
optim_lr optimizer_lr train_lr lr_group_0 lr_0 lr_pg_0
scheduler_lr"""
RATES = frozenset(_RATES.split())
FIELDS = ("step", "lr", "loss", "run", "batch_tokens")


@dataclass
class CurveColumns:
    """Names of the columns of a curve, None where there is none; and the unit of its loss."""

    step: str | None = None
    loss: str | None = None
    lr: str | None = None
    run: str | None = None
    batch_tokens: str | None = None
    unit: str = "nats/token"
    error: str | None = None


def is_rate(column: str) -> bool:
    """Whether a column's name says that it holds the learning rate.

    Examples
    --------
    >>> is_rate("train/learning_rate"), is_rate("optim/lr-AdamW"), is_rate("loss")
    (True, True, False)
    """
    last = "_".join(words_of(re.split(r"[/.]", column)[-1]))
    return last in RATES or "_".join(words_of(column)) in RATES


def find_columns(
    table: Table, override: Mapping[str, str] | None = None, computed: Collection[str] = ()
) -> CurveColumns:
    """Recognise the columns of a curve; `override` names some of them, `computed` ones among them.

    Raises
    ------
    InputError
        Where `override` names a field or a column that does not exist.
    """
    empty = set(empty_columns(table))
    known = recognise(table.columns, empty=empty, computed=computed)
    rates = [c for c in table.columns if is_rate(c) and c not in empty and c not in computed]
    names = {
        "step": known.columns.get("steps"),
        "loss": known.columns.get("loss"),
        "lr": rates[0] if rates else None,
        "run": known.columns.get("name"),
        "batch_tokens": known.columns.get("batch_tokens"),
    }
    for key, column in (override or {}).items():
        wanted = {"steps": "step", "name": "run", "learning_rate": "lr"}.get(key, key)
        if wanted not in FIELDS:
            raise InputError(f"--columns names {key!r}, which is not one of: {', '.join(FIELDS)}")
        if column not in table.columns:
            raise InputError(
                f"column {column!r} for {key} is not in {table.source}; it has: "
                f"{listed(table.columns)}"
            )
        names[wanted] = column
    unit = _unit(None if names["loss"] in computed else names["loss"])
    return CurveColumns(**names, unit=unit, error=known.columns.get("loss_se"))


def _unit(column: str | None) -> str:
    """Name the unit that the column of the loss says it is in."""
    said = None if column is None else guess(column)
    if said is None or said.field != "loss":
        return "nats/token"
    return loss_unit(str(said.unit)).name

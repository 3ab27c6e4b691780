"""Two steps from compute to a task score: a law of the loss, then a law of the score in the loss.

Both are fitted to the same resampled tables, draw by draw, so that the doubt about either, and
what the two have in common, goes into what is said of the score.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.law import Law
from eigenscale.laws.registry import get
from eigenscale.laws.table import Table, choose_family, usable, varies

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit


def needs_chain(law: Law) -> bool:
    """Whether a law speaks of the loss and not of what the loss comes from."""
    return law.inputs == ("loss",)


def loss_table(table: Table) -> Table:
    """Give the same runs with their loss as what is predicted."""
    inputs = {name: column for name, column in table.inputs.items() if name != "loss"}
    return replace(table, inputs=inputs, target=table.inputs["loss"])


def first_law(table: Table, asked: str | Law | None) -> Law | None:
    """Choose the law of the loss: the one asked for, else the one that the columns allow.

    None where no column but the loss varies.
    """
    if asked is not None:
        law = choose_family(asked, table) if isinstance(asked, str) else asked
        if law.label != "loss" or needs_chain(law):
            raise InputError(
                f"{law.name} predicts the {law.label} from {', '.join(law.inputs)}; the first "
                "step predicts the loss; take chinchilla or power"
            )
        return law
    if all(name in table.inputs and varies(table.inputs[name]) for name in ("params", "tokens")):
        return get("chinchilla")
    try:
        return choose_family("power", table)
    except InputError:
        return None


def chained(
    found: "LawFit", asked: str | Law | None, bootstrap: int, rng: np.random.Generator
) -> "LawFit":
    """Put the law of the loss before a fit of the score; `rng` as it was before that fit."""
    from eigenscale.laws.fitting import fit_table

    assert found.table is not None
    table = loss_table(found.table)
    law = first_law(table, asked)
    if law is None:
        return found
    first = fit_table(
        usable(table, law, {}),
        law,
        found.objective,
        {},
        bootstrap,
        resampling=found.settings["asked"],
        level=found.level,
        rng=rng,
    )
    return replace(found, first=first)

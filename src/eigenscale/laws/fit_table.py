"""Fit a checked table; of a score that is a law of the loss, fit the law of the loss too.

Both steps are fitted to the same resampled tables, draw by draw, so that the uncertainty of
either, and what the two have in common, enters the intervals of the score.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.prior import Normal
from eigenscale.laws.estimation.solve import solve
from eigenscale.laws.estimation.stated import PLAIN, state
from eigenscale.laws.law import Law
from eigenscale.laws.registry import get
from eigenscale.laws.result import LawFit
from eigenscale.laws.table import LABELS, Table, choose_family, usable, varies
from eigenscale.laws.uncertainty.resample import resample
from eigenscale.progress import Progress

ENOUGH_GROUPS = 8  # fewer groups are too few to resample


def fit_table(
    table: Table,
    law: Law,
    objective: Objective,
    fixed: Mapping[str, float],
    bootstrap: int,
    *,
    resampling: str = "case",
    level: float = 0.9,
    strict: bool = True,
    estimator: str = PLAIN,
    priors: Mapping[str, Normal] | None = None,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> LawFit:
    """Fit a checked table."""
    table, problem = state(table, law, objective, fixed, estimator=estimator, priors=priors)
    at, value, certificate = solve(problem, objective, strict=strict)
    tidy = law.tidy if law.tidy is not None and not fixed else np.asarray
    resolved = _resolved(resampling, table)
    kind, _, column = resolved.partition(":")
    drawn = resample(
        problem,
        objective,
        at,
        bootstrap,
        np.random.default_rng(rng),
        kind=kind,
        groups=_groups(table, column) if kind == "cluster" else None,
        progress=progress,
    )
    return LawFit(
        law=law,
        theta=tidy(problem.theta(at)),
        draws=tidy(problem.theta(drawn.coordinates)),
        objective=objective,
        objective_value=value * objective.reported_scale,
        certificate=certificate,
        n_runs=len(table),
        residuals=problem.residuals(at[None])[0][0],
        level=level,
        fixed=fixed,
        failed_draws=drawn.failed,
        table=table,
        prior=problem.prior,
        settings={
            "resampling": resolved,
            "asked": resampling,
            "bootstrap": bootstrap,
            "estimator": estimator,
            "priors": dict(priors or {}),
        },
    )


def _resolved(resampling: str, table: Table) -> str:
    """Choose what is drawn, where that is left open: groups that share noise, else runs."""
    if resampling != "auto":
        return resampling
    for column in ("family", "name"):
        if column in table.labels:
            count = np.unique(table.labels[column]).size
            if ENOUGH_GROUPS <= count < len(table):
                return f"cluster:{column}"
    return "case"


def _groups(table: Table, column: str) -> Any:
    names = [column] if column else [n for n in LABELS if n in table.labels]
    if not names or names[0] not in table.labels:
        raise InputError(
            f"a cluster bootstrap needs a column of groups, {column or 'family or seed'}; "
            f"the runs have {', '.join(table.labels) or 'none'}"
        )
    groups = np.unique(table.labels[names[0]], return_inverse=True)[1]
    if groups.max() < 1:
        raise InputError(f"all runs are of one {names[0]}; a cluster bootstrap needs several")
    return groups


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
    found: LawFit, asked: str | Law | None, bootstrap: int, rng: np.random.Generator
) -> LawFit:
    """Put the law of the loss before a fit of the score; `rng` as it was before that fit."""
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
        estimator=found.settings["estimator"],
        rng=rng,
    )
    return replace(found, first=first)

"""Fit a law to a table of runs: the function that users call."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import check_count, check_level
from eigenscale.errors import InputError
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.backtest.record import Holdout
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.prior import Normal, weak_priors
from eigenscale.laws.estimation.stated import DEFAULT, PLAIN
from eigenscale.laws.fit_table import chained, fit_table, needs_chain
from eigenscale.laws.law import Law
from eigenscale.laws.result import LawFit
from eigenscale.laws.table import Table, choose, needed_runs, split, usable
from eigenscale.progress import Progress


def fit(
    runs: Any,
    law: str | Law = "chinchilla",
    *,
    objective: str = "huber:1e-3",
    bootstrap: int = 1000,
    resampling: str = "auto",
    fix: Mapping[str, float] | None = None,
    holdout: float | None = None,
    first: str | Law | None = None,
    weights: ArrayLike | None = None,
    estimator: str = PLAIN,
    prior: Mapping[str, tuple[float, float]] | None = None,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> LawFit:
    """Fit one law to training runs; arguments, errors and an example stand at `laws.public.fit`."""
    check_level(level)
    check_count(bootstrap, "bootstrap")
    runs = runs if isinstance(runs, Runs | Mapping) else read_runs(runs)
    chosen, table = choose(law, runs)
    fixed = dict(fix or {})
    goal = parse_objective(objective)
    weighted = table if weights is None else _weighted(table, weights)
    known = {*(prior or {}), *(weak_priors(chosen, 1.0) if estimator == DEFAULT else ())}
    table = usable(weighted, chosen, fixed, needed_runs(chosen, fixed, known))
    generator = np.random.default_rng(rng)
    before = deepcopy(generator)
    found = fit_table(
        table,
        chosen,
        goal,
        fixed,
        bootstrap,
        resampling=resampling,
        level=level,
        estimator=estimator,
        priors={name: Normal(*known) for name, known in (prior or {}).items()},
        rng=generator,
        progress=progress,
    )
    if needs_chain(chosen):
        found = chained(found, first, bootstrap, before)
    elif first is not None:
        raise InputError(
            f"{chosen.name} is a law of {' and '.join(chosen.inputs)}; a first step is for laws of "
            "the loss, such as accuracy"
        )
    if holdout is not None:
        found = replace(found, holdout=hold_out(found, holdout, generator))
    return replace(
        found,
        settings={**found.settings, "seed": None if isinstance(rng, np.random.Generator) else rng},
        remarks=tuple(getattr(runs, "warnings", ())),
        excluded=tuple(getattr(runs, "excluded", ())),
        runs=runs if isinstance(runs, Runs) else None,
        size_name=getattr(runs, "size_name", "params"),
        data_name=getattr(runs, "data_name", "tokens"),
    )


def _weighted(table: Table, weights: ArrayLike) -> Table:
    values = np.asarray(weights, dtype=float)
    if values.shape != table.target.shape or not (values >= 0).all() or values.sum() <= 0:
        raise InputError(
            f"weights have shape {values.shape}; give one number of zero or more per run, "
            f"shape {table.target.shape}, not all zero"
        )
    return replace(table, weights=values, errors=None)


def hold_out(
    found: LawFit, share: float, rng: np.random.Generator, draws: int | None = None
) -> Holdout:
    """Fit again without the largest runs, and predict them."""
    return predict_runs(*without_largest(found, share, rng, draws))


def without_largest(
    found: LawFit, share: float, rng: np.random.Generator, draws: int | None = None
) -> tuple[LawFit, Table]:
    """Fit again without the largest runs; the fit, and those runs."""
    assert found.table is not None
    needed = found.needed(found.fixed)
    small, large = split(found.table, share, needed)
    small = usable(small, found.law, found.fixed, needed)
    before = deepcopy(rng)
    part = fit_table(
        small,
        found.law,
        found.objective,
        found.fixed,
        min(found.settings["bootstrap"], 400) if draws is None else draws,
        resampling=found.settings["asked"],
        level=found.level,
        strict=False,  # what it would have predicted counts, converged or not
        estimator=found.settings["estimator"],
        priors=found.settings["priors"],
        rng=rng,
    )
    if found.first is not None:
        part = chained(part, found.first.law, len(part.draws), before)
    return part, large


def predict_runs(part: LawFit, large: Table) -> Holdout:
    """Predict runs that a fit did not see, with intervals of single runs."""
    assert part.table is not None
    law = part.law if part.first is None else part.first.law
    inputs = {name: large.inputs[name] for name in law.inputs}
    predicted = part.predict(**inputs)
    return Holdout(
        n_fitted=len(part.table),
        n_held_out=len(large),
        compute_ratio=float(large.compute().max() / part.table.compute().max()),
        theta=part.theta,
        inputs=inputs,
        measured=large.target,
        predicted=predicted.value,
        low=predicted.run_low,
        high=predicted.run_high,
        level=part.level,
        cost=part.cost,
    )

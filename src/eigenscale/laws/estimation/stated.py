"""The problem that an estimator states for a table: its weights, its priors, their strength.

``plain`` takes every run alike. ``default`` is made for extrapolation: weights rise with compute
(`weighting`), and weak priors from published laws keep what the runs do not identify in bounds
(`prior`). The strength of any prior follows from the scatter of the residuals.
"""

from collections.abc import Mapping

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.estimation.fitted import Fitted
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.prior import (
    Normal,
    Prior,
    likely_scatter,
    weak_priors,
)
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.estimation.refine import refine
from eigenscale.laws.estimation.starts import cold_starts
from eigenscale.laws.estimation.weighting import weighted
from eigenscale.laws.law import Law
from eigenscale.laws.table import Table

PLAIN, DEFAULT = "plain", "default"
FEW, APPROACH, NEAR = 4, 40, 1e-6  # starts, iterations and relative gain of a first solution
FAINT, ROUNDS = (
    1e-3,
    2,
)  # first strength, and rounds of residuals that set the strength of the priors


def state(
    table: Table,
    law: Law,
    objective: Objective,
    fixed: Mapping[str, float],
    *,
    estimator: str = PLAIN,
    priors: Mapping[str, Normal] | None = None,
    scale: float | None = None,
) -> tuple[Table, Problem]:
    """Give the table with its weights, and the problem of fitting `law` to it.

    Parameters
    ----------
    priors : mapping of str to Normal, optional
        On top of those of the estimator.
    scale : float, optional
        Scatter of the log residuals; by default from a first solution.
    """
    if estimator not in (PLAIN, DEFAULT):
        raise InputError(f"estimator {estimator!r} is unknown; it is {PLAIN} or {DEFAULT}")
    known = dict(priors or {})
    for name in known:
        law.index(name)
    if estimator == DEFAULT:
        table = weighted(table, law)
        known = {**weak_priors(law, float(table.target.min())), **known}
    if not known:
        return table, problem_of(table, law, fixed)
    if scale is None:
        scale = _scatter(table, law, objective, fixed, known)
    return table, problem_of(table, law, fixed, Prior(known, scale))


def problem_of(
    table: Table, law: Law, fixed: Mapping[str, float], prior: Prior | None = None
) -> Problem:
    """State the problem of fitting `law` to `table` as it is."""
    inputs = {name: table.inputs[name] for name in law.inputs}
    return Problem.build(law, inputs, table.target, fixed, table.weights, prior)


def state_again(found: Fitted, table: Table, fixed: Mapping[str, float]) -> Problem:
    """State the problem of a fit for other runs, with priors as strong as before."""
    settings = found.settings
    return state(
        table,
        found.law,
        found.objective,
        fixed,
        estimator=settings.get("estimator", PLAIN),
        priors=settings.get("priors"),
        scale=None if found.prior is None else found.prior.scale,
    )[1]


def approach(problem: Problem, objective: Objective) -> Floats:
    """Coordinates (q,) near the best, from few starts: well enough to predict with."""
    at = cold_starts(problem, objective.path[0], FEW)
    for step in objective.path[-4:]:
        ends = refine(problem, step, at, iterations=APPROACH, tolerance=NEAR)
        at = ends.coordinates
    return np.asarray(at[np.argmin(ends.objective)])


def _scatter(
    table: Table,
    law: Law,
    objective: Objective,
    fixed: Mapping[str, float],
    known: Mapping[str, Normal],
) -> float:
    scale = FAINT  # so that the priors do not make the scatter that they are weighed by
    for _ in range(ROUNDS):
        problem = problem_of(table, law, fixed, Prior(known, scale))
        at = approach(problem, objective)
        residual, slope = (part[0] for part in problem.residuals(at[None]))
        scale = likely_scatter(residual, problem.weights, _spent(problem, at, slope))
    return scale


def _spent(problem: Problem, at: Floats, slope: Floats) -> float:
    """Degrees of freedom that the runs decide, rather than the priors."""
    of_runs = (slope * problem.weights) @ slope.T
    both = of_runs + problem.penalty(at[None])[2]
    return float(np.trace(np.linalg.pinv(both, hermitian=True) @ of_runs))

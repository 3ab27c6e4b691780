"""The minimum of an objective, from cold starts, with the evidence that it is the minimum."""

from collections.abc import Mapping

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError
from eigenscale.laws.estimation.certificate import Certificate, certify
from eigenscale.laws.estimation.fitted import Fitted
from eigenscale.laws.estimation.kinks import turn_kinks
from eigenscale.laws.estimation.objective import Objective, parse_objective
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.estimation.refine import Refined, Status, refine_along
from eigenscale.laws.estimation.starts import cold_starts
from eigenscale.laws.estimation.stated import state_again
from eigenscale.laws.table import Table, usable

POLISHED = 2  # ends that go on from kink to kink where none has converged
REFUSED = 1e-3  # scaled gradient above which a fit is an error, not a result


def solve(
    problem: Problem, objective: Objective, *, polish: bool = True, strict: bool = True
) -> tuple[Floats, float, Certificate]:
    """Best coordinates (q,) from cold starts, their objective, and the evidence.

    With `polish`, the best ends go on where none has converged yet; if `strict`, that none gets
    there is an error.
    """
    ends = refine_along(problem, objective, cold_starts(problem, objective.path[0]))
    best = int(np.argmin(ends.objective))
    if polish and ends.status[best] != Status.CONVERGED:
        ends = _polished(problem, objective, ends)
        best = int(np.argmin(ends.objective))
    at = ends.coordinates
    certificate = certify(problem, objective, at[best], ends)
    if strict and not certificate.gradient_norm < REFUSED:
        raise ConvergenceError(
            f"{problem.law.name} did not converge from any of {len(at)} starts (scaled gradient "
            f"{certificate.gradient_norm:.2g}); fix a parameter or take a smaller law"
        )
    return at[best], float(ends.objective[best]), certificate


def _polished(problem: Problem, objective: Objective, ends: Refined) -> Refined:
    """Go on from the most promising ends."""
    first = np.argsort(ends.objective, kind="stable")[:POLISHED]
    more = turn_kinks(problem, objective, ends.coordinates[first])
    fields = ("coordinates", "objective", "decrement", "status", "iterations")
    merged = {name: getattr(ends, name).copy() for name in fields}
    for name in fields:
        merged[name][first] = getattr(more, name)
    return Refined(**merged)


def refit(
    found: Fitted,
    table: Table,
    objective: str | None = None,
    fixed: Mapping[str, float] | None = None,
    *,
    polish: bool = True,
) -> Floats:
    """Fit the same law to another table or in another way; parameters (p,) only."""
    goal = found.objective if objective is None else parse_objective(objective)
    held = found.fixed if fixed is None else fixed
    problem = state_again(found, usable(table, found.law, held, found.needed(held)), held)
    theta = problem.theta(solve(problem, goal, polish=polish)[0])
    return found.law.tidy(theta) if found.law.tidy is not None and not held else theta

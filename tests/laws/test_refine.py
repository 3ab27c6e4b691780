"""Refinement where it is hard: laws that misfit, floors at zero, corners of Huber's function."""

import numpy as np
import pytest
from scipy.optimize import minimize

from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.refine import Status, refine_along
from eigenscale.laws.estimation.starts import cold_starts
from eigenscale.laws.estimation.stated import problem_of
from eigenscale.laws.fitting import fit
from eigenscale.laws.table import choose, usable


def misfitting(seed, floor):
    """A table in which size and data count differently, with residuals of a hundred deltas."""
    rng = np.random.default_rng(seed)
    size, data = np.exp(rng.uniform(np.log(5e7), np.log(2e10), (2, 80)))
    loss = floor + 406.4 / size**0.34 + 410.7 / data**0.28
    return {"params": size, "tokens": data, "loss": loss * np.exp(0.02 * rng.normal(size=80))}


@pytest.mark.parametrize("law", ["solvable", "power", "kaplan", "chinchilla"])
@pytest.mark.parametrize("floor", [0.0, 1.7])
@pytest.mark.parametrize("seed", range(3))
def test_a_law_that_misfits_converges_to_the_minimum(law, floor, seed):
    chosen, table = choose(law, misfitting(seed, floor))
    problem = problem_of(usable(table, chosen, {}), chosen, {})
    objective = parse_objective("huber:1e-3")
    ends = refine_along(problem, objective, cold_starts(problem, objective))
    best = np.argmin(ends.objective)
    assert (ends.status == Status.CONVERGED).mean() > 0.5
    low, high = problem.bounds

    def cost(point):
        inside = np.clip(point, low, high)[None]
        return objective.value(problem.residuals(inside)[0][0]).sum()

    point = ends.coordinates[best]
    for _ in range(3):
        found = minimize(
            cost, point, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-15}
        )
        point = found.x
    assert ends.objective[best] <= found.fun * (1 + 1e-7)


def test_every_form_that_should_fits_the_tables_of_others(shared):
    import eigenscale as es

    runs = es.read_runs(
        shared("data/runs/isoflops.csv"), where={"experiment": "llama_3__raw_loss"}
    ).without_flagged()
    for law in ("solvable", "power", "kaplan", "generalised", "chinchilla"):
        certificate = fit(runs, law, bootstrap=0).certificate
        assert certificate.agreeing >= 8, law

"""The default estimator: weights that rise with compute, weak priors, and what they are for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.laws.estimation.prior import Normal, likely_scatter, weak_priors
from eigenscale.laws.estimation.weighting import compute_weights, effective_number, least_number
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.saving.saved import load_fit, save_fit
from eigenscale.laws.selection.compare import compare
from eigenscale.laws.table import Table, tabulate

TRUTH = (1.7, 400.0, 410.0, 0.34, 0.28)
LADDER = {
    "flops": np.array([1e18, 3e18, 1e19, 3e19, 1e20, 3e20]),
    "loss": np.array([3.522, 3.339, 3.154, 3.000, 2.848, 2.725]),
}
LATER = {1e21: 2.599, 1e23: 2.234}


def runs(n, seed=0, noise=0.01, tuned=True):
    """Runs over three decades; with `tuned` false the small ones lose up to a tenth."""
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(7.5, 9.5, n), 10 ** rng.uniform(9, 11, n)
    E, A, B, alpha, beta = TRUTH
    loss = (E + A / N**alpha + B / D**beta) * np.exp(noise * rng.standard_normal(n))
    if not tuned:
        loss *= 1 + 0.1 * np.clip((9 - np.log10(N)) / 1.5, 0, 1) ** 2
    return {"params": N, "tokens": D, "loss": loss}


@given(st.integers(4, 200), st.integers(0, 20))
def test_weights_rise_with_compute_and_leave_enough_runs(n, seed):
    table = tabulate(runs(n, seed))
    weights = compute_weights(table, get("chinchilla"))
    assert weights.mean() == pytest.approx(1)
    assert effective_number(weights) >= min(least_number(n), n) - 1e-6
    order = np.argsort(table.compute())
    assert (np.diff(weights[order]) >= -1e-12).all()
    scaled = Table({k: 7 * v for k, v in table.inputs.items()}, table.target)
    assert compute_weights(scaled, get("chinchilla")) == pytest.approx(weights, rel=1e-6)


def test_runs_of_one_budget_weigh_alike():
    N = np.geomspace(1e8, 1e10, 6)
    table = tabulate({"params": N, "tokens": 1e19 / N, "loss": np.linspace(2, 3, 6)})
    assert compute_weights(table, get("chinchilla")) == pytest.approx(np.ones(6))


def test_the_penalty_is_that_of_its_definition():
    found = fit(runs(12), estimator="default", bootstrap=0)
    problem, prior = found.problem, found.prior
    at = problem.coordinates(found.theta)
    value, gradient, hessian = problem.penalty(at[None])
    by_hand = sum(
        ((found.theta[found.law.index(name)] - known.mean) / known.sd) ** 2
        for name, known in prior.parameters.items()
    )
    assert value[0] == pytest.approx(0.5 * prior.scale**2 * by_hand, rel=1e-9)
    for j in range(len(at)):
        step = 1e-5 * np.eye(len(at))[j]
        up, down = (problem.penalty((at + sign * step)[None])[0][0] for sign in (1, -1))
        assert gradient[0, j] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-12)
    assert np.linalg.eigvalsh(hessian).min() >= -1e-15


def test_priors_weigh_by_scatter_and_yield_to_clean_runs():
    exact = fit(runs(30, noise=0.0), estimator="default", bootstrap=0)
    assert exact.prior.scale < 0.002
    assert exact.theta == pytest.approx(TRUTH, rel=0.05)
    told = fit(runs(30), prior={"E": (1.2, 0.01)}, bootstrap=0)
    free = fit(runs(30), bootstrap=0)
    assert told.theta[0] < free.theta[0]
    assert fit(runs(30), bootstrap=0, prior={"E": (1.2, 1e-6)}).theta[0] == pytest.approx(1.2, 1e-3)


def test_scatter_is_that_of_many_residuals_and_the_usual_one_of_none():
    many = 0.004 * np.random.default_rng(0).standard_normal(500)
    assert likely_scatter(many, np.ones(500), 5) == pytest.approx(0.004, rel=0.1)
    assert likely_scatter(np.zeros(5), np.ones(5), 5) == pytest.approx(0.01, rel=0.02)


@pytest.mark.parametrize("left", [slice(None), slice(1, None), slice(None, -1)])
def test_a_ladder_of_six_budgets_predicts_what_was_measured_later(left):
    ladder = {name: column[left] for name, column in LADDER.items()}
    found = compare(ladder, bootstrap=0).best
    assert found.law.name == "power:flops"
    predicted = found.predict(flops=list(LATER)).value
    error = np.abs(np.log(predicted / list(LATER.values())))
    assert error[0] < 0.003
    assert error[1] < 0.01


def test_badly_tuned_small_runs_lead_the_default_less_astray():
    table, far = runs(60, tuned=False, noise=0.003), {"params": 1e11, "tokens": 2e12}
    truth = float(get("chinchilla").predict(TRUTH, **far))
    plain, default = (
        abs(np.log(float(fit(table, estimator=one, bootstrap=0).predict(**far).value) / truth))
        for one in ("plain", "default")
    )
    assert default < 0.8 * plain


def test_four_runs_are_enough_with_priors_and_too_few_without():
    with pytest.raises(InputError, match="at least 6 runs"):
        fit(runs(4), bootstrap=0)
    found = compare(runs(4), bootstrap=0)
    assert found.best.law.name == "chinchilla"
    assert "too few for a backtest" in found.sentence()
    assert found.candidates[0].law == "chinchilla"
    assert np.isfinite(found.best.predict(params=1e10, tokens=1e12).value)


def test_unknown_estimators_and_parameters_are_refused():
    with pytest.raises(InputError, match="plain or default"):
        fit(runs(9), estimator="best", bootstrap=0)
    with pytest.raises(InputError, match="no parameter 'F'"):
        fit(runs(9), prior={"F": (1, 1)}, bootstrap=0)
    assert weak_priors(get("chinchilla"), 2.0)["E"] == Normal(1.5, 0.4)


def test_a_default_fit_is_saved_with_its_priors(tmp_path):
    table = runs(12)
    found = compare(table, ("chinchilla",), bootstrap=20).best
    again = load_fit(save_fit(found, tmp_path / "fit.json"))
    assert again.prior == found.prior
    at = {"params": 1e10, "tokens": 1e12}
    assert again.predict(**at).value == found.predict(**at).value
    with_runs = load_fit(tmp_path / "fit.json", table)
    assert with_runs.problem.weights == pytest.approx(found.problem.weights)

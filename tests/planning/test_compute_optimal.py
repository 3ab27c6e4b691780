import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.laws.registry import get
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.optimum import quantile_ends
from eigenscale.planning.plan import frontier
from eigenscale.text.numbers import number

# numbers.md: law, budget, N*, D*, D/N, loss to four digits.
TABLE = [
    ("hoffmann", 1e21, 1.824e9, 9.136e10, 50.1, 2.3289),
    ("hoffmann", 5.76e23, 3.219e10, 2.982e12, 92.65, 1.9307),
    ("hoffmann", 1e25, 1.168e11, 1.427e13, 122.1, 1.8453),
    ("hoffmann-tex", 1e21, 2.217e9, 7.518e10, 33.9, 2.2955),
    ("hoffmann-tex", 5.76e23, 4.036e10, 2.379e12, 58.93, 1.9184),
    ("hoffmann-tex", 1e25, 1.485e11, 1.122e13, 75.5, 1.8380),
    ("besiroglu", 1e21, 2.778e9, 5.999e10, 21.6, 2.3055),
    ("besiroglu", 5.76e23, 7.225e10, 1.329e12, 18.39, 1.9744),
    ("besiroglu", 1e25, 3.121e11, 5.341e12, 17.1, 1.9117),
    ("muennighoff", 1e21, 2.915e9, 5.717e10, 19.6, 2.3477),
    ("muennighoff", 5.76e23, 6.996e10, 1.372e12, 19.6, 2.0252),
    ("muennighoff", 1e25, 2.915e11, 5.717e12, 19.6, 1.9635),
]


@pytest.mark.parametrize(("name", "flops", "params", "tokens", "ratio", "loss"), TABLE)
def test_planner_table(name, flops, params, tokens, ratio, loss):
    plan = es.plan(name, flops=flops)
    assert float(f"{plan.params.value:.3e}") == params
    assert float(f"{plan.tokens.value:.3e}") == tokens
    assert plan.tokens_per_param == pytest.approx(ratio, abs=0.051 if ratio < 90 else 0.06)
    assert round(plan.loss.value, 4) == loss


@pytest.mark.parametrize("name", ["hoffmann", "hoffmann-tex", "besiroglu", "kaplan"])
def test_closed_form_equals_minimum_of_the_bare_surface(name, plain):
    flops = np.geomspace(1e17, 1e27, 21)
    closed = frontier(name, flops)
    numeric = frontier(plain(es.published(name)), flops)
    np.testing.assert_allclose(numeric.params.value, closed.params.value, rtol=1e-9)
    np.testing.assert_allclose(numeric.tokens.value, closed.tokens.value, rtol=1e-9)
    np.testing.assert_allclose(numeric.loss.value, closed.loss.value, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "theta", "near"),
    [
        ("chinchilla-tied", [1.7, 480.0, 2000.0, 0.35], 1e-9),
        (
            "data-constrained",
            [1.87, 521.0, 1488.0, 0.353, 0.353, 15.4, 5.3],
            3e-6,
        ),  # its curvature jumps at the optimum
        ("over-training", [1.8, 100.0, 200.0, 0.13], 1e-9),
    ],
)
def test_closed_form_of_the_other_laws(name, theta, near, plain):
    law = replace(es.published("hoffmann"), law=get(name), theta=np.array(theta))
    flops = np.geomspace(1e17, 1e27, 21)
    closed, numeric = frontier(law, flops), frontier(plain(law), flops)
    assert closed.known.best is not None
    np.testing.assert_allclose(numeric.params.value, closed.params.value, rtol=near)
    np.testing.assert_allclose(numeric.tokens.value, closed.tokens.value, rtol=near)
    assert np.all(np.diff(closed.params.value) > 0)
    assert np.all(np.diff(closed.tokens.value) > 0)


def test_intervals_are_quantiles_of_the_answer_over_draws(drawn_fit):
    fit = drawn_fit()
    plan = es.plan(fit, flops=1e23, level=0.8)
    E, A, B, alpha, beta = fit.draws.T
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    size = G * (1e23 / 6) ** (beta / (alpha + beta))
    data = 1e23 / 6 / size
    loss = E + A / size**alpha + B / data**beta
    for interval, draws in ((plan.params, size), (plan.tokens, data), (plan.loss, loss)):
        low, high = np.quantile(draws, [0.1, 0.9])
        assert interval.low == pytest.approx(low, rel=1e-4)
        assert interval.high == pytest.approx(high, rel=1e-4)
        assert interval.level == 0.8


def test_intervals_of_a_bare_surface_agree_with_the_closed_form(drawn_fit, plain):
    fit = drawn_fit(draws=200)
    flops = np.array([1e20, 1e23])
    closed, numeric = frontier(fit, flops), frontier(plain(fit), flops)
    for name in ("params", "tokens", "loss"):
        band, other = getattr(closed, name), getattr(numeric, name)
        np.testing.assert_allclose(other.low, band.low, rtol=2e-3)
        np.testing.assert_allclose(other.high, band.high, rtol=2e-3)


@given(st.integers(2, 60), st.floats(0.05, 0.99), st.integers(0, 9))
def test_quantiles_are_numpys(count, level, seed):
    draws = np.random.default_rng(seed).normal(size=(3, count))
    expected = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    np.testing.assert_allclose(quantile_ends(draws, level), expected, rtol=1e-12, atol=1e-14)


@given(st.floats(1e18, 1e26), st.floats(1.01, 100))
def test_more_compute_buys_more_of_both(flops, factor):
    plans = frontier("hoffmann-tex", [flops, flops * factor])
    assert plans.params.value[1] > plans.params.value[0]
    assert plans.tokens.value[1] > plans.tokens.value[0]
    assert plans.loss.value[1] < plans.loss.value[0]


def test_valley_ends_are_where_they_say():
    plan = es.plan("hoffmann", flops=1e21)
    law = es.published("hoffmann")
    for size in (plan.within_loss.low, plan.within_loss.high):
        loss = float(law.loss(size, 1e21 / 6 / size))
        assert loss == pytest.approx(1.01 * plan.loss.value, rel=1e-6)
    for size in (plan.within_flops.low, plan.within_flops.high):
        loss = float(law.loss(size, 1.1e21 / 6 / size))
        assert loss == pytest.approx(plan.loss.value, rel=1e-6)
    assert plan.within_loss.low < plan.params.value < plan.within_loss.high


def test_ten_thousand_budgets_and_a_thousand_draws_in_a_second(drawn_fit):
    fit = drawn_fit(draws=1000)
    start = time.process_time()
    plans = frontier(fit, np.geomspace(1e18, 1e26, 10_000))
    assert time.process_time() - start < 1.0
    assert np.all(plans.params.low < plans.params.high)


def test_limits_bind_and_are_told():
    capped = es.plan("hoffmann", flops=1e23, max_params=1e10)
    assert capped.params.value == pytest.approx(1e10)
    assert capped.tokens.value == pytest.approx(1e23 / 6 / 1e10)
    assert any("params is held at its limit" in line for line in capped.warnings)
    starved = es.plan("hoffmann", flops=1e23, max_tokens=1e11)
    assert starved.tokens.value == pytest.approx(1e11)
    both = es.plan("hoffmann", flops=1e23, max_tokens=1e11, max_params=1e10)
    assert any("unspent" in line for line in both.warnings)
    loose = es.plan("hoffmann", flops=1e23, max_tokens=1e15, max_params=1e15)
    free = es.plan("hoffmann", flops=1e23)
    assert loose.params.value == pytest.approx(free.params.value, rel=1e-9)


def test_what_is_given_is_kept():
    assert es.plan("hoffmann", flops=1e21, params=1e9).tokens.value == pytest.approx(1e12 / 6)
    assert es.plan("hoffmann", flops=1e21, tokens=1e11).params.value == pytest.approx(1e10 / 6)


def test_serving_makes_models_smaller_and_data_more():
    free = es.plan("hoffmann", flops=1e23)
    served = es.plan("hoffmann", flops=1e23, inference_tokens=1e12)
    N, D = served.params.value, served.tokens.value
    assert free.params.value > N
    assert pytest.approx(1e23) == 6 * N * D + 2 * N * 1e12
    # Sardana et al. 2024: at the optimum (αA/N^α)/(βB/D^β) = 1 + D_inf/(3D).
    ratio = 0.34 * 406.4 * N**-0.34 / (0.28 * 410.7 * D**-0.28)
    assert ratio == pytest.approx(1 + 1e12 / (3 * D), rel=1e-9)


def test_distance_from_the_runs_is_told(drawn_fit):
    fit = drawn_fit()
    inside, far = es.plan(fit, flops=1e20), es.plan(fit, flops=1e26)
    assert inside.trust.grade == "inside"
    assert far.trust.grade == "far"
    assert far.trust.decades["flops"] == pytest.approx(4.0)
    assert any("decades beyond the largest measured" in line for line in far.warnings)
    assert "decades beyond" in far.summary
    assert es.plan(fit, flops=0.9e22).trust.grade in ("edge", "near")


def test_plain_form_has_the_keys_of_the_contract(drawn_fit):
    plain = es.plan(drawn_fit(), flops=1e21).to_dict()
    assert {"params", "tokens", "loss", "tokens_per_param", "warnings"} <= set(plain)
    assert set(plain["params"]) >= {"value", "low", "high", "level"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"flops": -1}, "flops -1 is not a positive number"),
        ({"flops": 0}, "flops 0"),
        ({"flops": float("nan")}, "flops nan"),
        ({"flops": 1e41}, "beyond 1e\\+40"),
        ({"flops": 1}, "does not pay for"),
        ({"flops": []}, "give one budget"),
        ({"flops": 1e21, "level": 1.0}, "level 1 "),
        ({"flops": 1e21, "params": -1}, "params -1 is not positive"),
        ({"flops": 1e21, "params": 1e9, "tokens": 1e9}, "nothing is left to plan"),
        ({"flops": 1e21, "params": 1e9, "max_params": 1e8}, "contradict"),
        ({"flops": 1e21, "tokens": 1e9, "unique_tokens": 1e10}, "unique_tokens 1e\\+10 exceed"),
        ({}, "no budget is given"),
        ({"money": 1e6}, "need hardware"),
        ({"flops": 1e21, "hours": -1}, "hours -1"),
        ({"money": 1e6, "hardware": Hardware("h100")}, "has no price"),
        ({"flops": 1e21, "inference_tokens": -1}, "inference_tokens -1"),
    ],
)
def test_bad_input_is_one_line(options, message):
    with pytest.raises(InputError, match=message) as caught:
        es.plan("hoffmann", **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("surface", ["kaplan-tokens", "llama-3", "no-such-law", 3.0])
def test_surfaces_that_cannot_be_planned_on(surface):
    with pytest.raises(InputError):
        es.plan(surface, flops=1e21)


def test_a_law_that_rewards_one_resource_only_is_refused():
    law = replace(es.published("hoffmann"), theta=np.array([1.69, 406.4, 410.7, 0.0, 0.28]))
    with pytest.raises(es.InputError, match="hoffmann rewards tokens only"):
        es.plan(law, flops=1e21)


def test_draws_without_an_optimum_reach_to_the_edge_and_no_further(drawn_fit):
    fit = drawn_fit(draws=100)
    fit.draws[:20, 3] = 0.0
    low = es.plan(fit, flops=1e21).params.low
    assert low == pytest.approx(1.0)


def test_counting_without_embeddings_is_told():
    assert any("without embeddings" in line for line in es.plan("kaplan", 1e21).warnings)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """Forty studies; benchmarks/plan_coverage.py does 500."""
    truth = es.published("besiroglu")
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(3e7, 3e9, 8), np.geomspace(1e9, 1e11, 8)))
    exact, hits = es.plan(truth, 1e22), []
    for seed in range(40):
        noise = np.exp(0.005 * np.random.default_rng(seed).normal(size=N.size))
        runs = {"params": N, "tokens": D, "loss": truth.loss(N, D) * noise}
        plan = es.plan(es.fit(runs, bootstrap=100, rng=seed), 1e22)
        pairs = ((plan.params, exact.params), (plan.loss, exact.loss))
        hits.append([found.low <= true.value <= found.high for found, true in pairs])
    assert np.all(np.abs(np.mean(hits, axis=0) - 0.9) < 3 * np.sqrt(0.9 * 0.1 / 40))


def test_the_paragraph_tells_the_bill_and_the_epochs():
    trains, serves = Hardware("h100", 512, 0.4, 2.5), Hardware("h100", 512, 0.2, 1.0)
    limits = Limits(
        hardware=trains, serving_hardware=serves, inference_tokens=1e12, unique_tokens=1e10
    )
    found = es.frontier("hoffmann", [1e22], limits)[0]
    cost = found.cost
    assert f"Training takes {number(cost.training_hours)} hours" in found.summary
    assert f"costs {number(cost.training_money)}, serving another" in found.summary
    assert number(cost.serving_money) in found.summary
    assert f"seen {found.tokens.value / 1e10:.3g} times" in found.summary
    plain = es.plan("hoffmann", 1e22).summary
    assert "hours" not in plain
    assert "seen" not in plain

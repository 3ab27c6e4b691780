import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.planning.design import belief
from eigenscale.planning.design.next_runs import next_runs
from eigenscale.planning.plan import frontier

TRUTH = es.published("besiroglu")


def isoflop(budgets):
    size = (frontier(TRUTH, budgets).params.value[:, None] * np.geomspace(0.25, 4, 7)).ravel()
    return size, np.repeat(budgets, 7) / 6 / size


def measured(size, data, seed):
    noise = 0.005 * np.random.default_rng(seed).normal(size=size.size)
    return {"params": size, "tokens": data, "loss": TRUTH.loss(size, data) * np.exp(noise)}


@pytest.fixture(scope="module")
def pilot():
    return measured(*isoflop(np.array([1e18, 3e18, 1e19])), seed=0)


@pytest.fixture(scope="module")
def fit(pilot):
    return es.fit(pilot, bootstrap=200, resampling="residual", rng=0)


def test_proposals_keep_to_cost_count_and_sizes(fit):
    sizes = [1e8, 3e8, 1e9]
    found = next_runs(fit, 1e23, 1e20, count=6, sizes=sizes)
    assert sum(run.seeds for run in found.runs) == 6
    assert found.cost == pytest.approx(sum(run.flops * run.seeds for run in found.runs))
    assert found.cost <= 1e20 * (1 + 1e-9)
    assert max(run.flops for run in found.runs) <= 0.95e20
    assert {run.params for run in found.runs} <= set(sizes)
    tried = fit.table.inputs["tokens"] / fit.table.inputs["params"]
    for run in found.runs:
        assert run.flops == pytest.approx(6 * run.params * run.tokens)
        assert tried.min() * 0.999 <= run.tokens / run.params <= tried.max() * 1.001


@pytest.mark.parametrize("goal", ["loss", "size"])
@pytest.mark.parametrize("cost", [None, 3e18, 1e20, 1e22])
def test_at_most_six_rows_of_three_sizes_and_none_twice(fit, cost, goal):
    found = next_runs(fit, 1e23, cost, goal=goal)
    rows = [(run.params, run.tokens) for run in found.runs]
    assert 1 <= len(rows) == len(set(rows)) <= 6
    assert len({size for size, _ in rows}) <= 3
    assert all(1 <= run.seeds <= 3 and 0 <= run.narrows < 1 for run in found.runs)
    assert sum(run.share for run in found.runs) == pytest.approx(found.cost / found.allowed)
    assert found.cost <= found.allowed * (1 + 1e-9)
    assert found.recommendation.startswith("Train ")
    useful = "Rejected" if found.narrower > 1 / 0.95 else "The least that is useful is"
    assert useful in found.recommendation


def test_the_least_that_is_useful_is_named_where_nothing_useful_is_payable(fit):
    found = next_runs(fit, 1e23, 1e13)
    assert not found.runs
    assert "The least that is useful is" in found.recommendation
    assert found.least.flops > 1e13
    enough = next_runs(fit, 1e23, 2 * found.least.flops)
    assert enough.runs
    assert enough.narrower > 1.05


def test_the_variance_left_is_that_of_a_regression_on_the_draws(fit, monkeypatch):
    monkeypatch.setattr(belief, "DISCREPANCY", 0.0)
    monkeypatch.setattr(belief, "_OUTLIERS", 0.0)
    found = next_runs(fit, 1e23, 1e20, count=3, noise=0.01)
    draws = np.stack([np.log(fit.loss_draws(r.params, r.tokens)) for r in found.runs])
    best = [es.plan(_at(fit, theta), 1e23).loss.value for theta in fit.draws]
    wanted = np.log(best) - np.mean(np.log(best))
    draws = draws - draws.mean(axis=1, keepdims=True)
    K = draws @ draws.T / (len(wanted) - 1)
    K += np.diag([0.01**2 / run.seeds for run in found.runs])
    k = draws @ wanted / (len(wanted) - 1)
    left = wanted @ wanted / (len(wanted) - 1) - k @ np.linalg.solve(K, k)
    assert found.sd_after == pytest.approx(np.sqrt(left), rel=1e-6)
    assert found.sd_before == pytest.approx(np.std(wanted, ddof=1), rel=1e-9)


def _at(fit, theta):
    from dataclasses import replace

    return replace(TRUTH, theta=theta)


def test_more_money_and_more_runs_never_hurt(fit):
    left = [next_runs(fit, 1e23, cost, count=4).sd_after for cost in (1e19, 1e20, 1e21)]
    assert left[0] >= left[1] >= left[2]
    assert next_runs(fit, 1e23, 1e20, count=8).sd_after <= left[1]


def test_a_design_beats_a_grid_of_equal_cost_and_number(fit, pilot):
    """One study; benchmarks/next_runs.py does 200."""
    cost = 3e20
    ladder = cost / 7 * np.array([1, 2, 4]) / 7
    found = next_runs(fit, 1e23, cost, count=21)
    seeds = [run.seeds for run in found.runs]
    new = [np.repeat([getattr(r, n) for r in found.runs], seeds) for n in ("params", "tokens")]
    widths = []
    for size, data in (isoflop(ladder), new):
        more = measured(size, data, seed=1)
        table = {name: np.concatenate([pilot[name], more[name]]) for name in pilot}
        again = es.fit(table, bootstrap=200, resampling="residual", rng=1)
        best = es.plan(again, 1e23)
        draws = again.loss_draws(best.params.value, best.tokens.value)
        widths.append(np.ptp(np.quantile(draws, [0.05, 0.95])))
    assert widths[0] / widths[1] > 1.3


def test_one_run_may_be_as_large_as_is_said(fit):
    found = next_runs(fit, 1e23, 1e20, count=3, largest=1e18)
    assert max(run.flops for run in found.runs) <= 1e18


def test_runs_at_hand_may_be_repeated(fit, pilot):
    at_hand = set(zip(pilot["params"], pilot["tokens"], strict=True))
    narrow = {"count": 4, "ratios": (20.0, 20.1)}  # new runs of one shape; corners only at hand
    found = next_runs(fit, 1e23, 1e20, **narrow)
    assert at_hand & {(run.params, run.tokens) for run in found.runs}
    sizes = np.geomspace(pilot["params"].min(), 4e8, 24)
    alone = next_runs(fit, 1e23, 1e20, sizes=sizes, **narrow)
    assert not at_hand & {(run.params, run.tokens) for run in alone.runs}
    assert found.sd_after < alone.sd_after


def test_the_value_of_a_repeat_is_that_of_a_payable_one(fit):
    assert next_runs(fit, 1e23, 4e16, sizes=[1e6], ratios=(1, 1000)).repeat_value == 0.0


def test_goals_differ(fit):
    by_loss, by_size = (next_runs(fit, 1e23, 1e20, count=4, goal=g) for g in ("loss", "size"))
    assert by_loss.sd_before != by_size.sd_before
    assert "best number of parameters" in by_size.summary
    assert by_loss.narrower > 1
    assert by_loss.repeat_value > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cost": -1}, "cost -1 is not positive"),
        ({"cost": 1e20, "goal": "fun"}, "goal 'fun' is unknown"),
        ({"cost": 1e20, "noise": 0.0}, "noise 0 is not positive"),
        ({"cost": 1e20, "sizes": [-1.0]}, "sizes are not all positive"),
        ({"cost": 1e20, "ratios": (5.0, 1.0)}, "ratios"),
    ],
)
def test_bad_input_is_one_line(fit, options, message):
    with pytest.raises(InputError, match=message):
        next_runs(fit, 1e23, **options)
    with pytest.raises(InputError, match="no draws to design on"):
        next_runs("hoffmann", 1e23, 1e20)


def test_two_draws_are_enough_for_a_proposal(pilot):
    found = next_runs(es.fit(pilot, bootstrap=2, rng=0), 1e23, 1e20)
    assert found.runs
    assert np.isfinite(found.sd_after)


def rival(pilot, law="kaplan"):
    return es.fit(pilot, law, bootstrap=100, resampling="residual", rng=1)


def test_two_laws_are_told_apart_where_they_differ(fit, pilot):
    """Second route: of single runs the best is the one with the largest squared gap per noise."""
    other = rival(pilot)
    found = next_runs(fit, 1e23, 1e20, goal="law", rival=other, count=1)
    (run,) = found.runs
    assert found.sd_after < found.sd_before
    mean, wide = [], []
    for law in (fit, other):
        draws = np.log(law.loss_draws(run.params, run.tokens))[:100]
        mean.append(draws.mean())
        wide.append(draws.var())
    gap = (mean[0] - mean[1]) ** 2 / 4
    noise = max(
        float(1.4826 * np.median(np.abs(r - np.median(r)))) ** 2
        for r in (fit.residuals, other.residuals)
    )
    far = sum(
        np.log10(max(value / fit.table.inputs[name].max(), 1.0))
        for name, value in (("params", run.params), ("tokens", run.tokens))
    )
    left = 1 - gap / (gap + np.mean(wide) + noise + belief.DISCREPANCY**2 * far)
    assert 1 - run.narrows == pytest.approx(np.sqrt(left), rel=0.02)
    assert (
        "they narrow the doubt between"
        in next_runs(fit, 1e23, 1e20, goal="law", rival=other).recommendation
    )


def test_two_recipes_get_runs_of_both(fit, pilot):
    other = es.fit(
        {**pilot, "loss": pilot["loss"] * 0.98}, bootstrap=100, resampling="residual", rng=2
    )
    found = next_runs(fit, 1e23, 1e20, goal="recipe", rival=other)
    assert {run.recipe for run in found.runs} == {1, 2}
    assert len(found.runs) <= 6
    assert found.cost <= 1e20 * (1 + 1e-9)
    assert found.sd_after < found.sd_before
    assert "by the first recipe" in found.recommendation
    assert (
        "they narrow the interval of the difference in loss between the two recipes at 10²³ FLOP"
        in found.recommendation
    )
    assert found.to_dict()["runs"][0]["recipe"] in (1, 2)


def test_the_largest_share_goes_to_a_run_at_the_plans_own_split(fit, monkeypatch):
    free = next_runs(fit, 1e23, 1e20)
    monkeypatch.setattr("eigenscale.planning.design.next_runs.ANCHOR_LEAST", 0.0)
    found = next_runs(fit, 1e23, 1e20)
    assert found.narrower <= free.narrower * (1 + 1e-9)
    largest = found.runs[-1]
    assert largest.flops == pytest.approx(0.9e20, rel=1e-6)
    best = frontier(fit, [0.9e20])
    tried = fit.table.inputs["tokens"] / fit.table.inputs["params"]
    ratio = np.clip(best.tokens.value[0] / best.params.value[0], tried.min(), tried.max())
    assert largest.tokens / largest.params == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"goal": "law"}, "give the other law fitted to the same runs"),
        ({"goal": "recipe"}, "give the other recipe's runs or fit"),
        ({"goal": "recipe", "rival": "hoffmann"}, "hoffmann has no draws"),
        ({"goal": "colour"}, "one of loss, size, law, recipe"),
    ],
)
def test_goals_that_are_refused(fit, options, words):
    with pytest.raises(InputError, match=words):
        next_runs(fit, 1e23, 1e20, **options)

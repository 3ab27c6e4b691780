"""Multipliers between ladders of a few rungs: draws from a posterior."""

import numpy as np
import pytest

from eigenscale.laws.grouping.groups import fit_groups
from eigenscale.laws.grouping.posterior import posterior
from eigenscale.laws.grouping.sharing import sharing
from eigenscale.laws.table import tabulate

THETA = np.array([1.7, 400.0, 410.0, 0.34, 0.28])


def ladders(rungs, worth, scatter, seed=0):
    """Two ladders of 20 tokens per parameter; data of the second count `worth` times."""
    rng = np.random.default_rng(seed)
    N = np.tile(np.geomspace(3e7, 6e8, rungs), 2)
    D = 20 * N
    label = np.repeat(["a", "b"], rungs)
    counted = np.where(label == "b", worth, 1.0) * D
    loss = THETA[0] + THETA[1] / N ** THETA[3] + THETA[2] / counted ** THETA[4]
    loss = loss * np.exp(scatter * rng.standard_normal(2 * rungs))
    return {"params": N, "tokens": D, "loss": loss}, label


@pytest.mark.parametrize("rungs", [3, 6])
def test_a_clear_gain_is_promoted_with_an_interval_that_holds_it(rungs):
    runs, label = ladders(rungs, 1.6, 0.001)
    _, second = fit_groups(runs, label, bootstrap=300)
    plain = second.to_dict()
    assert plain["verdict"] == "promote"
    assert plain["runs_needed"] is None
    data = second.at[1][2].factor
    assert data.low < 1.6 < data.high
    compute = second.at[1][1].factor
    assert 1 < compute.low < compute.value < compute.high
    assert "promote b" in second.sentence("a")


def test_what_noise_hides_is_not_yet_known_and_says_how_many_runs_would_tell():
    runs, label = ladders(4, 1.15, 0.01, seed=3)
    _, second = fit_groups(runs, label, bootstrap=300)
    plain = second.to_dict()
    assert plain["verdict"] == "not yet"
    factor = second.at[1][1].factor
    assert factor.low < 1 < factor.high
    needed = second.runs_needed()
    assert needed is None or needed > 4
    assert "cannot be distinguished" in second.sentence("a")


def test_draws_repeat_for_a_seed_and_bootstrap_0_gives_none():
    runs, label = ladders(4, 1.3, 0.003)
    one, two = (fit_groups(runs, label, bootstrap=50, rng=7)[1] for _ in range(2))
    assert np.array_equal(one.fit.draws, two.fit.draws)
    assert len(fit_groups(runs, label, bootstrap=0)[1].fit.draws) == 0


def test_the_posterior_of_many_clean_runs_is_around_the_truth():
    rng = np.random.default_rng(0)
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(3e7, 3e9, 8), np.geomspace(3e8, 3e11, 8)))
    groups = np.arange(64) % 2
    loss = THETA[0] + THETA[1] / N ** THETA[3] + THETA[2] / D ** THETA[4]
    table = tabulate({"params": N, "tokens": D, "loss": loss * np.exp(1e-3 * rng.normal(size=64))})
    draws = posterior(table, groups, 400, rng)
    assert draws.shape == (400, 7)
    for index, value in ((0, 1.7), (3, 0.34), (4, 0.28), (5, 0.0), (6, 0.0)):
        middle, spread = np.median(draws[:, index]), draws[:, index].std()
        assert abs(middle - value) < 3 * spread
        assert spread < 0.1


def two_groups(exponent):
    """Two groups on one grid; the second has another exponent of data."""
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(3e7, 3e9, 5), np.geomspace(3e8, 3e11, 5)))
    first = 1.7 + 400 / N**0.34 + 410 / D**0.28
    second = 1.7 + 400 / N**0.34 + 410 * 1e10 ** (exponent - 0.28) / D**exponent
    runs = {
        "params": np.tile(N, 2),
        "tokens": np.tile(D, 2),
        "loss": np.concatenate([first, 1.7 + 0.95 * (second - 1.7)]),
    }
    return runs, np.repeat(["a", "b"], 25)


@pytest.mark.parametrize(("exponent", "holds"), [(0.28, True), (0.55, False)])
def test_whether_groups_share_exponents_is_tested_on_their_largest_runs(exponent, holds):
    runs, label = two_groups(exponent)
    found = sharing(runs, label, fit_groups(runs, label, bootstrap=0))
    assert found.groups == ("a", "b")
    assert found.holds == holds
    assert ("can be shared" in found.sentence()) == holds
    assert found.to_dict()["holds"] == holds

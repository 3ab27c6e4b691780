"""Approaches 1 and 2 against published growth, exact tables, their own bias and their noise."""

import json

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.allocation.approaches import approaches
from eigenscale.laws.allocation.envelope import envelope, on_envelope
from eigenscale.laws.allocation.isoflop import isoflop
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.summary import NO_GROUPS, growth_notes, growth_rows
from eigenscale.results import to_plain

HOFFMANN = np.array([1.69, 406.4, 410.7, 0.34, 0.28])
TRUTH = 0.28 / 0.62


def synthetic(points=9):
    """Budgets 1e17..1e22 without noise, each around its own best size."""
    C = np.repeat(np.geomspace(1e17, 1e22, 6), points)
    best = 0.6 * (C / 6) ** TRUTH
    N = best * np.tile(np.geomspace(0.25, 4, points), 6)
    D = C / 6 / N
    loss = get("chinchilla").predict(HOFFMANN, params=N, tokens=D)
    return {"params": N, "tokens": D, "flops": C, "loss": loss}


def noisy(noise, seed=0, points=9):
    runs = synthetic(points)
    scatter = np.random.default_rng(seed).standard_normal(len(runs["loss"]))
    return {**runs, "loss": runs["loss"] * np.exp(noise * scatter)}


def test_llama_3_tokens_grow_as_published(shared):
    path = shared("data/runs/isoflops.csv")
    runs = read_runs(path, where={"experiment": "llama_3__raw_loss"})
    growth = isoflop(runs, "tokens", draws=200)
    assert len(runs) == 133
    assert growth.coefficient == pytest.approx(0.2994, abs=1e-4)
    assert growth.exponent == pytest.approx(0.5368, abs=1e-4)
    assert growth.interval.low < 0.5368 < growth.interval.high < growth.interval.low + 0.05
    assert isoflop(runs.without_flagged(), "tokens").exponent == pytest.approx(0.500, abs=1e-3)


def test_exact_isoflops_are_recovered_by_the_fit_and_biased_by_parabolas():
    found = fit(synthetic(), bootstrap=0)
    np.testing.assert_allclose(found.theta, HOFFMANN, rtol=1e-6)
    rows = {(g.approach[0], g.quantity): g for g in approaches(found)}
    assert rows["3", "params"].exponent == pytest.approx(TRUTH, abs=1e-5)
    assert rows["3", "tokens"].exponent == pytest.approx(1 - TRUTH, abs=1e-5)
    parabola = rows["2", "params"]
    assert parabola.bias == pytest.approx(parabola.exponent - TRUTH, abs=1e-4)
    assert np.isnan(parabola.interval.low)
    coefficient = parabola.coefficient * 1e20**parabola.exponent
    law = rows["3", "params"]
    assert coefficient != pytest.approx(law.coefficient * 1e20**law.exponent, rel=1e-3)


def test_bias_is_that_of_tables_simulated_from_the_law():
    """Draw the same tables here, one by one."""
    found = fit(noisy(0.01), objective="huber:0.02", bootstrap=20)
    seen = {(g.approach[0], g.quantity): g for g in found.approaches}
    exact = found.law.predict(found.theta, **{n: found.table.inputs[n] for n in found.law.inputs})
    rng = np.random.default_rng(0)
    drawn = exact * np.exp(rng.choice(found.scatter, size=(200, len(exact))))
    slow = [isoflop({**synthetic(), "loss": loss}, "params").exponent for loss in drawn]
    own = seen["3", "params"].exponent
    assert seen["2", "params"].bias == pytest.approx(np.median(slow) - own, abs=2e-3)
    slow = [envelope({**synthetic(), "loss": loss}, "params").exponent for loss in drawn]
    assert seen["1", "params"].bias == pytest.approx(np.median(slow) - own, abs=1e-6)


@pytest.mark.parametrize("method", [envelope, isoflop])
def test_intervals_come_from_resampling_and_repeat(method):
    one = method(noisy(0.005), "params", draws=300, rng=1)
    again = method(noisy(0.005), "params", draws=300, rng=1)
    assert (one.lines == again.lines).all()
    assert one.interval.low < TRUTH < one.interval.high
    narrower = method(noisy(0.001), "params", draws=300, rng=1).interval
    assert narrower.high - narrower.low < one.interval.high - one.interval.low + 1e-9
    assert one.at(1e23).low < one.at(1e23).value < one.at(1e23).high


def test_intervals_of_parabolas_hold_the_exponent():
    """Nominal 90 %: of 60 tables at least 45 (five standard errors below)."""
    exact = isoflop(synthetic(7), "params").exponent
    ends = [isoflop(noisy(0.005, s, 7), "params", draws=200, rng=s).interval for s in range(60)]
    assert sum(end.low <= exact <= end.high for end in ends) >= 45


def test_the_envelope_is_what_nothing_as_cheap_beats():
    rng = np.random.default_rng(0)
    compute, loss = rng.integers(1, 9, 40) * (1 + 1e-12 * rng.random(40)), rng.random((3, 40))
    loss[1, ::3] = np.inf
    for values, on in zip(loss, on_envelope(compute, loss), strict=True):
        wanted = [
            np.isfinite(v) and not (values[compute <= c + 1e-9] < v).any()
            for c, v in zip(compute, values, strict=True)
        ]
        assert on.tolist() == wanted


def test_edge_and_flat_bottoms_are_flagged_and_said():
    runs = synthetic(15)
    left = runs["params"] < 0.7 * 0.6 * (runs["flops"] / 6) ** TRUTH
    cut = {name: values[left] for name, values in runs.items()}
    assert set(isoflop(cut, "params").flags) == {"edge"}
    said = growth_notes(fit(cut, bootstrap=0))
    assert said[0].startswith("For params and tokens, in 6 of 6 budgets (C = 1e17, ")
    assert said[0].endswith("the optimum lies outside the runs; add runs on that side")
    shaken = {**runs, "loss": runs["loss"] * (1 + 0.2 * np.random.default_rng(0).random(90))}
    found = isoflop(shaken, "params")
    assert "flat" in found.flags
    assert found.sound_exponent() != found.exponent
    said = " ".join(growth_notes(fit(shaken, objective="squares", bootstrap=0)))
    assert "the curve is nearly flat, so its minimum is not identified" in said


def test_a_budget_without_a_bottom_is_left_out_and_named():
    runs = noisy(0.001)
    runs["loss"][:9] = 5 - 0.1 * np.log(runs["params"][:9] / 1e6) ** 2 / 100
    found = isoflop(runs, "params")
    assert len(found.compute) == 5
    assert found.no_bottom == pytest.approx((1e17,))


def test_rows_and_notes_of_a_table_without_budgets():
    rng = np.random.default_rng(0)
    N, D = 10 ** rng.uniform(7, 10, 40), 10 ** rng.uniform(9, 12, 40)
    loss = get("chinchilla").predict(HOFFMANN, params=N, tokens=D)
    found = fit({"params": N, "tokens": D, "loss": loss}, bootstrap=20)
    assert growth_notes(found) == [NO_GROUPS]
    assert [row["approach"][0] for row in growth_rows(found)] == ["1", "3", "1", "3"]
    curve = fit({"tokens": D, "loss": 2 + 1e3 / D**0.4}, "power", bootstrap=0)
    assert (growth_rows(curve), growth_notes(curve), approaches(curve)) == ([], [], [])


@pytest.mark.parametrize("params", [np.full(9, 1e8), np.geomspace(1e8, 1e10, 9)])
def test_runs_of_one_size_or_one_ratio_weigh_nothing(params):
    tokens = np.geomspace(2e9, 2e11, 9)
    loss = get("chinchilla").predict(HOFFMANN, params=params, tokens=tokens)
    found = fit({"params": params, "tokens": tokens, "loss": loss}, "power:tokens", bootstrap=0)
    assert (found.approaches, growth_rows(found), growth_notes(found)) == ([], [], [])


def test_a_law_in_compute_has_approaches_1_and_2_without_bias():
    found = fit(noisy(0.002), "power:flops", bootstrap=20)
    assert {g.approach[0] for g in found.approaches} == {"1", "2"}
    assert all(g.bias is None for g in found.approaches)


def test_what_has_no_budgets_is_refused():
    runs = synthetic(2)
    with pytest.raises(InputError, match="0 compute budgets have 4 runs"):
        isoflop(runs, "params")
    with pytest.raises(InputError, match="the runs have no params"):
        envelope({"tokens": [1.0, 2.0], "loss": [2.0, 1.0]})


@pytest.mark.parametrize("seed", range(24))
def test_whatever_the_runs_there_are_rows_notes_or_nothing(seed):
    """Sizes and data anyhow, on grids, in groups of compute, on one line, at one compute."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(7, 30))
    N, C = 10 ** rng.choice([7.0, 7.5, 8, 8.5, 9], n), 10 ** rng.choice([18.0, 19, 20], n)
    D = (
        10 ** rng.uniform(8, 12, n),
        10 ** rng.choice([9.0, 10, 11], n),
        C / 6 / N,
        20 * N,
        1e19 / 6 / N,
    )[seed % 5]
    loss = get("chinchilla").predict(HOFFMANN, params=N, tokens=D)
    loss = np.round(loss * np.exp(rng.choice([0.0, 0.01, 0.3]) * rng.standard_normal(n)), 3)
    found = fit({"params": N, "tokens": D, "loss": loss}, "chinchilla-tied", bootstrap=20)
    json.dumps(to_plain([one.to_dict() for one in found.approaches]), allow_nan=False)
    assert len(growth_rows(found)) == len(found.approaches)
    assert all("\n" not in note for note in growth_notes(found))
    for one in found.approaches:
        assert np.isfinite([one.exponent, one.coefficient]).all()
        assert len(one.compute) == len(one.optimum) == len(one.flags) >= 2


def test_the_interval_of_the_envelope_is_the_spread_over_simulated_tables():
    """Nominal 90 %: of 50 tables at least 37 hold the median exponent, and it is no wider."""
    fits = [fit(noisy(0.01, s), objective="huber:0.02", bootstrap=100, rng=s) for s in range(50)]
    first = [next(g for g in one.approaches if g.approach[0] == "1") for one in fits]
    middle = np.median([g.exponent for g in first])
    held = sum(g.interval.low - 1e-9 <= middle <= g.interval.high + 1e-9 for g in first)
    assert held >= 37
    drawn = [envelope(noisy(0.01, s), "params", draws=200).interval for s in range(50)]
    widths = [np.median([i.high - i.low for i in (*ends,)]) for ends in (
        [g.interval for g in first], drawn)]  # fmt: skip
    assert widths[0] < 1.1 * widths[1]

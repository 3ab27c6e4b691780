"""Which form is shown, and what is saved, planned with and compared: ties, blends as files."""

import json

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws.backtest.record import Rolling
from eigenscale.laws.fitting import fit
from eigenscale.laws.saving.saved import load_fit, save_fit
from eigenscale.laws.selection.average import Blend, blend
from eigenscale.laws.selection.candidate import Candidate, eligible, simplest
from eigenscale.laws.selection.compare import compare
from eigenscale.laws.selection.multiplier import multiplier
from eigenscale.planning.plan import plan

RNG = np.random.default_rng(0)
N, D = (
    axis.ravel() for axis in np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(2e9, 2e11, 6))
)
LOSS = 1.7 + 400 / N**0.34 + 410 / D**0.28
RUNS = {"params": N, "tokens": D, "loss": LOSS * np.exp(0.005 * RNG.normal(size=N.size))}
POINT = {"params": 1e11, "tokens": 2e12}


def record(*steps):
    """A record with one run per step."""
    one = np.zeros(1)
    return Rolling(tuple(np.array([s]) for s in steps), (one,) * len(steps), (1,) * len(steps))


def test_a_tie_is_one_standard_error_of_the_difference_step_by_step():
    best = record(0.010, 0.012, 0.011, 0.009)
    assert best.ties_with(best)
    # mean 0.00025; sd 0.0015; half of four steps count: 0.0015 / sqrt(2) = 0.00106
    assert record(0.010, 0.013, 0.0095, 0.0105).ties_with(best)
    assert not record(0.012, 0.014, 0.013, 0.011).ties_with(best)  # always worse by the same
    assert not record(0.009, 0.1, 0.011, 0.009).ties_with(best)  # it ran away in one step
    assert not record(np.inf, 0.012, 0.011, 0.009).ties_with(best)
    assert not record(0.010, 0.012).ties_with(best)


@pytest.fixture(scope="module")
def fits():
    laws = ("chinchilla", "chinchilla-tied", "power:flops")
    return [fit(RUNS, law, bootstrap=0) for law in laws]


def test_within_a_tie_size_and_data_come_first_then_few_parameters(fits):
    free, tied, power = fits
    same, worse = record(0.01, 0.02), record(0.03, 0.04)
    candidates = [Candidate("chinchilla", free), Candidate("chinchilla-tied", tied)]
    candidates += [Candidate("power", power), Candidate("broken-2", power)]
    assert simplest(candidates[:3], [same, same, same]).law == "chinchilla-tied"
    assert simplest(candidates[:3], [same, worse, same]).law == "chinchilla"
    assert simplest(candidates[:3], [worse, worse, same]).law == "power"
    assert [c.law for c in eligible(candidates)] == ["chinchilla", "chinchilla-tied", "power"]
    assert [c.law for c in eligible(candidates[2:])] == ["power", "broken-2"]


@pytest.fixture(scope="module")
def made():
    compared = compare(RUNS, ("chinchilla", "chinchilla-tied", "power"), bootstrap=60)
    return compared.blend(draws=200)


def test_a_saved_blend_predicts_plans_and_compares_as_before(made, tmp_path):
    again = load_fit(save_fit(made, tmp_path / "fit.json"))
    assert isinstance(again, Blend)
    assert again.shares == made.shares
    for field in ("value", "low", "high", "run_low", "run_high"):
        np.testing.assert_array_equal(
            getattr(again.predict(**POINT), field), getattr(made.predict(**POINT), field)
        )
    one, two = plan(made, 1e22), plan(again, 1e22)
    assert one.params == two.params
    assert one.params.low < one.params.value < one.params.high
    assert one.surface == "a blend of 2 laws, fitted to 36 runs"
    assert two.trust.decades["flops"] == pytest.approx(one.trust.decades["flops"])
    law = fit(RUNS, bootstrap=60)
    found = multiplier(again, law, 1e10, 2e11)
    assert found.factor.low < 1 < found.factor.high
    assert found.loss == pytest.approx(float(made.loss(1e10, 2e11)))
    assert again.to_dict()["law"] == made.best.law.name
    assert load_fit(tmp_path / "fit.json", RUNS).table is not None


def test_a_blend_that_cannot_choose_between_size_and_data_says_so(fits):
    alone = blend(fits[2:], [0.01], draws=10)
    for ask in (lambda: plan(alone, 1e22), lambda: multiplier(alone, fits[0], 1e9, 1e10)):
        with pytest.raises(InputError, match="cannot choose between size and data"):
            ask()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda known: known.update(weights=[2.0, -1.0]), "not positive, or do not sum"),
        (lambda known: known.update(weights=[1.0]), "weights has shape"),
        (lambda known: known.update(members=[], weights=[]), "damaged"),
        (lambda known: known["members"][0].update(theta=[1.0]), "theta has shape"),
        (lambda known: known.pop("reach"), "damaged"),
        (lambda known: known.update(level=3), "level is 3"),
    ],
)
def test_a_damaged_blend_is_one_line(made, tmp_path, change, said):
    path = save_fit(made, tmp_path / "fit.json")
    known = json.loads(path.read_text())
    change(known)
    path.write_text(json.dumps(known))
    with pytest.raises(InputError, match=said) as caught:
        load_fit(path)
    assert "\n" not in str(caught.value)


def test_a_plan_beyond_a_law_that_is_no_guide_says_so_and_is_as_wide():
    loss = LOSS * np.exp(0.3 * np.maximum(np.log10(6 * N * D) - 20.5, 0) ** 2)  # all forms miss
    found = fit({"params": N, "tokens": D, "loss": loss}, bootstrap=60)
    made = plan(found, 1e25)
    half = found.reach * (1 + np.log10(1e25 / (6 * N * D).max()))
    assert half > 0.25
    assert np.log(made.loss.high / made.loss.value) >= half * 0.999
    assert made.warnings[0].startswith("DO NOT RELY ON THIS: the point lies 2.9 decades beyond")
    assert not any("DO NOT" in text for text in plan(found, 1e20).warnings)

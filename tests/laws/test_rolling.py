"""What laws would have foretold: records, wider intervals beyond the runs, warnings, choices."""

from dataclasses import replace

import numpy as np
import pytest

from eigenscale.laws.backtest.record import Rolling, few, mixed
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.selection.average import blend
from eigenscale.laws.selection.compare import compare

RNG = np.random.default_rng(0)
N, D = (
    axis.ravel() for axis in np.meshgrid(np.geomspace(1e8, 1e10, 7), np.geomspace(2e9, 2e11, 7))
)
BESIDE = 1.7 + 400 / N**0.34 + 410 / D**0.28
RUNS = {"params": N, "tokens": D, "loss": BESIDE * np.exp(0.005 * RNG.normal(size=N.size))}
BEYOND = {"params": [1e10, 1e11], "tokens": [2e11, 2e12]}


def bent():
    """A loss that stops falling: laws fitted to the smaller runs miss the larger ones."""
    C = np.geomspace(1e17, 1e22, 60)
    loss = 3 * (C / 1e17) ** -0.15 + 0.6 * np.exp((np.log10(C) - 21) * 1.5)
    return {"flops": C, "loss": loss}


def test_a_record_holds_what_every_step_did_not_see():
    record = fit(RUNS, bootstrap=0).rolling
    assert [len(e) for e in record.errors] == [25, 22, 20, 17, 15, 12, 10, 7, 5, 2]
    assert record.judged == (5, 5, 5, 5, 5, 5, 5, 5, 5, 2)
    assert all((d >= 0).all() for d in record.decades)
    assert 0.001 < record.error < 0.02


def test_the_reach_is_the_quantile_of_errors_over_distance():
    record = Rolling((np.array([0.1, -0.2]), np.array([0.3])), (np.zeros(2), np.ones(1)), (1, 1))
    assert record.reach(0.2) == pytest.approx(0.1)
    assert record.reach(0.9) == pytest.approx(0.2)
    assert record.error == pytest.approx(0.2)
    assert np.isnan(Rolling((), (), ()).reach(0.9))


def test_the_record_of_a_mean_is_the_mean_of_the_records():
    one = Rolling((np.array([0.1, 0.3]),), (np.zeros(2),), (1,))
    two = Rolling((np.array([-0.1, 0.1]),), (np.zeros(2),), (1,))
    np.testing.assert_allclose(mixed([one, two], np.array([0.5, 0.5])).errors[0], [0.0, 0.2])


def test_intervals_of_runs_are_widened_beyond_the_runs_only():
    found = fit(bent(), "power:flops", bootstrap=200)
    plain = replace(found, record=Rolling((), (), ()))
    at = {"flops": np.array([1e20, 1e22, 2e22, 1e23])}
    wide, narrow = found.predict(**at), plain.predict(**at)
    assert (wide.run_high[:2] == narrow.run_high[:2]).all()
    assert (wide.low[:2] == narrow.low[:2]).all()
    decades = np.log10([2.0, 10.0])
    assert wide.beyond == pytest.approx([0, 0, *decades])
    least = found.reach * (1 + decades)
    assert (np.log(wide.run_high / wide.value)[2:] >= least * 0.999).all()
    assert (np.log(wide.value / wide.run_low)[2:] >= least * 0.999).all()


def test_where_the_record_is_no_guide_the_law_is_as_wide_and_the_point_says_so():
    found = fit(bent(), "power:flops", bootstrap=200)
    far = found.predict(flops=1e25)
    half = found.reach * 4
    assert half > 0.25
    assert (far.low, far.high) == (far.run_low, far.run_high)
    assert np.log(far.high / far.value) >= half * 0.999
    (said,) = far.warnings
    assert said.startswith("DO NOT RELY ON THIS: the point lies 3.0 decades beyond the largest run")
    assert f"within a factor of {few(np.exp(half))} (90 %)" in said
    sound = fit(RUNS, bootstrap=100)
    (said,) = sound.predict(params=[1e9, 1e11], tokens=[1e10, 2e12]).warnings
    assert (
        said
        == "1 of 2 points lie up to 2.0 decades beyond the largest run: this is an extrapolation"
    )
    assert not sound.predict(params=1e9, tokens=1e10).warnings


def test_a_law_that_has_missed_larger_runs_says_so():
    found = fit(bent(), "power-no-floor:flops", bootstrap=0)
    assert any("do not extrapolate" in text for text in found.cautions)
    sound = fit(RUNS, bootstrap=0)
    assert not any("extrapolate" in text for text in sound.cautions)


def test_a_comparison_says_when_every_form_has_missed():
    compared = compare(bent(), ("power", "power-no-floor"), bootstrap=0)
    assert any(text.startswith("Every law missed larger runs") for text in compared.best.warnings)
    fine = compare(RUNS, ("chinchilla", "kaplan"), bootstrap=0)
    assert not any("every form" in text for text in fine.best.warnings)


def test_the_default_is_judged_by_runs_that_it_did_not_see():
    compared = compare(RUNS, ("chinchilla", "kaplan", "power"), bootstrap=0)
    rolling = [c.rolling_error for c in compared.candidates]
    assert rolling == sorted(rolling)
    choice = compared.to_dict()["choice"]
    assert choice["law"] == "chinchilla"
    assert choice["its_holdout_error"] == compared.best.holdout.error
    assert choice["rolling_error"] == compared.best.rolling.error
    assert "Fitted without the" in compared.sentence()


def test_a_law_that_runs_away_from_the_others_has_no_say_in_the_blend():
    names = ("chinchilla", "chinchilla-tied", "kaplan")
    fits = [fit(RUNS, name, bootstrap=0) for name in names]
    values = [float(one.predict(params=1e12, tokens=2e13).value) for one in fits]
    lost = fit(RUNS, "power-no-floor:tokens", fix={"alpha": 4.0}, bootstrap=0)
    made = blend([*fits, lost], [0.01, 0.01, 0.01, 0.009], draws=0)
    there = float(made.predict(params=1e12, tokens=2e13).value)
    assert min(values) * 0.999 < there < max(values) * 1.001


def test_blends_are_as_wide_as_they_have_missed():
    fits = [fit(bent(), name, bootstrap=0) for name in ("power:flops", "power-no-floor:flops")]
    made = blend(fits, [1.0, 1.0], draws=100)
    there = made.predict(flops=1e23)
    reach = mixed([one.rolling for one in made.members], made.weights).reach(0.9)
    assert np.log(there.run_high / there.value) >= 2 * reach * 0.999


@pytest.mark.parametrize("law", ["chinchilla", "kaplan"])
def test_the_delta_method_agrees_with_the_bootstrap(law):
    by_delta, drawn = (fit(RUNS, law, bootstrap=count) for count in (0, 400))
    for name in get(law).names:
        one, two = by_delta.parameters[name], drawn.parameters[name]
        assert one.low < one.value < one.high
        assert 0.5 < np.log(one.high / one.low) / np.log(two.high / two.low) < 2
    one, two = by_delta.predict(**BEYOND), drawn.predict(**BEYOND)
    np.testing.assert_allclose((one.high - one.low) / (two.high - two.low), 1, atol=0.5)


def test_the_delta_method_says_nothing_of_a_parameter_at_its_bound():
    table = {"tokens": D, "loss": 3 * (D / 1e9) ** -0.2 * np.exp(0.002 * RNG.normal(size=D.size))}
    found = fit(table, "power:tokens", bootstrap=0)
    if "E" in found.certificate.at_bounds:
        assert np.isnan(found.parameters["E"].low)
    assert found.parameters["alpha"].low < 0.2 < found.parameters["alpha"].high


def test_the_delta_method_is_called_a_first_look():
    by_delta, drawn = (fit(RUNS, bootstrap=count) for count in (0, 20))
    assert "64 to 90 % held the truth" in by_delta.summary()
    assert "delta" in by_delta.to_dict()["intervals"]
    assert "delta method" not in drawn.summary()
    assert drawn.to_dict()["intervals"] == "percentiles of the draws"

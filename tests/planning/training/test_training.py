"""Best schedules, going on, races, averages: by curves from a law with known parameters."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws.curves.average import average
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.fitting import fit_curves
from eigenscale.laws.curves.noise import Noise
from eigenscale.laws.curves.registry import get
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.schedules.shapes import constant, cosine, two_stage, wsd
from eigenscale.laws.schedules.spec import parse_schedule
from eigenscale.planning.training.best import best_schedule
from eigenscale.planning.training.going_on import going_on
from eigenscale.planning.training.race import race

THETA = np.array([3.04, 0.525, 0.508, 364.0, 2.07, 0.583, 0.641])
RATE = {"peak": 3e-4, "warmup": 600}
SCHEDULES = {
    "cosine": cosine(total=8000, end=3e-5, **RATE),
    "constant": constant(total=8000, **RATE),
    "two-stage": two_stage(end=9e-5, start=3000, total=6000, **RATE),
}


def curve(name, schedule, floor=0.0, seed=0, last=None):
    steps = np.arange(640, (last or schedule.total) + 1, 80)
    theta = THETA + floor * np.eye(7)[0]
    logs = np.log(get("multi-power").loss(theta, expose(schedule, steps)))
    logs += Noise(1e-3, 0.5, 0.5).draw(np.random.default_rng(seed), 1, len(steps))[0]
    return ScheduledCurve(name, schedule, steps, logs)


@pytest.fixture(scope="module")
def curves():
    return [curve(n, s, seed=i) for i, (n, s) in enumerate(SCHEDULES.items())]


@pytest.fixture(scope="module")
def fit(curves):
    return fit_curves(curves)


def test_the_best_schedule_beats_the_usual_ones_and_every_neighbour(fit):
    best = best_schedule(fit, 12000)
    loss = fit.loss(best.schedule, [12000])[0]
    assert all(r.gain.value > 0 and loss < r.loss for r in best.rivals)
    for start in (best.start - 1500, best.start + 1500):
        for shape in ("linear", "sqrt"):
            other = wsd(3e-4, 12000, min(max(start, 600), 11900), 600, best.end, shape)
            assert fit.loss(other, [12000])[0] > loss - 1e-5
    assert parse_schedule(best.spec).rates == pytest.approx(best.schedule.rates, rel=1e-2, abs=1e-9)
    low, high = best.almost
    assert low <= (12000 - best.start) / 12000 <= high
    assert any("Against cosine" in s for s in best.sentences())


def test_a_run_to_be_continued_is_cooled_down_late(fit):
    free, kept = (best_schedule(fit, 12000, continuable=c) for c in (False, True))
    assert kept.start >= free.start
    losses = [fit.loss(b.schedule, [12000])[0] for b in (free, kept)]
    assert losses[1] <= losses[0] * 1.0011


def test_best_is_refused_where_there_is_none(fit, curves):
    with pytest.raises(InputError, match="no room"):
        best_schedule(fit, 610)
    with pytest.raises(InputError, match="does not see"):
        best_schedule(fit_curves(curves, "steps-only"), 9000)


def test_going_on_gains_what_the_law_says(fit, curves):
    found = going_on(fit, curves[1], 8000)
    assert found.worth
    assert 0 < found.gain.low < found.gain.value < found.gain.high
    assert found.cooled.end.value < found.now
    assert found.longer.end.value < found.cooled.end.value
    assert "Going on lowers the loss." in found.sentences()[-1]
    with pytest.raises(InputError, match="fewer than the cooldown"):
        going_on(fit, curves[1], 100)


def test_a_race_is_won_by_the_run_with_the_lower_floor(curves):
    plan = SCHEDULES["cosine"]
    given = [curve(f"floor {f}", plan, f, seed=7, last=5000) for f in (0.5, 0.0, 0.001)]
    runners = race([fit_curves(c) for c in given])
    assert [r.prediction.name for r in runners][-1] == "floor 0.5"
    advice = {r.prediction.name: r.advice for r in runners}
    assert advice == {"floor 0.5": "stop", "floor 0.0": "wait", "floor 0.001": "wait"}
    assert sum(r.probability for r in runners) == pytest.approx(1)
    with pytest.raises(InputError, match="at least two"):
        race([fit_curves(given[0])])


def test_the_average_leans_to_laws_that_predict(curves):
    found = average([fit_curves(curves, law) for law in ("steps-only", "multi-power")])
    assert found.best.law.name == "multi-power"
    assert found.weights[0] > 0.9
    plan = wsd(3e-4, 8000, 6500, 600, 3e-5)
    ours = found.predict(plan)
    assert ours.end.value == pytest.approx(found.best.predict(plan).end.value, rel=2e-3)
    assert ours.end.low < ours.end.value < ours.end.high
    assert {row["law"] for row in found.laws()} == {"steps-only", "multi-power"}

"""The solvable model asked about training that is stopped."""

import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.theory.training.flow import timed_loss

MODEL = SolvableModel(Spectrum.power_law(0.5, 400), noise_var=1e-3, feature_var=2.0)


def test_arrays_broadcast_and_numbers_stay_numbers():
    assert isinstance(MODEL.loss(50, 80, time=10.0), float)
    loss = MODEL.loss([50, 80], 80, time=np.geomspace(1, 100, 3)[:, None])
    assert loss.shape == (3, 2)
    assert loss[1, 0] == pytest.approx(MODEL.loss(50, 80, time=10.0), rel=1e-12)
    assert loss[1, 0] == timed_loss(MODEL.spectrum, 50, 80, 10.0, noise_var=1e-3).loss


def test_long_training_is_the_ridge_student():
    for ridge in (0.0, 0.03):
        late = MODEL.loss(50, 80, ridge=ridge, time=1e9)
        assert late == pytest.approx(MODEL.loss(50, 80, ridge=ridge), rel=1e-8)
        assert MODEL.loss(50, 80, ridge=ridge, time=np.inf) == MODEL.loss(50, 80, ridge=ridge)


def test_a_solution_has_its_time():
    solution = MODEL.solve(50, [80, 200], time=30.0)
    row = next(solution.rows())
    assert row["time"] == 30.0
    assert row["error"] <= 1e-6 * row["loss"]
    assert row["bias"] + row["variance"] + row["noise"] == pytest.approx(row["loss"])
    assert "time" not in next(MODEL.solve(50, 80).rows())


@pytest.mark.parametrize("time", [3.0, 300.0, 1e9])
def test_exponents_are_slopes(time):
    solution = MODEL.solve(50, 80, ridge=0.01, time=time)
    step = 1e-2

    def slope(**scale):
        ends = [
            np.log(MODEL.loss(50 * scale.get("N", 1) ** s, 80 * scale.get("T", 1) ** s,
                              ridge=0.01, time=time * scale.get("t", 1) ** s))
            for s in (1, -1)
        ]  # fmt: skip
        return -(ends[0] - ends[1]) / (2 * step)

    factor = np.exp(step)
    assert solution.exponent_features == pytest.approx(slope(N=factor), abs=1e-4)
    assert solution.exponent_samples == pytest.approx(slope(T=factor), abs=1e-4)
    assert solution.exponent_time == pytest.approx(slope(t=factor), abs=1e-4)


def test_late_exponents_are_those_of_the_ridge_student():
    late, ridge = MODEL.solve(50, 80, ridge=0.01, time=1e9), MODEL.solve(50, 80, ridge=0.01)
    assert late.exponent_features == pytest.approx(float(ridge.exponent_features), abs=1e-4)
    assert late.exponent_samples == pytest.approx(float(ridge.exponent_samples), abs=1e-4)


def test_best_time():
    best = MODEL.solve(50, [80, 200], time="best")
    for factor in (0.8, 1.25):
        assert (MODEL.loss(50, [80, 200], time=best.time * factor) > best.loss).all()
    assert MODEL.loss(50, [80, 200], ridge="optimal") == pytest.approx(best.loss, rel=0.03)


def test_simulation_takes_the_time():
    drawn = MODEL.simulate(40, 60, ridge=0.05, time=30.0, draws=32, rng=0)
    exact = MODEL.loss(40, 60, ridge=0.05, time=30.0)
    assert abs(drawn.loss - exact) < 4 * drawn.standard_error + 0.02 * exact


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time": -1}, "time has -1"),
        ({"time": "soon"}, "time 'soon' is not known"),
        ({"time": "best", "ridge": "optimal"}, "each makes up for the other"),
        ({"time": [[1], [2, 3]]}, "is not a number"),
    ],
)
def test_bad_times_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        MODEL.loss(10, 10, **options)


def test_steps_go_through():
    steps = MODEL.loss(50, 80, ridge=0.01, time=40.0, step=[0.4, 0.001])
    flow = MODEL.loss(50, 80, ridge=0.01, time=40.0)
    assert steps[1] == pytest.approx(flow, rel=1e-3)
    assert steps[0] != steps[1]
    assert MODEL.solve(50, 80, time=40.0, step=0.4).exponent_time.shape == ()
    with pytest.raises(InputError, match="step has -1"):
        MODEL.loss(50, 80, time=1.0, step=-1.0)

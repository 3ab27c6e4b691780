"""Intervals as wide as extrapolations have missed by, and whether a prediction is a guide."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.cli.app import main
from eigenscale.laws.backtest.calibration import ErrorScale, calibration, distance_beyond
from eigenscale.laws.fitting import fit
from eigenscale.laws.saving.saved import load_fit, save_fit
from eigenscale.laws.table import Extent, tabulate

RNG = np.random.default_rng(0)
N, D = 10 ** RNG.uniform(7.5, 9.5, 24), 10 ** RNG.uniform(9, 11, 24)
LOSS = (1.7 + 400 / N**0.34 + 410 / D**0.28) * np.exp(0.005 * RNG.standard_normal(24))
RUNS = {"params": N, "tokens": D, "loss": LOSS}


@given(st.floats(1e-3, 0.1), st.floats(0.1, 30), st.floats(0.1, 8), st.floats(0.3, 0.97))
def test_half_widths_grow_with_scatter_distance_backtest_and_level(scatter, miss, decades, level):
    one = ErrorScale(scatter, miss).half_width(decades, level)
    assert one > 0
    assert ErrorScale(2 * scatter, miss).half_width(decades, level) > one
    assert ErrorScale(scatter, 2 * miss).half_width(decades, level) >= one
    assert ErrorScale(scatter, miss).half_width(decades + 1, level) >= one
    assert ErrorScale(scatter, max(miss, 1)).half_width(decades + 1, level) > one
    assert ErrorScale(scatter, miss).half_width(decades, level + 0.02) > one


@given(st.floats(1e-3, 0.1), st.floats(0.1, 30), st.floats(1e-4, 0.4))
def test_no_width_jumps_at_the_edge_of_the_runs(scatter, miss, decades):
    scale = ErrorScale(scatter, miss)
    near = scale.half_width([decades, decades + 1e-6])
    assert near[1] == pytest.approx(near[0], rel=1e-3)
    assert scale.half_width(1e-7) == pytest.approx(scale.half_width(0.0), rel=1e-3)


def test_intervals_grow_from_those_within_the_runs():
    found = fit(RUNS, estimator="default", bootstrap=40)
    edge = 10.0 ** np.array([0.0, 1e-7, 0.02, 0.1, 1.0])
    made = found.predict(params=N[np.argmax(N * D)] * edge, tokens=D[np.argmax(N * D)])
    for low, high in ((made.low, made.high), (made.run_low, made.run_high)):
        width = np.log(high / low)
        assert width[1] == pytest.approx(width[0], rel=1e-3)
        assert width[-1] > width[0]


def test_distances_add_up_and_a_lone_input_counts_twice():
    extent = Extent({}, {"params": 1e9, "tokens": 1e10, "flops": 6e19})
    both = distance_beyond(extent, {"params": [1e9, 1e10, 1e8], "tokens": [1e10, 1e11, 1e12]})
    assert both == pytest.approx([0, 4, 3])  # the last: 2 decades of data, 1 of compute
    assert float(distance_beyond(extent, {"flops": 6e21})) == pytest.approx(4)


def test_the_default_has_calibrated_intervals_and_plain_fits_do_not():
    found = fit(RUNS, estimator="default", bootstrap=40)
    far = {"params": 10 * N.max(), "tokens": 10 * D.max()}
    made = found.predict(**far)
    half = found.error_scale.half_width(distance_beyond(Extent.of(tabulate(RUNS)), far))
    assert np.log(made.high / made.value) == pytest.approx(half)
    assert np.log(made.value / made.low) == pytest.approx(half)
    assert made.reliable == [bool(half <= calibration()["guide"])]
    assert fit(RUNS, bootstrap=0).error_scale is None
    inside = found.predict(params=1e8, tokens=1e10)
    assert inside.run_low <= inside.low < inside.value < inside.high <= inside.run_high
    assert not inside.warnings


def test_a_point_that_is_no_guide_says_so():
    late = np.where(np.quantile(6 * N * D, 0.7) < 6 * N * D, 1.15, 1.0)  # the large runs fail
    made = fit({**RUNS, "loss": LOSS * late}, estimator="default", bootstrap=0).predict(
        params=[1e10, 1e14], tokens=[1e12, 1e16]
    )
    assert not made.reliable[1]
    assert made.warnings[0].startswith("DO NOT RELY ON THIS: at ")


def test_a_saved_default_fit_keeps_its_error_scale(tmp_path):
    found = fit(RUNS, estimator="default", bootstrap=20)
    again = load_fit(save_fit(found, tmp_path / "fit.json"))
    far = {"params": 1e11, "tokens": 1e13}
    assert again.error_scale == found.error_scale
    assert again.predict(**far).high == found.predict(**far).high


def test_every_prediction_on_the_command_line_says_whether_it_is_reliable(tmp_path, capsys):
    table = tmp_path / "runs.csv"
    rows = np.stack([N, D, LOSS], axis=1)
    np.savetxt(table, rows, delimiter=",", header="params,tokens,loss", comments="")
    call = ["fit", str(table), "--bootstrap", "20", "--predict", "params=1e10,tokens=1e12"]
    assert main([*call, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    for name in ("predictions", "run_predictions"):
        assert [one["reliable"] for one in printed[name]] == [True]
    assert main(call) == 0

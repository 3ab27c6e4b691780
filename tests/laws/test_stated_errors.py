"""Stated errors of losses weigh the runs of a fit; without an effect where all are alike."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.forecasting.external.points import read_points
from eigenscale.io.curves.read import read_curves
from eigenscale.laws.table import error_weights, tabulate

N, D = (g.ravel() for g in np.meshgrid([1e8, 3e8, 1e9, 3e9], [1e9, 3e9, 1e10, 3e10]))
TRUE = 1.69 + 406.4 / N**0.34 + 410.7 / D**0.28
BAD = np.array([2, 7, 12])


def table(errors):
    loss = TRUE.copy()
    loss[BAD] *= [1.05, 0.95, 1.06]
    return {"params": N, "tokens": D, "loss": loss, "loss_se": errors}


def test_runs_of_large_stated_error_hardly_count():
    errors = np.full(16, 0.004)
    errors[BAD] = 0.2
    for estimator in ("plain", "default"):
        kept = es.fit(table(errors), bootstrap=0, objective="squares", estimator=estimator)
        alike = es.fit(table(np.full(16, 0.004)), bootstrap=0, objective="squares",
                       estimator=estimator)  # fmt: skip
        at = {"params": 1e10, "tokens": 1e11}
        truth = 1.69 + 406.4 / 1e10**0.34 + 410.7 / 1e11**0.28
        far, near = (abs(float(f.predict(**at).value) - truth) for f in (alike, kept))
        assert near < 0.2 * far
    assert "stated errors" in kept.summary()


def test_alike_errors_change_nothing():
    loss = {"params": N, "tokens": D, "loss": TRUE * (1 + 0.01 * np.sin(np.arange(16)))}
    plain = es.fit(loss, bootstrap=0)
    stated = es.fit({**loss, "loss_se": 0.01 * loss["loss"]}, bootstrap=0)
    assert plain.parameters["E"].value == pytest.approx(stated.parameters["E"].value, rel=1e-6)


def test_a_run_without_a_stated_error_counts_as_the_median_one():
    weights = error_weights(np.array([0.01, 0.02, np.nan, 0.04]))
    assert weights[2] == pytest.approx(weights[1])
    assert weights[0] < 2 * weights[1]
    assert weights.mean() == pytest.approx(1)
    runs = es.read_runs(table(np.full(16, 0.004)))
    assert any("weighs the runs" in text for text in runs.warnings)
    np.testing.assert_allclose(tabulate(runs).errors, 0.004 / runs.loss)


def test_the_deviation_of_repeats_of_points_becomes_an_error_of_the_mean():
    points = read_points({"n_samples": [100, 200, 400], "loss": [0.4, 0.3, 0.2],
                          "loss_std": [0.04, 0.02, 0.02], "n_seeds": [4, 4, 16]})  # fmt: skip
    np.testing.assert_allclose(points.errors, [0.02, 0.01, 0.005])
    assert any("standard error of their mean" in note for note in points.notes)


def test_a_curve_says_that_it_does_not_use_stated_errors():
    curve = read_curves({"step": [10, 20, 30], "loss": [3.0, 2.8, 2.7], "loss_se": [0.1] * 3})[0]
    assert any("'loss_se'" in text and "not used" in text for text in curve.warnings)

"""Figures of fits, by their specs."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.figures.spec import Band, Line, Points
from eigenscale.figures.topics.fits import holdout_figure, law_figure, residual_figure
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    N, D = 10 ** rng.uniform(7, 10, 40), 10 ** rng.uniform(9, 11, 40)
    loss = get("chinchilla").predict([1.69, 406.4, 410.7, 0.34, 0.28], params=N, tokens=D)
    loss *= np.exp(0.01 * rng.standard_normal(40))
    names = np.array([f"run {i}" for i in range(40)])
    return fit({"params": N, "tokens": D, "loss": loss, "name": names}, bootstrap=50, holdout=8)


def test_the_law_is_drawn_through_the_runs_and_beyond(found):
    figure = law_figure(found)
    assert [panel.x.label for panel in figure.panels] == ["parameters", "tokens"]
    layers = figure.panels[0].layers
    (runs,) = [layer for layer in layers if isinstance(layer, Points)]
    lines = [layer for layer in layers if isinstance(layer, Line)]
    bands = [layer for layer in layers if isinstance(layer, Band)]
    assert runs.x.shape == (40,)
    assert runs.hover[3] == "run 3"
    assert len(lines) == len(bands) == 3
    assert lines[0].x[-1] == pytest.approx(10 * runs.x.max())
    assert (bands[0].low <= lines[0].y).all()
    assert (lines[0].y[:-1] > lines[0].y[1:]).all()


def test_residuals_are_what_was_measured_above_the_law(found):
    figure = residual_figure(found)
    assert [panel.x.label for panel in figure.panels][2] == "training compute, FLOP"
    points = figure.panels[0].layers[0]
    expected = 100 * (found.table.target / found.loss(points.x, found.table.inputs["tokens"]) - 1)
    np.testing.assert_allclose(points.y, expected, atol=1e-9)


def test_held_out_runs_stand_at_their_compute(found):
    small, foretold, measured = holdout_figure(found).panels[0].layers
    assert len(small.x) == 32
    assert foretold.x.min() >= small.x.max()
    np.testing.assert_allclose(np.sort(found.table.compute())[-8:], np.sort(measured.x))
    assert (foretold.low < foretold.high).all()
    assert "8 largest runs" in holdout_figure(found).title


def test_compute_of_students_is_features_times_samples():
    N, T = np.meshgrid(np.geomspace(64, 2048, 6), np.geomspace(256, 32768, 6))
    table = {"n_features": N.ravel(), "n_samples": T.ravel()}
    table["loss"] = 0.3 + 3 / N.ravel() ** 0.5 + 2 / T.ravel() ** 0.4
    students = fit(read_runs(table), bootstrap=0, holdout=6)
    compute = residual_figure(students).panels[2]
    assert compute.x.label == "features × samples"
    np.testing.assert_allclose(compute.layers[0].x, (N * T).ravel())
    small, foretold, _ = holdout_figure(students).panels[0].layers
    assert foretold.x.max() == pytest.approx(2048 * 32768)
    assert small.x.min() == pytest.approx(64 * 256)


def test_what_cannot_be_drawn_is_said(found):
    bare = fit(
        {"tokens": [1e9, 1e10, 1e11, 1e12], "loss": [4.0, 3.0, 2.5, 2.25]}, law="power", bootstrap=0
    )
    with pytest.raises(InputError, match="no holdout"):
        holdout_figure(bare)
    assert len(law_figure(bare).panels) == 1
    assert len(residual_figure(bare).panels) == 1

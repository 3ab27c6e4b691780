import numpy as np
import pytest

import eigenscale as es
from eigenscale.figures.spec import Band, Line, Map, Points
from eigenscale.figures.topics import plan as figures
from eigenscale.planning.plan import frontier


@pytest.fixture(scope="module")
def front():
    return frontier("hoffmann", np.geomspace(1e19, 1e24, 6))


def layers(figure, kind):
    return [layer for panel in figure.panels for layer in panel.layers if isinstance(layer, kind)]


def test_contours_hold_the_surface_and_the_frontier(front):
    figure = figures.contours(front)
    (surface,) = layers(figure, Map)
    assert surface.z.shape == (surface.y.size, surface.x.size)
    size, data = surface.x[7], surface.y[90]
    assert surface.z[90, 7] == pytest.approx(1.69 + 406.4 / size**0.34 + 410.7 / data**0.28)
    thick = max(layers(figure, Line), key=lambda line: line.width)
    np.testing.assert_array_equal(thick.x, front.params.value)
    assert "0.45" in figure.title


def test_thick_parts_of_valleys_are_within_one_percent(front):
    figure = figures.valleys(front)
    (best,) = layers(figure, Points)
    thick = [line for line in layers(figure, Line) if line.width > 3]
    assert len(thick) == len(best.x)
    for line, lowest in zip(thick, best.y, strict=True):
        assert line.y.min() >= lowest * (1 - 1e-12)
        assert line.y.max() <= lowest * 1.01 * (1 + 1e-9)
        assert line.y.max() >= lowest * 1.008


def test_no_draws_no_bands_and_it_is_said(front):
    figure = figures.bands(front)
    assert not layers(figure, Band)
    assert "no bands" in figure.caption


def test_one_budget_draws_its_valley_only():
    names = [figure.name for figure in figures.figures(frontier("hoffmann", 1e21))]
    assert names == ["plan-valleys"]


def test_the_axis_of_the_loss_is_logarithmic_where_it_falls_far():
    model = es.SolvableModel(es.Spectrum.power_law(0.5, 1e9)).surface("optimal")
    far, near = frontier(model, [1e4, 1e10]), frontier("hoffmann", [1e20, 1e24])
    assert [figures.bands(front).panels[0].y.scale for front in (far, near)] == ["log", "linear"]
    assert [figures.valleys(front).panels[0].y.scale for front in (far, near)] == ["log", "linear"]
    levels = figures.contours(far).panels[0].layers[0].levels
    assert np.ptp(np.diff(np.log(levels))) < 1e-9

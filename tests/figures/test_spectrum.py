"""The spectrum's figure shows the numbers it was given."""

import numpy as np

from eigenscale.figures.spec import Band, Line, Points, Window
from eigenscale.figures.spectrum import spectrum_figure
from eigenscale.measure import from_eigenvalues, measure


def test_the_figure_holds_the_eigenvalues_the_window_and_the_interval():
    values = np.arange(1.0, 1001) ** -1.5
    spectrum = from_eigenvalues(values, n_samples=10**5, name="embeddings")
    exponent = spectrum.exponent()
    figure = spectrum_figure(spectrum, exponent)
    left, right = figure.panels
    points = next(layer for layer in left.layers if isinstance(layer, Points))
    assert len(points.x) <= 60
    np.testing.assert_allclose(points.y, values[points.x.astype(int) - 1])
    window = next(layer for layer in left.layers if isinstance(layer, Window))
    assert (window.first, window.last) == exponent.ranks
    band = next(layer for layer in right.layers if isinstance(layer, Band))
    assert band.low[0] == exponent.alpha.low
    local = next(layer for layer in right.layers if isinstance(layer, Line) and len(layer.x) > 2)
    np.testing.assert_allclose(local.y, 0.5)
    assert "embeddings" in figure.title
    assert "α = 0.50" in figure.title


def test_the_theory_of_finite_samples_is_drawn_over_the_points():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 100)) * np.arange(1.0, 101) ** -0.75
    spectrum = measure(rows)
    found = spectrum.answers()
    left, right = spectrum_figure(spectrum, found.least_squares, found).panels
    theory = next(layer for layer in left.layers if layer.label == "finite-sample theory")
    measured = spectrum.eigenvalues[theory.x.astype(int) - 1]
    assert np.abs(np.log(theory.y / measured)).max() < 0.3
    level = next(layer for layer in right.layers if layer.label == "finite-sample theory")
    assert level.y[0] == found.finite_sample.alpha.value

"""The spectrum's figure shows the numbers it was given."""

import numpy as np
import pytest

from eigenscale.figures.spec import Band, Line, Points, Window
from eigenscale.figures.topics.spectrum import spectrum_figure
from eigenscale.spectra.measure import measure
from eigenscale.spectra.measured import from_eigenvalues
from eigenscale.spectra.zipf import zipf


def test_the_figure_holds_the_eigenvalues_the_window_and_the_interval():
    values = np.arange(1.0, 1001) ** -1.5
    spectrum = from_eigenvalues(values, n_samples=10**5, name="embeddings")
    exponent = spectrum.exponent()
    figure = spectrum_figure(spectrum, exponent)
    left, right, below = figure.panels
    points = next(layer for layer in left.layers if isinstance(layer, Points))
    assert len(points.x) <= 60
    np.testing.assert_allclose(points.y, values[points.x.astype(int) - 1])
    window = next(layer for layer in left.layers if isinstance(layer, Window))
    assert (window.first, window.last) == exponent.ranks
    band = next(layer for layer in right.layers if isinstance(layer, Band))
    assert band.low[0] == exponent.alpha.low
    local = next(layer for layer in right.layers if isinstance(layer, Line) and len(layer.x) > 2)
    np.testing.assert_allclose(local.y, 0.5)
    explained = next(layer for layer in below.layers if isinstance(layer, Line))
    np.testing.assert_allclose(explained.y[-1], 1.0)
    assert "embeddings" in figure.title
    assert "α = 0.50" in figure.title


def test_the_theory_of_finite_samples_is_drawn_over_the_points():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 100)) * np.arange(1.0, 101) ** -0.75
    spectrum = measure(rows)
    found = spectrum.answers()
    left, right, _ = spectrum_figure(spectrum, found.least_squares, found).panels
    theory = next(layer for layer in left.layers if layer.label == "finite-sample theory")
    measured = spectrum.eigenvalues[theory.x.astype(int) - 1]
    assert np.abs(np.log(theory.y / measured)).max() < 0.3
    level = next(layer for layer in right.layers if layer.label == "finite-sample theory")
    assert level.y[0] == found.finite_sample.alpha.value


def test_tokens_have_a_panel_of_their_own(tmp_path):
    weights = np.arange(1.0, 2001) ** -1.0
    draws = np.random.default_rng(0).choice(2000, 40000, p=weights / weights.sum())
    (tmp_path / "a.txt").write_text(" ".join(f"w{i}" for i in draws))
    tokens = zipf(tmp_path / "a.txt")
    spectrum = from_eigenvalues(np.arange(1.0, 101) ** -1.5, n_samples=10**5)
    panel = spectrum_figure(spectrum, spectrum.exponent(), tokens=tokens).panels[-1]
    points = next(layer for layer in panel.layers if isinstance(layer, Points))
    np.testing.assert_array_equal(points.y, tokens.counts[points.x.astype(int) - 1])
    line = next(layer for layer in panel.layers if isinstance(layer, Line))
    assert (line.x[0], line.x[-1]) == pytest.approx(tokens.ranks)


def test_rounding_does_not_stretch_the_axis():
    rows = np.random.default_rng(0).normal(size=(300, 12)) * np.arange(1, 13) ** -0.7
    rows[:, -1] *= 1e-5
    spectrum = measure(rows)
    figure = spectrum_figure(spectrum, spectrum.exponent((1, 8)))
    drawn = next(layer for layer in figure.panels[0].layers if isinstance(layer, Points))
    assert len(drawn.x) == 11
    assert "below 1e-11 of the largest (1) are not drawn" in figure.caption

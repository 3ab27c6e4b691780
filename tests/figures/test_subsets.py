"""The figure of nested samples holds their spectra, the theory, and what they say of M."""

import numpy as np

from eigenscale.figures.spec import Band, Line, Points
from eigenscale.figures.topics.subsets import subsets_figure
from eigenscale.spectra.subsets import measure_all


def test_spectra_theory_and_latent_dimension():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1200, 600)) * np.arange(1.0, 601) ** -0.75
    spectra = measure_all(rows @ rng.normal(size=(600, 120)) / 120**0.5, sizes=[200])
    found = spectra[-1].answers(subsets=spectra[:-1])
    figure = subsets_figure(spectra, found)
    left, right = figure.panels
    lines = [layer for layer in left.layers if isinstance(layer, Line)]
    points = [layer for layer in left.layers if isinstance(layer, Points)]
    assert [p.label for p in points] == ["200 samples", "1,200 samples"]
    assert len(lines) == 2
    for seen, theory in zip(points, lines, strict=True):
        shared = np.isin(seen.x, theory.x)
        assert np.abs(np.log(seen.y[shared] / theory.y))[:40].max() < 0.5
    band = next(layer for layer in right.layers if isinstance(layer, Band))
    assert band.low[0] == found.latent_dim.low
    assert band.high[0] == found.latent_dim.high


def test_where_nothing_is_known_of_the_latent_dimension_there_is_one_panel():
    rng = np.random.default_rng(0)
    spectra = measure_all(rng.normal(size=(300, 20)) ** 3 * np.exp(-np.arange(20) / 3), sizes=[50])
    found = spectra[-1].answers(subsets=spectra[:-1])
    assert all(s.latent_dim.status == "not identifiable" for s in found.joint.sizes)
    assert len(subsets_figure(spectra, found).panels) == 1

import numpy as np

from eigenscale import SolvableModel, Spectrum
from eigenscale.figures.solvable.regimes import simple_law
from eigenscale.figures.spec import Line, Map
from eigenscale.figures.topics.regimes import regime_map

SPECTRUM = Spectrum.power_law(0.5, 1e4)
MODEL = SolvableModel(SPECTRUM, noise_var=0.02 * SPECTRUM.trace / 1e4)


def test_a_map_with_lines_of_equal_loss_and_the_best_path():
    sizes = np.geomspace(10, 1e5, 13)
    (panel,) = regime_map(MODEL, sizes, sizes).panels
    regions, *lines, path = panel.layers
    assert isinstance(regions, Map)
    assert regions.z.shape == (13, 13)
    corners = [regions.categories[int(regions.z[i, j])] for i, j in ((0, -1), (-1, 0), (-1, -1))]
    assert corners == ["Samples", "Features", "Noise"]
    surface = MODEL.surface()
    losses = []
    for line in lines:
        assert isinstance(line, Line)
        drawn = np.isfinite(line.y)
        found = surface.loss(line.x[drawn], line.y[drawn])
        level = np.median(found)
        np.testing.assert_allclose(found, level, rtol=1e-3)  # its ends are cut from chords
        losses.append(level)
    np.testing.assert_allclose(np.divide(losses[1:], losses[:-1]), 0.5, rtol=1e-6)
    assert isinstance(path, Line)
    assert 0.5 < path.x[1] / path.y[1] < 2


def test_the_simple_law_lies_above_the_exact_loss_at_the_end():
    figure = simple_law(np.random.default_rng(0))
    exact, law = figure.panels[0].layers[:2]
    assert isinstance(exact, Line)
    assert isinstance(law, Line)
    ratio = law.y / exact.y
    assert np.abs(ratio[exact.x < 500] - 1).max() < 0.1
    assert ratio[-1] > 2
    (plane,) = figure.panels[1].layers
    assert isinstance(plane, Map)
    assert plane.z[-1, -1] == 2
    assert plane.z[20, 20] == 0

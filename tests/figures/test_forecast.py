import numpy as np

import eigenscale as es
from eigenscale.figures.spec import Band, Line, Rule
from eigenscale.figures.topics.forecast import forecast_figure


def test_one_band_and_curve_for_each_number_of_features():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5))
    y = x[:, 0] + rng.normal(size=200)
    got = es.forecast(x, y, n_samples=[50, 100, 400], n_features=[10, 100], ridge=0.1)
    figure = forecast_figure(got)
    layers = figure.panels[0].layers
    lines = [layer for layer in layers if isinstance(layer, Line)]
    bands = [layer for layer in layers if isinstance(layer, Band)]
    assert [line.label for line in lines] == ["10 features", "100 features"]
    np.testing.assert_array_equal(lines[0].x, [50, 100, 400])
    np.testing.assert_allclose(lines[1].y, got.loss[3:])
    assert all((band.low < line.y).all() for band, line in zip(bands, lines, strict=True))
    assert [rule.at for rule in layers if isinstance(rule, Rule)] == [200]

"""The figure of approaches 1 and 2, by its spec."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.figures.spec import Band, Line, Points
from eigenscale.figures.topics.approaches import MOST, approaches_figure
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get

THETA = [1.69, 406.4, 410.7, 0.34, 0.28]


def sweep(budgets, noise=0.003):
    C = np.repeat(np.geomspace(1e18, 1e21, budgets), 7)
    N = 0.6 * (C / 6) ** 0.45 * np.tile(np.geomspace(0.25, 4, 7), budgets)
    loss = get("chinchilla").predict(THETA, params=N, tokens=C / 6 / N)
    loss *= np.exp(noise * np.random.default_rng(0).standard_normal(len(C)))
    return {"params": N, "tokens": C / 6 / N, "flops": C, "loss": loss}


def layers(panel, kind):
    return [layer for layer in panel.layers if isinstance(layer, kind)]


def test_valleys_envelope_and_growth():
    found = fit(sweep(4), objective="huber:0.01", bootstrap=60)
    figure = approaches_figure(found)
    valleys, envelope, size, data = figure.panels
    assert len(layers(valleys, Line)) == 4
    bottoms = [p for p in layers(valleys, Points) if p.symbol == "diamond"]
    known = next(g for g in found.approaches if g.approach[0] == "2" and g.quantity == "params")
    np.testing.assert_allclose([p.x[0] for p in bottoms], known.optimum)
    assert all(p.x_low[0] < p.x[0] < p.x_high[0] for p in bottoms)
    for line, bottom in zip(layers(valleys, Line), bottoms, strict=True):
        assert line.y.min() >= bottom.y[0] - 1e-9
    runs, edge = layers(envelope, Points)
    assert len(runs.x) == 28
    assert (np.diff(edge.y) < 0).all()
    for panel in (size, data):
        assert len(layers(panel, Line)) == len(layers(panel, Band)) == 3
        assert panel.layers[0].x[-1] == pytest.approx(1e22)
    assert figure.title.startswith("The best number of parameters grows as C⁰·")


def test_many_budgets_are_thinned_and_tables_without_any_have_no_valleys():
    figure = approaches_figure(fit(sweep(12), objective="huber:0.01", bootstrap=0))
    assert len(layers(figure.panels[0], Line)) == MOST
    assert layers(figure.panels[2], Band) == []
    rng = np.random.default_rng(0)
    N, D = 10 ** rng.uniform(7, 10, 40), 10 ** rng.uniform(9, 12, 40)
    loss = get("chinchilla").predict(THETA, params=N, tokens=D)
    figure = approaches_figure(fit({"params": N, "tokens": D, "loss": loss}, bootstrap=0))
    assert len(figure.panels) == 3


def test_what_cannot_be_drawn_is_said():
    x = np.geomspace(1e9, 1e12, 6)
    found = fit({"tokens": x, "loss": 2 + 1e3 / x**0.4}, "power", bootstrap=0)
    with pytest.raises(InputError, match="nothing to draw of approaches 1 and 2"):
        approaches_figure(found)

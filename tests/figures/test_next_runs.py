import numpy as np
import pytest

import eigenscale as es
from eigenscale.figures.spec import Band, Line, Points
from eigenscale.figures.topics.next_runs import cost_curve, proposed_runs
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.design.next_runs import next_runs
from eigenscale.planning.target import reach


@pytest.fixture(scope="module")
def fit():
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 5)))
    noise = np.exp(0.005 * np.random.default_rng(0).normal(size=N.size))
    loss = es.published("besiroglu").loss(N, D) * noise
    return es.fit({"params": N, "tokens": D, "loss": loss}, bootstrap=100)


def layer(figure, kind):
    return next(x for x in figure.panels[0].layers if isinstance(x, kind))


def test_the_price_of_a_loss_rises_as_it_falls(fit):
    figure = cost_curve([reach(fit, loss) for loss in (2.6, 2.2, 2.4)])
    line, band = layer(figure, Line), layer(figure, Band)
    np.testing.assert_array_equal(line.x, [2.2, 2.4, 2.6])
    assert np.all(np.diff(line.y) < 0)
    assert np.all((band.low < line.y) & (line.y < band.high))


def test_prices_in_money():
    hardware = Hardware("h100", price_per_hour=2.0)
    found = [reach("hoffmann", loss) for loss in (2.2, 2.4)]
    line = layer(cost_curve(found, hardware), Line)
    np.testing.assert_allclose(line.y, [hardware.money(r.flops.value) for r in found])


def test_bands_without_end_are_cut_and_told(fit):
    floor = fit.parameters["E"]
    figure = cost_curve([reach(fit, loss) for loss in (floor.value + 0.01, 2.4)])
    assert np.isfinite(layer(figure, Band).high).all()
    assert "never reach" in figure.caption


def test_proposals_are_drawn_where_they_are(fit):
    proposal = next_runs(fit, 1e22, 1e20, count=5)
    points = [x for x in proposed_runs(fit, proposal).panels[0].layers if isinstance(x, Points)]
    assert len(points) == 2
    drawn = set(zip(points[1].x, points[1].y, strict=True))
    assert drawn == {(run.params, run.tokens) for run in proposal.runs}

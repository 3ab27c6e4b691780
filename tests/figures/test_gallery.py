from itertools import pairwise

import numpy as np
import pytest

from eigenscale import InputError
from eigenscale.figures import gallery as room
from eigenscale.figures.solvable import losses as gallery_losses
from eigenscale.figures.solvable import time as gallery_time
from eigenscale.figures.solvable.draws import SEED, Draws, known_draws
from eigenscale.figures.spec import Line, Points


def on_curves(panel, allowed):
    """Points lie on the curve of their colour, within their bars and `allowed` of their value."""
    lines = {layer.color: layer for layer in panel.layers if isinstance(layer, Line)}
    for points in (layer for layer in panel.layers if isinstance(layer, Points)):
        line = lines[points.color]
        order = np.argsort(line.x)
        curve = np.interp(np.log(points.x), np.log(line.x[order]), line.y[order])
        spread = 0 if points.high is None else points.high - points.y
        assert (np.abs(points.y - curve) <= 2 * spread + allowed * points.y).all()


def kept(name):
    return Draws(name, SEED, known_draws())


@pytest.mark.parametrize("name", ["spectrum-inputs", "spectrum-linear-map"])
def test_drawn_spectra_lie_on_the_theory(name):
    figure = room.FIGURES[name](kept(name))
    on_curves(figure.panels[0], 0.35)
    assert len(figure.panels[0].layers) == len(figure.panels[1].layers)


def test_the_best_ridge_removes_double_descent():
    figure = gallery_losses.double_descent(kept("double-descent"))
    on_curves(figure.panels[0], 0.1)
    none, small, best = (layer for layer in figure.panels[0].layers if isinstance(layer, Line))
    assert (np.diff(best.y) < 0).all()
    assert np.nanmax(none.y) > 10 * none.y[-1]
    assert np.nanmax(small.y) > 2 * small.y[-1]


def test_modes_come_in_order():
    figure = gallery_time.modes_in_time(kept("modes-time"))
    on_curves(figure.panels[0], 0.3)
    lines = [layer for layer in figure.panels[0].layers if isinstance(layer, Line)]
    for earlier, later in pairwise(lines):
        assert (earlier.y >= later.y).all()


def test_the_compute_frontier_has_its_exponent():
    figure = gallery_time.frontier_of_compute(Draws())
    best = next(layer for layer in figure.panels[0].layers if getattr(layer, "width", 0) == 3.0)
    slope = np.polyfit(np.log(best.x[8:]), np.log(best.y[8:]), 1)[0]
    assert slope == pytest.approx(-0.2, rel=0.03)


def test_every_figure_is_said_in_words():
    assert len(room.FIGURES) == 22
    quick = ("iso-loss", "gaussian-noise", "sgd")
    for name in quick:
        figure = room.FIGURES[name](kept(name))
        assert figure.name == name
        points = any(isinstance(x, Points) for panel in figure.panels for x in panel.layers)
        assert points == ("Points" in figure.caption)


@pytest.mark.parametrize("name", ["double-descent", "modes-time"])
def test_kept_points_are_those_that_are_drawn(name):
    anew = Draws(name)
    room.FIGURES[name](anew)
    for key, values in anew.taken.items():
        assert values == pytest.approx(np.array(known_draws()[key]), rel=1e-3, abs=1e-6)


def test_other_seeds_are_drawn_anew():
    assert Draws("a", 1).take(lambda g: g.random()) != Draws("a", 2).take(lambda g: g.random())
    assert Draws("a", 0, {"a:0": 5.0}).take(lambda g: g.random()) == 5.0


def test_every_kept_number_is_asked_for():
    assert {key.partition(":")[0] for key in known_draws()} <= set(room.FIGURES)


def test_lines_of_equal_loss_reach_the_edges():
    figure = gallery_losses.iso_loss_lines(Draws())
    lines = [x for x in figure.panels[0].layers if isinstance(x, Line) and x.dash == "solid"]
    assert len(lines) == 5
    for line in lines:
        ends = [(line.x[0], line.y[0]), (line.x[-1], line.y[-1])]
        for x, y in ends:
            assert min(abs(np.log(np.array([x, y])[:, None] / [10, 1e4])).ravel()) < 1e-9


def test_sgd_points_lie_on_the_recursion():
    from eigenscale.figures.solvable.descent import descent

    on_curves(descent(kept("sgd")).panels[0], 0.02)


def test_a_gallery_is_a_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "FIGURES", {"iso-loss": gallery_losses.iso_loss_lines})
    steps = []
    drawn = room.gallery(
        tmp_path / "out", formats=("svg",), progress=lambda done, total: steps.append(done / total)
    )
    assert [figure.name for figure in drawn] == ["iso-loss"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["captions.md", "iso-loss.svg"]
    assert steps == [1.0]
    with pytest.raises(InputError):
        room.gallery(tmp_path / "no" / "where")

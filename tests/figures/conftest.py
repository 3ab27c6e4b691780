"""A figure that has every kind of layer, with words that try to break out of the page."""

import numpy as np
import pytest

from eigenscale.figures.spec import Axis, Band, Figure, Line, Map, Note, Panel, Points, Rule, Window

NASTY = "<script>alert('$x_1$')</script> & $\\frac$"


@pytest.fixture(scope="session")
def nasty():
    return NASTY


@pytest.fixture(scope="session")
def every_layer():
    x = np.geomspace(1, 1e4, 20)
    y = 1 / np.sqrt(x)
    broken = np.where(np.arange(20) == 7, np.inf, y)
    curves = (
        Window(2, 30, "fitted"),
        Band(x, 0.9 * broken, 1.1 * broken, NASTY, 1),
        Line(x, broken, NASTY, 1),
        Points(x, y, "measured", 2, "open-circle", low=0.8 * y, high=1.3 * y, hover=(NASTY,) * 20),
        Rule(100, "x", "N = T"),
        Rule(0.1, "y", NASTY),
        Note(10, 0.3, NASTY),
    )
    shaded = Points(x, y, shade=x, shade_label="params")
    surface = Map(x, x, np.outer(broken, y), "loss", levels=np.geomspace(1e-4, 1, 9))
    regions = Map(x, x, (np.add.outer(x, x) > 100).astype(float), categories=("few", NASTY))
    named = Points(
        y[:2], np.arange(2.0), "exponent", x_low=0.9 * y[:2], x_high=1.2 * y[:2], symbol="diamond"
    )
    panels = (
        Panel(Axis("samples"), Axis("loss"), curves, NASTY),
        Panel(Axis("samples"), Axis("loss", "linear", (0, 2)), (shaded,)),
        Panel(Axis("samples"), Axis("features"), (surface,)),
        Panel(Axis("samples"), Axis("features"), (regions,)),
        Panel(Axis("exponent", "linear"), Axis("", categories=("power", NASTY)), (named,)),
    )
    return Figure("every-layer", NASTY, panels, caption=NASTY, alt=NASTY)

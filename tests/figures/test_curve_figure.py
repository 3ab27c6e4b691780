"""The figure of training curves: what its panels hold, and that both renderers draw it."""

import numpy as np
import pytest

from eigenscale.figures.render.saving import save
from eigenscale.figures.spec import Band, Line, Points, Rule
from eigenscale.figures.topics.curves import curve_figure
from eigenscale.laws.curves.fitting import fit_curves
from eigenscale.laws.schedules.shapes import wsd


@pytest.fixture(scope="module")
def fit():
    steps = np.arange(100, 3001, 50)
    tables = [
        {"run": ["a_flat"] * len(steps), "step": steps, "lr": np.full(len(steps), 1e-3)},
        {"run": ["a_two"] * len(steps), "step": steps, "lr": np.where(steps < 1500, 1e-3, 2e-4)},
    ]
    for table, gain in zip(tables, (0.0, 0.1), strict=True):
        late = np.maximum(steps - 1500, 0)
        table["loss"] = 2 + 3 * steps**-0.5 - gain * (1 - (1 + late / 50) ** -0.5)
    return fit_curves(tables)


def test_panels_hold_records_law_fan_parts_and_schedules(fit):
    plan = wsd(1e-3, 4000, 3000)
    figure = curve_figure(fit, [fit.predict(plan, None, "a_plan")])
    loss, schedule, parts = figure.panels
    assert [p.label for p in loss.layers if isinstance(p, Points)] == ["flat", "two"]
    (fan,) = (layer for layer in loss.layers if isinstance(layer, Band))
    assert (fan.label, fan.x[-1]) == ("plan", 4000)
    assert np.all(fan.low < fan.high)
    assert len(schedule.layers) == 3
    assert {x.label for x in parts.layers if isinstance(x, Line)} == {"law", "without annealing"}
    (floor,) = (x for x in parts.layers if isinstance(x, Rule))
    assert floor.at == pytest.approx(fit.theta[0])
    assert figure.title.startswith("a_plan ends at a loss of")


def test_a_running_run_is_continued_in_its_own_colour(fit):
    figure = curve_figure(fit, [fit.predict(wsd(1e-3, 4000, 3000), None, "a_flat")])
    (fan,) = (layer for layer in figure.panels[0].layers if isinstance(layer, Band))
    assert fan.color == 0
    assert fan.x[0] == 3000


@pytest.mark.parametrize("ending", ["png", "html"])
def test_both_renderers_draw_it(fit, tmp_path, ending):
    assert save(curve_figure(fit), tmp_path / f"c.{ending}").stat().st_size > 1000

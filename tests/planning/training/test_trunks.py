"""Trunks with several cooldowns as points: what is shared is paid for once, `fit` takes them."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.schedules.shapes import constant, wsd
from eigenscale.planning.training.trunks import trunk_points

STEPS = np.arange(100, 4001, 100)


def curve(name, schedule, offset=0.0):
    steps = STEPS[schedule.total >= STEPS]
    cooled = 0.1 * (1 - schedule.rates[steps - 1] / schedule.peak)
    return ScheduledCurve(name, schedule, steps, np.log(2 + 9 * steps**-0.4 - cooled + offset))


TRUNK = curve("trunk", constant(1e-3, 4000, 50))
COOLED = [
    curve(f"cooled {start}", wsd(1e-3, start + 500, start, 50)) for start in (1000, 2000, 3000)
]
OTHER = curve("other seed", wsd(1e-3, 2500, 2000, 50), 0.01)


def test_the_trunk_is_paid_for_once():
    found = trunk_points([*COOLED, TRUNK], 1e6, 1000.0)
    assert [p.steps for p in found.points] == [1500, 2500, 3500]
    assert {p.trunk for p in found.points} == {"trunk"}
    assert [p.spent for p in found.points] == pytest.approx([6e9 * 500] * 3)
    assert found.spent == pytest.approx(6e9 * (4000 + 3 * 500))
    assert [p.tokens for p in found.points] == [1.5e6, 2.5e6, 3.5e6]


def test_another_seed_is_another_trunk():
    found = trunk_points([TRUNK, *COOLED, OTHER], 1e6, 1000.0)
    trunks = {p.name: p.trunk for p in found.points}
    assert trunks["other seed"] == "other seed"
    assert found.spent == pytest.approx(6e9 * (4000 + 3 * 500 + 2500))


def test_the_order_of_curves_does_not_matter():
    assert trunk_points([TRUNK, *COOLED], 1e6, 1e3) == trunk_points(
        [*COOLED[::-1], TRUNK], 1e6, 1e3
    )


def test_fit_takes_the_points():
    points = trunk_points([TRUNK, *COOLED, OTHER], 1e6, 1000.0)
    runs = es.read_runs(points.columns())
    assert sorted(set(runs.family)) == ["other seed", "trunk"]
    assert runs.tokens.tolist() == [p.tokens for p in points.points]


def test_the_published_trunks(shared):
    from eigenscale.io.curves.read import read_curves
    from eigenscale.laws.curves.scheduled import scheduled

    names = ("constant_72000", "wsd_20000_24000", "wsdld_20000_24000")
    curves = [scheduled(read_curves(shared(f"data/curves/25M_{name}.csv"))[0]) for name in names]
    found = trunk_points(curves, 25e6, 5e5)
    assert {p.trunk for p in found.points} == {"25M_constant_72000"}
    steps = sum(c.steps[-1] for c in curves)
    assert found.spent < 0.7 * 6 * 25e6 * 5e5 * steps


def test_what_is_refused():
    with pytest.raises(InputError, match="no curve has been annealed"):
        trunk_points([TRUNK], 1e6, 1e3)
    with pytest.raises(InputError, match="positive and finite"):
        trunk_points(COOLED, 0.0, 1e3)

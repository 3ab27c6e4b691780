import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.planning.advice.break_points import break_points, tokens_needed
from eigenscale.planning.advice.contradiction import PowerLaws, compute_exponent, crossing
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.plan import frontier


def kinds(points):
    return [point.kind for point in points]


def test_kaplans_two_crossings():
    first = crossing()
    assert (f"{first.pf_days:.2e}", f"{first.params:.1e}", f"{first.tokens:.1e}") == (
        "1.12e+04",
        "1.2e+12",
        "2.5e+11",
    )
    assert round(first.loss, 2) == 1.67
    second = crossing(PowerLaws(data_factor=4e10, data_power=0.26))
    assert (f"{second.pf_days:.2e}", f"{second.tokens:.1e}") == ("1.06e+05", "8.1e+11")
    assert round(second.loss, 2) == 1.49


def test_both_laws_give_the_loss_of_the_crossing():
    laws, found = PowerLaws(), crossing()
    assert (laws.data_scale / found.tokens) ** laws.alpha_data == pytest.approx(found.loss)


def test_how_a_crossing_moves_with_its_constants():
    moved = crossing(PowerLaws(alpha_compute=0.050 * 1.01))
    assert crossing().moves["alpha_compute"] == pytest.approx(moved.pf_days / crossing().pf_days)
    assert max(abs(np.log(list(crossing().moves.values())))) > 0.2  # 1 % moves it by a fifth


def test_kaplans_identity_of_exponents():
    assert round(compute_exponent(0.76, 0.21, 0.076), 4) == 0.0520


def test_parallel_laws_never_cross():
    with pytest.raises(InputError, match="parallel"):
        crossing(PowerLaws(alpha_compute=0.25, alpha_data=0.5, data_power=0.5))
    with pytest.raises(InputError, match="data_scale -1"):
        crossing(PowerLaws(data_scale=-1))
    with pytest.raises(InputError, match="exponent 0"):
        compute_exponent(0.76, 0.0, 0.076)


@pytest.mark.parametrize("params", [1e6, 1e9, 1e12])
def test_data_that_keep_overfitting_under_two_percent(params):
    power = 0.076 / 0.103
    assert round(power, 3) == 0.738
    assert round(tokens_needed("kaplan", params) / params**power) == 5519


def test_tokens_needed_for_an_additive_law_by_hand():
    law = es.published("hoffmann")
    unlimited = 1.69 + 406.4 / 1e9**0.34
    expected = (410.7 / (0.02 * unlimited)) ** (1 / 0.28)
    assert tokens_needed(law, 1e9) == pytest.approx(expected, rel=1e-6)


def test_data_are_used_up_where_the_plan_says():
    limits = Limits(unique_tokens=1e12)
    used_up, worn_out = break_points("hoffmann", limits)
    assert es.plan("hoffmann", used_up.flops).tokens.value == pytest.approx(1e12, rel=1e-4)
    plan = es.plan("hoffmann", worn_out.flops, unique_tokens=1e12)
    assert np.exp(-(plan.epochs - 1) / 15.387756) == pytest.approx(0.1, rel=1e-3)


def test_ten_times_beyond_the_runs(drawn_fit):
    points = break_points(drawn_fit())
    assert kinds(points) == ["range"] * 3
    assert [p.flops for p in points] == sorted(p.flops for p in points)
    by_name = {p.meaning.rsplit("largest ", 1)[1]: p.flops for p in points}
    assert by_name["flops measured"] == pytest.approx(1e23)
    plan = es.plan(drawn_fit(), by_name["parameters measured"])
    assert plan.params.value == pytest.approx(1e11, rel=1e-4)


def test_laws_that_disagree_from_somewhere_on():
    (point,) = break_points("besiroglu", neighbours=["hoffmann-tex"])
    ours, theirs = (es.plan(name, point.flops).loss.value for name in ("besiroglu", "hoffmann-tex"))
    assert abs(np.log(ours / theirs)) == pytest.approx(np.log(1.02), rel=0.1)
    assert break_points("besiroglu", neighbours=["besiroglu"]) == []


def test_neighbours_that_meet_again_are_said_to():
    """Kaplan starts above Hoffmann and ends below, so there is a stretch where they agree."""
    points = break_points("kaplan", Limits(inference_tokens=1e12), neighbours=["hoffmann"])
    apart = [point for point in points if point.kind == "neighbour"]
    budgets = np.geomspace(1e18, 1e30, 121)
    limits = Limits(inference_tokens=1e12)
    ours, theirs = (frontier(n, budgets, limits=limits).loss.value for n in ("kaplan", "hoffmann"))
    differ = np.abs(np.log(ours / theirs)) > np.log(1.02)
    starts = budgets[differ & ~np.concatenate([[False], differ[:-1]])]
    assert [point.flops for point in apart] == pytest.approx(list(starts))
    assert len(apart) >= 2
    for point in apart[:-1]:
        assert " to " in point.meaning

import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.planning.advice.marginal import margin
from eigenscale.planning.advice.outlook import outlook
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.limits.limits import Limits


def test_slopes_are_the_laws_own():
    found = margin("hoffmann", 1e9, 1e11)
    assert found.per_param == pytest.approx(-0.34 * 406.4 * 1e9**-1.34, rel=1e-6)
    assert found.per_token == pytest.approx(-0.28 * 410.7 * 1e11**-1.28, rel=1e-6)


def test_gains_are_differences_of_the_loss():
    law = es.published("hoffmann")
    found = margin(law, 1e9, 1e11, factor=3.0)
    here = float(law.loss(1e9, 1e11))
    assert found.by_data.value == pytest.approx(here - float(law.loss(1e9, 3e11)))
    assert found.by_size.value == pytest.approx(here - float(law.loss(3e9, 1e11)))
    assert found.by_both.value == pytest.approx(here - es.plan(law, 1.8e21).loss.value)
    assert found.by_both.value >= max(found.by_data.value, found.by_size.value)


@pytest.mark.parametrize(
    ("params", "tokens", "start"),
    [(175e9, 300e9, "More data"), (1e9, 1e13, "A bigger model"), (2.8e9, 6e10, "Either")],
)
def test_more_data_or_a_bigger_model(params, tokens, start):
    found = margin("besiroglu", params, tokens)
    assert found.answer.startswith(start)
    assert "\n" not in found.answer


def test_draws_say_how_sure(drawn_fit):
    found = margin(drawn_fit(), 1e9, 1e13)
    assert found.data_wins < 0.05
    assert found.by_size.low < found.by_size.value < found.by_size.high
    assert "of the draws agree" in found.answer


def test_at_the_optimum_a_flop_is_worth_the_same_anywhere():
    plan = es.plan("hoffmann", flops=1e22)
    found = margin("hoffmann", plan.params.value, plan.tokens.value)
    N, D = plan.params.value, plan.tokens.value
    assert found.per_param / (6 * D) == pytest.approx(found.per_token / (6 * N), rel=1e-5)
    assert found.per_flop == pytest.approx(found.per_param / (6 * D), rel=1e-5)


def test_money():
    hardware = Hardware("h100", price_per_hour=2.0)
    found = margin("hoffmann", 1e9, 1e11, Limits(hardware=hardware))
    assert found.per_money == pytest.approx(found.per_flop * hardware.flops_for(1.0))


def test_repeated_data_gain_less():
    fresh = margin("muennighoff", 1e9, 1e11)
    repeated = margin("muennighoff", 1e9, 1e11, Limits(unique_tokens=5e9))
    assert repeated.by_data.value < 0.5 * fresh.by_data.value


def test_each_factor_of_ten_brings_less(drawn_fit):
    found = outlook(drawn_fit(), 1e20)
    falls = np.array([fall.value for fall in found.falls])
    assert np.all(np.diff(falls) < 0)
    # A power law above its floor: every step keeps the same share of what is reducible.
    law = es.published("besiroglu").parameters
    share = 10 ** -(law["alpha"] * law["beta"] / (law["alpha"] + law["beta"]))
    np.testing.assert_allclose(falls[1:] / falls[:-1], share, rtol=1e-9)
    assert all(fall.low < fall.value < fall.high for fall in found.falls)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 1e9), {}, "params 0 is not positive"),
        ((1e9, -1), {}, "tokens -1"),
        ((1e9, 1e9), {"factor": 1.0}, "factor 1 is not above 1"),
    ],
)
def test_bad_input_is_one_line(arguments, options, message):
    with pytest.raises(InputError, match=message):
        margin("hoffmann", *arguments, **options)
    with pytest.raises(InputError, match="do not go up"):
        outlook("hoffmann", 1e21, factor=0.5)


def test_an_outlook_ends_where_budgets_end():
    assert [len(outlook("hoffmann", flops).falls) for flops in (1e37, 1e38, 1e40)] == [3, 2, 0]

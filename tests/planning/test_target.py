from dataclasses import replace

import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.plan import frontier
from eigenscale.planning.target import reach


def test_sardanas_smaller_model_on_more_data():
    """Sardana et al. 2024: the quality of a 7B Chinchilla model, 1e11 tokens served."""
    law = replace(es.published("hoffmann"), theta=np.array([1.69, 406.4, 410.7, 0.336, 0.283]))
    size = 7e9
    data = (0.283 * 410.7 / (0.336 * 406.4 / size**0.336)) ** (1 / 0.283)
    found = reach(law, float(law.loss(size, data)), Limits(inference_tokens=1e11))
    assert round(found.plan.params.value / 1e9, 2) == 6.00
    assert round(found.plan.tokens.value / data, 3) == 1.176
    assert found.plan.loss.value == pytest.approx(float(law.loss(size, data)), rel=1e-9)
    N, D = found.plan.params.value, found.plan.tokens.value
    wedge = (0.336 * 406.4 / N**0.336) / (0.283 * 410.7 / D**0.283)
    assert wedge == pytest.approx(1 + 1e11 / (3 * D), rel=1e-4)


@pytest.mark.parametrize("name", ["hoffmann", "besiroglu", "kaplan", "muennighoff"])
def test_the_frontier_read_backwards_is_itself(name):
    flops = np.geomspace(1e19, 1e26, 4)
    for loss, expected in zip(frontier(name, flops).loss.value, flops, strict=True):
        assert reach(name, float(loss)).flops.value == pytest.approx(expected, rel=1e-6)


def test_closed_form_and_search_agree(drawn_fit, plain):
    fit = drawn_fit(draws=100)
    closed, searched = reach(fit, 2.2), reach(plain(fit), 2.2)
    assert searched.flops.value == pytest.approx(closed.flops.value, rel=1e-6)
    assert searched.flops.low == pytest.approx(closed.flops.low, rel=0.03)
    assert searched.flops.high == pytest.approx(closed.flops.high, rel=0.03)


def test_draws_whose_floor_is_above_the_target_are_counted(drawn_fit):
    found = reach(drawn_fit(spread=0.05), 1.95)
    out_of_reach = np.mean(drawn_fit(spread=0.05).draws[:, 0] >= 1.95)
    assert 1 - found.reached == pytest.approx(out_of_reach, abs=0.02)
    assert found.flops.high == np.inf
    assert "no compute reaches it" in found.summary
    assert "never" in found.summary
    assert es.results.to_plain(found)["flops"]["high"] is None


@pytest.mark.parametrize(
    ("loss", "limits", "message"),
    [
        (1.69, Limits(), "at or below the floor of hoffmann"),
        (1.5, Limits(), "at or below the floor"),
        (1.8, Limits(max_params=1e10), "the least that hoffmann reaches under these limits"),
        (-2, Limits(), "target loss -2 is not positive"),
        (900.0, Limits(), "any run reaches it"),
    ],
)
def test_targets_that_cannot_be(loss, limits, message):
    with pytest.raises(InputError, match=message) as caught:
        reach("hoffmann", loss, limits)
    assert "\n" not in str(caught.value)

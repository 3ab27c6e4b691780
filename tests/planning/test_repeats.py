import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.planning.limits.repeats import Repeated, effective_tokens, epoch_value, epochs_until
from eigenscale.planning.surfaces.known import known


@pytest.mark.parametrize(("epochs", "kept"), [(4, 0.93), (16, 0.66), (40, 0.38)])
def test_what_epochs_keep_of_the_value_of_fresh_data(epochs, kept):
    assert round(float(effective_tokens(epochs * 1e9, 1e9)) / (epochs * 1e9), 2) == kept


@given(st.floats(1e6, 1e12), st.floats(1, 1e3))
def test_repeats_are_worth_less_but_never_nothing(unique, epochs):
    worth = float(effective_tokens(unique * epochs, unique))
    assert unique * (1 - 1e-12) <= worth <= unique * epochs * (1 + 1e-12)
    assert float(effective_tokens(unique * epochs * 1.1, unique)) >= worth


def test_the_worth_of_an_epoch_is_the_slope():
    step = 1e-6
    slope = (effective_tokens(3 + step, 1.0) - effective_tokens(3.0, 1.0)) / step
    assert float(slope) == pytest.approx(float(epoch_value(3.0)), rel=1e-5)
    assert float(epoch_value(epochs_until(0.5))) == pytest.approx(0.5)


def test_a_surface_with_repeats_is_muennighoffs():
    law = es.published("muennighoff")
    repeated = Repeated(known(law), 1e9)
    expected = law.predict(params=1e9, tokens=8e9, unique_tokens=1e9)
    assert float(repeated.loss(1e9, 8e9)) == pytest.approx(float(expected))
    assert float(repeated.loss(1e9, 5e8)) == pytest.approx(float(law.loss(1e9, 5e8)))


def test_plans_with_few_unique_tokens():
    free = es.plan("muennighoff", flops=1e22)
    scarce = es.plan("muennighoff", flops=1e22, unique_tokens=1e10)
    plenty = es.plan("muennighoff", flops=1e22, unique_tokens=1e14)
    assert plenty.tokens.value == pytest.approx(free.tokens.value, rel=1e-6)
    assert plenty.epochs == 1.0
    assert scarce.loss.value > free.loss.value
    assert scarce.epochs == pytest.approx(scarce.tokens.value / 1e10)
    assert any("epochs over 1e+10 unique tokens" in line for line in scarce.warnings)
    # Muennighoff et al., section 4: when data are short, spend more on epochs than on size.
    assert scarce.params.value < free.params.value


def test_fixed_tokens_beyond_the_unique_ones_repeat():
    plan = es.plan("hoffmann", flops=1e21, tokens=4e11, unique_tokens=1e11)
    assert plan.epochs == pytest.approx(4.0)
    assert any("Muennighoff's" in line for line in plan.warnings)


def test_a_plan_on_fitted_repeats_uses_their_own_worth():
    law = es.published("muennighoff")
    plan = es.plan(law, flops=1e22, unique_tokens=1e10)
    assert any("epochs over" in line for line in plan.warnings)
    assert not any("not from your runs" in line for line in plan.warnings)


def test_draws_repeat_too(drawn_fit):
    plan = es.plan(drawn_fit(draws=100), flops=1e22, unique_tokens=1e10)
    assert plan.loss.low < plan.loss.value < plan.loss.high
    assert plan.params.low < plan.params.value < plan.params.high


def test_a_bare_surface_counts_effective_tokens(plain):
    surface = plain(es.published("hoffmann"))
    loss = Repeated(known(surface), 1e9).loss(1e9, np.array([5e8, 4e9]))
    expected = surface.loss(1e9, np.array([5e8, float(effective_tokens(4e9, 1e9))]))
    np.testing.assert_allclose(loss, expected)


def test_bad_input_is_one_line():
    with pytest.raises(InputError, match="never seen do not count"):
        effective_tokens(1e9, 2e9)
    with pytest.raises(InputError, match="value 2 "):
        epochs_until(2.0)

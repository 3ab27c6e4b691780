import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.planning.optimum.minimise import minimise
from eigenscale.planning.surfaces.additive import AdditiveLaw

exponents = st.floats(0.05, 1.5)
logs = st.floats(0.0, 25.0)


@given(exponents, exponents, logs, logs, st.floats(0.05, 1.0), st.floats(35.0, 60.0))
def test_closed_form_is_the_numerical_minimum(alpha, beta, log_a, log_b, power, product):
    arrays = (np.asarray(x) for x in (1.7, log_a, alpha, log_b, beta, power))
    law = AdditiveLaw(*arrays)
    best = law.optimum(product)
    span = np.array([20.0])
    numeric = minimise(
        lambda u: law.loss_of_logs(u, product - u), best.log_size - span, best.log_size + span
    )
    assert numeric.value[0] == pytest.approx(float(best.loss), rel=1e-12)
    assert law.loss_of_logs(best.log_size, best.log_data) == pytest.approx(best.loss, rel=1e-12)


def test_terms_balance_at_the_optimum():
    law = AdditiveLaw.of(floor=1.69, a=406.4, b=410.7, alpha=0.34, beta=0.28)
    best = law.optimum(np.log(np.geomspace(1e17, 1e27, 11) / 6))
    size = 0.34 * 406.4 * np.exp(-0.34 * best.log_size)
    data = 0.28 * 410.7 * np.exp(-0.28 * best.log_data)
    np.testing.assert_allclose(size, data, rtol=1e-12)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_units_of_size_and_data_do_not_matter(size_unit, data_unit):
    law = AdditiveLaw.of(floor=1.69, a=406.4, b=410.7, alpha=0.34, beta=0.28)
    other = AdditiveLaw.of(
        floor=1.69,
        a=406.4 * size_unit**-0.34,
        b=410.7 * data_unit**-0.28,
        alpha=0.34,
        beta=0.28,
    )
    best = law.optimum(48.0)
    rescaled = other.optimum(48.0 - np.log(size_unit * data_unit))
    assert rescaled.log_size + np.log(size_unit) == pytest.approx(best.log_size, rel=1e-12)
    assert rescaled.loss == pytest.approx(best.loss, rel=1e-12)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.resolvent.compress import compress


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 3000),
    decades=st.floats(0, 40),
    angle=st.floats(0, 1.6),
)
def test_sums_over_smooth_functions_are_kept(seed, size, decades, angle):
    rng = np.random.default_rng(seed)
    values = np.sort(10.0 ** (-decades * rng.random(size)))[::-1]
    weights = rng.gamma(0.3, size=size) + 1e-30
    nodes, short = compress(values, weights)
    assert nodes.size <= size
    assert (short > 0).all()
    for g in 10.0 ** np.linspace(-decades - 1, 1, 7) * np.exp(1j * angle):
        exact = weights @ (values / (values + g))
        assert abs(short @ (nodes / (nodes + g)) - exact) < 1e-9 * abs(exact)


def test_equal_values_and_few_values_stay():
    values, weights = np.ones(1000), np.ones(1000)
    nodes, short = compress(values, weights)
    assert nodes == pytest.approx(np.ones(nodes.size))
    assert short.sum() == pytest.approx(1000)
    assert compress(np.array([2.0, 1.0]), np.ones(2))[0] == pytest.approx([2.0, 1.0])

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.equation.gauss import condense

RNG = np.random.default_rng(0)


def falling(values):
    return np.sort(values)[::-1]


SETS = {
    "power law": np.arange(1, 20_001.0) ** -1.5,
    "fast": np.arange(1, 20_001.0) ** -6.0,
    "many": falling(10 ** RNG.uniform(-9, 0, 100_000)),
    "equal": np.ones(500),
    "two": np.r_[np.ones(500), np.full(500, 0.3)],
    "nearly equal": falling(1 + 1e-9 * RNG.random(1000)),
    "two clusters": falling(np.r_[1 + 1e-7 * RNG.random(400), 0.2 + 1e-9 * RNG.random(300), 0.1]),
    "300 decades": np.geomspace(1, 1e-300, 30_000),
    "few": np.array([3.0, 2.0, 1e-5]),
}
TERMS = [
    lambda x, g: x / (x + g),
    lambda x, g: g / (x + g),
    lambda x, g: g / (x + g) * (x / (x + g)),
    lambda x, g: (g / (x + g)) ** 2 * (x / (x + g)),
]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("flat", [True, False])
def test_sums_over_the_nodes_equal_sums_over_the_points(name, flat):
    values = SETS[name]
    weights = (
        np.ones(values.size) if flat else RNG.random(values.size) * (RNG.random(values.size) < 0.9)
    )
    nodes, masses = condense(values, weights)
    assert (masses >= 0).all()
    assert (np.diff(nodes) <= 0).all()
    assert masses.sum() == pytest.approx(weights.sum(), rel=1e-13)
    for g in np.geomspace(max(1e-2 * values[-1], 1e-290), 10, 15):
        for term in TERMS:
            full = weights @ term(values, g)
            if full > 1e-250:
                assert masses @ term(nodes, g) == pytest.approx(full, rel=3e-13)


def test_few_nodes_are_left():
    assert condense(SETS["many"], np.ones(100_000))[0].size < 12 * (np.log(1e9) / 3 + 2)
    assert condense(SETS["equal"], np.ones(500))[0].size == 1
    np.testing.assert_array_equal(condense(SETS["few"], np.ones(3))[0], SETS["few"])


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 3000),
    decades=st.floats(0, 40),
    angle=st.floats(0, 1.6),
)
def test_narrow_bins_keep_sums_with_poles_near_the_axis(seed, size, decades, angle):
    rng = np.random.default_rng(seed)
    values = np.sort(10.0 ** (-decades * rng.random(size)))[::-1]
    weights = rng.gamma(0.3, size=size) + 1e-30
    nodes, short = condense(values, weights, width=1.0, count=8)
    assert nodes.size <= size
    for g in 10.0 ** np.linspace(-decades - 1, 1, 7) * np.exp(1j * angle):
        exact = weights @ (values / (values + g))
        assert abs(short @ (nodes / (nodes + g)) - exact) < 1e-9 * abs(exact)

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.planning.optimum.minimise import minimise


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(0.05, 3))
def test_places_are_found_beyond_the_square_root_of_precision(places, rate):
    at = np.array(places)
    best = minimise(lambda u: 2.0 + np.cosh(rate * (u - at)), at - 7.0, at + 9.0)
    np.testing.assert_allclose(best.at, at, atol=1e-10 / rate)
    assert not best.at_edge.any()


def test_a_kink_is_found_too():
    best = minimise(lambda u: np.abs(u - 0.3) + 0.1 * u, np.array([-8.0]), np.array([11.0]))
    assert abs(best.at[0] - 0.3) < 1e-5


def test_ends_are_allowed_and_told():
    low, high = np.array([-1.0, -1.0]), np.array([2.0, 2.0])
    best = minimise(lambda u: u * np.array([1.0, -1.0]), low, high)
    np.testing.assert_array_equal(best.at, [-1.0, 2.0])
    assert best.at_edge.all()


def test_what_is_not_finite_is_worst():
    def rough(u):
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(u < 0, np.nan, u - np.log(u))

    best = minimise(rough, np.array([-3.0]), np.array([5.0]))
    assert abs(best.at[0] - 1.0) < 1e-8


def test_an_empty_bracket_is_its_point():
    best = minimise(np.cosh, np.array([0.5]), np.array([0.5]))
    assert best.at[0] == 0.5
    assert best.value[0] == np.cosh(0.5)

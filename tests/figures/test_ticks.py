import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.figures.render.ticks import log_ticks


@given(st.floats(-30, 30), st.floats(0.02, 30))
def test_two_to_eight_ticks_in_order_within_the_axis(start, decades):
    low, high = 10**start, 10 ** (start + decades)
    values, words = log_ticks(low, high)
    assert 2 <= len(values) <= 8
    assert len(set(words)) == len(values) == len(words)
    assert np.all(np.diff(values) > 0)
    assert low * (1 - 1e-6) <= values[0]
    assert values[-1] <= high * (1 + 1e-6)

import numpy as np
import pytest

from eigenscale.reporting.reach import reach


class Surface:
    """E + A/N + B/T, without draws."""

    def __init__(self, floor, by_size, by_data):
        self.constants = floor, by_size, by_data

    def loss(self, size, data):
        floor, by_size, by_data = self.constants
        return floor + by_size / size + by_data / data

    def loss_draws(self, size, data):
        return np.stack([self.loss(size, data) * factor for factor in (0.9, 1.1)])


@pytest.mark.parametrize(
    ("floor", "by_size", "by_data", "limit"),
    [(0, 1, 100, "data"), (0, 100, 1, "size"), (0, 1, 1, "both"), (1, 1e-3, 1e-3, "neither")],
)
def test_what_limits(floor, by_size, by_data, limit):
    assert reach(Surface(floor, by_size, by_data), 1.0, 1.0, 0.9).limit == limit


def test_ten_times_of_each():
    found = reach(Surface(1.0, 2.0, 4.0), 1.0, 1.0, 0.9)
    assert found.now.value == 7.0
    assert found.more_data.value == pytest.approx(3.4)
    assert found.more_size.value == pytest.approx(5.2)
    assert found.more_both.value == pytest.approx(1.6)
    assert found.more_both.low == pytest.approx(1.6 * 0.91)

"""Several subset fits taken together: exact where they agree, straight lines and noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale.forecasting.extrapolation.average import average
from eigenscale.forecasting.extrapolation.drift import log_ratio

DISTANCE = np.array([[0.9, 0.5, 0.2, -0.15, -0.5, -0.85]])
ALL = np.ones_like(DISTANCE, dtype=bool)


def together(logs, luck, asked=ALL, distance=DISTANCE):
    luck = np.broadcast_to(luck, logs.shape)
    mean, spread = average(logs, luck, np.broadcast_to(distance, logs.shape), asked)
    return mean, spread


@settings(max_examples=30, deadline=None)
@given(st.floats(-5, 5), st.floats(1e-4, 0.1))
def test_rungs_that_agree_are_believed(level, luck):
    mean, spread = together(np.full_like(DISTANCE, level), luck)
    assert mean[0] == pytest.approx(level, abs=1e-9)
    assert spread[0] < np.hypot(luck, 1e-3)


def test_a_slope_is_taken_out():
    """Theory that misses by 30 % for each e-fold, with subset fits that are known to 0.5 %."""
    mean, spread = together(2.0 + 0.3 * DISTANCE, 0.005)
    assert abs(mean[0] - 2.0) < 0.015
    assert spread[0] > abs(mean[0] - 2.0)


def test_one_sided_slopes_leave_doubt():
    one = DISTANCE < -0.4
    mean, spread = together(2.0 + 0.3 * DISTANCE, 0.005, one)
    assert spread[0] > 0.03
    assert abs(mean[0] - 2.0) < 3 * spread[0]


def test_a_lucky_rung_counts_little():
    logs = np.zeros_like(DISTANCE)
    logs[0, 1] = 0.4
    luck = np.full_like(DISTANCE, 0.01)
    luck[0, 1] = 0.3
    assert abs(together(logs, luck)[0][0]) < 0.01


def test_rungs_out_of_reach_have_no_say():
    logs = np.where(DISTANCE > 0, 50.0, 1.0)
    assert together(logs, 0.01, DISTANCE < 0)[0][0] == pytest.approx(1.0, abs=1e-6)


def test_spread_is_what_it_says_it_is():
    """Subset fits drawn from the model: errors have the spread that is given with them."""
    rng = np.random.default_rng(0)
    n, luck = 3000, np.array([0.05, 0.03, 0.02, 0.01, 0.007, 0.005])
    slope = 0.05 * rng.standard_normal((n, 1))
    own = 0.05 * np.sqrt(0.1) * rng.standard_normal((n, 6))
    logs = (slope + own) * DISTANCE + luck * rng.standard_normal((n, 6))
    mean, spread = together(logs, luck, np.ones((n, 6), bool))
    assert np.std(mean / spread) == pytest.approx(1.0, abs=0.15)
    nearest = logs[:, 3]
    assert mean.std() < 0.9 * nearest.std()


def test_what_is_no_loss_has_no_ratio():
    got = log_ratio(np.array([np.inf, 2.0, -1.0, np.nan]), np.array([1.0, 1.0, 1.0, 1.0]))
    np.testing.assert_allclose(got, [0, np.log(2), 0, 0])

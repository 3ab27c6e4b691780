"""Least squares over a window: exact on exact power laws, honest about windows and bends."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.spectra.exponent.slope import local_slope
from eigenscale.spectra.measure import measure
from eigenscale.spectra.measured import from_eigenvalues


def sample(alpha=0.5, n_inputs=2000, n_samples=4000, seed=0):
    rng = np.random.default_rng(seed)
    scales = np.arange(1.0, n_inputs + 1) ** (-(1 + alpha) / 2)
    return measure(rng.normal(size=(n_samples, n_inputs)).astype(np.float32) * np.float32(scales))


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 1.5])
def test_an_exact_power_law_is_recovered(alpha):
    spectrum = from_eigenvalues(3 * np.arange(1.0, 2001) ** -(1 + alpha), n_samples=10**9)
    got = spectrum.exponent()
    assert got.alpha.value == pytest.approx(alpha, abs=1e-9)
    assert got.scale == pytest.approx(3)
    assert got.ranks == (10, 500)
    np.testing.assert_allclose(got.line([1, 4]), 3 * np.array([1, 4.0]) ** -(1 + alpha))


def test_the_tail_of_a_sample_is_biased_and_the_window_leaves_it_out():
    """α = 0.5, 2,000 inputs, 4,000 samples: 0.757 over all ranks, 0.496 over 10–500."""
    spectrum = sample()
    assert spectrum.exponent((1, 2000)).alpha.value == pytest.approx(0.757, abs=0.02)
    default = spectrum.exponent()
    assert default.ranks == (10, 500)
    assert default.alpha.value == pytest.approx(0.496, abs=0.02)
    assert default.alpha.low < 0.5 < default.alpha.high + 0.01
    assert default.r_squared > 0.999


def test_a_bent_spectrum_has_a_wider_interval_than_a_straight_one():
    ranks = np.arange(1.0, 1001)
    straight = from_eigenvalues(ranks**-1.5, n_samples=10**7).exponent((1, 1000))
    bent = from_eigenvalues(ranks**-1.2 / (1 + ranks / 50), n_samples=10**7).exponent((1, 1000))
    assert bent.alpha.se > 20 * straight.alpha.se


@pytest.mark.parametrize("ranks", [(0, 5), (5, 5), (1, 41), (3, 4), (9, 2)])
def test_a_window_outside_the_spectrum_is_refused(ranks):
    spectrum = from_eigenvalues(np.arange(1.0, 41) ** -1.5, n_samples=1000)
    with pytest.raises(InputError, match=r"ranks \d+ to \d+ "):
        spectrum.exponent(ranks)


def test_few_inputs_still_get_a_window():
    assert from_eigenvalues([4.0, 2.0, 1.0], n_samples=50).exponent().ranks == (1, 3)


def test_the_local_slope_shows_a_break():
    ranks = np.arange(1.0, 2001)
    broken = np.where(ranks < 100, ranks**-1.2, 100**0.8 * ranks**-2.0)
    local = local_slope(from_eigenvalues(broken, n_samples=10**6))
    assert local.alpha[local.ranks < 50] == pytest.approx(0.2, abs=1e-6)
    assert local.alpha[local.ranks > 200] == pytest.approx(1.0, abs=1e-6)
    assert len(local_slope(from_eigenvalues([2.0, 1.0], n_samples=9)).ranks) == 0

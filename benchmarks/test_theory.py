"""CPU time of the theory against its limits, and against the plain way to do the same.

Run with ``make benchmark``, or ``python -m pytest benchmarks/test_theory.py``. Times are CPU
seconds of this process, so that a busy machine does not blur them; the fastest round counts.
"""

import time
import tracemalloc

import numpy as np
import pytest
from scipy.optimize import brentq

from eigenscale import SolvableModel, Spectrum
from eigenscale.theory.ridge import log_ridge_per_sample, ridge_loss

pytestmark = pytest.mark.benchmark(timer=time.process_time, min_rounds=5)

RNG = np.random.default_rng(0)
HUGE = SolvableModel(Spectrum.power_law(0.5, 1e12), noise_var=1e-14)


def spectrum(size, target=False):
    power = RNG.random(size) if target else None
    return Spectrum.from_eigenvalues(10 ** RNG.uniform(-9, 0, size), power)


def within(benchmark, seconds):
    assert benchmark.stats.stats.min <= seconds


def test_one_solve_of_ten_thousand_eigenvalues(benchmark):
    model = SolvableModel(spectrum(10_000))
    benchmark(model.loss, 300, 500, ridge=0.1)
    within(benchmark, 1e-3)


def test_one_solve_of_ten_thousand_the_plain_way(benchmark):
    """The same number from SciPy's brentq in log g with all modes summed at each step."""
    data, N, T, ridge = spectrum(10_000), 300, 500, 0.1
    lam, power = data.eigenvalues, data.power()
    zeta = float(np.exp(log_ridge_per_sample(data, N, T, ridge)))

    def excess(log_g):
        z = (lam / (lam + np.exp(log_g))).sum()
        return log_g + np.log((1 - z / N) * (1 - z / T)) - np.log(zeta)

    def loss():
        # First the end at which z = min(N, T), then the root to its right.
        high = np.log(lam.sum()) + 5
        end = brentq(lambda s: (lam / (lam + np.exp(s))).sum() - min(N, T), -60, high)
        g = np.exp(brentq(excess, end + 1e-9, high, xtol=1e-13))
        f = lam / (lam + g)
        z, q = f.sum(), (f * f).sum()
        k = g * (1 - z / N)
        P = 1 / (1 - (q * (N - 2 * z) + z * z) / (T * (N - q)))
        return 0.5 * P * (power @ (1 - f - k * lam / (lam + g) ** 2 * N / (N - q)))

    assert benchmark(loss) > 0


@pytest.mark.parametrize("target", [False, True], ids=["teacher", "measured target"])
def test_a_million_eigenvalues_for_the_first_time(benchmark, target):
    def setup():
        return (SolvableModel(spectrum(1_000_000, target)), 300, 500), {"ridge": 0.1}

    benchmark.pedantic(SolvableModel.loss, setup=setup, rounds=5)
    within(benchmark, 50e-3)


@pytest.mark.parametrize("target", [False, True], ids=["teacher", "measured target"])
def test_a_million_eigenvalues_again(benchmark, target):
    model = SolvableModel(spectrum(1_000_000, target))
    model.loss(300, 500, ridge=0.1)
    benchmark(model.loss, 301, 500, ridge=0.1)
    within(benchmark, 2e-3)


@pytest.mark.parametrize("ridge", [0.0, 1e-3])
def test_a_grid_of_forty_thousand_sizes(benchmark, ridge):
    sizes = np.geomspace(10, 1e7, 200)
    benchmark(HUGE.loss, sizes[:, None], sizes, ridge=ridge)
    within(benchmark, 1.0)


def test_ten_thousand_best_ridges(benchmark):
    sizes = np.geomspace(10, 1e7, 100)
    benchmark(HUGE.loss, sizes[:, None], sizes, ridge="optimal")
    within(benchmark, 3.0)


@pytest.mark.parametrize("ridge", [1e-3, "optimal"])
def test_memory_of_a_grid_is_bounded_by_blocks(ridge):
    """Four times as many points may need four times the points' arrays, not grid × modes."""
    peaks = []
    for count in (100, 200):
        sizes = np.geomspace(10, 1e7, count)
        tracemalloc.start()
        HUGE.loss(sizes[:, None], sizes, ridge=ridge)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    nodes = HUGE.spectrum.eigenvalues.size
    assert peaks[1] < 0.2 * 8 * 40_000 * nodes
    assert peaks[1] < 5 * peaks[0]


def test_ridge_loss_of_a_grid_and_of_its_points_agree():
    """What is timed is right: a grid on condensed modes against single points on all of them."""
    data = spectrum(5_000)
    sizes = np.array([30.0, 300.0, 3e4])
    grid = ridge_loss(data, sizes[:, None], sizes, -8.0).loss
    for i, j in np.ndindex(3, 3):
        alone = ridge_loss(data, sizes[i], sizes[j], -8.0).loss
        assert grid[i, j] == pytest.approx(float(alone), rel=1e-11)

"""CPU time of losses after a training time and of sample spectra, against their limits.

Run with ``make benchmark``, or ``python -m pytest benchmarks/test_time.py``. Times are CPU
seconds of this process; the fastest round counts.
"""

import time

import numpy as np
import pytest

from eigenscale import SolvableModel, Spectrum
from eigenscale.equation.sample import expected_eigenvalues
from eigenscale.theory.training.stopping import best_stopping

pytestmark = pytest.mark.benchmark(timer=time.process_time, min_rounds=5)

HUGE = SolvableModel(Spectrum.power_law(0.5, 1e12), noise_var=1e-14)
TIMES = np.geomspace(1e-3, 1e12, 100)


def within(benchmark, seconds):
    assert benchmark.stats.stats.min <= seconds


def test_one_point(benchmark):
    benchmark(HUGE.loss, 1e5, 1e6, time=1e3)
    within(benchmark, 10e-3)


def test_a_hundred_times_at_one_size(benchmark):
    benchmark(HUGE.loss, 1e5, 1e6, time=TIMES)
    within(benchmark, 200e-3)


def test_a_hundred_times_with_ten_thousand_measured_eigenvalues(benchmark):
    values = 10 ** np.random.default_rng(0).uniform(-6, 0, 10_000)
    model = SolvableModel(Spectrum.from_eigenvalues(values, target_power=values))
    benchmark(model.loss, 300, 500, time=np.geomspace(1, 1e6, 100))
    within(benchmark, 200e-3)


def test_the_best_time_of_a_hundred_sizes(benchmark):
    sizes = np.geomspace(10, 1e5, 10)
    spectrum = HUGE.spectrum
    benchmark.pedantic(
        best_stopping, (spectrum, sizes[:, None], sizes), {"noise_var": 1e-12}, rounds=1
    )
    within(benchmark, 15.0)


@pytest.mark.parametrize("features", [np.inf, 600])
def test_a_sample_spectrum(benchmark, features):
    spectrum = Spectrum.power_law(0.5, 1000)
    benchmark(expected_eigenvalues, spectrum, 800, features)
    within(benchmark, 1.0)

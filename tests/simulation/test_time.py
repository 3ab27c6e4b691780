"""Gradient flow of drawn models against the theory of large sizes."""

import numpy as np
import pytest

from eigenscale import InputError, Spectrum
from eigenscale.simulation.simulate import simulate
from eigenscale.theory.ridge import log_ridge_per_sample
from eigenscale.theory.training.flow import timed_loss

CASES = [
    # N, T, noise, time, ridge
    (80, 150, 0.0, 30.0, 0.0),
    (150, 80, 0.01, 300.0, 0.0),
    (100, 100, 0.02, 3e3, 0.0),
    (100, 100, 0.02, 3e3, 1e-3),
    (60, 60, 0.1, 0.3, 0.01),
    (300, 40, 0.0, 3e3, 0.0),
]


@pytest.mark.parametrize(("N", "T", "noise_var", "time", "ridge"), CASES)
def test_drawn_models_lose_what_the_theory_says(N, T, noise_var, time, ridge):
    spectrum = Spectrum.power_law(0.6, 250)
    options = {"noise_var": noise_var, "time": time, "ridge": ridge}
    drawn = simulate(spectrum, N, T, draws=24, rng=0, **options)
    decay = np.exp(log_ridge_per_sample(spectrum, N, T, ridge))
    exact = float(timed_loss(spectrum, N, T, time, decay=decay, noise_var=noise_var).loss)
    assert abs(drawn.loss - exact) < 4 * drawn.standard_error + 0.015 * exact


def test_the_difference_falls_as_sizes_grow():
    """At sizes scaled by s with the spectrum's shape kept, theory is off by order 1/s."""
    off = []
    for size in (1, 2, 4):
        values = np.repeat(np.geomspace(1, 1e-2, 10), 4 * size)
        spectrum = Spectrum.from_eigenvalues(values)
        N, T = 10 * size, 14 * size
        drawn = simulate(spectrum, N, T, time=20.0, noise_var=0.05, draws=2400 // size, rng=3)
        exact = float(timed_loss(spectrum, N, T, 20.0, noise_var=0.05).loss)
        off.append((drawn.loss / exact - 1, drawn.standard_error / exact))
    (first, e1), (_, _), (last, e3) = off
    assert abs(first) > 5 * e1
    assert abs(last) < 0.5 * abs(first) + 2 * e3


def train_and_learned(spectrum, N, T, time, noise_var, rng):
    """Train error and number of modes learned of one drawn model, by its definition."""
    M = spectrum.eigenvalues.size
    x = rng.standard_normal((M, T)) * np.sqrt(spectrum.eigenvalues)[:, None]
    u = rng.standard_normal((N, M)) / np.sqrt(N)
    w = rng.standard_normal((200, M)) / np.sqrt(M)
    y = w @ x + np.sqrt(noise_var) * rng.standard_normal((200, T))
    phi = u @ x
    values, vectors = np.linalg.eigh(phi @ phi.T / T)
    filtered = -np.expm1(-time * values) / values
    student = (y @ phi.T / T) @ (vectors * filtered) @ vectors.T
    learned = np.trace(x @ phi.T / T @ (vectors * filtered) @ vectors.T @ u)
    return 0.5 * np.mean((student @ phi - y) ** 2), learned


def test_train_loss_and_modes_learned():
    spectrum, N, T, time, noise_var = Spectrum.power_law(0.5, 200), 60, 90, 50.0, 0.01
    rng = np.random.default_rng(0)
    drawn = np.array([train_and_learned(spectrum, N, T, time, noise_var, rng) for _ in range(40)])
    exact = timed_loss(spectrum, N, T, time, noise_var=noise_var)
    mean, error = drawn.mean(axis=0), drawn.std(axis=0) / np.sqrt(40)
    assert abs(mean[0] - exact.train_loss) < 4 * error[0] + 0.01 * exact.train_loss
    assert abs(mean[1] - exact.resolved_modes) < 4 * error[1] + 0.01 * exact.resolved_modes


def test_long_training_is_the_ridge_student():
    spectrum = Spectrum.power_law(0.5, 60)
    options = {"noise_var": 0.1, "ridge": 0.5, "draws": 4, "rng": 1}
    late = simulate(spectrum, 30, 20, time=1e9, **options)
    assert late.losses == pytest.approx(simulate(spectrum, 30, 20, **options).losses, rel=1e-9)


def test_bad_times_are_refused():
    with pytest.raises(InputError, match="time -1"):
        simulate(Spectrum.power_law(0.5, 10), 5, 5, time=-1.0)

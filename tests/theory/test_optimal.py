import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale import Spectrum
from eigenscale.theory.optimal import best_log_zeta
from eigenscale.theory.ridge import ridge_loss


def scan(spectrum, N, T, noise_var):
    zeta = np.r_[-np.inf, np.linspace(-80, 30, 2201), np.inf]
    return ridge_loss(spectrum, N, T, zeta, noise_var=noise_var).loss.min()


@given(
    seed=st.integers(0, 10**6),
    noise=st.sampled_from([0.0, 1e-8, 1e-3, 1.0, 1e3]),
    same=st.booleans(),
)
@settings(max_examples=60)
def test_nothing_on_a_fine_scan_is_better(seed, noise, same):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    power = 10 ** rng.uniform(-4, 0, n) if rng.random() < 0.5 else None
    spectrum = Spectrum.from_eigenvalues(10 ** rng.uniform(-5, 1, n), power)
    N, T = 10 ** rng.uniform(0, 3, 2)
    T = N if same else T
    best = best_log_zeta(spectrum, N, T, noise_var=noise)
    found = float(ridge_loss(spectrum, N, T, best, noise_var=noise).loss)
    lowest = scan(spectrum, N, T, noise)
    assert found <= lowest * (1 + 1e-9) + 1e-300
    assert found >= lowest * (1 - 1e-3) - 1e-12


def test_bayes_answer_for_equal_eigenvalues():
    # Kernel limit, isotropic: ζ = σ² M / (T Σ v²), whatever T is.
    spectrum = Spectrum.from_eigenvalues(np.ones(10))
    T = np.array([1, 5, 10, 100, 1e6])
    zeta = best_log_zeta(spectrum, np.inf, T, noise_var=0.3)
    np.testing.assert_allclose(np.exp(zeta), 0.3 * 10 / T, rtol=1e-6)


def test_no_ridge_is_best_without_noise_where_sizes_suffice():
    spectrum = Spectrum.power_law(0.5, 100)
    assert (best_log_zeta(spectrum, [100, 500, np.inf], [100, 200, 300]) == -np.inf).all()
    assert best_log_zeta(spectrum, 50, np.inf, noise_var=1.0) == -np.inf


def test_learning_nothing_is_best_where_no_mode_holds_the_target():
    spectrum = Spectrum.from_eigenvalues([1.0, 0.5, 0.0], target_power=[0.0, 0.0, 1.0])
    assert best_log_zeta(spectrum, 5, 7, noise_var=0.1) == np.inf


@given(
    alpha=st.floats(0.05, 3),
    log_m=st.floats(0, 15),
    noise=st.sampled_from([0.0, 1e-12, 1e-3, 1.0, 1e6]),
)
@settings(max_examples=25)
def test_more_features_or_samples_never_hurt_at_the_best_ridge(alpha, log_m, noise):
    spectrum = Spectrum.power_law(alpha, float(round(10**log_m)))
    sizes = np.geomspace(1, 1e8, 25).round()
    zeta = best_log_zeta(spectrum, sizes[:, None], sizes, noise_var=noise)
    loss = ridge_loss(spectrum, sizes[:, None], sizes, zeta, noise_var=noise).loss
    slack = 1e-8 * loss.max() * 1e-6 + 1e-9 * loss
    assert (np.diff(loss, axis=0) <= slack[1:]).all()
    assert (np.diff(loss, axis=1) <= slack[:, 1:]).all()


def test_a_grid_equals_its_points():
    spectrum = Spectrum.power_law(0.5, 1e6)
    grid = best_log_zeta(spectrum, [[10.0], [1e5]], [20.0, 3e4], noise_var=0.1)
    for i, j in np.ndindex(2, 2):
        alone = best_log_zeta(spectrum, [10, 1e5][i], [20, 3e4][j], noise_var=0.1)
        assert grid[i, j] == pytest.approx(float(alone), abs=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 0.3, 1.0, 1.5])
def test_no_ridge_is_best_in_the_limits_without_noise(alpha):
    # The slope of the loss is 0 at the end without ridge, to rounding of either sign.
    spectrum, sizes = Spectrum.power_law(alpha, 1e15), np.geomspace(300, 3e4, 40)
    for grid in ((sizes, np.inf), (np.inf, sizes)):
        assert (best_log_zeta(spectrum, *grid) == -np.inf).all()

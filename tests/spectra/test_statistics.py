"""Expected log-determinants of samples, their order-one corrections and their covariance."""

import numpy as np
import pytest

from eigenscale.spectra.exponent.statistics import expected, observed
from eigenscale.spectrum import Spectrum


def sample(variances, n_features, n_samples, rng):
    """Eigenvalues of one sample covariance, of random features where n_features is finite."""
    if np.isinf(n_features):
        rows = rng.normal(size=(n_samples, len(variances))) * np.sqrt(variances)
    else:
        maps = rng.normal(size=(n_features, len(variances))) / np.sqrt(n_features)
        rows = rng.normal(size=(n_samples, len(variances))) * np.sqrt(variances) @ maps.T
    return np.linalg.svd(rows, compute_uv=False) ** 2 / n_samples


CASES = [(np.inf, 100, 300, 0.5), (np.inf, 100, 50, 0.5), (60, 120, 90, 0.5), (60, 150, 40, 0.3)]


@pytest.mark.parametrize(("n_features", "latent", "n_samples", "alpha"), CASES)
def test_mean_and_covariance_are_those_of_direct_simulation(n_features, latent, n_samples, alpha):
    rng = np.random.default_rng(0)
    variances = np.arange(1.0, latent + 1) ** -(1 + alpha)
    draws = [sample(variances, n_features, n_samples, rng) for _ in range(600)]
    log_zeta = np.linspace(1.0, np.log(np.median([d[-4] for d in draws])), 6)
    seen = np.array([observed(d, log_zeta) for d in draws])
    theory = expected(Spectrum.from_eigenvalues(variances), n_features, n_samples, log_zeta)
    error = seen.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(seen.mean(axis=0) - theory.mean) < 4 * error).all()
    spread = np.sqrt(np.diagonal(theory.covariance))
    np.testing.assert_allclose(seen.std(axis=0), spread, rtol=0.1)
    np.testing.assert_allclose(
        np.corrcoef(seen.T), theory.covariance / np.outer(spread, spread), atol=0.08
    )


def test_the_correction_of_order_one_is_needed():
    """Without ½ log(1-Γ) the mean at small ζ is off by many standard errors."""
    rng = np.random.default_rng(0)
    variances = np.arange(1.0, 61) ** -1.5
    low = np.array([np.log(1e-6)])
    seen = [observed(sample(variances, np.inf, 80, rng), low)[0] for _ in range(1600)]
    theory = expected(Spectrum.from_eigenvalues(variances), np.inf, 80, low)
    correction = -0.25 * theory.covariance[0, 0]
    error = np.std(seen) / 40
    assert abs(np.mean(seen) - theory.mean[0]) < 4 * error
    assert abs(np.mean(seen) - (theory.mean[0] - correction)) > 8 * error


def test_scale_moves_with_zeta():
    spectrum, larger = Spectrum.power_law(0.5, 300), Spectrum.power_law(0.5, 300, 1e6)
    grid = np.linspace(0, -6, 5)
    a, b = expected(spectrum, 200, 100, grid), expected(larger, 200, 100, grid + np.log(1e6))
    np.testing.assert_allclose(a.mean, b.mean, rtol=1e-8)
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-6)

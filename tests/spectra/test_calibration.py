"""Critical values of likelihood ratios: χ² where a model is known, more where several compete."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from eigenscale.spectra.exponent.likelihood import Problem, fit_shape
from eigenscale.spectra.exponent.populations import POWER_LAW
from eigenscale.spectra.exponent.profiles import likelihood_limits

LEAST = chi2.ppf(0.9, 1)


def fits(n_samples, models, size=60):
    """Fits of one direct sample of `size` modes by several models (n_features, latent_dim)."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(n_samples, size)) * np.arange(1.0, size + 1) ** -0.75
    values = np.linalg.svd(rows, compute_uv=False) ** 2 / n_samples
    last = min(size, n_samples)
    problem = Problem.of(values[:last], float(n_samples), (1, last))
    return [fit_shape(problem, POWER_LAW, np.array([0.5, 0.0]), *model) for model in models]


def test_one_model_has_the_quantile_of_chi_square():
    alpha, model = likelihood_limits(fits(120, [(np.inf, 60.0)]), 0.9)
    assert alpha[0] == model[0] == pytest.approx(LEAST)


def test_a_model_that_cannot_win_changes_nothing():
    only, other = fits(120, [(np.inf, 60.0), (60.0, 60.0)])
    assert other.deviance > only.deviance + 30
    alpha, _ = likelihood_limits([only, other], 0.9)
    assert alpha[0] == pytest.approx(LEAST)


def test_models_that_compete_raise_the_critical_value():
    maps = [(500.0, m) for m in (1200.0, 2000.0, 3000.0, 5000.0, 1e4)]
    several = fits(100, [(np.inf, 500.0), *maps], 500)
    alpha, model = likelihood_limits(several, 0.9)
    assert alpha.max() > LEAST + 0.5
    assert model.max() > LEAST + 0.5
    assert (alpha <= chi2.ppf(0.9, 4)).all()


def test_the_same_model_twice_changes_nothing():
    one = fits(120, [(np.inf, 60.0)])[0]
    alpha, _ = likelihood_limits([one, replace(one)], 0.9)
    assert alpha == pytest.approx(LEAST, abs=0.5)

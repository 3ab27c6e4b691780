"""The latent dimension from nested samples: right, bounded below, or said to be unknown."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.spectra.exponent.joint import latent_dimension
from eigenscale.spectra.exponent.statistics import expected, observed
from eigenscale.spectra.subsets import measure_all
from eigenscale.spectrum import Spectrum

SIZES = (24, 120)


def data(latent, alpha, n_inputs=120, n_samples=600, seed=0):
    """Random linear maps of latent features, or the features themselves."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_samples, latent)) * np.arange(1.0, latent + 1) ** (-0.5 - alpha / 2)
    if latent == n_inputs:
        return rows
    return rows @ (rng.normal(size=(latent, n_inputs)) / n_inputs**0.5)


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("latent", [120, 480, 4800])
def test_right_or_said_to_be_unknown(latent, alpha):
    found = latent_dimension(measure_all(data(latent, alpha), sizes=SIZES), level=0.99)
    said = found.latent_dim
    assert said.status in ("interval", "lower bound", "not identifiable")
    assert said.status == "not identifiable" or said.low <= latent <= said.high
    assert found.fit.alpha.low < alpha < found.fit.alpha.high
    assert [size.n_samples for size in found.sizes] == [24, 120, 600]


def test_a_dimension_that_can_be_seen_has_an_interval_and_a_far_one_a_bound():
    near = latent_dimension(measure_all(data(480, 0.5), sizes=SIZES)).latent_dim
    assert near.status == "interval"
    assert near.high / near.low < 1.6
    far = latent_dimension(measure_all(data(20000, 1.5, n_inputs=60), sizes=(30,)))
    assert far.latent_dim.status in ("lower bound", "not identifiable")
    assert far.latent_dim.high == np.inf
    assert far.to_dict()["latent_dim"]["high"] is None


def test_no_dimension_is_read_off_what_is_not_a_power_law():
    ranks = np.arange(1.0, 121)
    variances = np.where(ranks < 12, ranks**-0.5, 12**2.0 * ranks**-2.5)
    rows = np.random.default_rng(0).normal(size=(900, 120)) * np.sqrt(variances)
    said = latent_dimension(measure_all(rows, sizes=SIZES), (1, 120)).latent_dim
    assert said.status == "not identifiable"
    assert "power law of Gaussian data is refused (p = " in str(said)


@pytest.mark.parametrize("n_features", [np.inf, 60])
def test_covariances_of_nested_samples_are_those_of_simulation(n_features):
    rng, grid = np.random.default_rng(0), np.array([0.0, -2.0, -4.0])
    variances, draws = np.arange(1.0, 121) ** -1.5, []
    for _ in range(800):
        rows = rng.normal(size=(120, 120)) * np.sqrt(variances)
        if np.isfinite(n_features):
            rows = rows @ (rng.normal(size=(120, n_features)) / n_features**0.5)
        values = [np.linalg.svd(rows[:n], compute_uv=False) ** 2 / n for n in (40, 120)]
        draws.append(np.concatenate([observed(v, grid) for v in values]))
    theory = expected(
        Spectrum.from_eigenvalues(variances),
        n_features,
        np.repeat([40.0, 120.0], 3),
        np.tile(grid, 2),
    )
    spread = np.sqrt(np.diagonal(theory.covariance))
    np.testing.assert_allclose(
        np.corrcoef(np.transpose(draws)), theory.covariance / np.outer(spread, spread), atol=0.07
    )


def test_different_columns_are_refused():
    pair = [measure_all(data(120, 0.5)[:, :n])[0] for n in (50, 60)]
    with pytest.raises(InputError, match="different numbers of inputs"):
        latent_dimension(pair)

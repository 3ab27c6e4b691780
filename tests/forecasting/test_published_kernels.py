"""Published learning curves of a Gaussian kernel on MNIST, solved again from their spectra."""

import numpy as np
import pytest

from eigenscale.spectrum import Spectrum
from eigenscale.theory.ridge import ridge_loss


@pytest.fixture(scope="module")
def published(shared):
    with np.load(shared("data/kernels/mnist_gaussian_kernel.npz")) as archive:
        return dict(archive)


def solved(published, samples):
    """Full squared error, shape (3 widths, 2 ridges, 7 noises, samples)."""
    samples = samples.astype(float)
    out = np.empty(published["theory_loss"].shape[:3] + samples.shape)
    for w, r, k in np.ndindex(out.shape[:3]):
        spectrum = Spectrum.from_eigenvalues(
            published["eigenvalues"][w], published["target_power"][w]
        )
        ridge = np.log(published["ridge"][r] / samples)  # theirs is added to the kernel matrix
        noise = float(published["noise_var"][k])
        out[w, r, k] = 2 * ridge_loss(spectrum, np.inf, samples, ridge, noise_var=noise).loss
    return out


def test_all_42_theory_curves(published):
    got = solved(published, published["theory_samples"])
    assert np.abs(got / published["theory_loss"] - 1).max() < 1e-6


def test_the_experiment_is_met_as_well_as_published(published):
    got = solved(published, published["experiment_samples"])
    missed = np.abs(got / published["experiment_loss"] - 1)
    assert np.median(missed) < 0.008
    assert np.quantile(missed, 0.9) < 0.04

import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.theory.fixed_features import spectrum_of_features
from eigenscale.theory.ridge import ridge_loss


@pytest.mark.parametrize("N", [40, 160])
def test_two_levels_give_the_loss_of_random_features(N):
    # Fixed features in the kernel limit, averaged over features, against the loss in N and T.
    spectrum, T, ridge, noise_var = Spectrum.power_law(0.5, 400), 150, 0.3, 0.01
    rng, losses = np.random.default_rng(0), []
    for _ in range(12):
        weights = rng.standard_normal((N, 400)) / 20
        features = spectrum_of_features(spectrum, weights)
        level = ridge_loss(features, np.inf, T, np.log(ridge / T), noise_var=noise_var)
        losses.append(float(level.loss) + 0.5 * features.unexplained)
    exact = SolvableModel(spectrum, noise_var=noise_var).loss(N, T, ridge=ridge)
    assert np.mean(losses) == pytest.approx(exact, rel=0.01)


def test_all_features_leave_the_spectrum_as_it_is():
    spectrum = Spectrum.from_eigenvalues([3.0, 1.0, 0.5], [0.1, 0.2, 0.3], unexplained=0.4)
    same = spectrum_of_features(spectrum, np.eye(3))
    np.testing.assert_allclose(same.eigenvalues, spectrum.eigenvalues)
    np.testing.assert_allclose(same.target_power, spectrum.target_power)
    assert same.unexplained == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1.0, 2.0], "shape"), (np.ones((3, 4)), "shape"), (np.zeros((2, 3)), "all 0")],
)
def test_weights_that_do_not_fit_are_said(weights, message):
    with pytest.raises(InputError, match=message):
        spectrum_of_features(Spectrum.from_eigenvalues([3.0, 1.0, 0.5]), weights)


def test_every_mode_must_stand_alone():
    with pytest.raises(InputError, match="multiplicities"):
        spectrum_of_features(Spectrum(np.ones(2), np.full(2, 2.0)), np.eye(2))

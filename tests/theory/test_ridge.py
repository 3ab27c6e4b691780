import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale import InputError, Spectrum
from eigenscale.equation.modes import BLOCK
from eigenscale.equation.root import solve
from eigenscale.theory.ridge import log_ridge_per_sample, ridge_loss


def loss_at(spectrum, N, T, ridge, noise_var=0.0):
    zeta = log_ridge_per_sample(spectrum, N, T, ridge)
    return ridge_loss(spectrum, N, T, zeta, noise_var=noise_var)


def test_the_reference_cases(shared):
    cases = json.loads(shared("reference/theory.json").read_text())["ridge"]
    for case in cases:
        spectrum = Spectrum.power_law(case["alpha"], case["latent_dim"])
        sizes = case["n_features"], case["n_samples"], case["ridge"], case["noise_var"]
        assert loss_at(spectrum, *sizes).loss == pytest.approx(case["loss"], rel=1e-9)


def worked_out(spectrum, N, T, zeta, noise_var):
    """The second form of the theory, with z and q summed in the plain way."""
    root = solve(spectrum, N, T, np.log(zeta))
    lam, count = spectrum.eigenvalues, spectrum.multiplicities
    power = count * spectrum.power()
    g = float(root.g)
    z, q = count @ (lam / (lam + g)), count @ (lam / (lam + g)) ** 2
    k = g * (1 - z / N)
    P = 1 / (1 - (q * (N - 2 * z) + z**2) / (T * (N - q)))
    inner = power @ (g / (lam + g) - k * lam / (lam + g) ** 2 * N / (N - q))
    return 0.5 * (P * (inner + noise_var) - noise_var)


@pytest.mark.parametrize("noise_var", [0.0, 0.3])
@pytest.mark.parametrize(("N", "T"), [(30, 80), (80, 30), (50, 50), (400, 300)])
@pytest.mark.parametrize("zeta", [1e-4, 1e-2, 1.0])
def test_two_forms_of_the_formula_agree(N, T, zeta, noise_var):
    spectrum = Spectrum.from_eigenvalues(
        np.geomspace(3, 1e-4, 200), target_power=np.linspace(1, 0.1, 200)
    )
    found = ridge_loss(spectrum, N, T, np.log(zeta), noise_var=noise_var).loss
    assert found == pytest.approx(worked_out(spectrum, N, T, zeta, noise_var), rel=1e-10)


def test_derivative_form_agrees():
    # B = -k² dA/dk and Γ = (1/T) d(kz)/dk by differences along the ridge.
    spectrum, N, T, noise_var = Spectrum.power_law(0.6, 150), 60, 90, 0.2
    power = spectrum.power()

    def pieces(log_zeta):
        root = solve(spectrum, N, T, log_zeta)
        g, k = float(root.g), float(root.k)
        return k, power @ (g / k / (spectrum.eigenvalues + g)), k * float(root.z)

    (k1, A1, kz1), (k2, A2, kz2) = pieces(-4.0005), pieces(-3.9995)
    k = pieces(-4.0)[0]
    B, gamma = -(k**2) * (A2 - A1) / (k2 - k1), (kz2 - kz1) / (k2 - k1) / T
    expected = 0.5 * (B + noise_var * gamma) / (1 - gamma)
    assert ridge_loss(spectrum, N, T, -4.0, noise_var=noise_var).loss == pytest.approx(
        expected, rel=1e-6
    )


def test_parts_sum_to_the_loss_and_training_loss_is_cross_validation_backwards():
    spectrum = Spectrum.power_law(0.4, 500)
    found = loss_at(spectrum, [20, 200, 2000], [[100], [1000]], 0.01, noise_var=0.1)
    np.testing.assert_allclose(found.bias + found.variance + found.noise, found.loss, rtol=1e-13)
    left = 1 - found.root.z / np.array([[100], [1000]])
    np.testing.assert_allclose(found.train_loss / left**2 - 0.05, found.loss, rtol=1e-9)


class TestRidgeless:
    spectrum = Spectrum.power_law(0.5, 300)

    @pytest.mark.parametrize(("N", "T"), [(20, 90), (90, 20), (250, 299), (40, np.inf)])
    def test_closed_form(self, N, T):
        m, large = min(N, T), max(N, T)
        delta = float(solve(self.spectrum, m, np.inf).g)
        expected = delta * m / (1 - m / large) / (2 * 300)
        assert ridge_loss(self.spectrum, N, T).loss == pytest.approx(expected, rel=1e-12)

    def test_is_the_limit_of_a_small_ridge(self):
        N, T = np.array([20, 90, 400.0]), 60.0
        small = loss_at(self.spectrum, N, T, 1e-14, noise_var=0.1).loss
        np.testing.assert_allclose(small, loss_at(self.spectrum, N, T, 0, 0.1).loss, rtol=1e-9)

    def test_is_symmetric_in_features_and_samples(self):
        one, other = ridge_loss(self.spectrum, 30, 70), ridge_loss(self.spectrum, 70, 30)
        assert one.loss == pytest.approx(float(other.loss), rel=1e-14)
        assert one.exponent_features == pytest.approx(float(other.exponent_samples), rel=1e-12)

    def test_diverges_where_features_equal_samples(self):
        found = ridge_loss(self.spectrum, [10, 299, 300], [10, 299, 301])
        np.testing.assert_array_equal(found.diverges, [True, True, False])
        np.testing.assert_array_equal(found.loss, [np.inf, np.inf, 0])

    def test_noise_diverges_where_samples_equal_modes(self):
        found = ridge_loss(self.spectrum, [400, 300, 400], [300, 400, 400], noise_var=0.1)
        np.testing.assert_array_equal(found.diverges, [True, False, False])
        # All modes are fitted by as many samples: σ²/2 · (M/T)/(1 - M/T).
        np.testing.assert_allclose(found.loss[1:], 0.05 * 0.75 / 0.25, rtol=1e-13)


def test_no_learning_under_an_infinite_ridge():
    spectrum = Spectrum.power_law(0.5, 300)
    nothing = 0.5 * spectrum.trace / 300
    assert ridge_loss(spectrum, 10, 20, np.inf, noise_var=1.0).loss == pytest.approx(nothing)
    assert loss_at(spectrum, 10, 20, 1e300).loss == pytest.approx(nothing)


def test_kernel_and_population_limits():
    spectrum = Spectrum.power_law(0.7, 1000)
    many = ridge_loss(spectrum, 1e13, 50, -5.0, noise_var=0.1)
    kernel = ridge_loss(spectrum, np.inf, 50, -5.0, noise_var=0.1)
    assert many.loss == pytest.approx(float(kernel.loss), rel=1e-9)
    assert ridge_loss(spectrum, np.inf, np.inf).loss == 0
    # The kernel's ridge is what is added to the kernel matrix.
    assert log_ridge_per_sample(spectrum, np.inf, 50, 0.3) == pytest.approx(np.log(0.3 / 50))
    assert log_ridge_per_sample(spectrum, 1000, 50, 0.3) == pytest.approx(np.log(0.3 / 50))


def test_unexplained_variance_acts_as_noise():
    values, power = [1.0, 0.1, 0.01], [0.5, 0.2, 0.1]
    plain = Spectrum.from_eigenvalues(values, power)
    rest = Spectrum.from_eigenvalues(values, power, unexplained=0.4)
    one, other = (
        ridge_loss(plain, 2, 5, -3, noise_var=0.5),
        ridge_loss(rest, 2, 5, -3, noise_var=0.1),
    )
    assert one.loss == pytest.approx(float(other.loss), rel=1e-14)


@given(
    log_n=st.floats(1, 9),
    log_t=st.floats(1, 9),
    log_ridge=st.floats(-9, 5),
    noise_var=st.sampled_from([0.0, 1e-3, 1.0]),
)
def test_exponents_are_the_slopes_of_the_loss(log_n, log_t, log_ridge, noise_var):
    spectrum, h = Spectrum.power_law(0.5, 400), 1e-4
    names = ("exponent_features", "exponent_samples", "exponent_ridge")
    centre = np.array([log_n, log_t, log_ridge])
    found = loss_at(spectrum, *np.exp(centre), noise_var)
    for step, name in zip(h * np.eye(3), names, strict=True):
        up = loss_at(spectrum, *np.exp(centre + step), noise_var).loss
        down = loss_at(spectrum, *np.exp(centre - step), noise_var).loss
        slope = -np.log(up / down) / (2 * h)
        assert getattr(found, name) == pytest.approx(slope, abs=2e-4 * (1 + abs(slope)))


def test_memory_of_a_grid_is_bounded_by_blocks():
    spectrum, sizes = Spectrum.power_law(0.5, 1e12), np.geomspace(10, 1e7, 120)
    ridge_loss(spectrum, 10, 20)
    tracemalloc.start()
    ridge_loss(spectrum, sizes[:, None], sizes, -20.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # About 50 arrays of the grid and a few blocks; grid × modes would be 1,000 of them.
    assert peak < 8 * (100 * sizes.size**2 + 10 * BLOCK)
    assert spectrum.eigenvalues.size > 1000


def test_noise_beyond_float64_of_the_target_is_said():
    spectrum = Spectrum.power_law(0.5, 100, scale=1e-200)
    with pytest.raises(InputError, match="scale one to the other"):
        ridge_loss(spectrum, 10, 20, noise_var=1e200)


def test_an_endless_resource_has_no_exponent():
    found = ridge_loss(Spectrum.power_law(0.5, 1e6), [np.inf, 100], [100, np.inf], -5.0)
    assert found.exponent_features[0] == found.exponent_samples[1] == 0
    assert found.exponent_features[1] > 0

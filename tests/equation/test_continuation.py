import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale import Spectrum
from eigenscale.equation.continuation import follow
from eigenscale.theory.training.contour import talbot


def follow_one(spectrum, N, T, zeta):
    return follow(spectrum, np.array([float(N)]), np.array([float(T)]), np.log(zeta)[None, :])


@given(
    alpha=st.floats(0.01, 4),
    latent_dim=st.integers(1, 10**12),
    logs=st.tuples(st.floats(0, 12), st.floats(0, 12)),
    log_time=st.floats(-5, 40),
)
def test_the_root_solves_the_equation_in_its_sector(alpha, latent_dim, logs, log_time):
    spectrum = Spectrum.power_law(alpha, latent_dim)
    N, T = (round(10**x) for x in logs)
    zeta = talbot(16).nodes / 10**log_time
    root = follow_one(spectrum, N, T, zeta)
    assert root.converged.all()
    angle = root.log_g.imag[0]
    assert (angle >= 0).all()
    assert (angle <= np.angle(zeta) + 1e-12).all()
    g = np.exp(root.log_g[0])
    z = spectrum.multiplicities @ (
        spectrum.eigenvalues[:, None] / (spectrum.eigenvalues[:, None] + g)
    )
    left, other = root.left_features[0], root.left_samples[0]
    assert g * left * other == pytest.approx(zeta, rel=1e-9)
    assert left == pytest.approx(1 - z / N, abs=1e-9)
    assert other == pytest.approx(1 - z / T, abs=1e-9)


def test_equal_eigenvalues_have_a_closed_form():
    # N → ∞ and M equal eigenvalues 1: ζ = g (1 - (M/T)/(1+g)), a quadratic in g.
    M, T = 30.0, 50.0
    zeta = talbot(16).nodes / 3.0
    b = 1 - M / T - zeta
    root = np.sqrt(b * b + 4 * zeta)
    exact = 0.5 * (-b + np.where((root - b).imag > 0, root, -root))
    spectrum = Spectrum.from_eigenvalues([1.0], multiplicities=[M])
    found = np.exp(follow_one(spectrum, np.inf, T, zeta).log_g[0])
    assert found == pytest.approx(exact, rel=1e-12)


def test_sizes_enter_symmetrically():
    spectrum, zeta = Spectrum.power_law(0.7, 300), talbot(16).nodes / 1e3
    one, two = follow_one(spectrum, 40, 90, zeta), follow_one(spectrum, 90, 40, zeta)
    assert one.log_g == pytest.approx(two.log_g, rel=1e-14)
    assert one.left_features == pytest.approx(two.left_samples, rel=1e-14)

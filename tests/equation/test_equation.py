import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale import InputError, Spectrum
from eigenscale.equation.root import solve

SPECTRA = {
    "power law": Spectrum.power_law(0.5, 300),
    "equal": Spectrum.from_eigenvalues(np.ones(7)),
    "gap": Spectrum.from_eigenvalues(np.r_[np.ones(5), np.full(5, 1e-100)]),
    "300 decades": Spectrum.from_eigenvalues(np.geomspace(1e150, 1e-150, 60)),
    "zeros": Spectrum.from_eigenvalues([1.0, 0.5, 0.0, 0.0]),
    "fast": Spectrum.power_law(5.0, 1e15),
}


@pytest.mark.parametrize("name", SPECTRA)
@given(
    N=st.floats(0, 15).map(lambda x: 10**x),
    T=st.floats(0, 15).map(lambda x: 10**x),
    log_zeta=st.floats(-690, 690),
)
def test_the_root_solves_the_equation(name, N, T, log_zeta):
    root = solve(SPECTRA[name], N, T, log_zeta)
    for left in (root.left_features, root.left_samples):
        assert 0 <= left <= 1 + 1e-14
    if min(root.left_features, root.left_samples) > 1e-300:  # else it is 0 to float64
        right = root.log_g + np.log(root.left_features) + np.log(root.left_samples)
        assert right == pytest.approx(log_zeta, abs=1e-9)
    # z from the sum agrees with z from the equation, as far as a difference can tell.
    assert 1 - root.z / N == pytest.approx(float(root.left_features), abs=1e-12 + 1e-13 / N)
    assert 0 <= root.slope <= root.z


def test_a_plateau_is_resolved_between_its_gap():
    # Five modes at 1 and five at 1e-100, five features: g is the geometric mean of the two.
    root = solve(SPECTRA["gap"], 5, 50)
    assert root.log_g == pytest.approx(np.log(1e-50), rel=1e-12)


def test_equal_eigenvalues_have_the_closed_form():
    N = np.array([1.0, 2.0, 6.0])
    np.testing.assert_allclose(solve(SPECTRA["equal"], N, np.inf).g, 7 / N - 1, rtol=1e-13)


def test_features_and_samples_enter_symmetrically():
    one, other = solve(SPECTRA["fast"], 70, 3e4, -40), solve(SPECTRA["fast"], 3e4, 70, -40)
    assert one.log_g == other.log_g
    assert one.left_features == other.left_samples


def test_everything_is_resolved_without_ridge_where_sizes_suffice():
    root = solve(SPECTRA["zeros"], 3, [2, 5])
    assert (root.log_g == -np.inf).all()
    np.testing.assert_array_equal(root.z, [2, 2])
    np.testing.assert_allclose(root.left_samples, [0, 0.6])


def test_infinite_sizes_and_an_infinite_ridge():
    root = solve(SPECTRA["equal"], np.inf, np.inf, 0.0)
    assert root.g == pytest.approx(1.0)
    root = solve(SPECTRA["equal"], 3, 4, np.inf)
    assert root.z == 0
    assert root.left_features == 1


def test_scaling_the_eigenvalues_scales_the_root():
    values = SPECTRA["power law"].eigenvalues
    big = solve(Spectrum.from_eigenvalues(1e200 * values), 20, 30, -5 + np.log(1e200))
    small = solve(SPECTRA["power law"], 20, 30, -5)
    assert big.log_g - np.log(1e200) == pytest.approx(float(small.log_g), rel=1e-12)


def test_a_grid_equals_its_points():
    N, T = np.array([3.0, 30.0, 3e5]), np.array([5.0, 5e6])
    grid = solve(SPECTRA["fast"], N[:, None], T, -30)
    for i, j in np.ndindex(3, 2):
        alone = solve(SPECTRA["fast"], N[i], T[j], -30)
        assert grid.log_g[i, j] == pytest.approx(float(alone.log_g), rel=1e-13)


@pytest.mark.parametrize(
    ("N", "T", "zeta"), [(0, 1, 0), (1, -2, 0), (np.nan, 1, 0), (1, 1, np.nan)]
)
def test_bad_sizes_are_said(N, T, zeta):
    with pytest.raises(InputError):
        solve(SPECTRA["equal"], N, T, zeta)

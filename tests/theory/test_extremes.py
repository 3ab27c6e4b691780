"""No warning, no NaN and no exception, whatever sizes, ridge, noise and spectrum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale import SolvableModel, Spectrum
from eigenscale.equation.root import solve

SIZE = st.one_of(st.sampled_from([1.0, 2.0, 1e15, np.inf]), st.floats(0, 15).map(lambda x: 10**x))
RIDGE = st.one_of(
    st.sampled_from([0.0, 1e-300, 1e300, np.inf]), st.floats(-300, 300).map(lambda x: 10**x)
)
NOISE = st.one_of(st.just(0.0), st.floats(-12, 6).map(lambda x: 10**x))
POWER_LAW = st.builds(
    Spectrum.power_law,
    st.floats(0.01, 5),
    st.one_of(
        st.sampled_from([1.0, 2.0, 1e15]), st.floats(0, 15).map(lambda x: float(round(10**x)))
    ),
)


@st.composite
def listed(draw):
    """Eigenvalues equal, zero, or over 300 decades, with a target's power or without."""
    top = draw(st.floats(-150, 150))
    exponents = draw(st.lists(st.floats(top - 300, top), min_size=1, max_size=12))
    values = [min(10.0**x, 1e150) for x in exponents]
    values = values + values[:1] * draw(st.integers(0, 5)) + [0.0] * draw(st.integers(0, 3))
    if not any(v > 0 for v in values):
        values.append(1.0)
    power = None
    if draw(st.booleans()):
        power = draw(st.lists(st.floats(0, 1e3), min_size=len(values), max_size=len(values)))
    unexplained = draw(st.sampled_from([0.0, 1.0]))
    return Spectrum.from_eigenvalues(values, power, unexplained)


def check(spectrum, N, T, ridge, noise_var):
    solution = SolvableModel(spectrum, noise_var=noise_var).solve(N, T, ridge=ridge)
    for name in ("loss", "train_loss", "bias", "variance", "noise", "resolved_modes", "ridge"):
        value = getattr(solution, name)
        assert not np.isnan(value), name
        assert value >= 0, name
    finite = np.isfinite(solution.loss)
    assert finite == (solution.status == "ok")
    if finite:
        total = solution.bias + solution.variance + solution.noise
        assert total == pytest.approx(float(solution.loss), rel=1e-10, abs=1e-300)
    assert solution.resolved_modes <= min(N, T, spectrum.latent_dim) * (1 + 1e-12)
    kink = solution.ridge == 0 and spectrum.rank in (N, T)
    if finite and solution.loss > 1e-280 and not kink:
        assert np.isfinite(solution.exponent_features)
        assert np.isfinite(solution.exponent_samples)
    return solution


@given(spectrum=st.one_of(POWER_LAW, listed()), N=SIZE, T=SIZE, ridge=RIDGE, noise_var=NOISE)
@settings(max_examples=200)
def test_any_ridge(spectrum, N, T, ridge, noise_var):
    check(spectrum, N, T, ridge, noise_var)


@given(spectrum=st.one_of(POWER_LAW, listed()), N=SIZE, T=SIZE, noise_var=NOISE)
@settings(max_examples=80)
def test_the_best_ridge_never_diverges(spectrum, N, T, noise_var):
    best = check(spectrum, N, T, "optimal", noise_var)
    model = SolvableModel(spectrum, noise_var=noise_var)
    for ridge in (0.0, 1e-3, 1.0, np.inf):
        assert best.loss <= model.loss(N, T, ridge=ridge) * (1 + 1e-9) + 1e-300


@given(spectrum=st.one_of(POWER_LAW, listed()), N=SIZE, T=SIZE, noise_var=NOISE)
@settings(max_examples=80)
def test_sizes_enter_symmetrically_without_ridge_and_noise(spectrum, N, T, noise_var):
    plain = Spectrum(spectrum.eigenvalues, spectrum.multiplicities)
    one, other = SolvableModel(plain).loss(N, T), SolvableModel(plain).loss(T, N)
    if np.isfinite(one):
        assert one == pytest.approx(other, rel=1e-10, abs=1e-300)
    else:
        assert other == one


def test_a_side_of_the_equation_that_underflows():
    # Found by a longer run: one mode, one feature, a ridge of 1e-310 of its eigenvalue.
    check(Spectrum.from_eigenvalues([1e10]), 1.0, 1e14, 1e-300, 0.0)


def test_a_loss_beyond_float64_diverges():
    # Found by a longer run: N = T = 1 and a ridge of 1e-407 of the eigenvalue.
    solution = check(Spectrum.from_eigenvalues([1e107, 1e107]), 1.0, 1.0, 1e-300, 0.0)
    assert solution.status == "diverges"


def test_noise_far_above_the_target_under_a_large_ridge():
    # Found by a longer run: Σ f² is far below Σ f there, and not its difference to Σ f c.
    spectrum = Spectrum.from_eigenvalues([1e-23, 1e-39])
    best = check(spectrum, 1e15, 2.0, "optimal", 1.0)
    assert best.loss <= (1 + 1e-12) * 2.5e-24
    f = 1e-10
    root = solve(Spectrum.from_eigenvalues([1.0, 1.0]), np.inf, np.inf, -np.log(f))
    assert root.q == pytest.approx(2 * (f / (1 + f)) ** 2, rel=1e-13)


@pytest.mark.parametrize("latent_dim", [1e9, 1e12, 1e15 - 7, 1e15])
@pytest.mark.parametrize("alpha", [0.01, 0.5, 1, 2, 5])
def test_rounding_of_large_counts_moves_no_divergence(alpha, latent_dim):
    spectrum = Spectrum.power_law(alpha, latent_dim)
    noisy = SolvableModel(spectrum, noise_var=0.1)
    assert spectrum.latent_dim == latent_dim
    assert SolvableModel(spectrum).loss(latent_dim, latent_dim) == 0
    assert np.isposinf(noisy.loss([latent_dim, np.inf], latent_dim)).all()
    assert np.isposinf(noisy.loss(latent_dim / 2, latent_dim / 2))

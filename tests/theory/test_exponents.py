"""Exponents from one alpha, and the published ones, from the exact loss."""

import numpy as np
import pytest

from eigenscale import SolvableModel, Spectrum
from eigenscale.equation.root import solve

ALPHAS = [0.3, 0.5, 1.0, 1.5]


def slope(x, y):
    return -np.polyfit(np.log(x), np.log(y), 1)[0]


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("ridge", [0.0, "optimal"])
def test_loss_falls_with_features_and_samples_as_alpha(alpha, ridge):
    model = SolvableModel(Spectrum.power_law(alpha, 1e15))
    sizes = np.geomspace(300, 3e4, 9)
    for grid in ((sizes, np.inf), (np.inf, sizes)):
        solution = model.solve(*grid, ridge=ridge)
        assert slope(sizes, solution.loss) == pytest.approx(alpha, rel=0.02)
        local = solution.exponent_features + solution.exponent_samples
        np.testing.assert_allclose(local, alpha, rtol=0.02)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_lens_of_an_endless_power_law_has_a_closed_form(alpha):
    # Δ = λ_+ [ρ / sin ρ]^(1+α) m^-(1+α), ρ = π/(1+α), for m far from both ends.
    rho, m = np.pi / (1 + alpha), np.geomspace(1e3, 1e5, 5)
    spectrum = Spectrum.power_law(alpha, 1e15, scale=3.0)
    found = solve(spectrum, m, np.inf).g
    # z is the integral less ½ at the first mode: m + ½ in place of m; and the end at M.
    closed = 3.0 * (rho / np.sin(rho) / (m + 0.5)) ** (1 + alpha)
    np.testing.assert_allclose(found, closed, rtol=1e-3)


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_finite_latent_dimension_breaks_the_law_as_published(alpha):
    # L ~ (1/m - 1/M)^alpha / (1 - m/max): nearer than m^-alpha, and 0 where m reaches M.
    M, m = 1e4, np.array([100.0, 300.0, 1000.0, 3000.0, 6000.0])
    model = SolvableModel(Spectrum.power_law(alpha, M))
    loss = model.loss(m, np.inf)
    shape, plain = loss / (1 / m - 1 / M) ** alpha, loss * m**alpha
    assert np.ptp(np.log(shape)) < 0.7 * np.ptp(np.log(plain))
    assert (np.diff(model.solve(m, np.inf).exponent_features) > 0).all()
    assert model.loss(M, np.inf) == 0


@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_variance_limited_exponents_are_one(alpha):
    # Bahri et al. 2021: L(N) - L(∞) ~ 1/N at fixed T, and the same in T at fixed N.
    model = SolvableModel(Spectrum.power_law(alpha, 1e12))
    sizes = np.geomspace(1e6, 1e8, 7)
    over_features = model.loss(sizes, 300, ridge=0) - model.loss(np.inf, 300, ridge=0)
    over_samples = model.loss(300, sizes, ridge=0) - model.loss(300, np.inf, ridge=0)
    assert slope(sizes, over_features) == pytest.approx(1.0, rel=0.02)
    assert slope(sizes, over_samples) == pytest.approx(1.0, rel=0.02)


def test_without_ridge_the_loss_rises_and_falls_again_and_with_the_best_it_only_falls():
    model = SolvableModel(Spectrum.power_law(0.5, 1e6))
    N = np.array([10.0, 50, 90, 99, 101, 110, 200, 1000])
    bare, best = model.loss(N, 100), model.loss(N, 100, ridge="optimal")
    assert bare[3] > 10 * bare[1]
    assert bare[4] > 10 * bare[7]
    assert (np.diff(best) < 0).all()
    assert (best < bare).all()

"""Forecasts against the solved theory on data that the theory is exact for."""

import numpy as np
import pytest

from eigenscale.forecasting.extrapolation.best_ridge import best_ridge
from eigenscale.forecasting.extrapolation.nested import build
from eigenscale.forecasting.extrapolation.transfer import Place, Query, _scale, log_ridge, solve
from eigenscale.forecasting.forecaster import Forecaster, Learner
from eigenscale.forecasting.sample.rows import FeatureRows
from eigenscale.forecasting.sample.sample import Sample, read_sample
from eigenscale.model import SolvableModel
from eigenscale.spectrum import Spectrum

DIM = 200
EIGENVALUES = np.arange(1, DIM + 1) ** -1.5
POWER = 0.5 * EIGENVALUES / EIGENVALUES.sum()
NOISE = 0.2


def gaussian_rows(n, rng, size=None):
    x = rng.normal(size=(n, DIM)) * np.sqrt(EIGENVALUES)
    if size is not None:
        x *= np.sqrt(size)[:, None]
    y = x @ np.sqrt(POWER / EIGENVALUES) + np.sqrt(NOISE) * rng.normal(size=n)
    return x, y[:, None]


def theory(samples, ridge, features=np.inf):
    spectrum = Spectrum.from_eigenvalues(EIGENVALUES, POWER)
    model = SolvableModel(spectrum, noise_var=NOISE)
    return 2 * model.loss(features, samples, ridge=ridge) + NOISE


def query(samples, ridge):
    T, g = np.broadcast_arrays(np.asarray(samples, float), ridge)
    return Query(T.ravel(), np.full(T.size, np.inf), g.ravel())


@pytest.fixture(scope="module")
def nested():
    rng = np.random.default_rng(0)
    x, y = gaussian_rows(1200, rng)
    return build(FeatureRows(x), y, rng=rng)


@pytest.mark.parametrize("ridge", [0.0, 1e-3, 1e-2, 0.1])
def test_gaussian_rows_meet_the_theory(nested, ridge):
    samples = np.array([60, 120, 500, 1200, 12_000])
    got = nested.predict(query(samples, ridge)).value
    want = [fixed_theory(T, ridge) for T in samples]
    np.testing.assert_allclose(got, want, rtol=0.08)


def fixed_theory(samples, ridge):
    """E = (Σ v² κ²/(λ+κ)² + noise)/(1 - D/T), by bisection in κ."""
    T = samples - 1
    low, high = -60.0, 10.0
    for _ in range(200):
        kappa = np.exp((low + high) / 2)
        z = (EIGENVALUES / (EIGENVALUES + kappa)).sum()
        above = z < T and kappa * (1 - z / T) > ridge
        low, high = (low, np.log(kappa)) if above else (np.log(kappa), high)
    part = EIGENVALUES / (EIGENVALUES + kappa)
    loss = ((POWER * (1 - part) ** 2).sum() + NOISE) / (1 - (part**2).sum() / T)
    return loss * (1 + 1 / samples)


def test_best_ridge_is_best_and_meets_the_theory(nested):
    samples = np.array([100.0, 1000.0, 10_000.0])
    best = best_ridge(nested, query(samples, 0.0))
    at_best = nested.predict(query(samples, best)).value
    for factor in (0.3, 3.0):
        near = nested.predict(query(samples, factor * best)).value
        assert (near > 0.999 * at_best).all()
    fine = np.geomspace(1e-5, 1, 200)
    want = [min(fixed_theory(T, ridge) for ridge in fine) for T in samples]
    np.testing.assert_allclose(at_best, want, rtol=0.06)


def test_heavy_tailed_rows_are_met_where_gaussian_theory_misses():
    rng = np.random.default_rng(1)
    size = rng.pareto(2.0, size=9000) + 0.1
    x, y = gaussian_rows(9000, rng, size / size.mean())
    nested = build(FeatureRows(x[:1000]), y[:1000], rng=rng)
    samples, ridge = 100, 1e-4
    measured = []
    for start in range(1000, 5000, samples):
        train, rest = slice(start, start + samples), slice(5000, 9000)
        xt, yt = x[train] - x[train].mean(0), y[train] - y[train].mean(0)
        w = np.linalg.solve(xt.T @ xt / samples + ridge * np.eye(DIM), xt.T @ yt / samples)
        fit = (x[rest] - x[train].mean(0)) @ w + y[train].mean(0)
        measured.append(((fit - y[rest]) ** 2).mean())
    truth = np.mean(measured)
    assert nested.predict(query(samples, ridge)).value[0] == pytest.approx(truth, rel=0.1)
    assert fixed_theory(samples, ridge) < 0.75 * truth


def test_random_features_meet_the_theory():
    rng = np.random.default_rng(2)
    x, y = gaussian_rows(1500, rng)
    sample = Sample(x, y, None, len(x), "gaussian")
    forecaster = Forecaster.learn(sample, Learner("random", "linear"), rng=rng)
    length = EIGENVALUES.sum()
    for features, samples, ridge in ((50, 400, 1e-3), (150, 100, 1e-3), (400, 400, 1e-2)):
        got = forecaster.ask(samples, features, ridge)[1].value[0]
        # Theory.md's ridge: ζ = γ M/(N σ_u² T) in units of the eigenvalues.
        gamma = ridge * length * samples * features / DIM
        want = theory(samples, gamma, features)
        assert got == pytest.approx(float(want), rel=0.08)


def test_same_seed_same_bits():
    x, y = gaussian_rows(200, np.random.default_rng(5))
    first, second = (
        build(FeatureRows(x), y, rng=np.random.default_rng(1)).predict(query(100, 0.1))
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.draws, second.draws)


@pytest.mark.parametrize("features", [np.inf, 150.0])
def test_the_lens_is_found_to_rounding(nested, features):
    subset = nested.top.whole
    samples = np.geomspace(20, 50_000, 30).round()
    for ridge in (0.0, 1e-9, 1e-3, 1.0, 1e9):
        asked = Query(samples, np.full(30, features), np.full(30, ridge))
        place = solve(subset, asked)
        wanted = np.log(max(ridge, 1e-300))
        for shift, below in ((-1e-9, True), (1e-9, False)):
            found = log_ridge(subset, Place.of(subset, place.log_kappa + shift), asked)
            inside = place.log_kappa + shift < subset.log_kappa[-1]
            least = place.log_kappa <= subset.log_kappa[0]
            assert np.all((found <= wanted) == below, where=inside & ~least)


def test_the_scale_of_unequal_rows_is_solved_for():
    rng = np.random.default_rng(0)
    odds = np.exp(2 * rng.normal(size=(24, 50)))
    odds /= odds.mean(axis=0)
    filled = np.append(rng.uniform(size=48), [1e-12, 1 - 1e-9])
    load = _scale(odds, filled) * odds
    np.testing.assert_allclose((load / (1 + load)).mean(axis=0), filled, rtol=1e-10)


def documents(n, rng):
    """Rows as weighted words of short texts in three classes, one in fifteen a copy."""
    tilt = np.exp(rng.normal(size=(3, 1000))) / np.arange(1, 1001)
    target = rng.integers(3, size=n)
    words = np.array([rng.multinomial(60, tilt[y] / tilt[y].sum()) for y in target])
    copied = np.flatnonzero(rng.random(n) < 1 / 15)
    source = rng.integers(n, size=len(copied))
    words[copied], target[copied] = words[source], target[source]
    rows = np.log1p(words) * np.log(n / (1 + (words > 0).sum(axis=0)))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), target


def test_the_best_ridge_is_no_worse_than_any_where_rows_are_copied():
    rows, target = documents(400, np.random.default_rng(0))
    sample = read_sample(rows, target, max_rows=400, rng=np.random.default_rng(0))
    made = Forecaster.learn(sample, Learner(), draws=20, rng=np.random.default_rng(0))
    samples = np.geomspace(60, 320, 8)
    best = made.ask(samples, np.inf)[1].value
    grid = [made.ask(samples, np.inf, ridge)[1].value for ridge in (0, *np.geomspace(1e-6, 1, 13))]
    assert np.all(best < 1.05 * np.min(grid, axis=0))
    assert np.all(np.diff(best) < 0.01 * best[1:])

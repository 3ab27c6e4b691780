import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum, baseline
from eigenscale.theory.baselines import BASELINES


def test_values_by_hand():
    n = np.array([10.0, 1000.0])
    np.testing.assert_allclose(baseline("mean", n, variance=2.0), [0.2, 0.002])
    np.testing.assert_allclose(baseline("least-squares", n, variance=1.0, d=9.0), [np.inf, 9 / 990])
    assert baseline("pac", 100, log_size=10.0, delta=0.1) == pytest.approx((10 + np.log(10)) / 100)
    agnostic = np.sqrt(np.log(2 * np.exp(10) / 0.1) / 200)
    assert baseline("pac-agnostic", 100, log_size=10.0, delta=0.1) == pytest.approx(agnostic)
    vc = np.sqrt(8 / 1000 * (5 * np.log(2 * np.e * 1000 / 5) + np.log(80)))
    assert baseline("vc", 1000, d=5.0) == pytest.approx(vc)
    assert baseline("smooth", 1000, s=2.0, d=4.0) == pytest.approx(1000**-0.5)
    assert baseline("nearest", 1000, d=3.0) == pytest.approx(0.1)
    assert baseline("4/d", 100, d=8.0) == pytest.approx(0.1)


@pytest.mark.parametrize("name", ["mean", "least-squares"])
def test_the_excess_error_is_that_of_draws(name):
    rng, n, d, draws = np.random.default_rng(0), 30, 1 if name == "mean" else 8, 4000
    found = np.empty(draws)
    for i in range(draws):
        x = np.ones((n, 1)) if name == "mean" else rng.standard_normal((n, d))
        found[i] = (np.linalg.lstsq(x, rng.standard_normal(n), rcond=None)[0] ** 2).sum()
    inputs = {"variance": 1.0} if name == "mean" else {"variance": 1.0, "d": 8.0}
    z = (found.mean() - float(baseline(name, n, **inputs))) / (found.std() / draws**0.5)
    assert abs(z) < 3


def test_least_squares_is_the_ridgeless_model_at_large_size():
    model = SolvableModel(Spectrum.power_law(0.5, 10**4), noise_var=0.01)
    row = model.baseline("least-squares", 500, 5000)
    missed = row["variance"] - 0.01
    assert 0.5 * (row["value"] + missed) == pytest.approx(model.loss(500, 5000), rel=2e-3)


def test_every_baseline_falls_with_samples():
    model = SolvableModel(Spectrum.power_law(0.5, 100), noise_var=0.01)
    for name, rule in BASELINES.items():
        given = {"d": 8.0} if "d" in rule.inputs else {}
        few, many = (model.baseline(name, 20, n, **given)["value"] for n in (1000, 10_000))
        assert many < few


def test_what_is_missing_or_wrong_is_said():
    with pytest.raises(InputError, match="not known; there are mean, least-squares"):
        baseline("bayes", 10)
    with pytest.raises(InputError, match="needs d, and none is given"):
        baseline("smooth", 10)
    with pytest.raises(InputError, match="has no input 'q'"):
        baseline("mean", 10, variance=1.0, q=2.0)
    with pytest.raises(InputError, match="between 0 and 1"):
        baseline("vc", 10, d=2.0, delta=2.0)
    with pytest.raises(InputError, match="n_samples has 0"):
        baseline("mean", 0, variance=1.0)

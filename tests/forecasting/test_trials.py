"""Trials with random features: what they correct, and what they leave alone."""

from dataclasses import replace

import numpy as np
import pytest

from eigenscale.forecasting.check.students import School
from eigenscale.forecasting.extrapolation.transfer import Query
from eigenscale.forecasting.extrapolation.trials import _RIDGES, Trials, _between
from eigenscale.forecasting.forecaster import Forecaster, Learner
from eigenscale.forecasting.sample.kernels import Scaling
from eigenscale.forecasting.sample.sample import Sample

DIM = 30
RELU = Learner("random", "relu")


def mixed_rows(n, rng):
    """Two in ten rows are rough, and the others have nothing in the small directions."""
    rough = rng.random(n)[:, None] < 0.2
    x = rng.normal(size=(n, DIM)) * np.where(rough, 1.0, np.arange(1, DIM + 1) ** -2.0)
    return x, (np.tanh(x).sum(axis=1) + 0.1 * rng.normal(size=n))[:, None]


def learned(x, y, seed=0):
    sample = Sample(x, y, None, len(x), "rows")
    return Forecaster.learn(sample, RELU, draws=40, rng=np.random.default_rng(seed))


def measured(x, y, T, N, ridge, scaling, draws=24):
    """Mean test loss of real fits on rows that the sample has not."""
    rng, losses, school = np.random.default_rng(5), [], School(RELU, scaling)
    for draw in range(draws):
        order = rng.permutation(len(x))
        seen = school.seen(x[order[: T + 1500]], N, np.random.default_rng(draw))
        target = y[order[: T + 1500]]
        said = school.predict(seen[:T], target[:T], seen[T:], [ridge])[0]
        losses.append(((said - target[T:]) ** 2).sum(axis=1).mean())
    return np.mean(losses)


@pytest.fixture(scope="module")
def mixed():
    x, y = mixed_rows(6000, np.random.default_rng(0))
    return learned(x[:600], y[:600]), (x[600:], y[600:]), Scaling.of(x[:600])


@pytest.mark.parametrize(("T", "N"), [(150, 75), (300, 40), (600, 100)])
def test_rows_of_two_kinds_are_missed_less(mixed, T, N):
    forecaster, (x, y), scaling = mixed
    ridge = 1e-6
    query = forecaster.query([T], [N], [ridge])
    plain = replace(forecaster.nested, trials=None).predict(query).value[0]
    got = forecaster.nested.predict(query)
    real = measured(x, y, T, N, ridge, scaling)
    assert abs(np.log(got.value[0] / real)) < max(0.15, 0.7 * abs(np.log(plain / real)))
    low, high = np.quantile(got.draws[:, 0], [0.01, 0.99])
    assert low < real < high


def test_infinitely_many_features_are_left_alone(mixed):
    forecaster = mixed[0]
    query = forecaster.query([50, 600, 3000], [np.inf] * 3, [1e-6] * 3)
    shift, spread = forecaster.nested.trials(query)
    assert np.all(shift**2 < 1e-200)
    assert np.all(spread**2 < 1e-200)


def test_the_best_ridge_is_the_best_of_what_is_forecast(mixed):
    forecaster = mixed[0]
    best, at_best = forecaster.ask([300], [150], "optimal")
    around = best.ridge * np.geomspace(0.05, 20, 15)
    others = forecaster.nested.predict(forecaster.query([300] * 15, [150] * 15, around))
    assert at_best.value[0] < 1.03 * others.value.min()


def test_what_is_measured_is_what_is_missed():
    """A forecast that is 1.5 times the loss everywhere is told so, and a right one nothing."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 3))
    y = x[:, :1] + 0.5 * rng.normal(size=(400, 1))
    bank = rng.normal(size=(400, 1600)) / np.sqrt(1600)  # features that say nothing

    def said(factor):
        loss = factor * y.var()
        return lambda query: np.full(len(query), loss)

    query = Query(np.full(2, 200.0), np.full(2, 100.0), np.array([1.0, 10.0]))
    wrong = Trials.of(said(1.5), bank, y, np.random.default_rng(1))(query)[0]
    right = Trials.of(said(1.0), bank, y, np.random.default_rng(1))(query)[0]
    np.testing.assert_allclose(wrong, -np.log(1.5), atol=0.06)
    np.testing.assert_allclose(right, 0, atol=0.06)


def test_a_miss_fades_beyond_the_sample_and_leaves_doubt():
    shape = (2, 2, len(_RIDGES))
    axes = np.log([100.0, 200.0]), np.log([50.0, 400.0]), np.log(_RIDGES)
    trials = Trials(*axes, np.full(shape, 0.3), np.zeros(shape))
    at = Query(np.array([200.0, 800.0, 200.0]), np.array([50.0, 50.0, 800.0]), np.ones(3))
    shift, spread = trials(at)
    np.testing.assert_allclose(shift, [0.3, 0.15, 0.15])
    assert spread[1] > 2 * spread[0]


def test_interpolation_is_exact_for_a_plane_and_holds_its_ends():
    axes = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0]), np.array([1.0, 2.0])
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    values = (grid @ [1.0, 10.0, 100.0])[..., None]
    at = np.array([[0.5, 2.5, 9.0, -4.0], [1.0, 0.3, 9.0, -4.0], [1.5, 1.9, 9.0, -4.0]])
    got = _between(axes, tuple(at), values)[:, 0]
    np.testing.assert_allclose(got, [160.5, 195.5, 223.0, 100.0])

"""Error rates against real fits, and what is done with noise."""

import numpy as np
import pytest

from eigenscale.forecasting.extrapolation.scores import _changed, _shares
from eigenscale.forecasting.forecaster import Forecaster, Learner
from eigenscale.forecasting.sample.sample import Sample

DIM, CLASSES, ROWS = 60, 3, 600
FIXED = Learner()


def classes(n, rng):
    """Gaussian inputs; the largest of three noisy scores is the class."""
    weights = np.random.default_rng(99).normal(size=(DIM, CLASSES))
    x = rng.normal(size=(n, DIM)) * np.arange(1, DIM + 1) ** -0.5
    score = x @ weights + rng.normal(size=(n, CLASSES))
    return x, np.eye(CLASSES)[score.argmax(axis=1)]


@pytest.fixture(scope="module")
def forecaster():
    x, y = classes(ROWS, np.random.default_rng(0))
    sample = Sample(x, y, ("a", "b", "c"), ROWS, "rows")
    return Forecaster.learn(sample, FIXED, rng=np.random.default_rng(1))


def measured(T, ridge, draws):
    rng, wrong = np.random.default_rng(5), []
    for _ in range(draws):
        x, y = classes(T, rng)
        xt, yt = classes(2000, rng)
        centred = x - x.mean(axis=0)
        pull = centred.T @ (y - y.mean(axis=0)) / T
        weights = np.linalg.solve(centred.T @ centred / T + ridge * np.eye(DIM), pull)
        said = (xt - x.mean(axis=0)) @ weights + y.mean(axis=0)
        wrong.append((said.argmax(axis=1) != yt.argmax(axis=1)).mean())
    return np.mean(wrong)


@pytest.mark.parametrize("ridge", [1e-3, 0.1])
def test_error_rates_are_those_of_real_fits(forecaster, ridge):
    samples = np.array([40, 80, 200, 600, 3000])
    query, got = forecaster.ask(samples, np.inf, ridge)
    value, draws = forecaster.error_rate(query, got)
    real = [measured(T, ridge, 4 if T > 1000 else 40) for T in samples]
    np.testing.assert_allclose(value, real, atol=0.05)
    low, high = np.quantile(draws, [0.01, 0.99], axis=0)
    assert np.mean((low < real) & (real < high)) >= 0.8


def test_error_rates_change_smoothly_with_samples(forecaster):
    samples = np.unique(np.geomspace(40, 3000, 60).round())
    value, _ = forecaster.error_rate(*forecaster.ask(samples, np.inf, 0.1))
    assert np.abs(np.diff(value)).max() < 0.02
    assert value[0] > value[-1]


def test_the_same_question_has_the_same_answer(forecaster):
    asked = forecaster.ask([50, 300], np.inf, 0.01)
    first, again = (forecaster.error_rate(*asked) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


def test_where_the_loss_diverges_there_is_no_error_rate(forecaster):
    query, got = forecaster.ask([DIM + 1, 300], np.inf, 0.0)
    got.value[0] = np.inf
    value, draws = forecaster.error_rate(query, got)
    assert np.isnan(value[0])
    assert np.isnan(draws[:, 0]).all()
    assert np.isfinite(value[1])


def test_half_of_two_neighbours_answer_for_every_size(forecaster):
    samples = np.array([2.0, 100.0, 599.0, 600.0, 9000.0])
    shares = _shares(forecaster.scores, samples)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    assert ((shares > 0).sum(axis=0) <= 2).all()
    assert shares[-1, -1] == pytest.approx(2 / 3)


@pytest.mark.parametrize("more", [-0.3, -0.05, 0.0, 0.2, 0.7])
def test_noise_that_moves_errors_along_a_line_is_followed(more):
    """Errors 10 + 20·variance, known at variances 0 … 1, scatter 0.4 as measured."""
    added = np.linspace(0, 1, 11)
    levels = (10 + 20 * added)[:, None] * np.array([1.0, 3.0])
    got = _changed(levels, added, more, 0.4)
    np.testing.assert_allclose(got, (10 + 20 * more) * np.array([1.0, 3.0]))


def test_more_samples_of_one_ridge_do_not_raise_error_rates(forecaster):
    samples = np.array([ROWS, 2 * ROWS, 5 * ROWS, 50 * ROWS])
    for ridge in (1e-4, 1e-2, 1.0):
        query, got = forecaster.ask(samples, np.inf, ridge)
        value, draws = forecaster.error_rate(query, got)
        assert (value <= value[0] + 1e-12).all()
        assert ((draws >= 0) & (draws <= 1)).all()

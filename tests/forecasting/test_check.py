from dataclasses import replace

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.forecasting.check.check import Asked, _Curve, _errors, check, split
from eigenscale.forecasting.check.students import School
from eigenscale.forecasting.forecaster import Forecaster, Learner
from eigenscale.forecasting.row import ForecastRow
from eigenscale.forecasting.sample.dependence import Copies
from eigenscale.forecasting.sample.kernels import Scaling
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.results import Interval


def rows(n=1200, n_inputs=20, seed=0, noise=0.5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_inputs)) * np.arange(1, n_inputs + 1) ** -0.6
    return x, x @ rng.normal(size=n_inputs) + noise * rng.normal(size=n)


@pytest.fixture(scope="module")
def checked():
    return es.forecast(*rows(), n_samples=[100, 5000], check=True)


def test_forecast_and_students_agree_on_rows_without_tricks(checked):
    found = checked.check
    assert (found.n_seen, found.n_pool, found.n_test) == (900, 900, 300)
    assert len(found.points) == 6
    assert found.points[-1].measured.n_samples == 900
    assert found.verdict == "agrees"
    assert not found.warnings
    assert "which noise explains" in found.summary
    assert found.summary in repr(checked)
    assert checked.to_dict()["check"]["verdict"] == "agrees"


@pytest.mark.parametrize("count", [15, 100])
@pytest.mark.parametrize("ridges", [[0.02], [0.02, 0.0]])
def test_students_are_those_of_scikit_learn(count, ridges):
    """With fewer rows than inputs, and with more; with one ridge, and with none beside it."""
    x, y = rows()
    train, test = slice(count), slice(count, None)
    school = School(Learner(), Scaling.of(x))
    other = Ridge(alpha=0.02 * count).fit(x[train], y[train])
    found = school.predict(x[train], y[train, None], x[test], ridges)
    np.testing.assert_allclose(found[0][:, 0], other.predict(x[test]), rtol=1e-8, atol=1e-10)


def test_kernel_students_are_those_of_scikit_learn():
    x, y = rows(80, 3)
    scaling = Scaling.of(x)
    school = School(Learner("kernel", "gaussian", 0.8), scaling)
    seen = school.seen(x, np.inf, np.random.default_rng(0))
    found = school.predict(seen[:60], y[:60, None], seen[60:], [0.01])[0][:, 0]
    # A centred kernel is the same as a free intercept: ours centres, scikit-learn's is told to.
    both = np.vstack([seen[:60], seen[60:]])
    gram = np.exp(-((both[:, None] - both[None]) ** 2).sum(axis=2) / (2 * 0.8**2))
    inner, outer = gram[:60, :60], gram[60:, :60]
    keep = np.eye(60) - 1 / 60
    other = KernelRidge(alpha=0.01 * 60, kernel="precomputed")
    other.fit(keep @ inner @ keep, y[:60] - y[:60].mean())
    want = other.predict((outer - inner.mean(axis=0)) @ keep) + y[:60].mean()
    np.testing.assert_allclose(found, want, rtol=1e-8)


def test_the_rows_tested_on_are_not_those_learned_from():
    x, y = rows(400)
    sample = Sample(x, y[:, None], None, 400, "data", position=np.arange(400))
    parts = split(sample, 150)
    assert (parts.seen.n_rows, parts.pool.n_rows, parts.test.n_rows) == (150, 300, 100)
    assert not set(parts.pool.position) & set(parts.test.position)
    assert set(parts.seen.position) < set(parts.pool.position)


def test_students_go_beyond_the_rows_that_were_learned_from():
    found = es.forecast(*rows(), n_samples=100, max_rows=200, check=True).check
    assert (found.n_seen, found.points[-1].measured.n_samples) == (200, 900)
    assert found.points[-1].predicted.extrapolated == "samples"


def test_every_curve_is_checked_up_to_three_ridges_and_features():
    x, y = rows(200, 5)
    got = es.forecast(x, y, n_samples=50, n_features=[5, 10, 20, 40, 80], ridge=0.1, check=True)
    assert {point.measured.n_features for point in got.check.points} == {5, 20, 80}
    assert got.check.left_out == 2


def test_error_bars_hold_the_truth():
    """Means over overlapping draws, for linear rows whose expected loss is known."""
    rng, sizes = np.random.default_rng(0), np.array([20, 40, 90, 180, 360])
    truth = 0.25 * (1 + 1 / sizes) * (1 + 5 / (sizes - 7))
    predicted = [ForecastRow(int(T), 5, 0.0, Interval(1, 1, 1), None, 5.0, "") for T in sizes]
    held = np.zeros(len(sizes))
    for _ in range(200):
        x = rng.normal(size=(480, 5))
        y = x[:, :1] + 0.5 * rng.normal(size=(480, 1))
        parts = split(Sample(x, y, None, 480, "data"), 480)
        school = School(Learner(), Scaling.of(x))
        curve = _Curve(school, parts, np.inf, sizes, (0.0,), [predicted])
        assert list(curve.train(rng))[-1] == pytest.approx(1.0)
        found = [point.measured.loss for point in curve.points(0.9)]
        held += [one.low <= want <= one.high for one, want in zip(found, truth, strict=True)]
    assert (held / 200 > 0.82).all()
    assert (held / 200 < 0.97).all()


def test_errors_shrink_with_draws_and_with_rows_tested_on():
    rng = np.random.default_rng(1)
    few, many = rng.normal(1, 0.1, size=(1, 1, 4)), rng.normal(1, 0.1, size=(1, 1, 400))
    by_row = np.ones((1, 1, 50)) + 0.01 * rng.normal(size=(1, 1, 50))
    share = np.array([0.01])
    assert _errors(many, by_row, share)[0, 0] < 0.5 * _errors(few, by_row, share)[0, 0]


def test_labels_that_are_not_those_forecast_are_called_out():
    x, y = rows(1200)
    sample = Sample(x, y[:, None], None, 1200, "data", position=np.arange(1200))
    parts = split(sample, 4000)
    rng = np.random.default_rng(0)
    forecaster = Forecaster.learn(parts.seen, Learner(), draws=50, rng=rng)
    other = replace(parts.test, target=parts.test.target + rng.normal(size=(300, 1)))
    asked = Asked(("optimal",), np.array([np.inf]))
    found = check(forecaster, replace(parts, test=other), asked, Copies(), rng=rng)
    assert found.verdict == "disagrees"
    assert found.warnings == (found.summary,)
    assert "differ by more than noise explains: at" in found.summary
    assert "above the forecast" in found.summary
    assert "Do not trust" in found.summary


def test_too_few_rows_for_a_check_is_one_line():
    x, y = rows(40)
    with pytest.raises(InputError, match=r"40 rows; a check holds a quarter back and needs 64"):
        es.forecast(x, y, n_samples=20, check=True)


def test_same_seed_same_check():
    x, y = rows(200, 5)
    first, second = (es.forecast(x, y, n_samples=50, check=True, rng=3).check for _ in range(2))
    assert first.to_dict() == second.to_dict()


def test_trust_is_for_such_rows_only_where_they_are_copied():
    x, y = rows(300)
    found = es.forecast(np.tile(x, (2, 1)), np.tile(y, 2), n_samples=50, check=True).check
    assert "are copies" in found.dependence.warnings[0]
    assert found.summary.endswith("rows drawn at random from these, which depend on each other.")
    alone = es.forecast(x, y, n_samples=50, check=True).check
    assert "depend on" not in alone.summary

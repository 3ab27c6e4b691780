import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import parametrize_with_checks

from eigenscale import LearningCurveForecast
from eigenscale.errors import InputError


@parametrize_with_checks(
    [
        LearningCurveForecast(Ridge(), cv=3, random_state=0),
        LearningCurveForecast(LogisticRegression(), cv=3, random_state=0),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def rows(n=400):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 10))
    return x, x @ np.arange(10.0) + rng.normal(size=n)


def test_losses_are_those_of_fits_on_nested_subsets():
    x, y = rows()
    folds = KFold(4)
    got = LearningCurveForecast(Ridge(), train_sizes=[50, 300], cv=folds, random_state=0).fit(x, y)
    assert got.losses_.shape == (2, 4)
    train, test = next(iter(folds.split(x)))
    model = Ridge().fit(x[train], y[train])  # at all rows of a fold their order does not matter
    assert got.losses_[1, 0] == pytest.approx(np.mean((model.predict(x[test]) - y[test]) ** 2))
    assert (got.losses_[0] > got.losses_[1]).mean() > 0.5


def test_the_forecast_meets_the_closed_form():
    x, y = rows()
    found = LearningCurveForecast(
        Ridge(alpha=1e-6), train_sizes=np.geomspace(24, 320, 8).astype(int), random_state=0
    )
    curve = found.fit(x, y).forecast([2000])
    assert curve[0].loss.low < 1 + 10 / 1990 < curve[0].loss.high
    assert curve[0].extrapolated == "samples"
    assert curve.advice(target_loss=0.5).samples_needed is None


def test_every_subset_of_a_classifier_holds_every_class():
    x, y = load_digits(return_X_y=True)
    got = LearningCurveForecast(GaussianNB(), cv=3, random_state=0).fit(x, y)
    assert got.train_sizes_[0] == pytest.approx(1198 / 32, abs=1)
    assert np.isfinite(got.losses_).all()
    assert got.losses_[0].mean() < 0.7
    assert set(got.classes_) == set(range(10))


def test_scores_become_losses():
    x, y = rows()
    share = LearningCurveForecast(Ridge(), scoring="r2", cv=3, random_state=0).fit(x, y)
    squared = LearningCurveForecast(Ridge(), scoring="neg_mean_squared_error", cv=3, random_state=0)
    plain = LearningCurveForecast(Ridge(), cv=3, random_state=0).fit(x, y)
    np.testing.assert_allclose(squared.fit(x, y).losses_, plain.losses_)
    folds = [y[test].var() for _, test in KFold(3).split(x)]
    np.testing.assert_allclose(share.losses_ * folds, plain.losses_)


def test_work_that_was_cut_off_goes_on_where_it_stopped(tmp_path):
    x, y = rows(120)
    seen = []

    def stop_after_three(done, total):
        seen.append((done, total))
        if len(seen) == 3:
            raise KeyboardInterrupt

    made = LearningCurveForecast(
        Ridge(), cv=2, random_state=0, memory=str(tmp_path), progress=stop_after_three
    )
    with pytest.raises(KeyboardInterrupt):
        made.fit(x, y)
    kept = len(list(tmp_path.rglob("output.pkl")))
    assert kept >= 3
    made.set_params(progress=None).fit(x, y)
    assert len(list(tmp_path.rglob("output.pkl"))) == made.losses_.size
    fresh = LearningCurveForecast(Ridge(), cv=2, random_state=0).fit(x, y)
    np.testing.assert_array_equal(made.losses_, fresh.losses_)


def test_it_is_an_estimator_among_others():
    x, y = load_digits(return_X_y=True)
    made = LearningCurveForecast(LinearDiscriminantAnalysis(), cv=2, random_state=0)
    assert clone(made).set_params(estimator__shrinkage="auto", estimator__solver="lsqr").fit(x, y)
    grid = GridSearchCV(made, {"cv": [2, 3]}, cv=2).fit(x[:300], y[:300])
    assert grid.best_estimator_.score(x, y) > 0.7
    assert made.fit(x, y).predict_proba(x[:3]).shape == (3, 10)
    assert not hasattr(LearningCurveForecast(Ridge()), "predict_proba")


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([0, 10], "not all positive"),
        ([10, 1000], "more than the 80 training rows"),
        ([], "not all"),
    ],
)
def test_sizes_that_cannot_be(sizes, words):
    x, y = rows(100)
    with pytest.raises(InputError, match=words):
        LearningCurveForecast(Ridge(), train_sizes=sizes).fit(x, y)


def test_a_learner_without_errors_is_forecast_to_have_none():
    x = np.repeat([[0.0], [1.0]], 40, axis=0)
    got = LearningCurveForecast(GaussianNB(), cv=2, random_state=0).fit(x, np.repeat([0, 1], 40))
    assert got.forecast([1000])[0].loss.value == 0

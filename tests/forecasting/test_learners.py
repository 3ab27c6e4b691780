"""Learning curves of learners: measured within a budget, kept in a store, compared."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_classification

from eigenscale.errors import InputError
from eigenscale.figures.topics.learners import learners_figure
from eigenscale.forecasting.external.comparison import compare_learners
from eigenscale.forecasting.external.learners import LEARNERS, learner_of

X, Y = make_classification(300, 8, n_informative=4, random_state=0)
OPTIONS = {"folds": 3, "n_samples": [1000], "draws": 100}


@pytest.fixture(scope="module")
def both():
    return compare_learners(X, Y, ["knn", "ridge"], **OPTIONS)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_learns(name):
    for classes in (True, False) if name != "logistic" else (True,):
        target = Y if classes else X[:, 0] + X[:, 1]
        model = learner_of(name, classes).fit(X[:80], target[:80])
        assert np.shape(model.predict(X)) == (300,)


def test_rows_wins_and_crossings_are_there(both):
    plain = both.to_dict()
    assert {row["learner"] for row in plain["rows"]} == {"knn", "ridge"}
    assert plain["metric"]["name"] == "error rate"
    assert all(0 <= row["loss"]["low"] <= row["loss"]["value"] for row in plain["rows"])
    assert plain["wins"][0]["learner"] in {"knn", "ridge"}
    assert 0 <= plain["wins"][0]["probability"] <= 1
    assert "has the lowest error rate" in both.summary
    assert both.curves[0].sizes[-1] == 200


def test_curves_of_the_same_learner_are_those_of_scikit_learn(both):
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedKFold

    model = learner_of("ridge", classes=True)
    errors = [
        np.mean(clone(model).fit(X[train], Y[train]).predict(X[test]) != Y[test])
        for train, test in StratifiedKFold(3, shuffle=True, random_state=1).split(X, Y)
    ]
    assert both.curves[1].losses[-1].mean() == pytest.approx(np.mean(errors), abs=0.04)


def test_learners_that_cross_are_seen():
    """On digits naive bounds hold: neighbours need rows, a linear learner levels off."""
    x, y = load_digits(return_X_y=True)
    found = compare_learners(x, y, ["ridge", "knn"], folds=3, minutes=0.3, n_samples=[20_000])
    assert found.wins[-1].learner == "knn"
    figure = learners_figure(found)
    assert len(figure.panels[0].layers) >= 7


def test_finished_fits_are_found_in_the_store(tmp_path, both):
    path = tmp_path / "fits.sqlite"
    first = compare_learners(X, Y, ["knn"], store=path, **OPTIONS)
    again = compare_learners(X, Y, ["knn"], store=path, **OPTIONS)
    assert first.curves[0].found == 0
    assert again.curves[0].found == again.curves[0].losses.size
    np.testing.assert_array_equal(first.curves[0].losses, again.curves[0].losses)
    np.testing.assert_array_equal(first.curves[0].losses, both.curves[0].losses)
    other = compare_learners(X, Y, ["knn"], store=path, **{**OPTIONS, "folds": 4})
    assert other.curves[0].found == 0


def test_work_that_was_cut_off_goes_on(tmp_path):
    seen = []

    def stop(done, total):
        seen.append(done)
        if len(seen) == 5:
            raise KeyboardInterrupt

    path = tmp_path / "fits.sqlite"
    with pytest.raises(KeyboardInterrupt):
        compare_learners(X, Y, ["knn"], store=path, progress=stop, **OPTIONS)
    assert compare_learners(X, Y, ["knn"], store=path, **OPTIONS).curves[0].found == 5


def test_little_time_measures_few_sizes_and_says_so():
    found = compare_learners(X, Y, ["random-forest"], folds=2, minutes=1e-6, n_samples=[1000])
    assert len(found.curves[0].sizes) == 4
    assert "larger subsets do not fit in the time allowed" in " ".join(found.notes)


def test_numbers_and_scorers():
    y = X[:, 0] + 0.3 * np.random.default_rng(0).standard_normal(300)
    found = compare_learners(X, y, ["ridge"], **OPTIONS)
    assert found.metric == "mean squared error"
    assert found.forecasts[0][0].loss.value == pytest.approx(0.09, rel=0.3)
    shares = compare_learners(X, y, ["ridge"], metric="r2", **OPTIONS)
    assert 0 < shares.forecasts[0][0].loss.value < 0.3


@pytest.mark.parametrize(
    ("learners", "change", "words"),
    [
        (["forest"], {}, "learner 'forest' is not known; use hist-gradient-boosting"),
        (["sklearn.svm:Nothing"], {}, "cannot be made"),
        (["math:floor"], {}, "cannot be made"),
        ([], {}, "no learner is named"),
        (["knn"], {"folds": 1}, "folds 1"),
        (["knn"], {"minutes": 0}, "minutes 0"),
        (["knn"], {"metric": "quality"}, "a fit of"),
    ],
)
def test_bad_learners_are_one_line(learners, change, words):
    with pytest.raises(InputError) as caught:
        compare_learners(X, Y, learners, **{**OPTIONS, **change})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)

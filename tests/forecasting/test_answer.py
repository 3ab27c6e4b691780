"""Would more data help: one sentence in the user's metric, with an interval and how sure."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    roc_auc_score,
)

from eigenscale.errors import InputError
from eigenscale.forecasting.advice.answer import Answer
from eigenscale.forecasting.advice.outlook import More, Outlook
from eigenscale.forecasting.answer.measured import splits
from eigenscale.forecasting.answer.metrics import METRICS, metric_named
from eigenscale.forecasting.forecast import forecast
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.results import Interval


def outlook(now, ten, probability, learner="ridge regression"):
    ends = (Interval(x, x / 2, 1.5 * x) for x in (now, ten))
    return Outlook(learner, *ends, 1 - ten / now, probability)


def answer(mine, other=None, **more):
    return Answer("error rate", True, False, 569, mine, other, (), **more)


@pytest.mark.parametrize(
    ("mine", "other", "start", "advice"),
    [
        (outlook(0.05, 0.02, 0.9), None, "More data will help:", "Collect more rows."),
        (outlook(0.05, 0.049, 0.1), None, "More data will hardly help:", "limit ridge regression"),
        (
            outlook(0.05, 0.049, 0.1),
            outlook(0.05, 0.048, 0.2, "logistic regression"),
            "More data will hardly help:",
            "The features limit: better features",
        ),
        (
            outlook(0.327, 0.323, 0.01),
            outlook(0.08, 0.03, 0.99, "logistic regression"),
            "More data will hardly help:",
            "the limit of ridge regression, not of the task: logistic regression has 8",
        ),
        (outlook(0.05, 0.044, 0.5), None, "More data may help:", "in steps"),
    ],
)
def test_the_sentence_follows_the_verdict(mine, other, start, advice):
    text = answer(mine, other).summary
    assert text.startswith(start)
    assert advice in text
    assert f"or more is {100 * mine.probability:.0f}" in text


def test_positives_and_more_rows_are_named():
    found = answer(
        outlook(0.05, 0.049, 0.1),
        rare=("malignant", 34),
    )
    assert "Only 34 of 569 rows are malignant" in found.summary
    more = Answer(
        *("RMSE", False, False, 100, outlook(3.0, 2.0, 0.8), None),
        (More(100, Interval(2.9, 2.5, 3.2)),),
    )
    assert more.more_rows == "RMSE with 100 more rows 2.90 (2.50–3.20)."


@pytest.mark.parametrize("classes", [2, 4])
def test_metrics_are_those_of_scikit_learn(classes):
    rng = np.random.default_rng(0)
    label = np.concatenate([np.arange(classes), rng.integers(classes, size=300) ** 2 % classes])
    target = np.eye(classes)[label]
    scores = rng.dirichlet(np.ones(classes), len(label)) + 0.3 * target
    scores /= scores.sum(axis=1, keepdims=True)
    guess, rare = scores.argmax(axis=1), int(target.sum(axis=0).argmin())
    one = classes == 2
    wanted = {
        "log_loss": log_loss(label, scores),
        "balanced_error": 1 - balanced_accuracy_score(label, guess),
        "auc": roc_auc_score(label == rare, scores[:, rare])
        if one
        else roc_auc_score(label, scores, multi_class="ovr"),
        "f1": f1_score(label == rare, guess == rare)
        if one
        else f1_score(label, guess, average="macro"),
        "average_precision": average_precision_score(
            (target[:, rare] if one else target), (scores[:, rare] if one else scores)
        ),
    }
    for name, value in wanted.items():
        metric = METRICS[name]
        got = metric.values(np.array([metric.loss(target, scores)]))[0]
        assert got == pytest.approx(value), name


def test_intervals_stay_inside_what_a_metric_can_be():
    for key, metric in METRICS.items():
        found = metric.interval(0.02, np.random.default_rng(0).normal(0.02, 2, 500), 0.9)
        assert found.low <= found.value <= found.high, key
        assert metric.rises or found.low >= 0, key
        assert found.high <= (1 if metric.rises else metric.most), key


def test_a_metric_of_the_other_kind_is_refused():
    assert metric_named("AUC", True)[0] == "auc"
    with pytest.raises(InputError, match="use rmse, mae, r2"):
        metric_named("auc", False)
    with pytest.raises(InputError, match="'kappa' is not known"):
        metric_named("kappa", True)


@pytest.mark.parametrize("kind", ["classes", "groups", "time"])
def test_splits_respect_classes_groups_and_time(kind):
    rng = np.random.default_rng(0)
    n = 200
    label = (np.arange(n) % 10 == 0).astype(int)
    sample = Sample(rng.normal(size=(n, 2)), np.eye(2)[label], ("no", "yes"), n, "rows")
    groups, times = np.repeat(np.arange(40), 5), rng.permutation(n).astype(float)
    sample = Sample(
        sample.inputs,
        sample.target,
        sample.classes,
        n,
        "rows",
        groups=groups if kind == "groups" else None,
        times=times if kind == "time" else None,
    )
    for train, test in splits(sample, rng):
        assert not set(train) & set(test)
        if kind == "groups":
            assert not set(groups[train]) & set(groups[test])
        elif kind == "time":
            assert times[train].max() < times[test].min()
        else:
            assert label[test].sum() == 4
            assert label[train[:40]].sum() == 4


def test_patients_are_answered_in_their_error_rate(tmp_path):
    data = load_breast_cancer(as_frame=True).frame
    data["target"] = np.where(data["target"] == 0, "malignant", "benign")
    data.to_csv(tmp_path / "patients.csv", index=False)
    found = forecast(str(tmp_path / "patients.csv"), "target", n_samples=[569], draws=50)
    plain = found.to_dict()
    assert plain["metric"]["name"] == "error_rate"
    assert 0.02 < plain["metric"]["value"]["low"] < 0.045 < plain["metric"]["value"]["high"] < 0.07
    assert plain["rows"][0]["metric"]["value"] == pytest.approx(found[0].metric.value.to_dict())
    assert plain["prepared"]["mode"] == "standard"
    assert plain["answer"]["other"]["learner"] == "logistic regression"
    assert found.answer.summary.startswith("More data")
    assert found.advice().floor_of_task is not found.answer.other_is_better


def test_groups_and_time_are_respected_by_a_forecast(tmp_path):
    """Patients have a level of their own: rows held back at random know it, new patients do not."""
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(60), 5)
    level, marks = rng.normal(size=60), rng.normal(size=(60, 4))
    lines = [
        f"{p},{i},{','.join(f'{v:.4f}' for v in marks[p] + 0.05 * rng.normal(size=4))},"
        f"{level[p] + 0.1 * rng.normal():.4f}"
        for i, p in enumerate(patient)
    ]
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(["patient,day,a,b,c,d,score", *lines]))
    plain = forecast(str(path), "score", n_samples=[240], draws=50)
    assert any("--groups patient" in note for note in plain.notes)
    whole = forecast(str(path), "score", n_samples=[240, 2400], groups="patient", draws=50)
    assert whole[0].loss.value > 0.9 * level.var()
    assert whole[0].metric.name == "rmse"
    gone = {gone["name"]: gone["why"] for gone in whole.to_dict()["prepared"]["left_out"]}
    assert gone["patient"] == "it is the group of a row, as asked"
    later = forecast(str(path), "score", n_samples=[240], time="day", draws=50)
    assert "later rows" in later.learner
    with pytest.raises(InputError, match="leave the check out"):
        forecast(str(path), "score", n_samples=[240], groups="patient", check=True)
    with pytest.raises(InputError, match="no column site"):
        forecast(str(path), "score", n_samples=[240], groups="site")


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("jaccard", True),
        ("neg_log_loss", True),
        ("matthews_corrcoef", True),
        ("balanced_accuracy", True),
        ("f1_weighted", True),
        ("neg_median_absolute_error", False),
        ("explained_variance", False),
    ],
)
def test_any_scorer_of_scikit_learn_is_a_metric(name, classes):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    score = x[:, 0] + 0.5 * rng.normal(size=200)
    y = np.where(score > 0.4, "a", "b") if classes else score
    found = forecast(x, y, n_samples=[200, 400], metric=name)
    value = found.rows[0].metric.value
    assert found.rows[0].metric.name in (name, "log_loss")
    assert value.low <= value.value <= value.high
    with pytest.raises(InputError, match="is of"):
        forecast(x, score if classes else np.where(score > 0, "a", "b"), n_samples=9, metric=name)

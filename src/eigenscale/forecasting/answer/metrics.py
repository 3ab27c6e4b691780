"""Metrics that people ask in: what they are computed from, and what they can be.

A curve is fitted to a loss, which falls; a metric that rises, as AUC does, is one minus its loss.
Brier scores sum over classes. F1, AUC and average precision of two classes are of the rarer one,
those of more classes are means over classes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.results import Interval
from eigenscale.text.lines import choices

Score = Callable[[Floats, Floats], float]


@dataclass(frozen=True)
class Metric:
    """A metric of predictions.

    Attributes
    ----------
    name : str
        As it is written in sentences.
    kind : "classes" or "numbers"
        Of the target.
    loss : callable
        Target and prediction, each (n, columns), to a number that falls as predictions get
        better: the metric, or one minus it. Classes are one-hot, predictions their scores.
    rises : bool
        Whether the metric is one minus its loss.
    most : float
        Largest loss that there can be.
    probabilities : bool
        Whether scores must be probabilities, which ridge regression does not give.
    share : bool
        Whether it is written in per cent.
    """

    name: str
    kind: Literal["classes", "numbers"]
    loss: Score
    rises: bool = False
    most: float = np.inf
    probabilities: bool = False
    share: bool = False

    def values(self, loss: Floats) -> Floats:
        """Turn losses into values of the metric, within what it can be."""
        inside = np.clip(loss, 0.0, self.most)
        return 1 - inside if self.rises else inside

    def interval(self, loss: float, draws: Floats, level: float) -> Interval:
        """Give the metric's interval from a loss and its draws."""
        value = float(self.values(np.array([loss]))[0])
        found = Interval.from_draws(value, self.values(draws), level)
        return Interval(value, min(found.low, value), max(found.high, value), level, found.se)


def _error_rate(target: Floats, scores: Floats) -> float:
    return float(np.mean(target.argmax(axis=1) != scores.argmax(axis=1)))


def _log_loss(target: Floats, scores: Floats) -> float:
    of_truth = (target * scores).sum(axis=1)
    return float(-np.log(np.clip(of_truth, 1e-15, 1)).mean())


def _squares(target: Floats, predicted: Floats) -> float:
    return float(((target - predicted) ** 2).sum(axis=1).mean())


def _root(target: Floats, predicted: Floats) -> float:
    return float(np.sqrt(((target - predicted) ** 2).mean()))


def _absolute(target: Floats, predicted: Floats) -> float:
    return float(np.abs(target - predicted).mean())


def _unexplained(target: Floats, predicted: Floats) -> float:
    return _squares(target, predicted) / max(float(target.var(axis=0).sum()), 1e-300)


def _balanced(target: Floats, scores: Floats) -> float:
    from sklearn.metrics import recall_score

    truth, guess = target.argmax(axis=1), scores.argmax(axis=1)
    there = np.unique(truth)
    return 1 - float(recall_score(truth, guess, labels=there, average="macro", zero_division=0))


def _f1(target: Floats, scores: Floats) -> float:
    from sklearn.metrics import f1_score

    truth, guess = target.argmax(axis=1), scores.argmax(axis=1)
    if target.shape[1] == 2:
        rare = int(target.sum(axis=0).argmin())
        return 1 - float(f1_score(truth == rare, guess == rare, zero_division=0))
    return 1 - float(f1_score(truth, guess, average="macro", zero_division=0))


def _by_class(score: Score) -> Score:
    """Average a score of one class against the others."""

    def mean(target: Floats, scores: Floats) -> float:
        there = np.flatnonzero((target.sum(axis=0) > 0) & (target.sum(axis=0) < len(target)))
        if target.shape[1] == 2:
            there = there[[target[:, there].sum(axis=0).argmin()]]
        if not there.size:
            return 0.5
        return 1 - float(np.mean([score(target[:, c], scores[:, c]) for c in there]))

    return mean


def _auc(target: Floats, scores: Floats) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(target, scores))


def _precision(target: Floats, scores: Floats) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(target, scores))


SQUARED_ERROR = Metric("squared error", "numbers", _squares)
"""The loss of a forecast: summed over target columns, no half."""

METRICS = {
    "error_rate": Metric("error rate", "classes", _error_rate, most=1.0, share=True),
    "accuracy": Metric("accuracy", "classes", _error_rate, True, 1.0, share=True),
    "balanced_error": Metric("balanced error", "classes", _balanced, most=1.0, share=True),
    "f1": Metric("F1 score", "classes", _f1, True, 1.0),
    "auc": Metric("AUC", "classes", _by_class(_auc), True, 1.0),
    "average_precision": Metric("average precision", "classes", _by_class(_precision), True, 1.0),
    "log_loss": Metric("log loss", "classes", _log_loss, probabilities=True),
    "brier": Metric("Brier score", "classes", _squares, most=2.0, probabilities=True),
    "rmse": Metric("RMSE", "numbers", _root),
    "mae": Metric("MAE", "numbers", _absolute),
    "r2": Metric("R²", "numbers", _unexplained, True),
}
_ALSO = {
    "error": "error_rate",
    "roc_auc": "auc",
    "ap": "average_precision",
    "logloss": "log_loss",
    "cross_entropy": "log_loss",
    "nll": "log_loss",
    "balanced_error_rate": "balanced_error",
    "brier_score": "brier",
    "f1_score": "f1",
    "r²": "r2",
    "neg_log_loss": "log_loss",
    "neg_brier_score": "brier",
    "neg_root_mean_squared_error": "rmse",
    "neg_mean_absolute_error": "mae",
    "f1_macro": "f1",
}


def is_metric(name: str) -> bool:
    """Whether there is a metric of that name, in any of its spellings."""
    return _key(name) in METRICS


def _key(name: str) -> str:
    plain = name.lower().strip().replace(" ", "_").replace("-", "_")
    return _ALSO.get(plain, plain)


def metric_named(name: str | None, classes: bool) -> tuple[str, Metric]:
    """Find a metric by its name, or the usual one: error rate of classes, RMSE of numbers.

    Raises
    ------
    InputError
        Where it is unknown, or of the other kind of target.

    Examples
    --------
    >>> metric_named("ROC AUC", True)[1].name
    'AUC'
    """
    key = _key(name or ("error_rate" if classes else "rmse"))
    if key not in METRICS:
        known = choices(str(name), METRICS)
        raise InputError(f"metric {name!r} is not known; use {known}, or a scorer of scikit-learn")
    found = METRICS[key]
    wanted = "classes" if classes else "numbers"
    if found.kind != wanted:
        fitting = ", ".join(k for k, metric in METRICS.items() if metric.kind == wanted)
        raise InputError(f"metric {name} is of {found.kind}, the target {wanted}; use {fitting}")
    return key, found

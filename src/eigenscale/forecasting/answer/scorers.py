"""Any scorer of scikit-learn as a metric, by its name: ``balanced_accuracy``, ``jaccard``, ….

Scores of two classes are of the rarer one, as elsewhere here. A curve is fitted to a loss: what a
name with ``neg_`` measures, or one minus the score.
"""

from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.forecasting.answer.metrics import Metric, is_metric, metric_named

_NUMBERS = frozenset(
    {
        "explained_variance",
        "max_error",
        "neg_max_error",
        "neg_median_absolute_error",
        "neg_mean_absolute_percentage_error",
        "neg_mean_squared_error",
        "neg_mean_squared_log_error",
        "neg_root_mean_squared_log_error",
        "neg_mean_poisson_deviance",
        "neg_mean_gamma_deviance",
        "d2_absolute_error_score",
    }
)


def metric_asked(name: str | None, classes: bool) -> tuple[str, Metric]:
    """Find a metric by its name here, or among scikit-learn's scorers.

    Raises
    ------
    InputError
        Where it is unknown, or of the other kind of target.

    Examples
    --------
    >>> metric_asked("jaccard", True)[1].name, metric_asked("MAE", False)[1].name
    ('jaccard', 'MAE')
    """
    found = None if name is None or is_metric(name) else scorer_named(name)
    if name is None or found is None:
        return metric_named(name, classes)
    wanted = "classes" if classes else "numbers"
    if found.kind != wanted:
        raise InputError(f"metric {name} is of {found.kind}, the target {wanted}; use another")
    return name, found


def scorer_named(name: str) -> Metric | None:
    """Make a metric of a scorer; None where scikit-learn has none, or one of clusters.

    Examples
    --------
    >>> found = scorer_named("balanced_accuracy")
    >>> target = np.eye(2)[[0, 0, 0, 1]]
    >>> round(found.loss(target, np.eye(2)[[0, 0, 1, 1]]), 3)
    0.167
    """
    from sklearn.metrics import get_scorer, get_scorer_names

    if name not in get_scorer_names():
        return None
    scorer: Any = get_scorer(name)
    response = getattr(scorer, "_response_method", "predict")
    numbers = name in _NUMBERS
    if not numbers and scorer._score_func.__module__.endswith("cluster._supervised"):
        return None
    rises = scorer._sign > 0

    def loss(target: Floats, predicted: Floats) -> float:
        truth, guess = (target, predicted) if numbers else _of_classes(target, predicted, response)
        score = float(scorer._score_func(truth, guess, **scorer._kwargs))
        return max(1 - score if rises else score, 0.0)

    return Metric(
        name.removeprefix("neg_").replace("_", " "),
        "numbers" if numbers else "classes",
        loss,
        rises,
        # A score may fall below zero, as explained variance does; a loss of two is enough then.
        2.0 if rises else np.inf,
        probabilities=response == "predict_proba",
    )


def _of_classes(target: Floats, scores: Floats, response: Any) -> tuple[Floats, Floats]:
    """Give labels and what the scorer wants of predictions; of two classes the rarer is 1."""
    order = np.argsort(-target.sum(axis=0), kind="stable") if target.shape[1] == 2 else None
    if order is not None:
        target, scores = target[:, order], scores[:, order]
    truth = target.argmax(axis=1)
    if response == "predict":
        return truth, scores.argmax(axis=1)
    return truth, scores[:, 1] if target.shape[1] == 2 else scores

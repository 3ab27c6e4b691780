"""Learners that are measured beside the forecast: ridge on one-hot labels, and logistic."""

import warnings
from collections.abc import Callable

import numpy as np

from eigenscale.arrays import Floats

Fit = Callable[[Floats, Floats, Floats], Floats]
"""Training inputs and target, test inputs, to predictions of the target's columns."""

_PENALTIES = np.geomspace(1e-5, 1e2, 15)  # over the mean eigenvalue of the covariance
_ROUNDS = 100


def ridge(x: Floats, y: Floats, test: Floats) -> Floats:
    """Ridge regression with the penalty of least leave-one-out error."""
    from sklearn.linear_model import RidgeCV

    scale = float(((x - x.mean(axis=0)) ** 2).sum()) / min(x.shape)
    model = RidgeCV(alphas=_PENALTIES * max(scale, 1e-300)).fit(x, y)
    return np.asarray(model.predict(test)).reshape(len(test), -1)


def logistic(x: Floats, y: Floats, test: Floats) -> Floats:
    """Probabilities of logistic regression on scaled inputs, zero for classes not seen."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    label, found = y.argmax(axis=1), np.zeros((len(test), y.shape[1]))
    there = np.unique(label)
    if len(there) == 1:
        found[:, there] = 1.0
        return found
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=_ROUNDS, tol=1e-3))
    with warnings.catch_warnings():  # a hundred rounds are near enough for a curve
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, label)
    found[:, there] = model.predict_proba(test)
    return found


LEARNERS: dict[str, Fit] = {"ridge regression": ridge, "logistic regression": logistic}

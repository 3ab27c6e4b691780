"""Learners by name: estimators of scikit-learn with their usual scaling, or any other class."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from eigenscale.errors import InputError

_LAMBDAS = [10.0**power for power in range(-4, 5)]


def learner_of(name: str, classes: bool, seed: int = 0) -> Any:
    """Make an estimator by its name, for classes or for numbers.

    Parameters
    ----------
    name : str
        One of `LEARNERS`, or ``module:Class`` of an estimator with `fit` and `predict`, made
        without arguments.
    classes : bool
        Whether the target is classes.
    seed : int
        Of estimators that draw at random.

    Raises
    ------
    InputError
        Where there is no such learner, or it does not go with the target.

    Examples
    --------
    >>> type(learner_of("random-forest", classes=True)).__name__
    'RandomForestClassifier'
    """
    if ":" in name:
        return _imported(name)
    if name not in LEARNERS:
        raise InputError(
            f"learner {name!r} is not known; use {', '.join(LEARNERS)}, or module:Class"
        )
    return LEARNERS[name](classes, seed)


def _imported(name: str) -> Any:
    module, _, path = name.partition(":")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
        made = found()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise InputError(
            f"learner {name!r} cannot be made: {error}; name module:Class of an estimator that "
            "needs no arguments"
        ) from None
    if not (callable(getattr(made, "fit", None)) and callable(getattr(made, "predict", None))):
        raise InputError(f"learner {name!r} has no fit and predict; name a scikit-learn estimator")
    return made


def _boosting(classes: bool, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    return kind(random_state=seed)


def _forest(classes: bool, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if classes else RandomForestRegressor
    return kind(n_estimators=100, random_state=seed)


def _logistic(classes: bool, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    if not classes:
        raise InputError("learner logistic needs a target of classes; use ridge for numbers")
    return _scaled(LogisticRegression(max_iter=1000, random_state=seed))


def _knn(classes: bool, seed: int) -> Any:  # noqa: ARG001 - nothing is drawn
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    return _scaled(KNeighborsClassifier() if classes else KNeighborsRegressor())


def _mlp(classes: bool, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if classes else MLPRegressor
    return _scaled(kind(random_state=seed, max_iter=300))


def _ridge(classes: bool, seed: int) -> Any:  # noqa: ARG001 - nothing is drawn
    from sklearn.linear_model import RidgeClassifierCV, RidgeCV

    return _scaled((RidgeClassifierCV if classes else RidgeCV)(_LAMBDAS))


def _kernel(classes: bool, seed: int) -> Any:  # noqa: ARG001 - nothing is drawn
    from sklearn.svm import SVC, SVR

    return _scaled(SVC() if classes else SVR())


def _scaled(estimator: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), estimator)


LEARNERS: dict[str, Callable[[bool, int], Any]] = {
    "hist-gradient-boosting": _boosting,
    "random-forest": _forest,
    "logistic": _logistic,
    "knn": _knn,
    "mlp": _mlp,
    "ridge": _ridge,
    "kernel": _kernel,
}

"""A scikit-learn estimator that measures its learning curve, and forecasts how it goes on."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import _safe_indexing, assert_all_finite, check_random_state, get_tags, indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples, check_is_fitted

from eigenscale.arrays import Floats, Index
from eigenscale.errors import InputError
from eigenscale.forecasting.external.forecast_points import forecast_points
from eigenscale.forecasting.result import Forecast
from eigenscale.progress import Progress, track

_SIZES, _LEAST_SHARE, _LEAST = 8, 1 / 32, 2


def _has(name: str) -> Any:
    """Say whether the estimator inside has a method."""

    def check(self: "LearningCurveForecast") -> bool:
        getattr(getattr(self, "estimator_", self.estimator), name)
        return True

    return available_if(check)


class LearningCurveForecast(MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]
    """Train an estimator on nested subsets of the data, and forecast its loss with more.

    Parameters
    ----------
    estimator : scikit-learn estimator
        With a `predict`.
    train_sizes : array_like, optional
        Numbers of training rows, or shares (below or at 1.0) of a fold's; by default eight from
        1/32 to all of them, each twice as large or less.
    cv : int, splitter or iterable
        As scikit-learn's: folds to test on.
    scoring : str or callable, optional
        The loss is -score for names that begin with ``neg_``, else 1 - score. By default the share
        of wrong classes, or the mean squared error summed over target columns.
    level : float
        Nominal coverage of the intervals.
    random_state : int, RandomState or None
        Of the order in which rows join, and of the intervals.
    n_jobs : int, optional
        Fits at a time.
    memory : str, optional
        Folder in which finished fits are kept, so that work that was cut off goes on where it
        stopped (joblib).
    refit : bool
        Train on all rows at the end, for `predict`.
    progress : callable, optional
        Called with (fits done, fits in all).

    Attributes
    ----------
    train_sizes_ : array, shape (m,)
    losses_ : array, shape (m, folds)
        Measured test losses.
    estimator_ : estimator
        Trained on all rows.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.naive_bayes import GaussianNB
    >>> x, y = load_digits(return_X_y=True)
    >>> curve = LearningCurveForecast(GaussianNB(), cv=3, random_state=0).fit(x, y)
    >>> found = curve.forecast([1000, 10_000])
    >>> bool(found[1].loss.value < found[0].loss.value < 0.25)
    True
    """

    def __init__(
        self,
        estimator: Any,
        *,
        train_sizes: ArrayLike | None = None,
        cv: Any = 5,
        scoring: Any = None,
        level: float = 0.9,
        random_state: Any = None,
        n_jobs: int | None = None,
        memory: str | None = None,
        refit: bool = True,
        progress: Progress | None = None,
    ) -> None:
        self.estimator = estimator
        self.train_sizes = train_sizes
        self.cv = cv
        self.scoring = scoring
        self.level = level
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.memory = memory
        self.refit = refit
        self.progress = progress

    def fit(self, X: Any, y: Any) -> "LearningCurveForecast":
        """Measure the learning curve, and train on all rows.

        Raises
        ------
        InputError
            Where a training size is not positive or larger than a fold's training rows.
        """
        if y is None:
            raise InputError(
                "a learning curve requires y to be passed, but the target y is None; give one"
            )
        X, y = indexable(X, y)
        assert_all_finite(y, input_name="y")
        classes = is_classifier(self.estimator)
        random = check_random_state(self.random_state)
        folds = list(check_cv(self.cv, y, classifier=classes).split(X, y))
        orders = [nested_order(np.asarray(y), train, classes, random) for train, _ in folds]
        least = 2 * len(np.unique(y)) if classes else _LEAST
        self.train_sizes_ = _sizes(self.train_sizes, min(map(len, orders)), least)
        losses = self._losses(X, y, [test for _, test in folds], orders)
        self.losses_ = losses.reshape(len(folds), -1).T
        if self.refit:
            self.estimator_ = clone(self.estimator).fit(X, y)
            if hasattr(self.estimator_, "n_features_in_"):
                self.n_features_in_ = self.estimator_.n_features_in_
            if hasattr(self.estimator_, "feature_names_in_"):
                self.feature_names_in_ = self.estimator_.feature_names_in_
        return self

    def _losses(self, X: Any, y: Any, tests: list[Index], orders: list[Index]) -> Floats:
        """Test losses, folds slowest."""
        from joblib import Memory, Parallel, delayed

        measure = (
            Memory(self.memory, verbose=0).cache(measured_loss) if self.memory else measured_loss
        )
        jobs = [
            (order[: int(size)], test)
            for order, test in zip(orders, tests, strict=True)
            for size in self.train_sizes_
        ]

        def rows(index: Index) -> tuple[Any, Any]:
            return _safe_indexing(X, index), _safe_indexing(y, index)

        parallel = Parallel(n_jobs=self.n_jobs, return_as="generator")
        found = parallel(
            delayed(measure)(self.estimator, *rows(train), *rows(test), self.scoring)
            for train, test in jobs
        )
        return np.array(list(track(found, len(jobs), self.progress)))

    def forecast(self, n_samples: ArrayLike | None = None) -> Forecast:
        """Forecast the loss at other numbers of samples; see `forecast_points`.

        Raises
        ------
        InputError
            Where the measured losses allow no law: fewer than four sizes, or no errors at all.
        """
        check_is_fitted(self, "losses_")
        seed = check_random_state(self.random_state).randint(2**31)
        return forecast_points(
            self.train_sizes_, self.losses_, n_samples=n_samples, level=self.level, rng=int(seed)
        )

    @_has("predict")  # type: ignore[untyped-decorator]
    def predict(self, X: Any) -> Any:
        """Predict with the estimator trained on all rows."""
        return self._trained().predict(X)

    @_has("predict_proba")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        """Give class probabilities of the estimator trained on all rows."""
        return self._trained().predict_proba(X)

    @_has("decision_function")  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        """Give decision values of the estimator trained on all rows."""
        return self._trained().decision_function(X)

    @_has("score")  # type: ignore[untyped-decorator]
    def score(self, X: Any, y: Any) -> Any:
        """Score the estimator trained on all rows."""
        return self._trained().score(X, y)

    @property
    def classes_(self) -> Any:
        """Classes of the estimator trained on all rows."""
        return self._trained().classes_

    def _trained(self) -> Any:
        check_is_fitted(self, "estimator_")
        return self.estimator_

    def __sklearn_tags__(self) -> Any:
        """Take the tags of the estimator inside."""
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        for name in ("estimator_type", "target_tags", "classifier_tags", "regressor_tags"):
            setattr(tags, name, getattr(inner, name))
        tags.input_tags = inner.input_tags
        tags.target_tags.required = True
        return tags


def measured_loss(estimator: Any, X: Any, y: Any, X_test: Any, y_test: Any, scoring: Any) -> float:
    """Train a copy and test it."""
    model = clone(estimator).fit(X, y)
    if scoring is not None:
        score = float(check_scoring(model, scoring)(model, X_test, y_test))
        turned = isinstance(scoring, str) and scoring.startswith("neg_")
        return -score if turned else 1 - score
    predicted, wanted = np.asarray(model.predict(X_test)), np.asarray(y_test)
    if is_classifier(estimator):
        return float(np.mean(predicted != wanted))
    apart = predicted.reshape(len(wanted), -1) - wanted.reshape(len(wanted), -1)
    return float(np.mean(np.sum(apart**2, axis=1)))


def nested_order(y: NDArray[Any], train: Index, classes: bool, random: Any) -> NDArray[Any]:
    """Order in which rows join; every subset holds the classes in their shares."""
    order: NDArray[Any] = np.asarray(train)[random.permutation(_num_samples(train))]
    if not classes or y.ndim != 1:
        return order
    codes = np.unique(y[order], return_inverse=True)[1]
    place = np.empty(len(order))
    for code in range(int(codes.max()) + 1):
        rows = np.flatnonzero(codes == code)
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return np.asarray(order[np.argsort(place, kind="stable")])


def _sizes(asked: ArrayLike | None, most: int, least: int) -> NDArray[Any]:
    if asked is None:
        grid = np.geomspace(min(max(least, most * _LEAST_SHARE), most), most, _SIZES)
        return np.asarray(np.unique(grid.round().astype(int).clip(1, most)))
    values = np.atleast_1d(np.asarray(asked, dtype=float)).ravel()
    if not values.size or not (values > 0).all():
        raise InputError(f"train_sizes {asked!r} are not all positive; give counts or shares")
    if np.issubdtype(np.asarray(asked).dtype, np.floating) and values.max() <= 1:
        values = values * most
    if values.max() > most:
        raise InputError(
            f"train_sizes has {values.max():g}, more than the {most} training rows of a fold; "
            "lower it, or give more rows"
        )
    return np.asarray(np.unique(values.round().astype(int).clip(1, most)))

"""`forecast`: from a sample of data and labels to the loss at any size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.forecasting.answer.answer import answer
from eigenscale.forecasting.answer.on_splits import forecast_on_splits
from eigenscale.forecasting.check.check import Asked, rows_wanted, split
from eigenscale.forecasting.check.check import check as check_forecast
from eigenscale.forecasting.forecaster import Forecaster, Learner, rows_of
from eigenscale.forecasting.options import (
    check_independent,
    check_options,
    learner_asked,
    ridges_asked,
    sizes,
)
from eigenscale.forecasting.result import Forecast
from eigenscale.forecasting.row import ForecastRow
from eigenscale.forecasting.sample.dependence import Copies
from eigenscale.forecasting.sample.sample import Sample, read_sample
from eigenscale.io.data.targets import Kind
from eigenscale.io.preparation.preparation import Asked as Prepare
from eigenscale.progress import Progress, share_of
from eigenscale.threads import few_threads

_MAX_ROWS = {"fixed": 4000, "random": 2000, "kernel": 2000}


def forecast(
    data: Any,
    target: Any,
    *,
    n_samples: ArrayLike,
    n_features: ArrayLike | None = None,
    ridge: ArrayLike | Literal["optimal"] = "optimal",
    feature_map: str = "relu",
    kernel: str | None = None,
    width: float = 1.0,
    level: float = 0.9,
    draws: int = 200,
    max_rows: int | None = None,
    check: bool = False,
    columns: Sequence[str] | None = None,
    target_kind: Kind = "auto",
    prepare: Prepare = "auto",
    metric: str | None = None,
    groups: str | None = None,
    time: str | None = None,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> Forecast:
    """Say how the test loss of ridge regression will fall with more samples or features.

    Parameters
    ----------
    data : path, array, dataframe or iterator of arrays
        Rows are samples.
    target : path, array, column of labels or name
        One row for each row of data, or the name of a column of a table, as for `measure`;
        classes become one column of zeros and ones each.
    n_samples : int or array_like
        Training samples to forecast for, within the sample or beyond it.
    n_features : int or array_like, optional
        Random features in front of the ridge regression. Without it the columns of `data` are
        the features.
    ridge : float, array_like or "optimal"
        Per sample: ``ΦᵀΦ/T + ridge·I`` for features, ``K/T + ridge·I`` for a kernel.
    feature_map : {"relu", "cos", "erf", "linear"}
        Kind of the random features.
    kernel : {"gaussian", "laplace", "arc-cosine"}, optional
        Forecast kernel ridge regression instead.
    width : float
        Of the kernel (or of "cos" features), where inputs have root-mean-square length 1.
    level : float
        Nominal coverage of the intervals.
    draws : int
        Resamplings behind the intervals.
    max_rows : int, optional
        Rows of the data to use, drawn at random: 4,000 for fixed features, 2,000 otherwise.
    check : bool
        Hold a quarter of the rows back, train the real thing on parts of the others, and compare:
        `Forecast.check` says how far to trust the forecast, and whether rows depend on each other.
    prepare : {"auto", "none", "standard", "robust"}
        What is done to the columns of a table: see `Preparation`. "auto" encodes categories and
        dates, fills missing values, leaves out identities and copies of the target, and scales
        numbers where columns have different units; arrays without names are left as they are.
    metric : str, optional
        What the answer is in: error_rate (of classes, by default), balanced_error, f1, auc,
        average_precision, log_loss or brier; rmse (of numbers, by default), mae or r2; or any
        scorer of scikit-learn. What ridge regression does not give is measured on a learner
        that does.
    groups, time : str, optional
        Columns of a table: the group (a patient, a site) that a row belongs to, and when it was
        recorded. Then losses are measured on groups that were not trained on, and on later rows,
        and a curve through them is carried on.
    rng : int or Generator
        Same seed, same result.

    Returns
    -------
    Forecast
        One row for each combination; samples vary fastest.

    Raises
    ------
    InputError
        Where data and target do not fit together or cannot be learned from, or a size is not
        positive.

    Notes
    -----
    Loss is the mean squared test error on real labels, summed over target columns, with data
    and target centred on the training sample. docs/forecast.md derives the method.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(300, 5))
    >>> y = x[:, 0] + 0.5 * rng.normal(size=300)
    >>> curve = forecast(x, y, n_samples=[20, 1000], ridge=0.0)
    >>> np.allclose(curve.loss, [0.25 * (1 + 6 / 13), 0.25], rtol=0.15)
    True
    """
    samples = sizes(n_samples, "n_samples", least=2)
    features = None if n_features is None else sizes(n_features, "n_features", least=1)
    ridges = ridges_asked(ridge)
    learner = learner_asked(features, feature_map, kernel, width)
    check_options(level, draws, max_rows)
    most = max_rows or _MAX_ROWS[learner.kind]
    generator, copies = np.random.default_rng(rng), Copies()
    sample = read_sample(
        data,
        target,
        max_rows=rows_wanted(learner, most) if check else most,
        rng=generator,
        columns=columns,
        target_kind=target_kind,
        prepare=prepare,
        groups=groups,
        time=time,
        watch=copies.see if check else None,
    )
    raw = sample.without_copies()
    copies.left_out = raw is not sample
    if raw.groups is not None or raw.times is not None:
        check_independent(learner, check)
        return forecast_on_splits(raw, samples, metric, level=level, draws=draws, rng=generator)
    seen = split(raw, most).seen if check else raw
    sample = raw.prepared(seen.prepared().preparation)
    if learner.kind == "fixed":
        sample = sample.turned()
    parts = split(sample, most) if check else None
    grid = np.array([np.inf]) if features is None else features
    with few_threads(_side(learner, sample)):
        forecaster = Forecaster.learn(
            sample if parts is None else parts.seen,
            learner,
            draws=draws,
            rng=generator,
            progress=share_of(progress, 0.0, 0.4 if check else 1.0),
        )
        result = rows_for(forecaster, sample, samples, grid, ridges, level)
        result = _answered(result, raw, metric, level, generator.spawn(1)[0])
        if parts is None:
            return result
        found = check_forecast(
            forecaster,
            parts,
            Asked(tuple(ridges), grid),
            copies,
            level=level,
            rng=generator,
            progress=share_of(progress, 0.4, 1.0),
        )
    return result.checked(found)


def _answered(
    result: Forecast, raw: Sample, metric: str | None, level: float, rng: np.random.Generator
) -> Forecast:
    """Put the metric beside each loss, and the answer to whether more rows help."""
    forecaster, last = result.forecaster, result.rows[-1]
    assert isinstance(forecaster, Forecaster)
    features = np.inf if last.n_features is None else float(last.n_features)
    found = answer(
        forecaster,
        raw,
        metric,
        ridge=result.ridges[-1],
        n_features=features,
        level=level,
        rng=rng,
    )
    if found is None:
        return result
    rows = tuple(found[1].row(row) for row in result.rows)
    return replace(result, rows=rows, answer=found[0])


def rows_for(
    forecaster: Forecaster,
    sample: Sample,
    samples: np.ndarray,
    features: np.ndarray,
    ridges: Sequence[float | str],
    level: float,
) -> Forecast:
    """Rows for every combination of samples, features and ridges."""
    rows: list[ForecastRow] = []
    for ridge in ridges:
        N, T = (x.ravel() for x in np.meshgrid(features, samples, indexing="ij"))
        query, prediction = forecaster.ask(T, N, ridge)
        rows += rows_of(forecaster, query, prediction, level)
    return Forecast(
        tuple(rows),
        str(forecaster.learner),
        forecaster.n_rows,
        sample.n_read,
        forecaster.n_inputs,
        forecaster.target_variance,
        tuple(ridges),
        (*sample.notes, *_notes(forecaster, rows, sample.n_read)),
        forecaster,
        prepared=sample.preparation,
    )


def _notes(forecaster: Forecaster, rows: list[ForecastRow], n_read: int) -> list[str]:
    notes = []
    if forecaster.n_rows < n_read:
        notes.append(f"made from {forecaster.n_rows:,} of {n_read:,} rows, drawn at random")
    if any(row.extrapolated == "tail" for row in rows):
        notes.append(
            "some rows need modes that the sample does not resolve; a power law stands in for them"
        )
    return notes


def _side(learner: Learner, sample: Sample) -> int:
    """Rows of the matrices that most time goes into."""
    return min(sample.inputs.shape) if learner.kind == "fixed" else sample.n_rows

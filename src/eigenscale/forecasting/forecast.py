"""`forecast`: from a sample of data and labels to the loss at any size."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.forecasting.check.check import Asked, rows_wanted, split
from eigenscale.forecasting.check.check import check as check_forecast
from eigenscale.forecasting.forecaster import Forecaster, Learner, rows_of
from eigenscale.forecasting.result import Forecast
from eigenscale.forecasting.row import ForecastRow
from eigenscale.forecasting.sample.dependence import Copies
from eigenscale.forecasting.sample.kernels import kernel_named, limit_of
from eigenscale.forecasting.sample.sample import Sample, read_sample
from eigenscale.io.data.targets import Kind
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
    ridges = _ridges(ridge)
    learner = _learner(features, feature_map, kernel, width)
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
        watch=copies.see if check else None,
    )
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
        result = answer(forecaster, sample, samples, grid, ridges, level)
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


def answer(
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


def sizes(values: ArrayLike, name: str, least: int) -> np.ndarray:
    """Check numbers of samples or features."""
    found = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    if not found.size:
        raise InputError(f"{name} is empty; give at least one number")
    for value in found:
        if not value >= least or not np.isfinite(value):
            raise InputError(f"{name} has {value:g}; it is a whole number of at least {least}")
    return np.round(found)


def _ridges(ridge: Any) -> list[float | str]:
    if isinstance(ridge, str):
        if ridge != "optimal":
            raise InputError(f'ridge {ridge!r} is not a number; give one, or "optimal"')
        return [ridge]
    values = np.atleast_1d(np.asarray(ridge, dtype=float)).ravel()
    if not values.size or not (values >= 0).all() or not np.isfinite(values).all():
        raise InputError(f"ridge {ridge!r} has a value that is not 0 or more; mend or drop it")
    return [float(value) for value in values]


def _learner(
    features: np.ndarray | None,
    feature_map: str,
    kernel: str | None,
    width: float,
) -> Learner:
    if not 0 < width < np.inf:
        raise InputError(f"width {width:g} is not positive and finite; 1 suits most data")
    if kernel is not None:
        if features is not None:
            raise InputError("n_features goes with random features, not with a kernel; drop one")
        kernel_named(kernel)
        return Learner("kernel", kernel, width)
    if features is None:
        return Learner()
    limit_of(feature_map)
    return Learner("random", feature_map, width)


def check_options(level: float, draws: int, max_rows: int | None) -> None:
    """Check what all forecasts take."""
    if not 0 < level < 1:
        raise InputError(f"level {level:g} is not between 0 and 1; use 0.9 or 0.95")
    if draws < 20:
        raise InputError(f"draws {draws} is too few for an interval; use 20 or more")
    if max_rows is not None and max_rows < 16:
        raise InputError(f"max_rows {max_rows} is too few; use 16 or more")

"""`forecast`: from a sample of data and labels to the loss at any size."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.progress import Progress
from eigenscale.results import Interval

if TYPE_CHECKING:
    from eigenscale.data.targets import Kind
    from eigenscale.forecast.forecaster import Forecaster, Learner
    from eigenscale.forecast.ladder import Prediction
    from eigenscale.forecast.result import Forecast, ForecastRow
    from eigenscale.forecast.transfer import Query

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
    columns: Sequence[str] | None = None,
    target_kind: "Kind" = "auto",
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> "Forecast":
    """Say how the test loss of ridge regression will fall with more samples or features.

    Parameters
    ----------
    data : path, array, dataframe or iterator of arrays
        Rows are samples.
    target : path, array or column of labels
        One row for each row of data; classes become one column of zeros and ones each.
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
    from eigenscale.forecast.forecaster import Forecaster, Learner
    from eigenscale.forecast.sample import read_sample

    samples = _sizes(n_samples, "n_samples", least=2)
    features = None if n_features is None else _sizes(n_features, "n_features", least=1)
    ridges = _ridges(ridge)
    learner = _learner(Learner, features, feature_map, kernel, width)
    _check_options(level, draws, max_rows)
    generator = np.random.default_rng(rng)
    sample = read_sample(
        data,
        target,
        max_rows=max_rows or _MAX_ROWS[learner.kind],
        rng=generator,
        columns=columns,
        target_kind=target_kind,
    )
    forecaster = Forecaster.learn(sample, learner, draws=draws, rng=generator, progress=progress)
    return answer(forecaster, sample, samples, features, ridges, level)


def answer(
    forecaster: "Forecaster",
    sample: Any,
    samples: np.ndarray,
    features: np.ndarray | None,
    ridges: Sequence[float | str],
    level: float,
) -> "Forecast":
    """Rows for every combination of samples, features and ridges."""
    from eigenscale.forecast.result import Forecast

    rows: list[ForecastRow] = []
    grid = np.array([np.inf]) if features is None else features
    for ridge in ridges:
        N, T = (x.ravel() for x in np.meshgrid(grid, samples, indexing="ij"))
        query, prediction = forecaster.ask(T, N, ridge)
        rows += _rows(forecaster, query, prediction, level)
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


def _rows(
    forecaster: "Forecaster", query: "Query", prediction: "Prediction", level: float
) -> "list[ForecastRow]":
    from eigenscale.forecast.result import ForecastRow

    modes = prediction.modes
    errors = forecaster.error_rate(query, prediction)
    tail = prediction.place.log_lens < forecaster.ladder.top.anchor.log_lens[0] - 1e-9
    out = []
    for i in range(len(query)):
        loss = _interval(prediction.value[i], prediction.draws[:, i], level)
        beyond = "samples" if query.n_samples[i] > forecaster.n_rows else ""
        out.append(
            ForecastRow(
                int(query.n_samples[i]),
                _n_features(forecaster, query.n_features[i]),
                float(query.ridge[i]),
                loss,
                None if errors is None else _interval(errors[0][i], errors[1][:, i], level),
                float(modes[i]),
                "tail" if tail[i] and forecaster.ladder.top.open_ended else beyond,
                "ok" if np.isfinite(loss.value) else "diverges",
            )
        )
    return out


def _n_features(forecaster: "Forecaster", n_features: float) -> int | None:
    if forecaster.learner.kind == "fixed":
        return forecaster.n_inputs
    return int(n_features) if np.isfinite(n_features) else None


def _interval(value: float, draws: np.ndarray, level: float) -> Interval:
    if not np.isfinite(value):
        return Interval(value, value, value, level)
    return Interval.from_draws(value, draws, level)


def _notes(forecaster: "Forecaster", rows: "list[ForecastRow]", n_read: int) -> list[str]:
    notes = []
    if forecaster.n_rows < n_read:
        notes.append(f"made from {forecaster.n_rows:,} of {n_read:,} rows, drawn at random")
    if any(row.extrapolated == "tail" for row in rows):
        notes.append(
            "some rows need modes that the sample does not resolve; a power law stands in for them"
        )
    return notes


def _sizes(values: ArrayLike, name: str, least: int) -> np.ndarray:
    sizes = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    if not sizes.size:
        raise InputError(f"{name} is empty; give at least one number")
    for value in sizes:
        if not value >= least or not np.isfinite(value):
            raise InputError(f"{name} has {value:g}; it is a whole number of at least {least}")
    return np.round(sizes)


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
    make: "type[Learner]",
    features: np.ndarray | None,
    feature_map: str,
    kernel: str | None,
    width: float,
) -> "Learner":
    if not 0 < width < np.inf:
        raise InputError(f"width {width:g} is not positive and finite; 1 suits most data")
    if kernel is not None:
        from eigenscale.forecast.kernels import kernel_named

        if features is not None:
            raise InputError("n_features goes with random features, not with a kernel; drop one")
        kernel_named(kernel)
        return make("kernel", kernel, width)
    if features is None:
        return make()
    from eigenscale.forecast.kernels import limit_of

    limit_of(feature_map)
    return make("random", feature_map, width)


def _check_options(level: float, draws: int, max_rows: int | None) -> None:
    if not 0 < level < 1:
        raise InputError(f"level {level:g} is not between 0 and 1; use 0.9 or 0.95")
    if draws < 20:
        raise InputError(f"draws {draws} is too few for an interval; use 20 or more")
    if max_rows is not None and max_rows < 16:
        raise InputError(f"max_rows {max_rows} is too few; use 16 or more")

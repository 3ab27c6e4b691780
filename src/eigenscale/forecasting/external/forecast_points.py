"""Forecasts for any learner, from losses that were measured elsewhere."""

from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.forecasting.external.curve import EmpiricalCurve, fit_curve
from eigenscale.forecasting.external.points import Points, read_points, sizes_asked
from eigenscale.forecasting.forecast import check_options, sizes
from eigenscale.forecasting.result import Forecast
from eigenscale.forecasting.row import ForecastRow, MeasuredPoint
from eigenscale.results import Interval
from eigenscale.text.numbers import count, percent

_NARROW = 4.0  # times the smallest size: less says little of the shape
_FAR = 10.0  # times the largest size


def forecast_points(
    points: Any,
    loss: ArrayLike | None = None,
    *,
    n_samples: ArrayLike | None = None,
    scoring: str | None = None,
    level: float = 0.9,
    draws: int = 400,
    rng: int | np.random.Generator = 0,
) -> Forecast:
    """Say how the loss of any learner will go on falling, from losses that were measured.

    Parameters
    ----------
    points : array, tuple, path, dataframe, mapping, or LearningCurveDisplay
        Numbers of samples, with `loss`; ``(n_samples, loss)``; what scikit-learn's
        `learning_curve` returns, or its display; or a table (CSV, Parquet, …) with columns
        n_samples and loss. Four sizes at least; repeats and folds make the intervals honest.
    loss : array, shape (m,) or (m, repeats), optional
        With columns, a column is one fold or seed at all sizes.
    n_samples : array_like, optional
        Training samples to forecast for: by default up to ten times the largest measured.
    scoring : str, optional
        Of scikit-learn's scores: losses are -score for names that begin with ``neg_``, else
        1 - score. Without it, scores that are nowhere positive are the former, and scores
        between 0 and 1 the latter.
    level : float
        Nominal coverage of the intervals.
    draws : int
        Resampled fits behind the intervals.
    rng : int or Generator
        Same seed, same result.

    Returns
    -------
    Forecast
        With the same `advice` and figure as a forecast from data.

    Raises
    ------
    InputError
        Fewer than four sizes, losses or sizes that are not positive and finite or do not differ.

    Notes
    -----
    The law is ``E + A/n_samples^alpha`` (Hestness et al. 2017, arXiv:1712.00409), fitted by
    weighted least squares of the logarithm. docs/forecast.md says what the intervals hold.

    Examples
    --------
    >>> n = [100, 200, 400, 800, 1600]
    >>> curve = forecast_points(n, [0.1 + 2 / size**0.5 for size in n], n_samples=10_000)
    >>> float(curve.loss[0].round(4))
    0.12
    """
    check_options(level, draws, None)
    measured = read_points(points, loss, scoring)
    asked = sizes(sizes_asked(measured, n_samples), "n_samples", least=1)
    curve = fit_curve(measured, draws=draws, rng=np.random.default_rng(rng))
    last = int(measured.n_samples[-1])
    return Forecast(
        _rows(curve, asked, level),
        "any learner, by a power law with a floor",
        last,
        last,
        None,
        None,
        (),
        (*measured.notes, *_notes(measured, curve, asked)),
        curve,
        points=_measured(measured, curve, level),
        law=_law(curve, level),
    )


def _law(curve: EmpiricalCurve, level: float) -> dict[str, Interval]:
    """Parameters of the law, with intervals."""
    columns = zip(("E", "A", "alpha"), curve.theta, curve.draws.T, strict=True)
    return {name: Interval.from_draws(value, drawn, level) for name, value, drawn in columns}


def _rows(curve: EmpiricalCurve, asked: np.ndarray, level: float) -> tuple[ForecastRow, ...]:
    value, drawn = curve.loss(np.inf, asked), curve.loss_draws(np.inf, asked)
    return tuple(
        ForecastRow(
            int(size),
            None,
            None,
            Interval.from_draws(float(value[i]), drawn[:, i], level),
            None,
            None,
            "samples" if size > curve.last else "",
        )
        for i, size in enumerate(asked)
    )


def _measured(points: Points, curve: EmpiricalCurve, level: float) -> tuple[MeasuredPoint, ...]:
    """Points as they are drawn, with error bars where there are repeats."""
    reach = NormalDist().inv_cdf((1 + level) / 2)
    out = []
    for n, mean, error, repeats in zip(
        points.n_samples, points.mean, curve.errors, points.repeats, strict=True
    ):
        se = float(mean * error) if repeats > 1 else np.nan
        interval = Interval(float(mean), mean - reach * se, mean + reach * se, level, se)
        out.append(MeasuredPoint(int(n), None, None, interval, int(repeats)))
    return tuple(out)


def _notes(points: Points, curve: EmpiricalCurve, asked: np.ndarray) -> list[str]:
    """Say what to be careful about, a line each."""
    n, found = points.n_samples, []
    if points.repeats.max() < 2:
        found.append(
            "each loss was measured once, so the intervals rest on the scatter about the law; "
            "repeat or cross-validate"
        )
    if len(n) < 6:
        found.append(f"{len(n)} sizes for three parameters leave much open; measure at more")
    if n[-1] < _NARROW * n[0]:
        found.append(
            f"sizes span a factor of {n[-1] / n[0]:.2g} only, which says little of the shape"
        )
    if curve.theta[2] <= 1e-6 or points.mean[-1] >= points.mean[0]:
        found.append("losses do not fall with samples; a power law says nothing here")
    elif curve.drift > 0.05:
        found.append(
            f"fits to the smaller sizes missed the larger ones by {percent(curve.drift)} for each "
            "factor of e: the curve bends otherwise than the law"
        )
    if asked.max() > _FAR * n[-1]:
        found.append(
            f"{count(asked.max())} samples are {asked.max() / n[-1]:.3g} times the largest size "
            "measured: trust that only so far as the law goes on"
        )
    return found

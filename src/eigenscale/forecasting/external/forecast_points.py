"""Forecasts for any learner, from losses that were measured elsewhere."""

from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.forecasting.external.curve import CurveAverage, fit_curve
from eigenscale.forecasting.external.points import Points, read_points, sizes_asked
from eigenscale.forecasting.options import check_options, sizes
from eigenscale.forecasting.result import Forecast
from eigenscale.forecasting.row import ForecastRow, MeasuredPoint
from eigenscale.results import Interval
from eigenscale.text.numbers import count, percent

_NARROW = 4.0  # times the smallest size: less says little of the shape
_FAR = 10.0  # times the largest size
_FEW = 6  # sizes
_FLAT = 3.0  # times the scatter: a smaller range of losses is none
_BENDS = 0.05  # miss of the power law for each e-fold that is worth a warning


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
        n_samples and loss. Four sizes at least; repeats and folds sharpen the intervals.
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
        Fewer than four sizes, or losses or sizes that are negative or not finite.

    Notes
    -----
    Four forms of curves (Viering and Loog 2022, arXiv:2103.10948), each on a grid of its
    parameters, are averaged by how well they fit and by how often they predicted the rest of
    public curves; a power law with a floor (Hestness et al. 2017, arXiv:1712.00409), whose
    parameters are `law`, takes over where it passes its own backtest.
    docs/forecast.md says what the intervals hold.

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
        "any learner, by an average of curve forms",
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


def _law(curve: CurveAverage, level: float) -> dict[str, Interval]:
    """Parameters of the power law with a floor, with intervals; none where it has no fit."""
    if curve.law is None:
        return {}
    columns = zip(("E", "A", "alpha"), curve.law.theta, curve.law.draws.T, strict=True)
    return {name: Interval.from_draws(value, drawn, level) for name, value, drawn in columns}


def _rows(curve: CurveAverage, asked: np.ndarray, level: float) -> tuple[ForecastRow, ...]:
    value, drawn = curve.loss(np.inf, asked), curve.loss_draws(np.inf, asked)
    return tuple(
        ForecastRow(
            int(size),
            None,
            None,
            _around(float(value[i]), drawn[:, i], level),
            None,
            None,
            "samples" if size > curve.last else "",
        )
        for i, size in enumerate(asked)
    )


def _around(value: float, draws: np.ndarray, level: float) -> Interval:
    """Interval of the draws; the value, which is below their median where they differ, is in it."""
    found = Interval.from_draws(value, draws, level)
    return replace(found, low=min(found.low, value), high=max(found.high, value))


def _measured(points: Points, curve: CurveAverage, level: float) -> tuple[MeasuredPoint, ...]:
    """Points as they are drawn, with error bars where their errors are known."""
    reach = NormalDist().inv_cdf((1 + level) / 2)
    out = []
    for n, mean, error, repeats in zip(
        points.n_samples, points.mean, curve.errors, points.repeats, strict=True
    ):
        se = float(mean * error) if repeats > 1 or points.errors is not None else np.nan
        interval = Interval(float(mean), mean - reach * se, mean + reach * se, level, se)
        out.append(MeasuredPoint(int(n), None, None, interval, int(repeats)))
    return tuple(out)


def _notes(points: Points, curve: CurveAverage, asked: np.ndarray) -> list[str]:
    """Say what to be careful about, a line each."""
    n, mean, found = points.n_samples, points.mean, []
    if mean.max() == 0:
        return ["all measured losses are zero: more samples cannot lower them"]
    if points.repeats.max() < 2 and points.errors is None:
        found.append(
            "each loss was measured once, so the intervals rest on the scatter about the curve; "
            "repeat or cross-validate"
        )
    if (mean == 0).any():
        found.append(
            f"{int((mean == 0).sum())} of {len(n)} losses are zero; they count as half the least "
            "that is not"
        )
    if len(n) < _FEW:
        found.append(f"{len(n)} sizes for three parameters leave much open; measure at more")
    if n[-1] < _NARROW * n[0]:
        found.append(
            f"sizes span a factor of {n[-1] / n[0]:.2g} only, which says little of the shape"
        )
    if np.ptp(mean) <= _FLAT * curve.scatter * mean.mean():
        found.append("the curve is flat: the losses differ no more than they scatter")
    elif mean[-1] >= mean[0]:
        found.append("losses do not fall with samples; the forecast is that they stay as they are")
    elif curve.law is not None and _BENDS < curve.law.missed < np.inf:
        found.append(
            "power laws with a floor fitted to the smaller sizes missed the larger ones by "
            f"{percent(curve.law.drift)} for each factor of e: the curve bends otherwise than the "
            "law"
        )
    if asked.max() > _FAR * n[-1]:
        found.append(
            f"{count(asked.max())} samples are {asked.max() / n[-1]:.3g} times the largest size "
            "measured: trust that only so far as the curve goes on"
        )
    return found

"""Forecasts drawn: expected loss against samples, with intervals and what was measured."""

import numpy as np

from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.forecasting.check.verdict import CheckPoint
from eigenscale.forecasting.result import Forecast
from eigenscale.forecasting.row import ForecastRow, MeasuredPoint
from eigenscale.text.words import capitalised


def forecast_figure(forecast: Forecast) -> Figure:
    """Draw expected loss against samples, one curve for each number of features and ridge."""
    layers: list[Layer] = []
    curves = forecast.curves
    for color, (ridge, rows) in enumerate(curves):
        predicted = [point.predicted for point in _checked(forecast, ridge, rows[0])]
        every = sorted((*rows, *predicted), key=lambda row: row.n_samples)
        x, value, low, high = _columns([row for row in every if row.status == "ok"])
        label = _label(forecast, ridge, rows[0])
        layers.append(Band(x, low, high, color=color))
        layers.append(Line(x, value, label, color=color))
    for color, (ridge, rows) in enumerate(curves):
        measured = [point.measured for point in _checked(forecast, ridge, rows[0])]
        if measured and len(curves) == 1:
            layers.append(_points(measured, "students trained", 1))
        elif measured:
            layers.append(_points(measured, _label(forecast, ridge, rows[0]), color))
    if forecast.points:
        layers.append(_points(list(forecast.points), "measured", 1))
    made = "largest measured" if forecast.points else "rows used"
    layers.append(Rule(float(forecast.n_rows), "x", made))
    loss = "test loss" if forecast.points else "test loss (squared error, summed over columns)"
    panel = Panel(Axis("training samples"), Axis(loss), tuple(layers))
    last = max(forecast.rows, key=lambda row: row.n_samples)
    return Figure(
        "forecast",
        f"Loss to expect at {last.n_samples:,} samples: {last.loss.value:.3g}",
        (panel,),
        caption=_caption(forecast, last),
        alt="Forecast test loss falling with the number of training samples, with intervals.",
    )


def _caption(forecast: Forecast, last: ForecastRow) -> str:
    level = f"{100 * last.loss.level:.3g} %"
    if forecast.points:
        return (
            f"{capitalised(forecast.learner)} through {len(forecast.points)} measured points; the "
            f"band is a {level} interval, error bars as well where a size was repeated. Right of "
            "the rule nothing was measured."
        )
    words = (
        f"{capitalised(forecast.learner)}, forecast from {forecast.n_rows:,} rows; bands are "
        f"{level} intervals."
    )
    if forecast.check is not None and forecast.check.points:
        draws = forecast.check.points[0].measured.draws
        words += (
            f" Points are students trained on that many rows (means over {draws} draws, {level} "
            f"intervals) and tested on {forecast.check.n_test:,} rows that the forecast has not "
            "seen."
        )
        beyond = max(point.measured.n_samples for point in forecast.check.points)
        if beyond > forecast.n_rows:
            return f"{words} Right of the rule the forecast had seen no sample."
    return f"{words} Right of the rule no sample was seen."


def _checked(forecast: Forecast, ridge: float | str, row: ForecastRow) -> list[CheckPoint]:
    """Points of the check that belong to a curve."""
    if forecast.check is None:
        return []
    return [
        point
        for point in forecast.check.points
        if point.asked_ridge == ridge and point.measured.n_features == row.n_features
    ]


def _points(measured: list[MeasuredPoint], label: str, color: int) -> Points:
    value, low, high = (
        np.array([getattr(point.loss, end) for point in measured])
        for end in ("value", "low", "high")
    )
    known = np.isfinite(low)  # a size that was measured once has no error bar
    return Points(
        np.array([float(point.n_samples) for point in measured]),
        value,
        label,
        color=color,
        low=np.where(known, low, value) if known.any() else None,
        high=np.where(known, high, value) if known.any() else None,
    )


def _columns(curve: list[ForecastRow]) -> tuple[np.ndarray, ...]:
    return (
        np.array([float(row.n_samples) for row in curve]),
        *(np.array([getattr(row.loss, end) for row in curve]) for end in ("value", "low", "high")),
    )


def _label(forecast: Forecast, ridge: float | str, row: ForecastRow) -> str:
    parts = []
    if len({r.n_features for r in forecast.rows}) > 1:
        parts.append(f"{row.n_features:,} features")
    if len(forecast.ridges) > 1:
        parts.append("best ridge" if isinstance(ridge, str) else f"ridge {ridge:g}")
    return ", ".join(parts) or "forecast"

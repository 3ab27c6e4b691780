"""Forecasts drawn: expected loss against samples, with intervals."""

import numpy as np

from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Rule
from eigenscale.forecast.result import Forecast, ForecastRow


def forecast_figure(forecast: Forecast) -> Figure:
    """Draw expected loss against samples, one curve for each number of features and ridge."""
    layers: list[Layer] = []
    for color, (ridge, rows) in enumerate(forecast.curves):
        x, value, low, high = _columns([row for row in rows if row.status == "ok"])
        layers.append(Band(x, low, high, color=color))
        layers.append(Line(x, value, _label(forecast, ridge, rows[0]), color=color))
    layers.append(Rule(float(forecast.n_rows), "x", "rows used"))
    panel = Panel(
        Axis("training samples"),
        Axis("test loss (squared error, summed over columns)"),
        tuple(layers),
    )
    last = max(forecast.rows, key=lambda row: row.n_samples)
    return Figure(
        "forecast",
        f"Loss to expect at {last.n_samples:,} samples: {last.loss.value:.3g}",
        (panel,),
        caption=(
            f"{forecast.learner.capitalize()}, forecast from {forecast.n_rows:,} rows; bands are "
            f"{100 * last.loss.level:.3g} % intervals. Right of the rule no sample was seen."
        ),
        alt="Forecast test loss falling with the number of training samples, with intervals.",
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

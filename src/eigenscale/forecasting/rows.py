"""Rows of a forecast: what the forecaster answers, with intervals and notes."""

from collections.abc import Sequence

import numpy as np

from eigenscale.forecasting.extrapolation.nested import Prediction
from eigenscale.forecasting.extrapolation.transfer import Query
from eigenscale.forecasting.forecaster import Forecaster
from eigenscale.forecasting.result import Forecast, ForecastRow
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.results import Interval


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


def rows_of(
    forecaster: Forecaster, query: Query, prediction: Prediction, level: float
) -> list[ForecastRow]:
    """Turn what was predicted into rows."""
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


def _n_features(forecaster: Forecaster, n_features: float) -> int | None:
    if forecaster.learner.kind == "fixed":
        return forecaster.n_inputs
    return int(n_features) if np.isfinite(n_features) else None


def _interval(value: float, draws: np.ndarray, level: float) -> Interval:
    if not np.isfinite(value):
        return Interval(value, value, value, level)
    return Interval.from_draws(value, draws, level)


def _notes(forecaster: Forecaster, rows: list[ForecastRow], n_read: int) -> list[str]:
    notes = []
    if forecaster.n_rows < n_read:
        notes.append(f"made from {forecaster.n_rows:,} of {n_read:,} rows, drawn at random")
    if any(row.extrapolated == "tail" for row in rows):
        notes.append(
            "some rows need modes that the sample does not resolve; a power law stands in for them"
        )
    return notes

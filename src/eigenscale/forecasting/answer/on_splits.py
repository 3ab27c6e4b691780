"""Forecasts where rows belong to groups or come in time: measured on splits that respect both.

The theory takes rows to be drawn independently. Where they are not, ridge regression is trained on
nested subsets and tested on groups that it has not seen, or on later rows, and a curve through
these losses is carried on.
"""

from collections.abc import Sequence

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.answer.answer import Asked, of
from eigenscale.forecasting.answer.measured import MeasuredCurve, measure
from eigenscale.forecasting.answer.metrics import METRICS, SQUARED_ERROR
from eigenscale.forecasting.answer.scorers import metric_asked
from eigenscale.forecasting.result import Forecast
from eigenscale.forecasting.row import ForecastRow
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.results import Interval

_RIDGE, _LOGISTIC = "ridge regression", "logistic regression"


def forecast_on_splits(
    raw: Sample,
    n_samples: Floats,
    metric: str | None = None,
    *,
    level: float = 0.9,
    draws: int = 200,
    rng: np.random.Generator,
) -> Forecast:
    """Forecast ridge regression from its measured losses on new groups or later rows.

    Raises
    ------
    InputError
        Where there are too few rows or groups.
    """
    key, found = metric_asked(metric, raw.classes is not None)
    wanted = [SQUARED_ERROR, found]
    if raw.classes is not None and found.name != METRICS["error_rate"].name:
        wanted.append(METRICS["error_rate"])
    learners = [_RIDGE] if raw.classes is None else [_RIDGE, _LOGISTIC]
    curves = measure(raw, learners, wanted, rng=rng, draws=draws)
    mine = _LOGISTIC if found.probabilities else _RIDGE
    beside = curves.get((_LOGISTIC, found.name)) if mine == _RIDGE else None
    curve = curves[mine, found.name].at
    asked = Asked(key, found, mine, curve, level, raw.target_variance, 1, theory=False)
    loss, wrong = curves[_RIDGE, SQUARED_ERROR.name], None
    if raw.classes is not None:
        wrong = curves[_RIDGE, METRICS["error_rate"].name]
    rows = tuple(asked.row(row) for row in _rows(raw, loss, wrong, n_samples, level))
    fitted = raw.prepared()
    return Forecast(
        rows,
        f"ridge regression, measured on {_kept(raw)}",
        raw.n_rows,
        raw.n_read,
        fitted.inputs.shape[1],
        raw.target_variance,
        (),
        (*raw.notes, f"losses are those on {_kept(raw)}; sizes count rows"),
        loss.curve,
        prepared=fitted.preparation,
        answer=of(asked, raw, beside),
    )


def _kept(raw: Sample) -> str:
    """Say what the tests are made on."""
    later = "" if raw.times is None else "later rows"
    groups = "" if raw.groups is None else "groups that were not trained on"
    return " of ".join(part for part in (later, groups) if part)


def _rows(
    raw: Sample,
    loss: MeasuredCurve,
    wrong: MeasuredCurve | None,
    n_samples: Floats,
    level: float,
) -> Sequence[ForecastRow]:
    value, draws = loss.at(n_samples)
    rates = None if wrong is None else wrong.at(n_samples)
    out = []
    for i, size in enumerate(n_samples):
        rate = None
        if rates is not None:
            rate = METRICS["error_rate"].interval(float(rates[0][i]), rates[1][:, i], level)
        out.append(
            ForecastRow(
                int(size),
                None,
                None,
                Interval.from_draws(float(value[i]), draws[:, i], level),
                rate,
                None,
                "samples" if size > raw.n_rows else "",
            )
        )
    return out

"""Whether more data would help: from a forecast, and from curves measured beside it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.forecasting.advice.answer import Answer
from eigenscale.forecasting.advice.outlook import More, Outlook
from eigenscale.forecasting.answer.measured import MeasuredCurve, measure
from eigenscale.forecasting.answer.metrics import Metric
from eigenscale.forecasting.answer.scorers import metric_asked
from eigenscale.forecasting.forecaster import Forecaster
from eigenscale.forecasting.row import ForecastRow, MetricValue
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.results import Interval

_MORE = (100, 1_000, 10_000)
_TENTH = 0.1
_RARE = 0.2  # share of the rarest class up to which its number is named
_RIDGE, _LOGISTIC = "ridge regression", "logistic regression"

Curve = Callable[[Floats], tuple[Floats, Floats]]
"""Numbers of samples, (n,), to losses of the metric, (n,), and their draws, (B, n)."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What the metric is asked of.

    Attributes
    ----------
    key, metric
        Its name and itself.
    learner : str
    curve : Curve
        Losses of the metric.
    level : float
        Of intervals.
    target_variance, n_targets
        Of the target, for a metric that is a function of a row's loss.
    theory : bool
        Whether the forecast itself knows the metric.
    """

    key: str
    metric: Metric
    learner: str
    curve: Curve
    level: float
    target_variance: float
    n_targets: int
    theory: bool

    def row(self, row: ForecastRow) -> ForecastRow:
        """Put the metric beside a row's loss."""
        if not self.theory:
            value, draws = self.curve(np.array([float(row.n_samples)]))
            found = self.metric.interval(float(value[0]), draws[:, 0], self.level)
        elif row.error_rate is not None:
            found = self._turned(row.error_rate, np.asarray)
        elif self.key == "rmse":
            found = self._turned(row.loss, lambda loss: np.sqrt(loss / self.n_targets))
        else:
            found = self._turned(row.loss, lambda loss: loss / self.target_variance)
        return replace(row, metric=MetricValue(self.key, found))

    def _turned(self, loss: Interval, turn: Callable[[Floats], Floats]) -> Interval:
        """Turn a loss and its ends into the metric."""
        ends = np.maximum(np.array([loss.value, loss.low, loss.high]), 0.0)
        value, *both = (float(x) for x in self.metric.values(turn(ends)))
        return Interval(value, min(both), max(both), loss.level)

    def outlook(self, n_samples: int) -> Outlook:
        """Look at now and at ten times as many rows."""
        return outlook(self.learner, self.metric, self.curve, n_samples, self.level)


def outlook(learner: str, metric: Metric, curve: Curve, n_samples: int, level: float) -> Outlook:
    """Compare ten times as many rows with now."""
    value, draws = curve(n_samples * np.array([1.0, 10.0]))
    now, ten = (metric.interval(float(value[i]), draws[:, i], level) for i in range(2))
    losses = np.clip(draws, 1e-300, metric.most)
    fall = 1 - losses[:, 1] / losses[:, 0]
    gain = 1 - float(value[1]) / max(float(value[0]), 1e-300)
    return Outlook(learner, now, ten, gain, float(np.mean(fall >= _TENTH)))


def answer(
    forecaster: Forecaster,
    raw: Sample,
    metric: str | None,
    *,
    ridge: float | str,
    n_features: float,
    level: float,
    rng: np.random.Generator,
) -> tuple[Answer, Asked] | None:
    """Answer in the metric, with logistic regression beside the forecast for classes.

    None where the rows are too few to measure what the theory does not give.

    Raises
    ------
    InputError
        Where the metric is unknown, or of the other kind of target.
    """
    key, found = metric_asked(metric, raw.classes is not None)
    theory = _theory(forecaster, key, ridge, n_features, raw.target.shape[1])
    try:
        curves = _measured(raw, found, theory is None, rng)
    except InputError:
        if metric is not None:
            raise
        curves = {}
    beside = curves.get(_LOGISTIC)
    if theory is not None:
        learner, curve = _named(forecaster), theory
    elif _RIDGE in curves:
        learner, curve = _RIDGE, curves[_RIDGE].at
    elif beside is not None:
        learner, curve, beside = _LOGISTIC, beside.at, None
    else:
        return None
    size = (raw.target_variance, raw.target.shape[1])
    asked = Asked(key, found, learner, curve, level, *size, theory is not None)
    return of(asked, raw, beside), asked


def of(asked: Asked, raw: Sample, beside: MeasuredCurve | None = None) -> Answer:
    """Answer from a curve of the metric, and another beside it."""
    n, level, metric = raw.n_read, asked.level, asked.metric
    value, draws = asked.curve(n + np.array(_MORE, dtype=float))
    more = tuple(
        More(rows, metric.interval(float(value[i]), draws[:, i], level))
        for i, rows in enumerate(_MORE)
    )
    other = None
    if beside is not None:
        other = outlook(_LOGISTIC, metric, beside.at, n, level)
    mine = asked.outlook(n)
    return Answer(metric.name, metric.share, metric.rises, n, mine, other, more, _rare(raw))


def _measured(
    raw: Sample, metric: Metric, alone: bool, rng: np.random.Generator
) -> dict[str, MeasuredCurve]:
    """Measure what is needed: logistic for classes, ridge where theory does not give the metric."""
    learners = [_LOGISTIC] if raw.classes is not None else []
    if alone and not metric.probabilities:
        learners.append(_RIDGE)
    if not learners:
        return {}
    found = measure(raw, learners, [metric], rng=rng)
    return {learner: curve for (learner, _), curve in found.items()}


def _named(forecaster: Forecaster) -> str:
    if forecaster.learner.kind == "fixed":
        return "ridge regression on one-hot labels" if forecaster.scores else _RIDGE
    return str(forecaster.learner)


def _theory(
    forecaster: Forecaster, key: str, ridge: float | str, n_features: float, columns: int
) -> Curve | None:
    """Give the curve of a metric that the forecast knows; None for others."""

    def ask(n_samples: Floats) -> tuple[Floats, Floats]:
        query, prediction = forecaster.ask(n_samples, np.full(len(n_samples), n_features), ridge)
        if key in ("error_rate", "accuracy"):
            found = forecaster.error_rate(query, prediction)
            assert found is not None
            return found
        value, draws = prediction.value, prediction.draws
        if key == "rmse":
            return np.sqrt(value / columns), np.sqrt(np.maximum(draws, 0) / columns)
        return value / forecaster.target_variance, draws / forecaster.target_variance

    if key in ("error_rate", "accuracy"):
        return ask if forecaster.scores else None
    return ask if key in ("rmse", "r2") else None


def _rare(raw: Sample) -> tuple[str, int] | None:
    """Name the rarest class and its rows, where it is rare."""
    if raw.classes is None:
        return None
    counts = raw.target.sum(axis=0)
    least = int(counts.argmin())
    if counts[least] > _RARE * raw.n_rows or len(counts) > 10:
        return None
    share = counts[least] / raw.n_rows
    return raw.classes[least], round(share * raw.n_read)

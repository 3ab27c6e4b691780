"""Forecasts of one learner or of several: who wins at how many rows, and where they cross."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.forecasting.external.curve import CurveAverage
from eigenscale.forecasting.external.forecast_points import forecast_points
from eigenscale.forecasting.external.learner_curve import LearnerCurve, measure_learner
from eigenscale.forecasting.result import Forecast
from eigenscale.forecasting.sample.sample import read_sample
from eigenscale.progress import Progress, share_of
from eigenscale.results import Interval, Result, to_plain
from eigenscale.text.numbers import count, number, percent, with_interval

_MOST_ROWS = 200_000
_GRID = 121  # sizes at which curves are compared
_SCORERS: dict[str, str | None] = {
    "error_rate": None,
    "balanced_error": "balanced_accuracy",
    "f1": "f1_macro",
    "auc": "roc_auc_ovr",
    "log_loss": "neg_log_loss",
    "brier": "neg_brier_score",
    "rmse": "neg_root_mean_squared_error",
    "mae": "neg_mean_absolute_error",
}
_FALLING = ("balanced_error",)
_AHEAD = 100.0  # times the largest measured size up to which they are


@dataclass(frozen=True)
class Crossing:
    """From how many rows on one learner is expected to be better than the one before."""

    before: str
    after: str
    n_samples: Interval


@dataclass(frozen=True)
class Win:
    """The learner with the least expected loss at a size, and how likely it is the best."""

    n_samples: int
    learner: str
    probability: float


@dataclass(frozen=True, eq=False)
class Comparison(Result):
    """Learning curves of learners on the same rows and folds, with their forecasts.

    Attributes
    ----------
    name : str
        Of the data.
    metric : str
        What the losses are.
    curves : tuple of LearnerCurve
        As measured.
    forecasts : tuple of Forecast
        In the same order.
    wins : tuple of Win
        At each size asked for.
    crossings : tuple of Crossing
        In the order of sizes.
    notes : tuple of str
    rises : bool
        Whether the metric is 1 - loss.
    prepared : object
        What was done to the columns, in plain values; None for arrays.
    """

    name: str
    metric: str
    curves: tuple[LearnerCurve, ...]
    forecasts: tuple[Forecast, ...]
    wins: tuple[Win, ...]
    crossings: tuple[Crossing, ...]
    notes: tuple[str, ...]
    rises: bool = False
    prepared: Any = None

    def _text(self) -> str:
        last, ten = self.wins[0], self.wins[-1]
        best = next(
            f for c, f in zip(self.curves, self.forecasts, strict=True) if c.learner == last.learner
        )
        now, more = best.forecaster.loss(1, [last.n_samples, 10.0 * last.n_samples])
        sentences = [
            (
                f"With {count(last.n_samples)} rows {last.learner} has the lowest {self.metric}, "
                f"{number(now)}; with ten times as many expect {number(more)}."
            )
        ]
        sentences += [
            f"From {with_interval(found.n_samples)} rows on {found.after} is expected to be better "
            f"than {found.before}."
            for found in self.crossings
        ]
        if len(self.curves) > 1 and not self.crossings:
            sentences.append(
                f"It stays the best up to {count(ten.n_samples)} rows with probability "
                f"{percent(ten.probability)}."
            )
        return " ".join(sentences)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.notes

    def to_dict(self) -> dict[str, Any]:
        """Rows of every learner, then who wins and where they cross."""
        rows = [
            {"learner": curve.learner, **row.to_dict()}
            | {"metric": {"name": self.metric, "value": self._shown(row.loss)}}
            for curve, forecast in zip(self.curves, self.forecasts, strict=True)
            for row in forecast
        ]
        only = self.curves[0].learner if len(self.curves) == 1 else None
        plain: dict[str, Any] = to_plain(
            {
                "rows": rows,
                "learner": only or [curve.learner for curve in self.curves],
                "metric": {"name": self.metric, "value": self._shown(self._now())},
                "prepared": self.prepared,
                "learners": [
                    {
                        "learner": curve.learner,
                        "points": list(forecast.points),
                        "seconds": curve.seconds,
                        "from_store": curve.found,
                        "law": forecast.law,
                    }
                    for curve, forecast in zip(self.curves, self.forecasts, strict=True)
                ],
                "wins": list(self.wins),
                "crossings": list(self.crossings),
                "summary": self.summary,
                "notes": list(self.notes),
                "warnings": list(self.notes),
            }
        )
        return plain

    def _shown(self, loss: Interval) -> Interval:
        """Give the metric of a loss."""
        if not self.rises:
            return loss
        return Interval(1 - loss.value, 1 - loss.high, 1 - loss.low, loss.level, loss.se)

    def _now(self) -> Interval:
        """Loss of the winner at the largest size that all were measured on."""
        first = self.wins[0]
        at = [curve.learner for curve in self.curves].index(first.learner)
        surface = self.forecasts[at].forecaster
        value = float(surface.loss(1, first.n_samples))
        drawn = surface.loss_draws(1, first.n_samples)
        level = self.forecasts[at].rows[0].loss.level
        return Interval.from_draws(value, drawn, level)


def compare_learners(
    data: Any,
    target: Any,
    learners: Sequence[str],
    *,
    n_samples: Any = None,
    minutes: float = 2.0,
    folds: int = 5,
    metric: str | None = None,
    store: str | Path | None = None,
    columns: Sequence[str] | None = None,
    max_rows: int | None = None,
    level: float = 0.9,
    draws: int = 400,
    rng: int = 0,
    progress: Progress | None = None,
    **reading: Any,
) -> Comparison:
    """Measure the learning curves of learners on the same subsets, and forecast how they go on.

    Parameters
    ----------
    data, target : path, array, dataframe or name
        As for `forecast`.
    learners : sequence of str
        Names, see `eigenscale.forecasting.external.learners`.
    n_samples : array_like, optional
        Sizes to forecast for; by default up to ten times the largest measured.
    minutes : float
        CPU minutes in all, shared by the learners.
    folds, metric, store
        See `measure_learner`.
    level, draws
        Of the intervals.
    rng : int
        Same seed, same result.
    **reading
        Further options of `read_sample`: prepare, groups, time.

    Raises
    ------
    InputError
        Where data cannot be read, or a learner is not known or fails.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> x, y = load_iris(return_X_y=True)
    >>> found = compare_learners(x, y, ["knn"], folds=3, n_samples=[1000])
    >>> bool(found.forecasts[0].loss[0] < 0.1)
    True
    """
    if not learners:
        raise InputError("no learner is named; give one, as hist-gradient-boosting")
    sample = read_sample(
        data,
        target,
        max_rows=max_rows or _MOST_ROWS,
        rng=np.random.default_rng(rng),
        columns=columns,
        **reading,
    )
    scorer = _SCORERS.get(metric or "", metric)
    share = 1 / len(learners)
    curves = [
        measure_learner(
            sample,
            learner,
            minutes=minutes * share,
            folds=folds,
            metric=scorer,
            store=store,
            seed=rng,
            progress=share_of(progress, at * share, (at + 1) * share),
        )
        for at, learner in enumerate(dict.fromkeys(learners))
    ]
    forecasts = [
        forecast_points(
            curve.sizes, curve.losses, n_samples=n_samples, level=level, draws=draws, rng=rng
        )
        for curve in curves
    ]
    fitted = sample.prepared().preparation
    named = metric or ("error rate" if sample.classes is not None else "mean squared error")
    stopped = [curve.note for curve in curves if curve.note is not None]
    said = dict.fromkeys(note for forecast in forecasts for note in forecast.notes)
    asked = [row.n_samples for row in forecasts[0]] if n_samples is not None else []
    last = int(min(curve.sizes[-1] for curve in curves))
    return Comparison(
        sample.name,
        named,
        tuple(curves),
        tuple(forecasts),
        _wins(curves, forecasts, sorted({last, 10 * last, *asked})),
        _crossings(curves, forecasts, last, level),
        (*sample.notes, *stopped, *said),
        scorer is not None and not scorer.startswith("neg_") and metric not in _FALLING,
        None if fitted is None else fitted.to_dict(),
    )


def _wins(
    curves: Sequence[LearnerCurve], forecasts: Sequence[Forecast], sizes: Sequence[int]
) -> tuple[Win, ...]:
    values, drawn = _at(forecasts, np.asarray(sizes, float))
    best = values.argmin(axis=0)
    likely = drawn.argmin(axis=0)
    return tuple(
        Win(size, curves[best[i]].learner, float(np.mean(likely[:, i] == best[i])))
        for i, size in enumerate(sizes)
    )


def _at(forecasts: Sequence[Forecast], sizes: Floats) -> tuple[Floats, Floats]:
    """Give expected losses (learners, sizes) and draws (learners, B, sizes)."""
    surfaces = [forecast.forecaster for forecast in forecasts]
    assert all(isinstance(surface, CurveAverage) for surface in surfaces)
    values = np.array([surface.loss(1, sizes) for surface in surfaces])
    return values, np.array([surface.loss_draws(1, sizes) for surface in surfaces])


def _crossings(
    curves: Sequence[LearnerCurve], forecasts: Sequence[Forecast], last: int, level: float
) -> tuple[Crossing, ...]:
    """Sizes beyond which another learner is the best, with intervals where draws cross."""
    first = max(float(curve.sizes[0]) for curve in curves)
    sizes = np.geomspace(first, _AHEAD * last, _GRID)
    values, drawn = _at(forecasts, sizes)
    best = values.argmin(axis=0)
    found = []
    for at in np.flatnonzero(np.diff(best)):
        before, after = int(best[at]), int(best[at + 1])
        better = drawn[after] < drawn[before]
        crossed = np.where(better.any(axis=1), sizes[better.argmax(axis=1)], np.inf)
        low, high = np.quantile(crossed, [(1 - level) / 2, (1 + level) / 2], method="lower")
        middle = float(np.sqrt(sizes[at] * sizes[at + 1]))
        interval = Interval(middle, min(float(low), middle), max(float(high), middle), level)
        found.append(Crossing(curves[before].learner, curves[after].learner, interval))
    return tuple(found)

"""How many samples are enough for a linear probe of embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Floats, check_level
from eigenscale.errors import InputError
from eigenscale.forecasting.external.comparison import Comparison, compare_learners
from eigenscale.forecasting.sample.sample import read_sample
from eigenscale.progress import Progress
from eigenscale.results import Interval, Result, to_plain
from eigenscale.surface import LossSurface
from eigenscale.text.numbers import count, percent, with_interval

_FURTHEST = 1000.0  # times the largest size: there the probe counts as trained to the end
_GRID = 241
_SURE = 0.9


@dataclass(frozen=True, eq=False)
class Enough(Result):
    """How many samples bring a probe near to the best that it can become.

    Attributes
    ----------
    learner : str
        "logistic" for classes, "ridge" for numbers, or as asked.
    metric : str
    tolerance : float
        Share by which the loss may lie above the best.
    have : int
        Training samples that the data give.
    now, best : Interval
        Expected loss with these, and with a thousand times as many.
    enough : Interval
        Samples at which the loss is within the tolerance.
    probability : float
        That the samples there are are enough.
    comparison : Comparison
        The measured curve and its forecast.
    """

    learner: str
    metric: str
    tolerance: float
    have: int
    now: Interval
    best: Interval
    enough: Interval
    probability: float
    comparison: Comparison

    def _text(self) -> str:
        verdict = f"{count(self.have)} are not enough"
        if self.probability >= _SURE:
            verdict = f"{count(self.have)} are enough"
        elif self.probability > 1 - _SURE:
            verdict = f"{count(self.have)} are enough with probability {percent(self.probability)}"
        return (
            f"A linear probe ({self.learner}) needs {with_interval(self.enough)} samples to come "
            f"within {percent(self.tolerance)} of the lowest {self.metric} it can reach, "
            f"{with_interval(self.best)}. {verdict}: they give {with_interval(self.now)}."
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.comparison.notes

    def to_dict(self) -> dict[str, Any]:
        """Plain values, the measured curve last."""
        mine = {key: value for key, value in vars(self).items() if key != "comparison"}
        plain: dict[str, Any] = to_plain(
            {
                **mine,
                "metric": {"name": self.metric, "value": self.now},
                "summary": self.summary,
                "rows": self.comparison.to_dict()["rows"],
                "notes": list(self.comparison.notes),
                "warnings": list(self.warnings),
            }
        )
        return plain


def probe(
    data: Any,
    target: Any,
    *,
    tolerance: float = 0.05,
    learner: str | None = None,
    minutes: float = 2.0,
    folds: int = 5,
    metric: str | None = None,
    store: str | Path | None = None,
    columns: Sequence[str] | None = None,
    max_rows: int | None = None,
    level: float = 0.9,
    rng: int = 0,
    progress: Progress | None = None,
) -> Enough:
    """Measure a linear probe's learning curve, and say from how many samples on it is flat.

    Parameters
    ----------
    data, target : path, array, dataframe or name
        Embeddings and labels, as for `forecast`.
    tolerance : float
        Share by which the loss may lie above the lowest that the probe can reach.
    learner : str, optional
        By default logistic regression for classes and ridge regression for numbers.
    minutes, folds, metric, store, columns, max_rows, level, rng, progress
        As for `compare_learners`.

    Raises
    ------
    InputError
        Where the tolerance is not between 0 and 1, or data cannot be read.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> found = probe(*load_iris(return_X_y=True), folds=3, minutes=0.1)
    >>> found.learner, bool(found.enough.low <= found.enough.value <= found.enough.high)
    ('logistic', True)
    """
    check_level(level)
    if not 0 < tolerance < 1:
        raise InputError(f"tolerance {tolerance:g} is not between 0 and 1; use 0.05 for 5 %")
    if learner is None:
        sample = read_sample(
            data, target, max_rows=1000, rng=np.random.default_rng(rng), columns=columns
        )
        learner = "ridge" if sample.classes is None else "logistic"
    found = compare_learners(
        data,
        target,
        [learner],
        minutes=minutes,
        folds=folds,
        metric=metric,
        store=store,
        columns=columns,
        max_rows=max_rows,
        level=level,
        rng=rng,
        progress=progress,
    )
    have = found.curves[0].most
    return _answer(found, have, tolerance, level)


def _answer(found: Comparison, have: int, tolerance: float, level: float) -> Enough:
    surface: LossSurface = found.forecasts[0].forecaster
    first = float(found.curves[0].sizes[0])
    sizes = np.geomspace(first, _FURTHEST * have, _GRID)
    value, drawn = surface.loss(1, sizes), surface.loss_draws(1, sizes)
    needed = _needed(sizes, np.asarray(value)[None], tolerance)[0]
    draws = _needed(sizes, np.asarray(drawn), tolerance)
    return Enough(
        found.curves[0].learner,
        found.metric,
        tolerance,
        have,
        Interval.from_draws(
            float(surface.loss(1, have)), np.asarray(surface.loss_draws(1, have)), level
        ),
        Interval.from_draws(float(value[-1]), drawn[:, -1], level),
        _around(float(needed), draws, level),
        float(np.mean(draws <= have)),
        found,
    )


def _needed(sizes: Floats, losses: Floats, tolerance: float) -> Floats:
    """First size of each row from which on the loss stays within the tolerance of its end."""
    above = losses > (1 + tolerance) * losses[:, -1:]
    last = above.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
    at = np.where(above.any(axis=1), np.minimum(last + 1, len(sizes) - 1), 0)
    return np.asarray(sizes[at])


def _around(value: float, draws: Floats, level: float) -> Interval:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, min(float(low), value), max(float(high), value), level)

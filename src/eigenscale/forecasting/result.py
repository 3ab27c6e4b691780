"""What a forecast says, row by row."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eigenscale.forecasting.advice.advice import Advice, Costs, advise
from eigenscale.forecasting.advice.answer import Answer
from eigenscale.forecasting.check.verdict import Check
from eigenscale.forecasting.forecaster import Forecaster
from eigenscale.forecasting.row import ForecastRow, MeasuredPoint
from eigenscale.io.preparation.preparation import Preparation
from eigenscale.results import Interval, Result, to_plain
from eigenscale.surface import LossSurface


@dataclass(frozen=True, eq=False)
class Forecast(Result):
    """Losses to expect, with intervals.

    Attributes
    ----------
    rows : tuple of ForecastRow
        In the order asked: samples vary fastest, then features, then ridges.
    learner : str
        What is forecast, in words.
    n_rows : int
        Rows that the forecast was made from, or the largest size that was measured.
    n_read : int
        Rows of the data, or again the largest size.
    n_inputs : int or None
    target_variance : float or None
        Loss of answering with the mean.
    ridges : tuple
        What was asked for: numbers, or "optimal"; empty for learners of another kind.
    notes : tuple of str
        What to be careful about.
    forecaster : LossSurface
        What can be asked for more: a `Forecaster`, or a curve through measured points.
    check : Check or None
        Students that were trained to check it, where that was asked for.
    points : tuple of MeasuredPoint
        Measured losses that it was made from, for learners of any kind.
    law : dict of Interval
        Parameters of the law through measured points; empty for a forecast from data.
    prepared : Preparation or None
        What was done to the columns of the data.
    answer : Answer or None
        Whether more rows help, in the metric asked.
    """

    rows: tuple[ForecastRow, ...]
    learner: str
    n_rows: int
    n_read: int
    n_inputs: int | None
    target_variance: float | None
    ridges: tuple[float | str, ...]
    notes: tuple[str, ...]
    forecaster: LossSurface
    check: Check | None = None
    points: tuple[MeasuredPoint, ...] = ()
    law: dict[str, Interval] = field(default_factory=dict)
    prepared: Preparation | None = None
    answer: Answer | None = None

    def checked(self, check: Check) -> "Forecast":
        """Give the same forecast with what a check found; its warnings are notes."""
        held = f"{check.n_test:,} rows were held back to check the forecast"
        return replace(self, check=check, notes=(*self.notes, held, *check.warnings))

    def advice(
        self,
        target_loss: float | None = None,
        *,
        cost_per_sample: float | None = None,
        cost_per_feature: float | None = None,
        n_samples: float | None = None,
        n_features: float | None = None,
    ) -> Advice:
        """Say what limits now, what more data and features bring, and what that costs.

        Parameters
        ----------
        target_loss : float, optional
            A loss that is wanted: at how many samples is it reached?
        cost_per_sample, cost_per_feature : float, optional
            In any unit: what does the next tenth bring for its cost?
        n_samples, n_features : float, optional
            What "now" is: as many samples as there are rows, and the most random features that
            were asked for.

        Raises
        ------
        InputError
            Where a number is not positive, or features cannot be added.
        """
        features = np.inf
        if self.free_features:
            features = n_features or float(max(row.n_features or 0 for row in self.rows))
        found = advise(
            self.forecaster,
            n_samples or self.n_read,
            features,
            target_loss,
            costs=Costs(cost_per_sample, cost_per_feature),
            level=self.rows[0].loss.level,
        )
        own = self.answer is not None and self.answer.other_is_better
        return replace(found, floor_of_task=not own)

    @property
    def free_features(self) -> bool:
        """Whether the number of features is free, as that of random ones is."""
        return isinstance(self.forecaster, Forecaster) and self.forecaster.learner.kind == "random"

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[ForecastRow]:
        return iter(self.rows)

    def __getitem__(self, index: int) -> ForecastRow:
        return self.rows[index]

    @property
    def loss(self) -> np.ndarray:
        """Expected losses, one per row."""
        return np.array([row.loss.value for row in self.rows])

    @property
    def curves(self) -> list[tuple[float | str, tuple[ForecastRow, ...]]]:
        """Rows with one ridge asked for and one number of features each, by samples."""
        out = []
        ridges = self.ridges or ("",)
        count = len(self.rows) // len(ridges)
        for i, ridge in enumerate(ridges):
            rows = self.rows[i * count : (i + 1) * count]
            for features in dict.fromkeys(row.n_features for row in rows):
                part = [row for row in rows if row.n_features == features]
                out.append((ridge, tuple(sorted(part, key=lambda row: row.n_samples))))
        return out

    def __repr__(self) -> str:
        made = f"{len(self.points)} measured points" if self.points else f"{self.n_rows} rows"
        lines = [f"Forecast of {self.learner}, from {made}"]
        for row in self.rows[:8]:
            features = "" if row.n_features is None else f", {row.n_features:,} features"
            lines.append(f"  {row.n_samples:,} samples{features}: loss {row.loss!r}")
        if len(self.rows) > 8:
            lines.append(f"  … {len(self.rows) - 8} more rows")
        if self.check is not None:
            lines.append(f"  {self.check.summary}")
        return "\n".join(lines + [f"  ! {note}" for note in self.notes])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.notes

    def to_dict(self) -> dict[str, Any]:
        """Plain form for JSON."""
        plain: dict[str, Any] = to_plain(
            {
                "rows": [row.to_dict() for row in self.rows],
                "learner": self.learner,
                **self._made_from(),
                "notes": list(self.notes),
                "warnings": list(self.notes),
                **({} if self.check is None else {"check": self.check}),
                **({} if self.answer is None else self._answered(self.answer)),
            }
        )
        return plain

    def _answered(self, answer: Answer) -> dict[str, Any]:
        """Give the answer, and the metric with as many rows as there are."""
        key = next((row.metric.name for row in self.rows if row.metric is not None), answer.metric)
        return {"metric": {"name": key, "value": answer.outlook.now}, "answer": answer}

    def _made_from(self) -> dict[str, Any]:
        """Say what the forecast stands on: rows, or points with the law through them."""
        if not self.points:
            names = ("n_rows", "n_read", "n_inputs", "target_variance")
            made = {} if self.prepared is None else {"prepared": self.prepared}
            return {**{name: getattr(self, name) for name in names}, **made}
        return {"points": list(self.points), "law": self.law}

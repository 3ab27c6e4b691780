"""Several laws of the curve at once, weighted by what they missed unseen curves by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.laws.schedules.schedule import Schedule

POWER = 2  # weights fall as the backtest error to this power
LEAST = 1e-3  # log error below which laws count as equally good
LOST = 3.0  # times the best error: beyond, a law is left out


@dataclass(frozen=True, eq=False)
class CurveAverage:
    """Fits of several laws to the same curves.

    Attributes
    ----------
    members : tuple of CurveFit
        Smallest backtest error first.
    errors : array (m,)
        Root mean square of the log errors of ends that were predicted without them.
    weights : array (m,)
        They sum to one.
    """

    members: tuple[CurveFit, ...]
    errors: Floats
    weights: Floats

    def __repr__(self) -> str:
        parts = (
            f"{100 * w:.0f} % {m.law.name}"
            for m, w in zip(self.members, self.weights, strict=True)
            if w > 0
        )
        return f"CurveAverage({', '.join(parts)})"

    @property
    def best(self) -> CurveFit:
        """The law with the smallest backtest error."""
        return self.members[0]

    def predict(
        self, schedule: Schedule, steps: ArrayLike | None = None, name: str | None = None
    ) -> CurvePrediction:
        """Average the predictions in log loss; what the laws differ by widens the interval.

        See `CurveFit.predict` for the arguments.
        """
        used = [i for i, w in enumerate(self.weights) if w > 0]
        parts = [self.members[i].predict(schedule, steps, name) for i in used]
        weights = self.weights[used]
        logs = np.log([p.loss for p in parts])
        centre = weights @ logs
        halves = np.array([np.log(p.high / p.loss) for p in parts])
        half = np.sqrt(weights @ (halves**2 + (1.645 * (logs - centre)) ** 2))
        doubts = parts[0].doubts
        low, high = np.exp(centre - half), np.exp(centre + half)
        return replace(parts[0], loss=np.exp(centre), low=low, high=high, doubts=doubts)

    def laws(self) -> list[dict[str, Any]]:
        """One row per law: its backtest error and weight."""
        return [
            {
                "law": member.law.name,
                "backtest_error": float(error),
                "weight": float(weight),
                "objective": member.solved.objective,
            }
            for member, error, weight in zip(self.members, self.errors, self.weights, strict=True)
        ]


def average(fits: Sequence[CurveFit]) -> CurveAverage:
    """Weigh fits of several laws to the same curves by their backtests.

    Where nothing could be predicted without being seen, the first law has all the weight.
    """
    errors = np.array(
        [np.sqrt(np.mean([m.error**2 for m in f.misses])) if f.misses else np.nan for f in fits]
    )
    if np.isnan(errors).any():
        weights = np.array([1.0] + [0.0] * (len(fits) - 1))
        return CurveAverage(tuple(fits), errors, weights)
    order = np.argsort(errors, kind="stable")
    errors = errors[order]
    size = np.maximum(errors, LEAST)
    weights = np.where(size <= LOST * size[0], size**-POWER, 0.0)
    return CurveAverage(tuple(fits[i] for i in order), errors, weights / weights.sum())

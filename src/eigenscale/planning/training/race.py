"""Which of several running runs will end lowest: promote it, stop it, or wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.curves.result import CurveFit, CurvePrediction

DRAWS = 20_000
SURE = 0.9  # probability of ending lowest from which on a run is promoted
HOPELESS = 0.02  # below which it is stopped


@dataclass(frozen=True, eq=False)
class Runner:
    """One run of a race.

    Attributes
    ----------
    prediction : CurvePrediction
        Of its end.
    probability : float
        That it ends lowest.
    advice : str
        ``promote``, ``stop`` or ``wait``.
    """

    prediction: CurvePrediction
    probability: float
    advice: str

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            **self.prediction.to_dict(),
            "probability": self.probability,
            "advice": self.advice,
        }


def race(fits: Sequence[CurveFit], seed: int = 0) -> tuple[Runner, ...]:
    """Predict the ends of runs, each by its own fit and schedule, and rank them.

    Parameters
    ----------
    fits : sequence of CurveFit
        One per run, each fitted to that run alone.

    Returns
    -------
    tuple of Runner
        Lowest predicted end first. Errors of the runs are drawn independently, which makes the
        probabilities careful where the law errs alike for all.

    Raises
    ------
    InputError
        Fewer than two runs.
    """
    if len(fits) < 2:
        raise InputError("one run has no rival; give the curves of at least two runs")
    ends = [f.predict(f.curves[0].schedule, None, f.curves[0].name) for f in fits]
    logs = np.log([e.end.value for e in ends])
    quantile = NormalDist().inv_cdf((1 + ends[0].level) / 2)
    spread = np.array([np.log(e.end.high / e.end.value) for e in ends]) / quantile
    rng = np.random.default_rng(seed)
    drawn = logs + spread * rng.normal(size=(DRAWS, len(ends)))
    wins = np.bincount(drawn.argmin(axis=1), minlength=len(ends)) / DRAWS
    order = np.argsort(logs, kind="stable")
    return tuple(Runner(ends[i], float(wins[i]), _advice(float(wins[i]))) for i in order)


def _advice(probability: float) -> str:
    if probability >= SURE:
        return "promote"
    return "stop" if probability <= HOPELESS else "wait"

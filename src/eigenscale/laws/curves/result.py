"""A fitted law of the curve: what it found, how sure it is, what it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats, Ints, Mask
from eigenscale.errors import InputError
from eigenscale.laws.curves.backtest import Excess, Miss
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.law import CurveLaw
from eigenscale.laws.curves.noise import Noise
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.curves.solve import Solved
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.results import Interval, Result

FARTHER = 4.0  # times the exposure of the longest curve: beyond, a prediction is a guess
SHALLOW = 0.2  # annealing, as a share of the peak rate, that hardly shows
SEEN = 0.3  # share of an annealing that the curves must have shown, so that it is measured
WIDE = 0.1  # half-width of an interval, as a share of the loss, that is too wide to rely on
AGREE = 0.5  # starts that have to agree


@dataclass(frozen=True, eq=False)
class CurvePrediction(Result):
    """Losses predicted at steps under a schedule.

    Attributes
    ----------
    name : str
    schedule : Schedule
    steps : array (n,) of int
    loss, low, high : array (n,)
        Prediction and ends of the interval for a recorded loss, in the unit of the curves.
    level : float
    doubts : tuple of str
        Why the last of them is not to be relied on, in sentences; empty where it is.
    """

    name: str
    schedule: Schedule
    steps: Ints
    loss: Floats
    low: Floats
    high: Floats
    level: float
    doubts: tuple[str, ...] = ()

    @property
    def reliable(self) -> bool:
        """Whether nothing speaks against relying on it."""
        return not self.doubts

    @property
    def end(self) -> Interval:
        """The last of the predicted losses."""
        return Interval(float(self.loss[-1]), float(self.low[-1]), float(self.high[-1]), self.level)

    def to_dict(self) -> dict[str, Any]:
        """Name, step, loss and reliability of the last predicted step."""
        return {
            "name": self.name,
            "step": int(self.steps[-1]),
            "loss": self.end.to_dict(),
            "reliable": self.reliable,
            **({"doubts": list(self.doubts)} if self.doubts else {}),
        }


@dataclass(frozen=True, eq=False)
class CurveFit(Result):
    """A law of the training curve, fitted to one or several curves.

    Attributes
    ----------
    solved : Solved
        Estimate, objective and certificate.
    curves : tuple of ScheduledCurve
        What it was fitted to.
    draws : array (B, p)
        Parameters that may be the true ones.
    noise : Noise
        Scatter of the records.
    excess : Excess
        What predictions of other schedules are wrong by, beyond the rest.
    misses : tuple of Miss
        The ends of curves that were predicted without them.
    from_family : bool
        Whether the shape of another member served as a prior.
    level : float
        Nominal coverage of the intervals.
    remarks : tuple of str
        What was said when the curves were read.
    """

    solved: Solved
    curves: tuple[ScheduledCurve, ...]
    draws: Floats
    noise: Noise
    excess: Excess
    misses: tuple[Miss, ...] = ()
    from_family: bool = False
    level: float = 0.9
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        values = ", ".join(f"{n} {v.value:.4g}" for n, v in self.parameters.items())
        return f"CurveFit({self.law.name} on {len(self.curves)} curves: {values})"

    @property
    def law(self) -> CurveLaw:
        """The law that was fitted."""
        return self.solved.problem.law

    @cached_property
    def theta(self) -> Floats:
        """Estimates (p,) in the order of ``law.names``."""
        return self.solved.problem.theta(self.solved.at)

    @cached_property
    def parameters(self) -> dict[str, Interval]:
        """Estimate and interval of each parameter."""
        return {
            name: Interval.from_draws(self.theta[i], self.draws[:, i], self.level)
            for i, name in enumerate(self.law.names)
        }

    @cached_property
    def annealing_seen(self) -> float:
        """Largest fall of the rate that the curves show the effect of, as a share of the peak."""
        return max(c.schedule.first(int(c.steps[-1])).annealed for c in self.curves)

    @cached_property
    def longest(self) -> float:
        """Largest exposure (or number of steps) of the curves."""
        return max(float(self.law.time(expose(c.schedule, c.steps[-1:]))[0]) for c in self.curves)

    def loss(self, schedule: Schedule, steps: ArrayLike) -> Floats:
        """Best estimate of the loss (n,) at growing `steps` under `schedule`."""
        return self.law.loss(self.theta, expose(schedule, np.atleast_1d(np.asarray(steps))))

    def loss_draws(self, schedule: Schedule, steps: ArrayLike) -> Floats:
        """Plausible losses (B, n), without noise and excess."""
        exposure = expose(schedule, np.atleast_1d(np.asarray(steps)))
        return np.array([self.law.loss(theta, exposure) for theta in self.draws])

    def half_width(self, schedule: Schedule, steps: ArrayLike) -> Floats:
        """Half-widths (n,) of the intervals for recorded losses, in log loss."""
        logs = np.log(np.maximum(self.loss_draws(schedule, steps), 1e-12))
        if len(logs) < 2:
            return np.full(logs.shape[1], np.nan)
        low, high = np.quantile(logs, [0.1587, 0.8413], axis=0)  # ± one deviation
        rest = np.hypot((high - low) / 2, self.noise.deviation)
        return np.array([self.excess.half_width(d, self.level) for d in rest])

    def predict(
        self, schedule: Schedule, steps: ArrayLike | None = None, name: str | None = None
    ) -> CurvePrediction:
        """Predict what would be recorded under a schedule.

        Parameters
        ----------
        schedule : Schedule
            The learning rate of every step.
        steps : array of int, optional
            Where, growing; the last step of the schedule by default.
        name : str, optional
            What is predicted; the schedule's name by default.

        Raises
        ------
        InputError
            Where a step lies beyond the schedule.
        """
        at = np.atleast_1d(np.asarray([schedule.total] if steps is None else steps, np.int64))
        if at[-1] > schedule.total or at[0] < 1:
            raise InputError(
                f"step {at[-1]:,} does not lie in the schedule {schedule.name}, which has steps 1 "
                f"to {schedule.total:,}; give a longer one with --schedule"
            )
        loss = self.loss(schedule, at)
        half = self.half_width(schedule, at)
        low, high = loss * np.exp(-half), loss * np.exp(half)
        called = schedule.name if name is None else name
        doubts = self._doubts(schedule.first(int(at[-1])), loss[-1], low[-1], high[-1])
        return CurvePrediction(called, schedule, at, loss, low, high, self.level, doubts)

    def _doubts(self, schedule: Schedule, loss: float, low: float, high: float) -> tuple[str, ...]:
        exposure = expose(schedule, np.array([schedule.total]))
        ratio = float(self.law.time(exposure)[0]) / self.longest
        unseen = self.annealing_seen < SEEN * schedule.annealed and schedule.annealed > SHALLOW
        checks: dict[str, bool | Mask] = {
            f"It lies {ratio:.3g} times beyond the longest curve.": ratio > FARTHER,
            "The curves show no annealing as deep as this schedule's: what it brings is a prior, "
            "not a measurement.": unseen and not self.from_family,
            "The law looks at steps alone and does not see the learning rate.": self.law.kernel
            is None
            and max(schedule.annealed, self.annealing_seen) > SHALLOW,
            f"Its interval is {50 * (high - low) / loss:.0f} % of the loss to either side.": high
            - low
            > 2 * WIDE * loss,
            "The fit has not converged from most starts.": not self._agrees,
        }
        return tuple(sentence for sentence, holds in checks.items() if holds)

    @property
    def _agrees(self) -> bool:
        certificate = self.solved.certificate
        return certificate.converged and certificate.agreeing >= AGREE * certificate.starts

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        found = list(dict.fromkeys([*self.remarks, *(g for c in self.curves for g in _said(c))]))
        if self.law.kernel is not None and self.annealing_seen <= SHALLOW:
            source = "another member of the family" if self.from_family else "published curves"
            found.append(
                f"No curve shows annealing: its effect is a prior taken from {source}, "
                "not a measurement."
            )
        if not self._agrees:
            found.append(f"{self.solved.certificate.sentence()}.")
        return tuple(found)

    @property
    def cautions(self) -> list[str]:
        """The same as `warnings`, by their name of version 0.1."""
        return list(self.warnings)

    def warned(self, warnings: Sequence[str]) -> "CurveFit":
        """Add warnings of the reading."""
        return replace(self, remarks=(*self.remarks, *warnings))

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "law": self.law.name,
            "equation": self.law.equation,
            "source": self.law.source,
            "unit": self.curves[0].unit,
            "parameters": {k: v.to_dict() for k, v in self.parameters.items()},
            "objective": {"name": self.solved.goal.name, "value": self.solved.objective},
            "certificate": self.solved.certificate.to_dict(),
            "curves": [_plain(c) for c in self.curves],
            "noise": {
                "deviation": self.noise.deviation,
                "memory": self.noise.memory,
                "excess": self.excess.deviation,
            },
            "backtest": [
                {"name": m.name, "error": m.error, "expected": m.deviation} for m in self.misses
            ],
            "warnings": list(self.warnings),
        }


def _said(curve: ScheduledCurve) -> list[str]:
    return [f"{curve.name}: {guess}" for guess in curve.schedule.guesses]


def _plain(curve: ScheduledCurve) -> dict[str, Any]:
    return {
        "name": curve.name,
        "records": len(curve.steps),
        "first_step": int(curve.steps[0]),
        "last_step": int(curve.steps[-1]),
        "peak": curve.schedule.peak,
        "warmup": curve.schedule.warmup,
        "tokens_per_step": curve.batch_tokens,
        "guessed": list(curve.schedule.guesses),
    }

"""The best WSD schedule for a number of steps: when to start the cooldown, and how low to go."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.laws.schedules.shapes import cosine, wsd
from eigenscale.results import Interval, Result
from eigenscale.text.numbers import count, percent, with_interval

COOLDOWNS = ("linear", "sqrt", "exponential")
ENDS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)  # end rates, as shares of the peak
USUAL = 0.2  # share of all steps that a usual linear cooldown takes
SHARES = np.linspace(0.05, 0.95, 19)  # of the steps after the warm-up that the cooldown takes
ALMOST = 1e-3  # share of the loss within which schedules count as equally good
ROUNDS = 3  # times that the grid of shares is made finer


@dataclass(frozen=True, eq=False)
class Rival:
    """Another schedule of the same steps.

    Attributes
    ----------
    name : str
    loss : float
        Its predicted loss.
    gain : Interval
        What the best schedule has less, as a share of the loss.
    """

    name: str
    loss: float
    gain: Interval


@dataclass(frozen=True, eq=False)
class BestSchedule(Result):
    """A WSD schedule that the fitted law finds best.

    Attributes
    ----------
    schedule : Schedule
    start : int
        Last step at the peak.
    end : float
        Learning rate of the last step.
    shape : str
        Of the cooldown.
    prediction : CurvePrediction
    almost : tuple of two float
        Shares of the steps that a cooldown may take, with the loss within 0.1 % of the best.
    rivals : tuple of Rival
        The usual schedules.
    """

    schedule: Schedule
    start: int
    end: float
    shape: str
    prediction: CurvePrediction
    almost: tuple[float, float]
    rivals: tuple[Rival, ...]

    @property
    def spec(self) -> str:
        """The schedule in one line, as `parse_schedule` reads it."""
        s = self.schedule
        return (
            f"wsd:peak={s.peak:g},warmup={s.warmup},start={self.start},total={s.total},"
            f"end={self.end:.3g},shape={self.shape}"
        )

    def sentences(self) -> list[str]:
        """Say what is best, how flat the choice is, and what it gains."""
        low, high = self.almost
        total = self.schedule.total
        share = percent((total - self.start) / total)
        what = (
            f"The best cooldown of {count(total)} steps starts at step {count(self.start)} "
            f"({share} of the steps, {self.shape}) and ends at a rate of {self.end:.3g}; "
            f"it reaches {with_interval(self.prediction.end)}."
        )
        flat = (
            f"Any cooldown of {percent(low)} to {percent(high)} of the steps is within "
            f"{percent(ALMOST)} of that loss."
        )
        against = [
            f"Against {r.name}, the loss is {percent(r.gain.value)} lower "
            f"({percent(r.gain.low)} to {percent(r.gain.high)})."
            for r in self.rivals
        ]
        return [what, flat, *against]

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "schedule": self.spec,
            "start": self.start,
            "end": self.end,
            "shape": self.shape,
            "total": self.schedule.total,
            "loss": self.prediction.end.to_dict(),
            "reliable": self.prediction.reliable,
            "almost": list(self.almost),
            "against": [
                {"name": r.name, "loss": r.loss, "gain": r.gain.to_dict()} for r in self.rivals
            ],
            "sentences": self.sentences(),
        }


def best_schedule(
    fit: CurveFit,
    total: int,
    *,
    continuable: bool = False,
    warmup: int | None = None,
    peak: float | None = None,
) -> BestSchedule:
    """Find the WSD schedule of `total` steps with the lowest loss by a fitted law.

    Parameters
    ----------
    fit : CurveFit
        A law that sees the learning rate.
    total : int
        Steps, warm-up included.
    continuable : bool
        Whether the run is to be continued later: then the latest cooldown that is within 0.1 % of
        the best is taken, since what it trains is lost to the trunk.
    warmup, peak : optional
        As in the longest of the curves by default.

    Raises
    ------
    InputError
        A law of steps alone, or too few steps.

    Notes
    -----
    Start, end rate (from 1 % of the peak) and shape are searched on grids that become finer. The
    gains are differences of the same draws, so that what both schedules share cancels.
    """
    if fit.law.kernel is None:
        raise InputError(f"{fit.law.name} does not see the learning rate; take another law")
    longest = max((c.schedule for c in fit.curves), key=lambda s: s.total)
    warm = longest.warmup if warmup is None else warmup
    top = longest.peak if peak is None else peak
    if total < warm + 20:
        raise InputError(
            f"{total:,} steps leave no room for a cooldown after {warm:,} steps of warm-up; "
            f"give at least {warm + 20:,}"
        )
    search = _Search(fit, total, warm, top)
    share, end, shape, low, high = search.best()
    chosen = low if continuable else share
    schedule = search.make(chosen, end, shape)
    rivals = (
        ("cosine down to 10 % of the peak", cosine(top, total, warm, 0.1 * top)),
        (
            "a linear cooldown over the last 20 %",
            wsd(top, total, total - round(USUAL * total), warm),
        ),
    )
    scale = (total - warm) / total
    return BestSchedule(
        schedule,
        search.start(chosen),
        end * top,
        shape,
        fit.predict(schedule, None, "best WSD"),
        (low * scale, high * scale),
        tuple(_rival(fit, schedule, name, other) for name, other in rivals),
    )


def _rival(fit: CurveFit, best: Schedule, name: str, other: Schedule) -> Rival:
    logs = [np.log(fit.loss_draws(s, [s.total])[:, 0]) for s in (best, other)]
    ours, theirs = (float(fit.loss(s, [s.total])[0]) for s in (best, other))
    gain = Interval.from_draws(1 - ours / theirs, 1 - np.exp(logs[0] - logs[1]), fit.level)
    return Rival(name, theirs, gain)


@dataclass(frozen=True)
class _Search:
    """Losses of WSD schedules of one length."""

    fit: CurveFit
    total: int
    warmup: int
    peak: float

    def start(self, share: float) -> int:
        """Give the last step at the peak where the cooldown takes `share` of what is left."""
        return round(self.total - share * (self.total - self.warmup))

    def make(self, share: float, end: float, shape: str) -> Schedule:
        return wsd(self.peak, self.total, self.start(share), self.warmup, end * self.peak, shape)

    def loss(self, share: float, end: float, shape: str) -> float:
        return float(self.fit.loss(self.make(share, end, shape), [self.total])[0])

    def best(self) -> tuple[float, float, str, float, float]:
        """Best share, end and shape, and the range of shares that are almost as good."""
        usual = USUAL * self.total / (self.total - self.warmup)
        tried = [
            (share, end, shape)
            for shape in COOLDOWNS
            for end in ENDS
            for share in (*SHARES[::3], usual)
            if end > 0 or shape != "exponential"
        ]
        _, (share, end, shape) = min((self.loss(*one), one) for one in tried)
        step = SHARES[3] - SHARES[0]
        for _ in range(ROUNDS):
            near = np.clip(share + step * np.array([-0.5, 0.0, 0.5]), 0.01, 1.0)
            ends = np.clip(end * np.array([0.7, 1.0, 1.4]), 0.0, 1.0) if end else [0.0]
            _, share, end = min((self.loss(s, e, shape), s, e) for s in near for e in ends)
            step /= 2
        low, high = self._almost(float(share), float(end), shape)
        return float(share), float(end), shape, low, high

    def _almost(self, share: float, end: float, shape: str) -> tuple[float, float]:
        grid: Floats = np.unique(np.append(SHARES, share))
        losses = np.array([self.loss(s, end, shape) for s in grid])
        good = grid[losses <= losses.min() * (1 + ALMOST)]
        return float(good.min()), float(good.max())

"""Is it worth going on: the loss of stopping, of a cooldown now, and of one after more steps."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.laws.schedules.shapes import COOLDOWNS
from eigenscale.results import Interval
from eigenscale.text.numbers import count, percent, with_interval

COOLDOWN = 0.2  # share of all steps that a cooldown takes
END = 0.1  # share of the rate that it goes down to


@dataclass(frozen=True, eq=False)
class GoingOn:
    """What more steps of a running run bring.

    Attributes
    ----------
    name : str
    step, more : int
        The last recorded step, and how many more are asked about.
    now : float
        The loss by the law at the last recorded step.
    cooled : CurvePrediction
        After a cooldown that starts now.
    longer : CurvePrediction
        After `more` steps, the last of which are a cooldown.
    gain : Interval
        What `longer` has less than `cooled`, as a share of the loss.
    """

    name: str
    step: int
    more: int
    now: float
    cooled: CurvePrediction
    longer: CurvePrediction
    gain: Interval

    @property
    def worth(self) -> bool:
        """Whether the gain is surely above zero."""
        return self.gain.low > 0

    def sentences(self) -> list[str]:
        """Say it in words."""
        extra = int(self.cooled.steps[-1]) - self.step
        low, high = percent(self.gain.low), percent(self.gain.high)
        verdict = (
            "Going on lowers the loss."
            if self.worth
            else "The curves cannot tell whether going on lowers the loss."
        )
        stop = f"At step {count(self.step)} the loss of {self.name} is {self.now:.4g}."
        cool = f"A cooldown now, of {count(extra)} steps, ends at {with_interval(self.cooled.end)}."
        later = (
            f"{count(self.more)} more steps that end in a cooldown reach "
            f"{with_interval(self.longer.end)}: {percent(self.gain.value)} less "
            f"({low} to {high}). {verdict}"
        )
        return [stop, cool, later]

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "name": self.name,
            "step": self.step,
            "more": self.more,
            "now": self.now,
            "cooled": self.cooled.to_dict(),
            "longer": self.longer.to_dict(),
            "gain": self.gain.to_dict(),
            "worth": self.worth,
            "sentences": self.sentences(),
        }


def going_on(fit: CurveFit, curve: ScheduledCurve, more: int) -> GoingOn:
    """Compare a cooldown that starts now with `more` steps that end in one.

    Parameters
    ----------
    fit : CurveFit
        Fitted to the curve, perhaps with others.
    curve : ScheduledCurve
        A running run; its rate at the last record is kept until the cooldown.
    more : int
        Further steps.

    Raises
    ------
    InputError
        A law of steps alone, fewer steps than the cooldown takes, or a rate of zero.
    """
    if fit.law.kernel is None:
        raise InputError(f"{fit.law.name} does not see the learning rate; take another law")
    step = int(curve.steps[-1])
    now, later = (_cooled(curve.schedule.first(step), n) for n in (0, more))
    if later.total - step > more:
        raise InputError(
            f"{more:,} more steps are fewer than the cooldown of {later.total - step:,} takes; "
            f"ask for at least {now.total - step:,}"
        )
    logs = [np.log(fit.loss_draws(s, [s.total])[:, 0]) for s in (now, later)]
    ends = [float(fit.loss(s, [s.total])[0]) for s in (now, later)]
    return GoingOn(
        curve.name,
        step,
        more,
        float(fit.loss(curve.schedule, [step])[0]),
        fit.predict(now, None, "cooldown now"),
        fit.predict(later, None, f"after {more:,} more steps"),
        Interval.from_draws(1 - ends[1] / ends[0], 1 - np.exp(logs[1] - logs[0]), fit.level),
    )


def _cooled(done: Schedule, more: int) -> Schedule:
    """Keep the last rate, then go down linearly: over `COOLDOWN` of all steps."""
    rate = done.rates[-1]
    if not rate > 0:
        raise InputError("the rate of the last record is 0: the run has come to its end")
    total = done.total + more if more else round(done.total / (1 - COOLDOWN))
    length = max(round(COOLDOWN * total), 1)
    flat = np.full(max(total - length - done.total, 0), rate)
    share = np.arange(1, length + 1) / length
    down = rate * COOLDOWNS["linear"](share, END)
    name = f"cooldown from step {done.total + len(flat):,}"
    return Schedule(np.concatenate([done.rates, flat, down]), name)

"""A curve together with the learning rate of every step: what laws of the curve are fitted to."""

from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Floats, Ints
from eigenscale.errors import InputError
from eigenscale.io.curves.curve import Curve
from eigenscale.laws.schedules.rebuild import rebuild
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.laws.schedules.shapes import constant
from eigenscale.laws.schedules.spec import parse_schedule

FEWEST = 5  # records that a curve must have to be fitted
ENOUGH = 10  # records behind the warm-up from which on those of the warm-up are left out


@dataclass(frozen=True, eq=False)
class ScheduledCurve:
    """Recorded losses under a known schedule.

    Attributes
    ----------
    name : str
    schedule : Schedule
        At least as long as the curve; what lies beyond the last record is the plan.
    steps : array (n,) of int
    log_loss : array (n,)
    batch_tokens : float or None
        Tokens of one step, where they are known.
    unit : str
        Of the loss.
    """

    name: str
    schedule: Schedule
    steps: Ints
    log_loss: Floats
    batch_tokens: float | None = None
    unit: str = "nats/token"

    def __repr__(self) -> str:
        return f"ScheduledCurve({self.name}: {len(self.steps)} records, {self.schedule!r})"

    def until(self, step: int) -> "ScheduledCurve":
        """Forget the losses behind `step`; the schedule stays."""
        kept = self.steps <= step
        return replace(self, steps=self.steps[kept], log_loss=self.log_loss[kept])

    def thinned(self, most: int) -> "ScheduledCurve":
        """Keep at most so many records: means of blocks where there are many more, else some."""
        n = len(self.steps)
        if n <= most:
            return self
        if n < 2 * most:
            kept = np.unique(np.linspace(0, n - 1, most).round().astype(np.int64))
            return replace(self, steps=self.steps[kept], log_loss=self.log_loss[kept])
        edges = np.linspace(0, n, most + 1).astype(np.int64)
        size = np.diff(edges)
        steps = np.add.reduceat(self.steps, edges[:-1]) / size
        means = np.add.reduceat(self.log_loss, edges[:-1]) / size
        return replace(self, steps=steps.round().astype(np.int64), log_loss=means)


def scheduled(
    curve: Curve, schedule: str | None = None, warmup: int | None = None, *, blind: bool = False
) -> ScheduledCurve:
    """Give a curve its schedule: the recorded rates, else the one named.

    Parameters
    ----------
    curve : Curve
    schedule : str, optional
        As `parse_schedule` reads; used where the curve has no rates.
    warmup : int, optional
        Steps of warm-up before the first record.
    blind : bool
        Whether rates do not matter, for laws that look at steps alone.

    Raises
    ------
    InputError
        Without rates and schedule, or where the schedule is shorter than the run.
    """
    last = int(curve.steps[-1])
    if curve.rates is not None:
        later, ahead = curve.ahead or (curve.steps[:0], curve.rates[:0])
        steps, rates = np.append(curve.steps, later), np.append(curve.rates, ahead)
        plan = rebuild(steps, rates, curve.name, warmup)
    elif schedule is not None:
        defaults: dict[str, float] = {"total": last, "peak": 1.0}
        if warmup is not None:
            defaults["warmup"] = warmup
        plan = parse_schedule(schedule, defaults)
        if "peak" not in schedule:
            said = "No peak rate was given; learning rates are in units of it."
            plan = replace(plan, guesses=(said,))
        if plan.total < last:
            raise InputError(
                f"the schedule {schedule!r} ends at step {plan.total:,}, but {curve.name} was "
                f"recorded to step {last:,}; give a schedule at least as long as the run"
            )
    elif blind:
        plan = constant(1.0, last)
    else:
        raise InputError(
            f"{curve.name} has no learning rate; name its column with --columns lr=…, or its "
            "schedule with --schedule, as cosine:peak=3e-4,end=3e-5,warmup=2000"
        )
    return ScheduledCurve(
        curve.name, plan, curve.steps, np.log(curve.loss), curve.batch_tokens, curve.unit
    )


def after_warmup(curve: ScheduledCurve) -> tuple[ScheduledCurve, str | None]:
    """Leave out records of the warm-up, where enough remain; and say so.

    Laws of the curve hold once the rate has reached its peak: the first steps fall by another law.
    """
    late = curve.steps >= curve.schedule.warmup
    early = int(np.count_nonzero(~late))
    if not early or np.count_nonzero(late) < ENOUGH:
        return curve, None
    said = f"{curve.name}: {early} records of the warm-up are left out."
    return replace(curve, steps=curve.steps[late], log_loss=curve.log_loss[late]), said


def check_length(curve: ScheduledCurve) -> None:
    """Refuse a curve that is too short to be fitted."""
    if len(curve.steps) < FEWEST:
        raise InputError(
            f"{curve.name} has {len(curve.steps)} records; a curve needs at least {FEWEST}"
        )
    exposure = curve.schedule.exposure[curve.steps]
    if not exposure[0] > 0:
        raise InputError(
            f"the learning rate of {curve.name} is 0 up to its first record at step "
            f"{curve.steps[0]:,}; nothing was trained by then"
        )

"""Training curves drawn: records and law, what is predicted, the law's parts, and the schedule."""

from collections.abc import Sequence

import numpy as np

from eigenscale.arrays import Ints
from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.text.numbers import with_interval

MOST = 4  # curves, and as many predictions, that are drawn
DOTS = 250  # records of one curve that are drawn
GRID = 120  # steps at which a law is drawn
STEP = "training step"


def curve_figure(fit: CurveFit, predictions: Sequence[CurvePrediction] = ()) -> Figure:
    """Draw curves with their law, predictions with their intervals, and the learning rates below.

    Parameters
    ----------
    fit : CurveFit
    predictions : sequence of CurvePrediction
        At most four are drawn; one of a curve that was fitted continues that curve.
    """
    curves, ahead = fit.curves[:MOST], list(predictions)[:MOST]
    called = _shortened([c.name for c in curves] + [p.name for p in ahead])
    losses: list[Layer] = []
    rates: list[Layer] = []
    for color, curve in enumerate(curves):
        losses += _fitted(fit, curve, called[curve.name], color)
        rates.append(_rate(curve.schedule, color))
    names = {c.name: i for i, c in enumerate(curves)}
    for i, one in enumerate(ahead):
        color = names.get(one.name, len(curves) + i)
        begin = int(curves[color].steps[-1]) if one.name in names else 0
        losses += _predicted(fit, one, begin, called[one.name], color)
        if one.name not in names:
            rates.append(_rate(one.schedule, color))
    panels = (
        Panel(Axis(STEP, "linear"), Axis("loss", "linear"), tuple(losses), "Loss"),
        Panel(
            Axis(STEP, "linear"),
            Axis("learning rate", "linear"),
            tuple(rates),
            "Schedule, in the same colours",
        ),
        _parts(fit, ahead[0].schedule if ahead else curves[0].schedule),
    )
    return Figure(
        "training-curves",
        _finding(fit, ahead),
        panels,
        caption=(
            f"Dots are records, lines the {fit.law.name} law, {fit.law.equation}; bands hold what "
            f"would be recorded with probability {fit.level:g}. The third panel takes the law "
            "apart: its floor, what is left without annealing, and what annealing brings."
        ),
        alt=_finding(fit, ahead),
        columns=1,
    )


def _finding(fit: CurveFit, ahead: Sequence[CurvePrediction]) -> str:
    if not ahead:
        records = sum(len(c.steps) for c in fit.curves)
        return f"The {fit.law.name} law through {records:,} records of {len(fit.curves)} curves"
    first = ahead[0]
    doubt = "" if first.reliable else " (do not rely on it)"
    return f"{first.name} ends at a loss of {with_interval(first.end)}{doubt}"


def _shortened(names: Sequence[str]) -> dict[str, str]:
    """Leave out how all names begin, up to a sign between words."""
    first, last = min(names), max(names)
    alike = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    cut = max(first.rfind(sign, 0, alike) for sign in "_-/ ") + 1
    return {name: name[cut:] or name for name in names}


def _grid(first: int, last: int) -> Ints:
    return np.unique(np.linspace(max(first, 1), last, GRID).round().astype(np.int64))


def _fitted(fit: CurveFit, curve: ScheduledCurve, label: str, color: int) -> list[Layer]:
    shown = curve.thinned(DOTS)
    steps = _grid(int(curve.steps[0]), int(curve.steps[-1]))
    measured = np.exp(shown.log_loss)
    return [
        Points(shown.steps.astype(float), measured, label, color, "open-circle"),
        Line(steps.astype(float), fit.loss(curve.schedule, steps), label, color),
    ]


def _predicted(
    fit: CurveFit, one: CurvePrediction, begin: int, label: str, color: int
) -> list[Layer]:
    earliest = min(int(c.steps[0]) for c in fit.curves)
    last = int(one.steps[-1])
    steps = _grid(min(max(begin, earliest), last), last)
    fan = fit.predict(one.schedule, steps, one.name)
    x = steps.astype(float)
    return [
        Band(x, fan.low, fan.high, label, color),
        Line(x, fan.loss, label, color, "dash"),
    ]


def _rate(schedule: Schedule, color: int) -> Layer:
    steps = _grid(1, schedule.total)
    around = np.flatnonzero(np.abs(schedule.drops) > 0.05 * schedule.peak)  # jumps stay upright
    steps = np.unique(np.concatenate([steps, around[around > 0], around + 1]))
    return Line(steps.astype(float), schedule.rates[steps - 1], color=color)


def _parts(fit: CurveFit, schedule: Schedule) -> Panel:
    first = min(int(c.steps[0]) for c in fit.curves)
    steps = _grid(min(first, schedule.total), schedule.total)
    exposure = expose(schedule, steps)
    whole, x = fit.law.loss(fit.theta, exposure), steps.astype(float)
    without = whole + fit.law.annealing(fit.theta, exposure)
    layers: tuple[Layer, ...] = (
        Line(x, whole, "law", 0),
        Line(x, without, "without annealing", 1, "dash"),
        Rule(float(fit.theta[0]), "y", "floor L0", "dot"),
    )
    return Panel(Axis(STEP, "linear"), Axis("loss", "linear"), layers, f"Parts: {schedule.name}")

"""What is asked of curves: the end of a run, another schedule, the best one, who will win."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.curves.curve import Curve
from eigenscale.io.curves.read import read_curves
from eigenscale.laws.curves.average import CurveAverage, average
from eigenscale.laws.curves.fitting import fit_curves
from eigenscale.laws.curves.registry import LAWS, get
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.laws.curves.scheduled import ScheduledCurve, scheduled
from eigenscale.laws.schedules.spec import parse_schedule
from eigenscale.planning.training.best import BestSchedule, best_schedule
from eigenscale.planning.training.going_on import GoingOn, going_on
from eigenscale.planning.training.race import Runner, race
from eigenscale.results import Result

ALL = "all"


@dataclass(frozen=True)
class Wanted:
    """What is to be predicted, and how curves are to be read.

    Attributes
    ----------
    plans : tuple
        Files with steps and learning rates, whose ends are predicted.
    until : int or None
        Forget the losses of the one curve behind this step.
    at : int or None
        Predict this step instead of the end.
    schedule : str or None
        A schedule to predict; of curves without learning rates, theirs.
    warmup : int or None
        Steps of warm-up before the first record.
    family : tuple
        Curves of another member, whose shape is a prior.
    best : int or None
        Find the best schedule of so many steps.
    continuable : bool
        Whether training is to be continued behind that.
    more : int or None
        Ask what so many more steps of the one curve would bring.
    compare : bool
        Whether the curves are rivals, each with its own law, of which one is to win.
    columns : mapping
        See `read_curves`.
    """

    plans: tuple[Any, ...] = ()
    until: int | None = None
    at: int | None = None
    schedule: str | None = None
    warmup: int | None = None
    family: tuple[Any, ...] = ()
    best: int | None = None
    continuable: bool = False
    more: int | None = None
    compare: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class CurveAnswer(Result):
    """A fit and what follows from it.

    Attributes
    ----------
    fit : CurveFit
        The law shown; of rivals that of the first in the race.
    predictions : tuple of CurvePrediction
    laws : CurveAverage or None
        All laws, where all were asked for: predictions are their average then.
    best : BestSchedule or None
    more : GoingOn or None
    race : tuple of Runner
    """

    fit: CurveFit
    predictions: tuple[CurvePrediction, ...]
    laws: CurveAverage | None = None
    best: BestSchedule | None = None
    more: GoingOn | None = None
    race: tuple[Runner, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether no curve has steps of its schedule ahead."""
        return all(c.schedule.total <= c.steps[-1] for c in self.fit.curves)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.fit.warnings

    def to_dict(self) -> dict[str, Any]:
        """Plain form; what was not asked for is left out."""
        found = {**self.fit.to_dict(), "predictions": [p.to_dict() for p in self.predictions]}
        if self.laws is not None:
            found["laws"] = self.laws.laws()
        if self.best is not None:
            found["best"] = self.best.to_dict()
        if self.more is not None:
            found["more"] = self.more.to_dict()
        if self.race:
            found["race"] = [r.to_dict() for r in self.race]
        return found


@dataclass(frozen=True, eq=False)
class _Given:
    """Curves and plans as they were read, and with their schedules."""

    read: list[Curve]
    curves: list[ScheduledCurve]
    plans: list[ScheduledCurve]

    @property
    def mended(self) -> tuple[str, ...]:
        """What was mended while reading."""
        return tuple(w for c in self.read for w in c.warnings)


def answer(
    files: Sequence[Any],
    wanted: Wanted,
    *,
    law: str = "multi-power",
    level: float = 0.9,
    rng: int = 0,
) -> CurveAnswer:
    """Fit a law, or all of them, to curves and answer what is wanted.

    Parameters
    ----------
    files : sequence
        Whatever `read_curves` reads.
    law : str
        A law of the curve, or ``all``: predictions then average them, weighted by backtest.

    Raises
    ------
    InputError
        Whatever `read_curves`, `fit_curves` or a schedule refuse; ``until`` or ``more`` with
        several curves; a step that no schedule reaches.
    """
    given = _read(files, wanted, law)
    _check(wanted, given)
    settings = {"level": level, "rng": rng}
    if wanted.compare:
        return _race(given, wanted, law, settings)
    fits = [
        _fit(given.curves, wanted, name, settings).warned(given.mended)
        for name in (LAWS if law == ALL else [law])
    ]
    laws = average(fits) if law == ALL else None
    fit = fits[0] if laws is None else laws.best
    seeing = next((f for f in (laws.members if laws else fits) if f.law.kernel is not None), fit)
    return CurveAnswer(
        fit,
        tuple(_predictions(laws or fit, given, wanted)),
        laws,
        None if wanted.best is None else _best(seeing, wanted.best, wanted),
        None if wanted.more is None else going_on(seeing, seeing.curves[0], wanted.more),
    )


def _read(files: Sequence[Any], wanted: Wanted, law: str) -> _Given:
    blind = law != ALL and get(law).kernel is None
    read = read_curves(list(files), wanted.columns)
    plans = read_curves(list(wanted.plans), wanted.columns, losses=False)
    curves, known = (
        [scheduled(c, wanted.schedule, wanted.warmup, blind=blind) for c in each]
        for each in (read, plans)
    )
    return _Given(read, curves, known)


def _check(wanted: Wanted, given: _Given) -> None:
    """Refuse what cannot be answered, before any fit."""
    for option, value in (("--until", wanted.until), ("--more", wanted.more)):
        if value is not None and len(given.curves) > 1 and not wanted.compare:
            raise InputError(
                f"{option} is about one curve, and {len(given.curves)} were given; "
                "give the others with --family"
            )
    if wanted.at is None or _is_new(wanted, given):
        return
    for one in given.plans or given.curves:
        if wanted.at > one.schedule.total:
            raise InputError(
                f"--at {wanted.at:,} lies beyond the schedule of {one.name}, which is known to "
                f"step {one.schedule.total:,}; give a longer one with --schedule or --predict"
            )


def _is_new(wanted: Wanted, given: _Given) -> bool:
    """Whether the schedule named is another one than that of the curves."""
    return wanted.schedule is not None and any(c.rates is not None for c in given.read)


def _fit(
    curves: Sequence[ScheduledCurve], wanted: Wanted, law: str, settings: Mapping[str, Any]
) -> CurveFit:
    family = None
    if wanted.family:
        read = read_curves(list(wanted.family), wanted.columns)
        others = [scheduled(c, wanted.schedule, wanted.warmup) for c in read]
        family = fit_curves(others, law, draws=2, **settings)
    return fit_curves(list(curves), law, until=wanted.until, family=family, **settings)


def _race(given: _Given, wanted: Wanted, law: str, settings: Mapping[str, Any]) -> CurveAnswer:
    name = next(iter(LAWS)) if law == ALL else law
    fits = [_fit([c], wanted, name, settings) for c in given.curves]
    runners = race(fits)
    first = next(f for f in fits if f.curves[0].name == runners[0].prediction.name)
    return CurveAnswer(
        first.warned(given.mended), tuple(r.prediction for r in runners), race=runners
    )


def _predictions(
    fit: CurveFit | CurveAverage, given: _Given, wanted: Wanted
) -> list[CurvePrediction]:
    found = [fit.predict(p.schedule, _at(wanted, p.schedule.total), p.name) for p in given.plans]
    running = [c for c in given.curves if c.schedule.total > c.steps[-1]]
    if _is_new(wanted, given):
        assert wanted.schedule is not None
        found.append(_other(fit, wanted.schedule, wanted, given.curves))
    elif wanted.until is not None or (wanted.at is not None and not given.plans):
        running = given.curves
    return found + [fit.predict(c.schedule, _at(wanted, c.schedule.total), c.name) for c in running]


def _at(wanted: Wanted, end: int) -> Any:
    return np.array([end if wanted.at is None else wanted.at])


def _longest(curves: Sequence[ScheduledCurve]) -> Any:
    return max((c.schedule for c in curves), key=lambda s: s.total)


def _other(
    fit: CurveFit | CurveAverage, text: str, wanted: Wanted, curves: Sequence[ScheduledCurve]
) -> CurvePrediction:
    """Predict a schedule by name; what it leaves open is as in the longest curve."""
    longest = _longest(curves)
    defaults: dict[str, float] = {
        "peak": longest.peak,
        "warmup": longest.warmup if wanted.warmup is None else wanted.warmup,
        "total": longest.total if wanted.at is None else wanted.at,
    }
    schedule = parse_schedule(text, defaults)
    last = int(curves[0].steps[-1]) if wanted.until is None else wanted.until
    if len(curves) == 1 and schedule.total < last:
        raise InputError(
            f"the schedule {text!r} ends at step {schedule.total:,}, but {curves[0].name} was "
            f"recorded to step {last:,}; give a longer one, or cut the run with --until"
        )
    return fit.predict(schedule, _at(wanted, schedule.total), text)


def _best(fit: CurveFit, total: int, wanted: Wanted) -> BestSchedule:
    return best_schedule(fit, total, continuable=wanted.continuable, warmup=wanted.warmup)

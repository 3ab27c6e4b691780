"""What is asked of curves: the end of a run, of a plan, of another schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.curves.curve import Curve
from eigenscale.io.curves.read import read_curves
from eigenscale.laws.curves.fitting import fit_curves
from eigenscale.laws.curves.registry import get
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.laws.curves.scheduled import ScheduledCurve, scheduled
from eigenscale.laws.schedules.spec import parse_schedule


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
    columns : mapping
        See `read_curves`.
    """

    plans: tuple[Any, ...] = ()
    until: int | None = None
    at: int | None = None
    schedule: str | None = None
    warmup: int | None = None
    family: tuple[Any, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class CurveAnswer:
    """A fit and what it predicts.

    Attributes
    ----------
    fit : CurveFit
    predictions : tuple of CurvePrediction
    """

    fit: CurveFit
    predictions: tuple[CurvePrediction, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            **self.fit.to_dict(),
            "predictions": [p.to_dict() for p in self.predictions],
        }


def answer(
    files: Sequence[Any],
    wanted: Wanted,
    *,
    law: str = "multi-power",
    level: float = 0.9,
    rng: int = 0,
) -> CurveAnswer:
    """Fit a law to curves and predict what is wanted.

    Raises
    ------
    InputError
        Whatever `read_curves`, `fit_curves` or a schedule refuse; ``until`` with several curves;
        a step that no schedule reaches.
    """
    blind = get(law).kernel is None
    read = read_curves(list(files), wanted.columns)
    if wanted.until is not None and len(read) > 1:
        raise InputError(
            f"--until cuts one curve, and {len(read)} were given; give the others with --family"
        )
    curves = [scheduled(c, wanted.schedule, wanted.warmup, blind=blind) for c in read]
    plans = [
        scheduled(c, wanted.schedule, wanted.warmup, blind=blind)
        for c in read_curves(list(wanted.plans), wanted.columns, losses=False)
    ]
    _check_at(wanted, curves, plans, read)
    family = _family(wanted, law, level, rng)
    fit = fit_curves(curves, law, until=wanted.until, family=family, level=level, rng=rng)
    mended = [w for c in read for w in c.warnings]
    fit = fit.warned(mended)
    return CurveAnswer(fit, tuple(_predictions(fit, curves, plans, read, wanted)))


def _family(wanted: Wanted, law: str, level: float, rng: int) -> CurveFit | None:
    if not wanted.family:
        return None
    read = read_curves(list(wanted.family), wanted.columns)
    curves = [scheduled(c, wanted.schedule, wanted.warmup) for c in read]
    return fit_curves(curves, law, draws=2, level=level, rng=rng)


def _check_at(
    wanted: Wanted, curves: list[ScheduledCurve], plans: list[ScheduledCurve], read: list[Curve]
) -> None:
    """Refuse a step beyond all that is known of the learning rate, before the fit."""
    if wanted.at is None or _is_new(wanted, read):
        return
    for one in plans or curves:
        if wanted.at > one.schedule.total:
            raise InputError(
                f"--at {wanted.at:,} lies beyond the schedule of {one.name}, which is known to "
                f"step {one.schedule.total:,}; give a longer one with --schedule or --predict"
            )


def _is_new(wanted: Wanted, read: list[Curve]) -> bool:
    """Whether the schedule named is another one than that of the curves."""
    return wanted.schedule is not None and any(c.rates is not None for c in read)


def _predictions(
    fit: CurveFit,
    curves: list[ScheduledCurve],
    plans: list[ScheduledCurve],
    read: list[Curve],
    wanted: Wanted,
) -> list[CurvePrediction]:
    found = [fit.predict(p.schedule, _at(wanted, p.schedule.total), p.name) for p in plans]
    if _is_new(wanted, read):
        assert wanted.schedule is not None
        found.append(_other(fit, wanted.schedule, wanted))
    elif wanted.until is not None or (wanted.at is not None and not plans):
        found += [fit.predict(c.schedule, _at(wanted, c.schedule.total), c.name) for c in curves]
    elif wanted.schedule is not None:
        running = [c for c in curves if c.schedule.total > c.steps[-1]]
        found += [fit.predict(c.schedule, None, c.name) for c in running]
    return found


def _at(wanted: Wanted, end: int) -> Any:
    return np.array([end if wanted.at is None else wanted.at])


def _other(fit: CurveFit, text: str, wanted: Wanted) -> CurvePrediction:
    """Predict a schedule by name; what it leaves open is as in the longest curve."""
    longest = max((c.schedule for c in fit.curves), key=lambda s: s.total)
    defaults: dict[str, float] = {
        "peak": longest.peak,
        "warmup": longest.warmup if wanted.warmup is None else wanted.warmup,
        "total": longest.total if wanted.at is None else wanted.at,
    }
    schedule = parse_schedule(text, defaults)
    return fit.predict(schedule, _at(wanted, schedule.total), text)

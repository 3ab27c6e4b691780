"""Fit a law of the curve to training curves, so that it can be believed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eigenscale.arrays import check_level
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.io.curves.curve import Curve
from eigenscale.io.curves.read import read_curves
from eigenscale.laws.curves.backtest import excess_of, misses
from eigenscale.laws.curves.family import family_prior
from eigenscale.laws.curves.law import CurveLaw
from eigenscale.laws.curves.problem import CurveProblem
from eigenscale.laws.curves.registry import get
from eigenscale.laws.curves.result import CurveFit
from eigenscale.laws.curves.scheduled import ScheduledCurve, after_warmup, check_length, scheduled
from eigenscale.laws.curves.solve import FEW, MOST, STARTS, Solved, solve, state
from eigenscale.laws.curves.uncertainty import draw_coordinates, misfit_of, noise_of
from eigenscale.laws.estimation.objective import parse_objective

REFUSED = 1e-3  # scaled gradient above which a fit is an error, not a result


def fit_curves(
    curves: Any,
    law: str | CurveLaw = "multi-power",
    *,
    schedule: str | None = None,
    warmup: int | None = None,
    until: int | None = None,
    family: CurveFit | None = None,
    objective: str = "huber:1e-3",
    draws: int = 400,
    level: float = 0.9,
    rng: int = 0,
) -> CurveFit:
    """Fit a law of the training curve to curves with known learning rates.

    Parameters
    ----------
    curves : path, dataframe, Curve, ScheduledCurve, or a list of these
        Steps, learning rates and losses, see `read_curves`.
    law : str or CurveLaw
        ``multi-power``, ``annealing``, ``functional`` or ``steps-only``.
    schedule : str, optional
        Schedule of curves that have no learning rates, as ``cosine:peak=3e-4,end=3e-5``.
    warmup : int, optional
        Steps of linear warm-up before the first record; guessed, and said, where not given.
    until : int, optional
        Forget the losses behind this step; the learning rates stay known.
    family : CurveFit, optional
        Another member of the family, such as a smaller size: its shape becomes a prior.
    objective : str
        ``huber:1e-3`` of log residuals, summed over records; delta grows with the scatter where
        that is far larger.
    draws : int
        Draws of noise for the intervals.
    level : float
        Nominal coverage of all intervals.
    rng : int
        Seed.

    Returns
    -------
    CurveFit

    Raises
    ------
    InputError
        Curves that cannot be used, an unknown law, a schedule shorter than its run.
    ConvergenceError
        No start reached a minimum.

    Notes
    -----
    All laws have the shape ``L0 + A S₁^-alpha −`` a sum over changes of the rate, see
    `eigenscale.laws.curves.law`. A weak prior, centred on the size of published constants, keeps
    what the curves say nothing of where it usually is; it is weighed by the noise of the curves.

    Examples
    --------
    >>> import numpy as np
    >>> steps = np.arange(100, 5001, 100)
    >>> lr = np.where(steps < 3000, 1e-3, 2e-4)
    >>> loss = 2.0 + 0.6 * np.cumsum(lr * 100) ** -0.5
    >>> fit_curves({"step": steps, "lr": lr, "loss": loss}).law.name
    'multi-power'
    """
    check_level(level)
    chosen = get(law) if isinstance(law, str) else law
    blind = chosen.kernel is None
    known, warnings = _known(curves, schedule, warmup, blind)
    if until is not None:
        known = [_cut(c, until) for c in known]
    for curve in known:
        check_length(curve)
    late = [after_warmup(c) for c in known]
    known, warnings = [c for c, _ in late], [*warnings, *(w for _, w in late if w)]
    goal = parse_objective(objective)
    problem, few, kept = _problems(chosen, known, family)
    solved = solve(problem, few, goal, STARTS, rng)
    if not solved.certificate.gradient_norm < REFUSED:
        raise ConvergenceError(
            f"{chosen.name} did not converge from any of {STARTS} starts (scaled gradient "
            f"{solved.certificate.gradient_norm:.2g}); take another law with --law"
        )
    noise = noise_of(solved)
    drawn = draw_coordinates(solved, noise, draws, np.random.default_rng(rng))
    found = misses(solved, kept, rng)
    return CurveFit(
        solved=solved,
        curves=tuple(known),
        draws=solved.problem.theta(drawn),
        noise=noise,
        excess=excess_of(found, misfit_of(solved)),
        misses=found,
        from_family=family is not None,
        level=level,
        remarks=tuple(warnings),
    )


def _known(
    curves: Any, schedule: str | None, warmup: int | None, blind: bool
) -> tuple[list[ScheduledCurve], list[str]]:
    """Read what has to be read, and give schedules."""
    given = curves if isinstance(curves, list | tuple) else [curves]
    known: list[ScheduledCurve] = []
    warnings: list[str] = []
    for one in given:
        if isinstance(one, ScheduledCurve):
            known.append(one)
            continue
        read: Sequence[Curve] = read_curves(one)
        known += [scheduled(c, schedule, warmup, blind=blind) for c in read]
        warnings += [w for c in read for w in c.warnings]
    if not known:
        raise InputError("there is no curve to fit; give at least one")
    return known, warnings


def _cut(curve: ScheduledCurve, until: int) -> ScheduledCurve:
    first, last = int(curve.steps[0]), int(curve.steps[-1])
    if not first <= until < last:
        raise InputError(
            f"--until {until:,} does not cut {curve.name}, which was recorded from step {first:,} "
            f"to {last:,}; name a step between them"
        )
    return curve.until(until)


def _problems(
    law: CurveLaw, curves: Sequence[ScheduledCurve], family: CurveFit | None
) -> tuple[CurveProblem, CurveProblem, list[ScheduledCurve]]:
    """All records, a few of them in the same coordinates, and the curves as they are fitted."""
    kept = [c.thinned(MOST) for c in curves]
    problem = state(law, kept)
    if family is not None:
        problem = replace(problem, prior=_from_family(problem, family))
    few = state(law, [c.thinned(FEW) for c in kept], problem.prior)
    return problem, replace(few, scale=problem.scale), kept


def _from_family(problem: CurveProblem, family: CurveFit) -> Any:
    other: Solved = family.solved
    if other.problem.law.name != problem.law.name:
        raise InputError(
            f"the other member was fitted by {other.problem.law.name}, this one is to be by "
            f"{problem.law.name}; use one law for both"
        )
    return family_prior(problem.prior, problem.scale, other)

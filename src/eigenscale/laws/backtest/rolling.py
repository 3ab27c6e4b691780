"""Backtest with a rolling origin: a law fitted to the smaller runs, judged by all larger ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats, Mask
from eigenscale.errors import InputError
from eigenscale.laws.backtest.record import Rolling
from eigenscale.laws.estimation.fitted import Fitted
from eigenscale.laws.estimation.kinks import turn_kinks
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.estimation.refine import Refined, Status, refine
from eigenscale.laws.estimation.starts import cold_starts
from eigenscale.laws.estimation.stated import approach, state_again
from eigenscale.laws.table import usable

SHARES = tuple(k / 20 for k in range(10, 20))  # of the runs, by compute, that each fit may see
NEXT = 0.1  # share of the runs that each fit is judged by
FEW, APPROACHED = 4, 40  # starts, and iterations, where a fit is one of many
TURNS, CLOSE = 12, 1e-4  # the same of kinks, and the relative gain that is left


def roll(found: Fitted, shares: Sequence[float] = SHARES) -> Rolling:
    """Fit the law again to smaller and smaller runs, and predict the others.

    Each fit starts from the best cold starts and from the fit to all runs, which is no help where
    the smaller runs say otherwise.
    """
    table = found.table
    assert table is not None
    order = np.argsort(table.compute(), kind="stable")
    log_compute = np.log10(table.compute()[order])
    splits = [round(share * len(order)) for share in shares]
    ends = [min(round((share + NEXT) * len(order)), len(order)) for share in shares]
    least = 1 if found.prior is None else found.needed(found.fixed)
    pairs = zip(splits, ends, strict=True)
    steps = [(split, end) for split, end in pairs if end > split and split >= least]
    try:
        fits = approximate(found, [np.sort(order[:split]) for split, _ in steps])
    except InputError:
        return Rolling((), (), ())
    errors, decades, judged = [], [], []
    for theta, (split, end) in zip(fits, steps, strict=True):
        later = table.take(order[split:])
        inputs = {name: later.inputs[name] for name in found.law.inputs}
        with np.errstate(all="ignore"):
            errors.append(np.log(found.law.predict(theta, **inputs) / later.target))
        decades.append(log_compute[split:] - log_compute[split - 1])  # zero or more
        judged.append(end - split)
    return Rolling(tuple(errors), tuple(decades), tuple(judged))


def approximate(found: Fitted, parts: Sequence[NDArray[np.int64]]) -> list[Floats]:
    """Fit the same law to parts of its runs from few starts, well enough to predict with.

    All parts and starts are refined at once, as weights of the whole table. A fit that has not
    converged is taken as it is: what it would have predicted counts.

    Parameters
    ----------
    parts : sequence of array
        Rows of each part.

    Returns
    -------
    list of array (p,)
    """
    assert found.table is not None
    whole, law, fixed = found.problem, found.law, found.fixed
    needed = found.needed(fixed)
    tables = [usable(found.table.take(rows), law, fixed, needed) for rows in parts]
    if found.prior is not None:
        stated = [state_again(found, table, fixed) for table in tables]
        return [part.theta(approach(part, found.objective)) for part in stated]
    problems = [
        Problem.build(law, {n: t.inputs[n] for n in law.inputs}, t.target, fixed, t.weights)
        for t in tables
    ]
    starts, bounds = zip(*(_near(found, whole, part) for part in problems), strict=True)
    weights = np.zeros((len(parts), len(found.table)))
    for k, rows in enumerate(parts):
        weights[k, rows] = whole.weights[rows]
    owner = np.repeat(np.arange(len(parts)), [len(points) for points in starts])
    ends = refine(
        whole,
        found.objective,
        np.concatenate(starts),
        weights[owner],
        iterations=APPROACHED,
        bounds=(
            np.array([low for low, _ in bounds])[owner],
            np.array([h for _, h in bounds])[owner],
        ),
    )
    return [
        _best(whole, part, found.objective, ends, owner == k) for k, part in enumerate(problems)
    ]


def _near(found: Fitted, whole: Problem, part: Problem) -> tuple[Floats, tuple[Floats, Floats]]:
    """Where to begin for a part of the runs, and its bounds, in coordinates of the whole."""
    own = cold_starts(part, found.objective.path[0], FEW)
    near = np.clip(part.coordinates(found.theta), *part.bounds)
    theta = part.theta(np.concatenate([own, near[None]]))
    low, high = (end.copy() for end in whole.bounds)
    shifted = {centre.scale for centre in found.law.centre if centre.exponent is None}
    for j, name in enumerate(whole.free):
        if name in shifted:  # as a break, which lies within the runs of the part
            move = float(whole.coordinates(theta[0])[j] - part.coordinates(theta[0])[j])
            low[j], high[j] = part.bounds[0][j] + move, part.bounds[1][j] + move
    return whole.coordinates(theta), (low, high)


def _best(whole: Problem, part: Problem, objective: Objective, ends: Refined, mine: Mask) -> Floats:
    """Take the best end of a part; where it has not converged, go on from kink to kink."""
    index = np.flatnonzero(mine)
    best = index[np.argmin(ends.objective[index])]
    theta = whole.theta(ends.coordinates[best])
    if ends.status[best] == Status.CONVERGED:
        return theta
    at = np.clip(part.coordinates(theta), *part.bounds)
    return part.theta(turn_kinks(part, objective, at[None], TURNS, CLOSE).coordinates[0])

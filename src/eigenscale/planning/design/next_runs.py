"""Which runs to train next: those that narrow the interval of the answer most for their cost.

Bayesian I-optimal design on the fit's draws (see `belief`), under what a person can run: at most
six different runs, each repeated with at most a few seeds. What else the money could buy, one
large run, a geometric ladder or new seeds of old runs, is judged by the same measure.
"""

import math
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.planning.design.belief import Belief, choose
from eigenscale.planning.design.candidates import Candidates, candidates, is_tried, tried
from eigenscale.planning.design.picking import allowance, least_useful, proposed_run
from eigenscale.planning.design.proposal import GOALS, Goal, Proposal, Rejected
from eigenscale.planning.design.questions import belief_about, decades_beyond
from eigenscale.planning.design.recipes import of_recipes
from eigenscale.planning.design.rivals import between_laws, check_rival
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import LARGEST_FLOPS, Budget, check_flops
from eigenscale.planning.optimum.optimum import optima
from eigenscale.planning.surfaces.known import Known, known

LARGEST_SHARE = 0.95
"""Of the cost, for one run, so that something is left for a second (see LOG.md)."""
DEFAULT_SHARE, MOST_TIMES = 0.1, 10.0
"""Where no cost is given: of the budget planned, and at most so many times what was spent."""

ANCHOR_SHARE = 0.9
"""Of the cost, for a run at the plan's own split of size and data: near the target any law errs
least, and what is left buys the runs that tell its parameters (see LOG.md)."""
ANCHOR_LEAST = 0.5
"""Share of what the best design narrows that one with such a run must narrow, to be taken."""

_LADDER = 6


def next_runs(
    fit: Any,
    target_flops: float,
    cost: float | None = None,
    *,
    count: int | None = None,
    goal: Goal = "loss",
    rival: Any = None,
    sizes: ArrayLike | None = None,
    noise: float | None = None,
    ratios: tuple[float, float] | None = None,
    largest: float | None = None,
    limits: Limits | None = None,
) -> Proposal:
    """Propose the runs that make a plan surest for their cost.

    Parameters
    ----------
    fit : LawFit or any surface with draws
    target_flops : float
        Budget of the plan that is to be known better.
    cost : float, optional
        FLOP that all proposed runs together may take; where not given a tenth of the target,
        and at most ten times what the runs at hand took.
    count : int, optional
        Number of runs, repeats included; where not given as many as help: at most six
        different ones, and three seeds of each.
    goal : {"loss", "size", "law", "recipe"}
        The planned loss, the best size, which of two laws holds, or which of two recipes will
        have the lower loss at the target.
    rival : LawFit or any surface with draws, optional
        Another law fitted to the same runs, or a fit to the runs of the other recipe.
    sizes : array, optional
        Model sizes that can be trained; where not given, 24 between the smallest run and the
        largest payable, and the runs at hand, to be repeated with a new seed.
    noise : float, optional
        Standard deviation of log loss from run to run; from the fit's residuals.
    ratios : (float, float), optional
        Least and most tokens per parameter of a proposed run; those of the runs at hand where
        not given, since a law is least to be trusted beyond them.
    largest : float, optional
        Most FLOP that a single run may take; 95 % of the cost where not given.
    limits : Limits, optional
        Limits of the plan.

    Returns
    -------
    Proposal

    Raises
    ------
    InputError
        The fit has no draws or no noise is known, or a number is not positive.
    """
    limits, seen = limits or Limits(), known(fit)
    budget = limits.budget(seen)
    _check(seen, budget, target_flops, goal)
    scatter = _noise(seen) if noise is None else noise
    if not 0 < scatter < math.inf:
        raise InputError(f"noise {scatter:g} is not positive; give the scatter of log loss")
    cost = _cost(seen, target_flops) if cost is None else cost
    if not 0 < cost < math.inf:
        raise InputError(f"cost {cost:g} is not positive and finite; give the FLOP to spend")
    most = min(largest or cost * LARGEST_SHARE, cost)
    against = None if rival is None else known(rival)
    if goal == "recipe":
        against = check_rival(seen, against, goal)
        asked = (target_flops, cost, most, count, sizes, ratios, scatter**2)
        return of_recipes(seen, against, limits, *asked)
    ways = ratios or tried(seen)
    near = candidates(seen, most, sizes, ways)
    price, whole_law = min(most, ANCHOR_SHARE * cost), limits.surface(seen)
    anchor = _anchor(whole_law, price, budget, ways)
    anchored = goal == "loss" and sizes is None and is_tried(seen, anchor)
    if anchored:
        near = near.before(anchor)
    far = candidates(seen, max(target_flops, cost), sizes, ways)
    other = _alternatives(whole_law, budget, cost)
    every = near.and_then(other).and_then(far)
    if goal == "law":
        against = check_rival(seen, against, goal)
        beyond = decades_beyond(seen, every.size, every.data)
        noisier = max(scatter, _noise(against))
        whole = between_laws(seen, against, (every.size, every.data), noisier**2, beyond)
    else:
        whole = belief_about(whole_law, budget, every, scatter**2, target_flops, goal)
    belief = whole.take(np.arange(near.price.size))
    allowed = allowance(near, cost, count, sizes is None)
    chosen = choose(belief, allowed)
    if anchored:
        split = choose(belief, allowed, [0])
        if belief.narrows(split) >= ANCHOR_LEAST * belief.narrows(chosen):
            chosen = split
    runs = [proposed_run(belief, near, cost, limits, *pair) for pair in Counter(chosen).items()]
    first = near.price.size + other.price.size
    return Proposal(
        tuple(sorted(runs, key=lambda run: run.flops)),
        sum(run.flops * run.seeds for run in runs),
        cost,
        math.sqrt(belief.variance),
        math.sqrt(max(belief.variance_after(chosen), 0.0)),
        goal,
        target_flops,
        _repeat_value(belief, near),
        _rejected(whole, near, cost),
        least_useful(whole.take(np.arange(first, every.price.size)), far, cost, limits),
        seen.size_name,
        seen.data_name,
        "" if against is None else against.name,
        seen.name,
    )


def _check(seen: Known, budget: Budget, target: float, goal: str) -> None:
    check_flops(target, budget)
    if seen.n_draws < 2:
        raise InputError(f"{seen.name} has no draws to design on; fit with bootstrap=1000")
    if goal not in GOALS:
        raise InputError(f"goal {goal!r} is unknown; it is one of {', '.join(GOALS)}")


def _noise(seen: Known) -> float:
    """Robust scatter of the fit's residuals, which are of log loss."""
    values = seen.origin.residuals
    if len(values) < 2:
        raise InputError("the fit has no residuals to take the noise from; give noise=")
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _cost(seen: Known, target_flops: float) -> float:
    """Give the cost where none is named: a share of the target, within what is usual here."""
    runs = seen.origin.runs
    spent = runs.get("spent", runs.get("flops"))
    share = DEFAULT_SHARE * target_flops
    return share if spent is None else min(share, MOST_TIMES * float(np.sum(spent)))


def _anchor(seen: Known, price: float, budget: Budget, ratios: tuple[float, float]) -> Candidates:
    """Give a run of that price at the best split by the fit, kept within the ratios allowed."""
    best = optima(seen, np.array([price]), budget, None)
    ratio = np.clip(np.exp(best.log_data - best.log_size), *ratios)
    size = np.sqrt(price / budget.train / ratio)
    return Candidates(size, ratio * size, np.array([price]), 1)


def _alternatives(seen: Known, budget: Budget, cost: float) -> Candidates:
    """One run that takes the whole cost, then a ladder of six that doubles in compute."""
    steps = 2.0 ** np.arange(_LADDER)
    each = np.append(cost, cost * steps / steps.sum())
    least = budget.min_size * (budget.train + budget.serve)
    each = np.clip(each, least, LARGEST_FLOPS)
    best = optima(seen, each, budget, None)
    return Candidates(np.exp(best.log_size), np.exp(best.log_data), each, each.size)


def _rejected(whole: Belief, near: Candidates, cost: float) -> tuple[Rejected, ...]:
    """Judge what else the cost could buy; the alternatives follow the candidates."""
    first = near.price.size
    found = [
        Rejected("one run that takes all of it", whole.narrows([first]), is_single=True),
        Rejected(
            "a geometric ladder of six runs",
            whole.narrows(range(first + 1, first + 1 + _LADDER)),
        ),
    ]
    if first > near.new:
        old = whole.take(np.arange(near.new, first))
        repeats = choose(old, allowance(near.from_(near.new), cost, None, free=False))
        found.append(Rejected("new seeds of runs at hand", old.narrows(repeats)))
    return tuple(found)


def _repeat_value(belief: Belief, near: Candidates) -> float:
    """Gain of the best repeat over the gain of the best new run that costs no more."""
    gains, first = belief.gains(), near.new
    old = gains[first:]
    if old.size == 0:
        return 0.0
    payable = near.price[:first] <= near.price[first + int(old.argmax())]
    return float(old.max() / gains[:first][payable].max()) if payable.any() else math.inf

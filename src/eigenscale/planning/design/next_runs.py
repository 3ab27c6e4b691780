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

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.design.belief import Allowed, Belief, choose
from eigenscale.planning.design.candidates import Candidates, candidates, tried
from eigenscale.planning.design.proposal import USEFUL, Goal, Proposal, Rejected, Run
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import LARGEST_FLOPS, Budget, check_flops
from eigenscale.planning.optimum.optimum import optima, optima_of_draws
from eigenscale.planning.surfaces.known import Known, known

MOST_ROWS, MOST_SEEDS, MOST_RUNS, MOST_SIZES = 6, 3, 12, 3
LARGEST_SHARE = 0.95
"""Of the cost, for one run, so that something is left for a second (see LOG.md)."""
DEFAULT_SHARE, MOST_TIMES = 0.1, 10.0
"""Where no cost is given: of the budget planned, and at most so many times what was spent."""

_LADDER = 6
_WORTH = 0.005  # share of the variance that every run must remove where their number is free


def next_runs(
    fit: Any,
    target_flops: float,
    cost: float | None = None,
    *,
    count: int | None = None,
    goal: Goal = "loss",
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
    goal : {"loss", "size"}
        The planned loss (I-optimal), or the best size.
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
    ways = ratios or tried(seen)
    near = candidates(seen, most, sizes, ways)
    far = candidates(seen, max(target_flops, cost), sizes, ways)
    other = _alternatives(limits.surface(seen), budget, cost)
    every = near.and_then(other).and_then(far)
    wanted = _wanted(limits.surface(seen), target_flops, budget, goal)
    whole = _belief(seen, budget, every, wanted, scatter**2, target_flops, goal)
    belief = whole.take(np.arange(near.price.size))
    chosen = choose(belief, _allowed(near, cost, count, sizes is None))
    runs = [_run(belief, near, cost, limits, *pair) for pair in Counter(chosen).items()]
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
        _least(whole.take(np.arange(first, every.price.size)), far, cost, limits),
        seen.size_name,
        seen.data_name,
    )


def _check(seen: Known, budget: Budget, target: float, goal: str) -> None:
    check_flops(target, budget)
    if seen.n_draws < 2:
        raise InputError(f"{seen.name} has no draws to design on; fit with bootstrap=1000")
    if goal not in ("loss", "size"):
        raise InputError(f"goal {goal!r} is unknown; 'loss' or 'size'")


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


def _allowed(among: Candidates, cost: float, count: int | None, free: bool) -> Allowed:
    """Say what a design may hold: few sizes where they are free, as many runs as are asked."""
    places = (among.price, among.size, cost)
    sizes = MOST_SIZES if free and count is None else MOST_ROWS
    if count is None:
        return Allowed(*places, MOST_RUNS, MOST_ROWS, MOST_SEEDS, sizes, _WORTH)
    return Allowed(*places, count, MOST_ROWS, math.ceil(count / MOST_ROWS), sizes)


def _alternatives(seen: Known, budget: Budget, cost: float) -> Candidates:
    """One run that takes the whole cost, then a ladder of six that doubles in compute."""
    steps = 2.0 ** np.arange(_LADDER)
    each = np.append(cost, cost * steps / steps.sum())
    least = budget.min_size * (budget.train + budget.serve)
    each = np.clip(each, least, LARGEST_FLOPS)
    best = optima(seen, each, budget, None)
    return Candidates(np.exp(best.log_size), np.exp(best.log_data), each, each.size)


def _wanted(seen: Known, flops: float, budget: Budget, goal: Goal) -> Floats:
    """Log of the quantity planned by every draw, (draws,)."""
    if budget.is_plain and seen.draws is not None:
        best = seen.draws.optimum(math.log(flops / budget.train))
        size, loss = best.log_size.ravel(), best.loss.ravel()
    else:
        size, _, loss = (part[:, 0] for part in optima_of_draws(seen, np.array([flops]), budget))
    return np.log(loss) if goal == "loss" else size


def _belief(
    seen: Known,
    budget: Budget,
    every: Candidates,
    wanted: Floats,
    noise: float,
    target: float,
    goal: Goal,
) -> Belief:
    losses = np.log(seen.loss_draws(np.log(every.size), np.log(every.data)))
    best = optima(seen, np.array([target]), budget, None)
    at = _beyond(seen, np.exp(best.log_size), np.exp(best.log_data))
    ahead = None if goal != "loss" else (float(at[0][0]), float(at[1][0]))
    return Belief.of(losses, wanted, noise, _beyond(seen, every.size, every.data), ahead)


def _beyond(seen: Known, size: Floats, data: Floats) -> tuple[Floats, Floats]:
    """Decades of size and of data beyond the largest at hand; 0 within, and without runs."""
    most = (seen.measured.get(n, (0.0, math.inf))[1] for n in (seen.size_name, seen.data_name))
    size, data = (
        np.log10(np.maximum(values / high, 1.0))
        for values, high in zip((size, data), most, strict=True)
    )
    return size, data


def _run(belief: Belief, among: Candidates, cost: float, limits: Limits, i: int, seeds: int) -> Run:
    price = float(among.price[i])
    return Run(
        float(among.size[i]),
        float(among.data[i]),
        seeds,
        price,
        price * seeds / cost,
        belief.narrows([i] * seeds),
        None if limits.hardware is None else limits.hardware.hours(price * seeds),
    )


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
        repeats = choose(old, _allowed(near.from_(near.new), cost, None, free=False))
        found.append(Rejected("new seeds of runs at hand", old.narrows(repeats)))
    return tuple(found)


def _least(belief: Belief, far: Candidates, cost: float, limits: Limits) -> Run | None:
    """Find the cheapest run that is useful by itself."""
    left = 1.0 - belief.gains() / belief.variance
    useful = np.sqrt(np.maximum(left, 0.0)) <= 1.0 - USEFUL
    if not useful.any():
        return None
    return _run(belief, far, cost, limits, int(np.where(useful, far.price, math.inf).argmin()), 1)


def _repeat_value(belief: Belief, near: Candidates) -> float:
    """Gain of the best repeat over the gain of the best new run that costs no more."""
    gains, first = belief.gains(), near.new
    old = gains[first:]
    if old.size == 0:
        return 0.0
    payable = near.price[:first] <= near.price[first + int(old.argmax())]
    return float(old.max() / gains[:first][payable].max()) if payable.any() else math.inf

"""From a loss to what it costs: the frontier read backwards."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.runs.loss_units import inward
from eigenscale.planning.frontier import Plan
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import LARGEST_FLOPS, Budget
from eigenscale.planning.optimum.minimise import minimise
from eigenscale.planning.optimum.optimum import optima_of_draws, quantile_ends
from eigenscale.planning.plan import frontier
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.results import Interval, Result, plain
from eigenscale.text.numbers import power_of_ten

_BATCH = 33
_GRID = 161


@dataclass(frozen=True, eq=False)
class Reach(Result):
    """What it takes to reach a loss.

    Attributes
    ----------
    loss : float
        The target.
    flops : Interval
        Compute that reaches it, serving included; the high end is infinite where some
        plausible laws have their floor above the target.
    reached : float
        Share of draws by which any compute up to 1e40 FLOP reaches it; NaN without draws.
    plan : Plan
        The plan at the estimate.
    """

    loss: float
    flops: Interval
    reached: float
    plan: Plan

    def _text(self) -> str:
        ends = ""
        if not math.isnan(self.flops.low):
            high = power_of_ten(self.flops.high) if self.flops.high < math.inf else "never"
            low, level = power_of_ten(self.flops.low), 100 * self.flops.level
            ends = f" ({level:.3g} % interval {low} to {high})"
        doubt = ""
        if self.reached < 1:
            share = 100 * (1 - self.reached)
            doubt = f" For {share:.2g} % of the plausible laws no compute reaches it."
        cost = f"{power_of_ten(self.flops.value)} {self.plan.cost_unit}"
        unit = "" if self.plan.unit == "nats/token" else f" ({self.plan.unit})"
        head = f"A loss of {self.loss:.4g}{unit} takes {cost}{ends}."
        return f"{head}{doubt} {self.plan.summary}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.plan.warnings

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form: the plan's keys, with `flops` as an interval and `target_loss`."""
        plan = self.plan.to_dict()
        return {
            **plan,
            "target_loss": self.loss,
            "flops": self.flops.to_dict(),
            "reached": self.reached,
            "summary": self.summary,
        }


def reach(surface: Any, loss: float, limits: Limits | None = None, *, level: float = 0.9) -> Reach:
    """Find the least compute that reaches a loss, and the plan that does.

    With serving this is Sardana et al. 2024 (arXiv:2401.00448): least ``6 N D + 2 N`` per
    token served at fixed loss.

    Parameters
    ----------
    surface
        As for `plan`.
    loss : float
        The target.
    limits : Limits, optional
    level : float
        Coverage of the interval.

    Returns
    -------
    Reach

    Raises
    ------
    InputError
        The target is not positive, or below what the surface reaches with 1e40 FLOP.

    Examples
    --------
    >>> found = reach("hoffmann", 2.3289)
    >>> f"{found.flops.value:.2e} {found.plan.params.value:.2e}"
    '1.00e+21 1.82e+09'
    """
    seen, limits = known(surface), limits or Limits()
    asked, loss = loss, inward(loss, known(surface).origin.unit)
    if not 0 < loss < math.inf:
        raise InputError(f"target loss {loss:g} is not positive and finite; give a loss as 2.1")
    budget, counted = limits.budget(seen), limits.surface(seen)
    least = _least(counted, budget, loss)
    low, high, reached = _ends(counted, budget, loss, level)
    plan = frontier(seen, least, limits, level=level)[0]
    return Reach(asked, Interval(least, low, high, level), reached, plan)


def _best(seen: Known, budget: Budget, flops: Floats) -> Floats:
    """Lowest loss at each budget, (n,)."""
    low, high = budget.bracket(flops)
    return minimise(lambda u: seen.loss(u, budget.log_data(u, flops)), low, high).value


def _least(seen: Known, budget: Budget, loss: float) -> float:
    """Narrow the budget by batches: the first whose best loss is low enough."""
    if budget.is_plain and seen.best is not None:
        flops = budget.train * float(np.exp(seen.best.product_for(loss)))
        return _checked(seen, budget, loss, flops)
    start = budget.min_size * (budget.train + budget.serve)
    low, high = math.log(start), math.log(LARGEST_FLOPS)
    while high - low > 1e-12 * high:
        grid = np.linspace(low, high, _BATCH)
        enough = _best(seen, budget, np.exp(grid)) <= loss
        first = int(np.argmax(enough)) if enough.any() else _BATCH
        if first == 0:
            high = low
        if first in (0, _BATCH):
            break
        if grid[first] == high and grid[first - 1] == low:
            break
        low, high = float(grid[first - 1]), float(grid[first])
    return _checked(seen, budget, loss, math.exp(high))


def _checked(seen: Known, budget: Budget, loss: float, flops: float) -> float:
    smallest = budget.min_size * (budget.train + budget.serve)
    if flops <= smallest:
        raise InputError(
            f"target loss {loss:g} is above that of the smallest model; any run reaches it"
        )
    if flops < LARGEST_FLOPS * (1 - 1e-9):
        return flops
    lowest = float(_best(seen, budget, np.array([LARGEST_FLOPS]))[0])
    if seen.best is not None and seen.is_additive and loss <= float(seen.best.floor):
        where = f"at or below the floor of {seen.name} ({float(seen.best.floor):.4g})"
    else:
        where = f"below {lowest:.4g}, the least that {seen.name} reaches under these limits"
    raise InputError(f"target loss {loss:g} is {where}; no compute reaches it, aim higher")


def _ends(seen: Known, budget: Budget, loss: float, level: float) -> tuple[float, float, float]:
    """Interval ends of the compute, and the share of draws that reach the loss."""
    draws = _flops_of_draws(seen, budget, loss)
    if draws.size < 2:
        return math.nan, math.nan, math.nan
    reached = float(np.mean(draws <= LARGEST_FLOPS))
    with np.errstate(invalid="ignore"):
        low, high = quantile_ends(np.where(draws <= LARGEST_FLOPS, draws, math.inf), level)
    return float(low), math.inf if math.isnan(high) else float(high), reached


def _flops_of_draws(seen: Known, budget: Budget, loss: float) -> Floats:
    if budget.is_plain and seen.draws is not None:
        with np.errstate(over="ignore"):
            return np.asarray(budget.train * np.exp(seen.draws.product_for(loss).ravel()))
    if seen.n_draws == 0:
        return np.empty(0)
    start = budget.min_size * (budget.train + budget.serve)
    grid = np.linspace(math.log(start) + 1e-9, math.log(LARGEST_FLOPS), _GRID)
    losses = optima_of_draws(seen, np.exp(grid), budget)[2]
    enough = losses <= loss
    first = np.where(enough.any(axis=1), enough.argmax(axis=1), _GRID - 1)
    rows, before = np.arange(len(losses)), np.maximum(first - 1, 0)
    above, below = losses[rows, before], losses[rows, first]
    share = np.clip((above - loss) / np.where(above > below, above - below, np.inf), 0.0, 1.0)
    at = grid[before] + share * (grid[first] - grid[before])
    return np.where(enough.any(axis=1), np.exp(at), np.inf)

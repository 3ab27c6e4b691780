"""What is asked of the next runs, as a belief about candidates and the answer."""

import math

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.planning.design.belief import Belief
from eigenscale.planning.design.candidates import Candidates
from eigenscale.planning.design.proposal import Goal
from eigenscale.planning.optimum.budget import Budget
from eigenscale.planning.optimum.optimum import optima, optima_of_draws
from eigenscale.planning.surfaces.known import Known


def belief_about(
    seen: Known, budget: Budget, every: Candidates, noise: float, target: float, goal: Goal
) -> Belief:
    """Give the belief about the planned loss or the best size."""
    wanted = _wanted(seen, target, budget, goal)
    losses = np.log(seen.loss_draws(np.log(every.size), np.log(every.data)))
    best = optima(seen, np.array([target]), budget, None)
    at = decades_beyond(seen, np.exp(best.log_size), np.exp(best.log_data))
    ahead = None if goal != "loss" else (float(at[0][0]), float(at[1][0]))
    return Belief.of(losses, wanted, noise, decades_beyond(seen, every.size, every.data), ahead)


def _wanted(seen: Known, flops: float, budget: Budget, goal: Goal) -> Floats:
    """Log of the quantity planned by every draw, (draws,)."""
    if budget.is_plain and seen.draws is not None:
        best = seen.draws.optimum(math.log(flops / budget.train))
        size, loss = best.log_size.ravel(), best.loss.ravel()
    else:
        size, _, loss = (part[:, 0] for part in optima_of_draws(seen, np.array([flops]), budget))
    return np.log(loss) if goal == "loss" else size


def decades_beyond(seen: Known, size: Floats, data: Floats) -> tuple[Floats, Floats]:
    """Decades of size and of data beyond the largest at hand; 0 within, and without runs."""
    most = (seen.measured.get(n, (0.0, math.inf))[1] for n in (seen.size_name, seen.data_name))
    size, data = (
        np.log10(np.maximum(values / high, 1.0))
        for values, high in zip((size, data), most, strict=True)
    )
    return size, data

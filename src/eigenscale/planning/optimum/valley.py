"""How flat the valley around the optimum is: sizes that do almost as well."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.planning.optimum.budget import Budget
from eigenscale.planning.surfaces.known import Known

_HALVINGS = 40


class Valley(NamedTuple):
    """Logarithms of the smallest and the largest size that stay within the tolerance."""

    low: Floats
    high: Floats


def valley(
    known: Known,
    flops: Floats,
    budget: Budget,
    log_size: Floats,
    loss: Floats,
    *,
    more_loss: float = 0.0,
    more_flops: float = 0.0,
) -> Valley:
    """Sizes around the optimum that cost little more.

    Parameters
    ----------
    known, flops, budget
        The surface, the budgets (n,) and how they are spent.
    log_size, loss : (n,)
        The optimum.
    more_loss : float
        Sizes whose loss at the same budget is at most this fraction higher.
    more_flops : float
        Sizes that reach the same loss with at most this fraction more compute.
    """
    spent = flops * (1.0 + more_flops)
    allowed = loss * (1.0 + more_loss)
    low, high = budget.bracket(spent)

    def too_high(u: Floats) -> NDArray[np.bool_]:
        return known.loss(u, budget.log_data(u, spent)) > allowed

    return Valley(_crossing(too_high, log_size, low), _crossing(too_high, log_size, high))


def _crossing(
    too_high: Callable[[Floats], NDArray[np.bool_]], inside: Floats, outside: Floats
) -> Floats:
    """Bisect between a good place and an end; the end itself where it is good."""
    end, good = outside, ~too_high(outside)
    for _ in range(_HALVINGS):
        middle = 0.5 * (inside + outside)
        bad = too_high(middle)
        inside, outside = np.where(bad, inside, middle), np.where(bad, middle, outside)
    return np.where(good, end, inside)

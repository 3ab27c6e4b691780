"""From a belief to runs that a person can train: few rows, few sizes, the least that helps."""

import math

import numpy as np

from eigenscale.planning.design.belief import Allowed, Belief
from eigenscale.planning.design.candidates import Candidates
from eigenscale.planning.design.proposal import USEFUL, Run
from eigenscale.planning.limits.limits import Limits

MOST_ROWS, MOST_SEEDS, MOST_RUNS, MOST_SIZES = 6, 3, 12, 3

_WORTH = 0.005  # share of the variance that every run must remove where their number is free


def allowance(among: Candidates, cost: float, count: int | None, free: bool) -> Allowed:
    """Say what a design may hold: few sizes where they are free, as many runs as are asked."""
    places = (among.price, among.size, cost)
    sizes = MOST_SIZES if free and count is None else MOST_ROWS
    if count is None:
        return Allowed(*places, MOST_RUNS, MOST_ROWS, MOST_SEEDS, sizes, _WORTH)
    return Allowed(*places, count, MOST_ROWS, math.ceil(count / MOST_ROWS), sizes)


def proposed_run(
    belief: Belief, among: Candidates, cost: float, limits: Limits, i: int, seeds: int
) -> Run:
    """Write a candidate as a run, all its seeds together."""
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


def least_useful(belief: Belief, far: Candidates, cost: float, limits: Limits) -> Run | None:
    """Find the cheapest run that is useful by itself."""
    left = 1.0 - belief.gains() / belief.variance
    useful = np.sqrt(np.maximum(left, 0.0)) <= 1.0 - USEFUL
    if not useful.any():
        return None
    return proposed_run(
        belief, far, cost, limits, int(np.where(useful, far.price, math.inf).argmin()), 1
    )

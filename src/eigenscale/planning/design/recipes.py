"""Which of two recipes will be better: runs of both, so that their difference is known."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.planning.design.belief import choose
from eigenscale.planning.design.candidates import Candidates, candidates, tried
from eigenscale.planning.design.picking import allowance, least_useful, proposed_run
from eigenscale.planning.design.proposal import Proposal
from eigenscale.planning.design.questions import belief_about
from eigenscale.planning.design.rivals import between_recipes
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.surfaces.known import Known


def of_recipes(
    seen: Known,
    rival: Known,
    limits: Limits,
    target: float,
    cost: float,
    most: float,
    count: int | None,
    sizes: ArrayLike | None,
    ratios: tuple[float, float] | None,
    noise: float,
) -> Proposal:
    """Propose runs of two recipes that tell which will have the lower loss at the target."""
    recipes = [
        (one, candidates(one, max(target, cost), sizes, ratios or tried(one)))
        for one in (seen, rival)
    ]
    beliefs = [
        belief_about(limits.surface(one), limits.budget(one), each, noise, target, "loss")
        for one, each in recipes
    ]
    whole, every = between_recipes(*beliefs), recipes[0][1].and_then(recipes[1][1])
    rows = np.flatnonzero(every.price <= most / 2)  # so that each recipe can have a run
    near = Candidates(every.size[rows], every.data[rows], every.price[rows], rows.size)
    belief, first = whole.take(rows), np.count_nonzero(rows < recipes[0][1].price.size)
    chosen = choose(belief, allowance(near, cost, count, sizes is None))
    runs = [
        replace(proposed_run(belief, near, cost, limits, i, seeds), recipe=1 if i < first else 2)
        for i, seeds in Counter(chosen).items()
    ]
    return Proposal(
        tuple(sorted(runs, key=lambda run: run.flops)),
        sum(run.flops * run.seeds for run in runs),
        cost,
        math.sqrt(belief.variance),
        math.sqrt(max(belief.variance_after(chosen), 0.0)),
        "recipe",
        target,
        0.0,
        least=least_useful(whole, every, cost, limits),
        size_name=seen.size_name,
        data_name=seen.data_name,
        rival=rival.name,
        name=seen.name,
    )

"""IsoFLOP sweeps with real shapes: runs that trace the valley at each budget."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.planning.costs.flops import Architecture
from eigenscale.planning.costs.shapes import shapes
from eigenscale.planning.plan import frontier


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep.

    Attributes
    ----------
    budget : float
        IsoFLOP budget that it belongs to.
    architecture : Architecture
    params, tokens : float
        Of the real shape, and what the budget leaves for it by 6 N D.
    flops : float
        What it costs when every matrix product is counted.
    """

    budget: float
    architecture: Architecture
    params: float
    tokens: float
    flops: float

    def to_dict(self) -> dict[str, Any]:
        """One flat row."""
        shape = self.architecture
        head = {"layers": shape.layers, "width": shape.width, "heads": shape.heads}
        rest = {k: v for k, v in vars(self).items() if k != "architecture"}
        return {**head, **rest}


def isoflop_sweep(
    surface: Any,
    budgets: ArrayLike,
    *,
    sizes: int = 7,
    span: float = 4.0,
    **habits: Any,
) -> list[SweepRun]:
    """List the runs of an IsoFLOP sweep around what a law expects to be best.

    Parameters
    ----------
    surface
        As for `plan`: the law that says where to look.
    budgets : array, shape (n,)
        FLOP of each valley.
    sizes : int
        Runs per valley, at least 3 for a parabola.
    span : float
        The smallest and largest model are so many times off the best; off-centre sweeps bias
        the minimum, so both sides are covered.
    **habits
        For `shapes`: ``vocabulary``, ``context``, ``head_dim``, ``gated``, ….

    Returns
    -------
    list of SweepRun

    Raises
    ------
    InputError
        Fewer than 3 sizes, a span of 1 or less, or budgets too small for the vocabulary.

    Examples
    --------
    >>> runs = isoflop_sweep("hoffmann", [1e19, 1e20], sizes=5)
    >>> len(runs), [run.architecture.layers for run in runs[:5]]
    (10, [7, 9, 14, 16, 20])
    """
    if sizes < 3 or not 1 < span < math.inf:
        raise InputError(
            f"sizes {sizes} and span {span:g} trace no valley; use 3 sizes or more, span above 1"
        )
    front = frontier(surface, np.atleast_1d(np.asarray(budgets, dtype=np.float64)))
    runs: list[SweepRun] = []
    for flops, best in zip(front.flops, front.params.value, strict=True):
        made: dict[Architecture, SweepRun] = {}
        for size in best * np.geomspace(1 / span, span, sizes):
            shape = shapes(float(size), count=1, **habits)[0]
            tokens = float(flops) / (front.budget.train * shape.params)
            cost = 3.0 * shape.forward_flops * tokens
            made[shape.architecture] = SweepRun(
                float(flops), shape.architecture, shape.params, tokens, cost
            )
        runs += made.values()
    return runs

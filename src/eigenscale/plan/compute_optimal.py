"""The door of the room: from a loss surface and a budget to a plan."""

import math
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.errors import InputError
from eigenscale.plan.budget import SERVING_SHARE, TRAINING, Budget, check_flops
from eigenscale.plan.frontier import Band, Frontier, Plan
from eigenscale.plan.optimum import optima
from eigenscale.plan.surfaces import Known, known
from eigenscale.plan.valley import valley

Floats = NDArray[np.float64]

MORE_LOSS = 0.01
MORE_FLOPS = 0.1


@overload
def plan(surface: Any, flops: float, **options: Any) -> Plan: ...
@overload
def plan(surface: Any, flops: ArrayLike, **options: Any) -> Plan | Frontier: ...
def plan(surface: Any, flops: ArrayLike, **options: Any) -> Plan | Frontier:
    """Say what to train with a budget of compute.

    Minimises the loss over size N and data D at fixed compute, ``C = 6 N D``
    (Hoffmann et al. 2022, arXiv:2203.15556, equation 4), plus ``2 N`` per token served.
    Closed form for laws that have one, else batched minimisation. Intervals are
    percentiles of the same answer over the surface's draws.

    Parameters
    ----------
    surface : LossSurface or str
        A fit, a solved theory's ``.surface()``, or the name of published constants.
    flops : float or array, shape (n,)
        The budget in FLOP; a list of budgets gives a `Frontier`.
    level : float
        Coverage of the intervals, default 0.9.
    params, tokens : float
        A model size, or an amount of data, that is given rather than chosen.
    max_params, max_tokens : float
        Limits on what may be chosen.
    inference_tokens : float
        Tokens to be served over the model's life, paid from the same budget.
    flops_per_param_token : float
        6 for params and tokens, 1 for any other surface: compute is then N × T.

    Returns
    -------
    Plan or Frontier
        A plan for one budget, a frontier for a list of them.

    Raises
    ------
    InputError
        A budget or limit is not positive, is beyond 1e40 FLOP, or contradicts another;
        the name is unknown; the surface rewards one resource only.

    Examples
    --------
    >>> import eigenscale as es
    >>> es.plan("hoffmann", flops=1e21)
    Plan for 1e+21 FLOP (hoffmann)
      params     1.8242e+09
      tokens     9.1363e+10
      loss       2.3289
      tokens per param  50.08
      ! hoffmann comes without draws: the plan has no intervals
    """
    front = frontier(surface, flops, **options)
    return front[0] if np.ndim(flops) == 0 else front


def frontier(
    surface: Any,
    flops: ArrayLike,
    *,
    level: float = 0.9,
    params: float | None = None,
    tokens: float | None = None,
    max_params: float | None = None,
    max_tokens: float | None = None,
    inference_tokens: float = 0.0,
    flops_per_param_token: float | None = None,
) -> Frontier:
    """Plans for many budgets at once, as arrays; options are those of `plan`."""
    seen = known(surface)
    if not 0 < level < 1:
        raise InputError(f"level {level:g} is not between 0 and 1; 0.9 is usual")
    budget = _budget(
        seen,
        {"params": params, "tokens": tokens, "max_params": max_params, "max_tokens": max_tokens},
        inference_tokens,
        flops_per_param_token,
    )
    return solve(seen, np.atleast_1d(check_flops(flops, budget)), budget, level)


def solve(seen: Known, flops: Floats, budget: Budget, level: float = 0.9) -> Frontier:
    """Find the frontier of a surface for checked budgets, shape (n,)."""
    best = optima(seen, flops, budget, level)
    centre = (seen, flops, budget, best.log_size, best.loss)
    by_loss = valley(*centre, more_loss=MORE_LOSS)
    by_flops = valley(*centre, more_flops=MORE_FLOPS)
    return Frontier(
        known=seen,
        budget=budget,
        flops=flops,
        params=Band(np.exp(best.log_size), *np.exp(best.log_size_ends)),
        tokens=Band(np.exp(best.log_data), *np.exp(best.log_data_ends)),
        loss=Band(best.loss, *best.loss_ends),
        within_loss=(np.exp(by_loss.low), np.exp(by_loss.high)),
        within_flops=(np.exp(by_flops.low), np.exp(by_flops.high)),
        tolerances=(MORE_LOSS, MORE_FLOPS),
        at_edge=best.at_edge,
        level=level,
    )


def _budget(
    seen: Known, limits: dict[str, float | None], inference_tokens: float, train: float | None
) -> Budget:
    if train is None:
        train = TRAINING if (seen.size_name, seen.data_name) == ("params", "tokens") else 1.0
    for name, value in {**limits, "flops_per_param_token": train}.items():
        if value is not None and not 0 < value < math.inf:
            raise InputError(
                f"{name} {value:g} is not positive and finite; leave it out or mend it"
            )
    if not 0 <= inference_tokens < math.inf:
        raise InputError(f"inference_tokens {inference_tokens:g} is not zero or more and finite")
    if limits["params"] is not None and limits["tokens"] is not None:
        raise InputError(
            "params, tokens and flops are all given, so nothing is left to plan; drop one of them"
        )
    for fixed, cap in (("params", "max_params"), ("tokens", "max_tokens")):
        given, limit = limits[fixed], limits[cap]
        if given is not None and limit is not None and given > limit:
            raise InputError(
                f"{fixed} {given:g} exceeds {cap} {limit:g}; they contradict each other"
            )
    size, data = limits["params"], limits["tokens"]
    return Budget(
        train=train,
        serve=train * SERVING_SHARE * inference_tokens,
        min_size=size or 1.0,
        max_size=size or limits["max_params"] or math.inf,
        max_data=data or limits["max_tokens"] or math.inf,
        all_data=data is not None,
    )

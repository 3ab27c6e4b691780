"""From a loss surface and a budget to a plan."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats, check_level
from eigenscale.errors import InputError
from eigenscale.planning.chosen import Band
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.frontier import Frontier, Plan
from eigenscale.planning.limits.limits import Limits, allowance
from eigenscale.planning.optimum.budget import Budget, check_flops
from eigenscale.planning.optimum.optimum import Optima, optima
from eigenscale.planning.optimum.valley import valley
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.planning.trust.backtest import widened

MORE_LOSS = 0.01
MORE_FLOPS = 0.1
EXTREME = 6.0
"""Decades of tokens per parameter, either way, beyond which a split gives all to one of them."""


class Options(TypedDict, total=False):
    """Keywords of `plan`, for the sake of its two results."""

    level: float
    params: float | None
    tokens: float | None
    max_params: float | None
    max_tokens: float | None
    unique_tokens: float | None
    inference_tokens: float
    money: float | None
    hours: float | None
    hardware: Hardware | None
    serving_hardware: Hardware | None
    flops_per_param_token: float | None


@overload
def plan(surface: Any, flops: float | None = None, **options: Unpack[Options]) -> Plan: ...
@overload
def plan(surface: Any, flops: Sequence[float] | Floats, **options: Unpack[Options]) -> Frontier: ...
def plan(
    surface: Any,
    flops: ArrayLike | None = None,
    *,
    level: float = 0.9,
    params: float | None = None,
    tokens: float | None = None,
    max_params: float | None = None,
    max_tokens: float | None = None,
    unique_tokens: float | None = None,
    inference_tokens: float = 0.0,
    money: float | None = None,
    hours: float | None = None,
    hardware: Hardware | None = None,
    serving_hardware: Hardware | None = None,
    flops_per_param_token: float | None = None,
) -> Plan | Frontier:
    """Say what to train with a budget.

    Minimises the loss over size N and data D at fixed compute, ``C = 6 N D``
    (Hoffmann et al. 2022, arXiv:2203.15556, equation 4), plus ``2 N`` per token served.
    Closed form for laws that have one, else batched minimisation. Intervals are
    percentiles of the same answer over the surface's draws; that of the loss of a fit is the
    one that its `predict` gives for a run at that point.

    Parameters
    ----------
    surface : LossSurface or str
        A fit, a solved theory's ``.surface()``, or the name of published constants.
    flops : float or array, shape (n,)
        The budget in FLOP; a list of budgets gives a `Frontier`.
    level : float
        Coverage of the intervals.
    params, tokens : float
        A model size, or an amount of data, that is given rather than chosen.
    max_params, max_tokens : float
        Limits on what may be chosen; ``hardware.max_params()`` is that of memory.
    unique_tokens : float
        Tokens at hand: what goes beyond them is repeated, and counts by the law of
        Muennighoff et al. 2023 (arXiv:2305.16264).
    inference_tokens : float
        Tokens to be served over the model's life, paid from the same budget.
    money, hours : float
        Budgets exchanged into FLOPs by `hardware`; the least budget binds.
    hardware, serving_hardware : Hardware
        What trains, and what serves where prices differ.
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
    >>> from eigenscale.planning.plan import plan
    >>> plan("hoffmann", flops=1e21)
    Plan for 1e+21 FLOP (hoffmann)
      params     1.8242e+09
      tokens     9.1363e+10
      loss       2.3289
      tokens per param  50.08
      ! hoffmann comes without draws: the plan has no intervals
    """
    limits = Limits(
        params,
        tokens,
        max_params,
        max_tokens,
        unique_tokens,
        inference_tokens,
        flops_per_param_token,
        hardware,
        serving_hardware,
    )
    budget, notes = allowance(flops, money, hours, hardware)
    front = frontier(surface, budget, limits, level=level, notes=notes)
    return front[0] if np.ndim(budget) == 0 else front


def frontier(
    surface: Any,
    flops: ArrayLike,
    limits: Limits | None = None,
    *,
    level: float = 0.9,
    notes: Sequence[str] = (),
) -> Frontier:
    """Plan for many budgets at once, as arrays.

    Parameters
    ----------
    surface, level
        As for `plan`.
    flops : float or array, shape (n,)
    limits : Limits, optional
    notes : sequence of str
        Lines that go with every plan.

    Returns
    -------
    Frontier

    Examples
    --------
    >>> frontier("hoffmann", [1e20, 1e22]).params.value.round(-7)
    array([6.40e+08, 5.16e+09])
    """
    seen, limits = known(surface), limits or Limits()
    check_level(level)
    budget = limits.budget(seen)
    values = np.atleast_1d(check_flops(flops, budget))
    counted = limits.surface(seen)
    best = optima(counted, values, budget, level)
    _check_split(counted, values, budget, best)
    centre = (counted, values, budget, best.log_size, best.loss)
    size, data = np.exp(best.log_size), np.exp(best.log_data)
    by_loss = valley(*centre, more_loss=MORE_LOSS)
    by_twice = valley(*centre, more_loss=2 * MORE_LOSS)
    by_flops = valley(*centre, more_flops=MORE_FLOPS)
    return Frontier(
        known=counted,
        budget=budget,
        limits=limits,
        flops=values,
        params=Band(size, *np.exp(best.log_size_ends)),
        tokens=Band(data, *np.exp(best.log_data_ends)),
        loss=Band(best.loss, *widened(seen, size, data, best.loss, best.loss_ends, level)),
        within_loss=(np.exp(by_loss.low), np.exp(by_loss.high)),
        within_twice=(np.exp(by_twice.low), np.exp(by_twice.high)),
        within_flops=(np.exp(by_flops.low), np.exp(by_flops.high)),
        tolerances=(MORE_LOSS, MORE_FLOPS),
        at_edge=best.at_edge,
        level=level,
        notes=tuple(notes),
    )


def _check_split(seen: Known, flops: Floats, budget: Budget, best: Optima) -> None:
    """Refuse a law whose best split gives all of a budget to one resource."""
    if budget.is_fixed or seen.is_theory:
        return
    size, data = np.exp(best.log_size), np.exp(best.log_data)
    spent = budget.flops(size, data) >= flops * (1 - 1e-6)
    capped = (size >= budget.max_size * (1 - 1e-6)) | (data >= budget.max_data * (1 - 1e-6))
    ratio = np.abs(np.log10(data / size)) if seen.cost_unit == "FLOP" else np.zeros(size.shape)
    alone = best.at_edge | (ratio > EXTREME)
    for i in np.flatnonzero(alone & spent & ~capped)[:1]:
        rewarded = seen.size_name if size[i] > data[i] else seen.data_name
        raise InputError(
            f"{seen.name} rewards {rewarded} only: its best split of {flops[i]:.3g} "
            f"{seen.cost_unit} is {size[i]:.3g} {seen.size_name} and {data[i]:.3g} "
            f"{seen.data_name}; fit runs in which both vary, or give one of them"
        )

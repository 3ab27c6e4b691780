"""The least loss that an amount of compute buys, and the split of compute that reaches it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.results import Result

_TABLE = 64  # points of the first look along a line


@dataclass(frozen=True, eq=False)
class ComputeFrontier(Result):
    """The least loss for each amount of compute, and the split that reaches it.

    Attributes
    ----------
    compute : array
        C, the product that is held fixed.
    size, data : array
        The best split: C = size × data, or size × data × time.
    loss : array
        The least loss.
    time : array or None
        The training time of the split, where it was split in three.
    exponent : array
        -dln L*/dln C between neighbours (one value fewer than `compute`).
    """

    compute: Floats
    size: Floats
    data: Floats
    loss: Floats
    time: Floats | None = None

    @property
    def exponent(self) -> Floats:
        """-dln L*/dln C between neighbouring amounts."""
        return np.asarray(-np.diff(np.log(self.loss)) / np.diff(np.log(self.compute)))


def compute_frontier(
    loss: Callable[[Floats, Floats], Floats], compute: ArrayLike, least: float = 1.0
) -> ComputeFrontier:
    """Split each amount of compute C = size × data so that the loss is least.

    Parameters
    ----------
    loss : callable
        ``loss(size, data)`` for arrays: features and samples for C = N·T, features and training
        time for C = N·t with fresh data.
    compute : array_like
        Amounts C, ascending, at least ``least²``.
    least : float
        The smallest size and the smallest data that are looked at.

    Examples
    --------
    >>> best = compute_frontier(lambda n, t: 1 / n + 1 / t, [100.0, 10000.0])
    >>> best.size.round(3), best.exponent.round(3)
    (array([ 10., 100.]), array([0.5]))
    """
    from scipy.optimize.elementwise import find_minimum

    C = np.atleast_1d(np.asarray(compute, float))
    if not (least**2 <= C).all():
        raise InputError(f"compute has {C.min():g}; it is at least {least**2:g}; give more")

    def along(log_size: Floats, amount: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.log(loss(np.exp(log_size), amount / np.exp(log_size)))

    table = np.log(least) + np.linspace(0, 1, _TABLE)[:, None] * np.log(C / least**2)
    seen = along(table, np.broadcast_to(C, table.shape))
    best = np.argmin(seen, axis=0)
    log_size = table[best, np.arange(C.size)]
    # Two cells to either side, so that a tie with a neighbour is still a bracket.
    inner = np.flatnonzero((best > 1) & (best < _TABLE - 2))
    if inner.size:
        ends = [table[best[inner] + i, inner] for i in (-2, 0, 2)]
        found = find_minimum(along, tuple(ends), args=(C[inner],), tolerances={"xatol": 1e-7})
        log_size[inner] = np.where(found.success, found.x, log_size[inner])
    size = np.exp(log_size)
    return ComputeFrontier(C, size, C / size, np.exp(along(log_size, C)))


def compute_frontier_of_three(
    loss: Callable[[float, float, float], float], compute: ArrayLike, least: float = 1.0
) -> ComputeFrontier:
    """Split each amount of compute C = size × data × time so that the loss is least.

    Parameters
    ----------
    loss : callable
        ``loss(size, data, time)`` for numbers, such as
        ``lambda n, t, s: model.loss(n, t, time=s)``; it is called about 70 times per amount.
    compute : array_like
        Amounts C, ascending, above ``least³``.
    least : float
        The smallest size, data and time that are looked at.

    Examples
    --------
    >>> best = compute_frontier_of_three(lambda n, t, s: 1 / n + 1 / t + 1 / s, [1e6])
    >>> best.size.round(1), best.data.round(1), best.time.round(1)
    (array([100.]), array([100.]), array([100.]))
    """
    C = np.atleast_1d(np.asarray(compute, float))
    if not (least**3 < C).all():
        raise InputError(f"compute has {C.min():g}; it is above {least**3:g}; give more")
    splits = np.array([_split(loss, amount, math.log(least)) for amount in C])
    size, data, time = np.exp(splits[:, :3]).T
    return ComputeFrontier(C, size, data, np.exp(splits[:, 3]), time)


def _split(
    loss: Callable[[float, float, float], float], amount: float, least: float
) -> tuple[float, float, float, float]:
    """Find log size, log data, log time and log loss at one amount, by a simplex in the logs."""
    from scipy.optimize import minimize

    whole = math.log(amount)

    def along(x: Floats) -> float:
        log_size, log_data = float(x[0]), float(x[1])
        log_time = whole - log_size - log_data
        if min(log_size, log_data, log_time) < least:
            return math.inf
        return math.log(loss(math.exp(log_size), math.exp(log_data), math.exp(log_time)))

    start = np.full(2, least + (whole - 3 * least) / 3)
    width = min(0.5, 0.2 * (whole - 3 * least))
    simplex = start + width * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    found = minimize(
        along,
        start,
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-10, "initial_simplex": simplex, "maxfev": 600},
    )
    if not found.success:
        raise ConvergenceError("the best split was not found; the loss may be flat or uneven")
    return found.x[0], found.x[1], whole - found.x.sum(), float(found.fun)

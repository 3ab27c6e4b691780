"""Lines of equal loss, and the least loss that an amount of compute buys, on any surface."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.surface import LossSurface

_TABLE = 64  # points of the first look along a line


def iso_loss(surface: LossSurface, loss: ArrayLike, size: ArrayLike) -> Floats:
    """Give the data that a size needs for a loss, which has to fall with data on the surface.

    Parameters
    ----------
    surface : LossSurface
        Such as ``SolvableModel(...).surface(ridge="optimal")``.
    loss, size : array_like
        Levels and sizes, broadcast against each other.

    Returns
    -------
    array
        Amounts of data, from 1 to 1e18; 1 where that is more than enough, ``inf`` where no amount
        suffices.

    Raises
    ------
    InputError
        Where a loss is not positive.
    """
    from scipy.optimize.elementwise import find_root

    level, sizes = np.broadcast_arrays(np.asarray(loss, float), np.asarray(size, float))
    if not (level > 0).all():
        raise InputError(f"loss has {level.min():g}; a level is positive; give a larger one")

    def excess(log_data: Floats, wanted: Floats, n: Floats) -> Floats:
        return np.log(surface.loss(n, np.exp(log_data)) / wanted)

    wanted, n = level.ravel(), sizes.ravel()
    ends = np.zeros_like(wanted), np.full_like(wanted, np.log(1e18))
    over, under = excess(ends[0], wanted, n) > 0, excess(ends[1], wanted, n) < 0
    data = np.where(over, np.inf, 1.0)
    within = over & under
    if within.any():
        found = find_root(
            excess,
            (ends[0][within], ends[1][within]),
            args=(wanted[within], n[within]),
            tolerances={"xatol": 1e-10},
        )
        if not found.success.all():
            raise ConvergenceError("a line of equal loss was not found; the loss does not fall")
        data[within] = np.exp(found.x)
    return data.reshape(level.shape)


@dataclass(frozen=True, eq=False)
class Frontier:
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


def frontier(
    loss: Callable[[Floats, Floats], Floats], compute: ArrayLike, least: float = 1.0
) -> Frontier:
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
    >>> best = frontier(lambda n, t: 1 / n + 1 / t, [100.0, 10000.0])
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
    return Frontier(C, size, C / size, np.exp(along(log_size, C)))


def frontier_of_three(
    loss: Callable[[float, float, float], float], compute: ArrayLike, least: float = 1.0
) -> Frontier:
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
    >>> best = frontier_of_three(lambda n, t, s: 1 / n + 1 / t + 1 / s, [1e6])
    >>> best.size.round(1), best.data.round(1), best.time.round(1)
    (array([100.]), array([100.]), array([100.]))
    """
    C = np.atleast_1d(np.asarray(compute, float))
    if not (least**3 < C).all():
        raise InputError(f"compute has {C.min():g}; it is above {least**3:g}; give more")
    splits = np.array([_split(loss, amount, math.log(least)) for amount in C])
    size, data, time = np.exp(splits[:, :3]).T
    return Frontier(C, size, data, np.exp(splits[:, 3]), time)


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

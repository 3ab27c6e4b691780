"""Lines of equal loss on any surface: the data that a size needs."""

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.surface import LossSurface

_RAYS = 181


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


def iso_loss_contour(
    surface: LossSurface, loss: float, size: tuple[float, float], data: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Give the points of a line of equal loss inside a box, from edge to edge.

    Along each ray of fixed ratio of data to size the loss falls, so that the line has one point on
    it; where the line crosses the box it ends on the edge.

    Parameters
    ----------
    surface : LossSurface
        Whose loss falls with size and with data.
    loss : float
        The level.
    size, data : (float, float)
        Ends of the box.

    Returns
    -------
    size, data : array
        Points of the line, size ascending; empty where it does not meet the box.

    Raises
    ------
    InputError
        Where the loss is not positive.
    """
    from scipy.optimize.elementwise import find_root

    if not loss > 0:
        raise InputError(f"loss has {loss:g}; a level is positive; give a larger one")
    low, high = np.log([size[0], data[0]]), np.log([size[1], data[1]])
    middle, half = 0.5 * (low + high), float(np.max(high - low))
    turn = np.linspace(-half, half, _RAYS)  # log data - log size, against the box's middle

    def excess(along: Floats, apart: Floats) -> Floats:
        at = middle[0] + along - 0.5 * apart, middle[1] + along + 0.5 * apart
        return np.log(surface.loss(np.exp(at[0]), np.exp(at[1])) / loss)

    ends = np.full(_RAYS, -half), np.full(_RAYS, half)
    inside = (excess(ends[0], turn) > 0) & (excess(ends[1], turn) < 0)
    if not inside.any():
        return np.empty(0), np.empty(0)
    found = find_root(
        excess,
        (ends[0][inside], ends[1][inside]),
        args=(turn[inside],),
        tolerances={"xatol": 1e-9},
    )
    points = np.stack(
        [middle[0] + found.x - 0.5 * turn[inside], middle[1] + found.x + 0.5 * turn[inside]]
    )
    return _clipped(points[:, ::-1], low, high)


def _clipped(points: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Cut a polygonal line, shape (2, n), to a box, with its crossings of the edges."""
    kept: list[Floats] = []
    for one, two in zip(points.T[:-1], points.T[1:], strict=True):
        step = two - one
        with np.errstate(divide="ignore", invalid="ignore"):
            near, far = (low - one) / step, (high - one) / step
        enter, leave = np.fmin(near, far), np.fmax(near, far)
        level = step == 0
        outside = level & ((one < low) | (one > high))
        enter, leave = np.where(level, 0.0, enter), np.where(level, 1.0, leave)
        first, last = max(0.0, float(enter.max())), min(1.0, float(leave.min()))
        if first < last and not outside.any():
            kept += [one + first * step, one + last * step]
    if not kept:
        return np.empty(0), np.empty(0)
    line = np.array(kept)
    new = np.concatenate([[True], (np.abs(np.diff(line, axis=0)) > 1e-12).any(axis=1)])
    sizes, amounts = np.exp(line[new]).T
    return sizes, amounts

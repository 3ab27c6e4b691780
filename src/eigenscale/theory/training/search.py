"""The least value of a smooth function on each row of a grid, every deep valley looked into."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats

_DEEP = 1.5  # valleys of the grid within this factor of its lowest are looked into
_MOST = 3  # valleys of a row
_CLOSE = 1e-4  # in x: the value is then right to the square of it


def least(
    look: Callable[[Floats, NDArray[np.intp]], Floats], grid: Floats
) -> tuple[Floats, Floats]:
    """Find where a function is least in each row of a grid.

    Parameters
    ----------
    look : callable
        ``look(x, rows)`` gives the positive values at x for the rows of the same shape.
    grid : array, shape (rows, n)
        Ascending in each row, close enough to see every valley that counts.

    Returns
    -------
    x, value : array, shape (rows,)

    Examples
    --------
    >>> x, value = least(lambda x, rows: 1 + (x - 0.3) ** 2, np.linspace(-2.0, 2.0, 9)[None])
    >>> round(float(x[0]), 3), round(float(value[0]), 6)
    (0.3, 1.0)
    """
    from scipy.optimize.elementwise import find_minimum

    rows = len(grid)
    every = np.broadcast_to(np.arange(rows)[:, None], grid.shape)
    values = look(grid, every)
    values = np.where(np.isfinite(values), values, np.inf)
    at = np.argmin(values, axis=1)
    index = np.arange(rows)
    best, lowest = grid[index, at], values[index, at]
    row, column = _valleys(values)
    if row.size:
        left, middle, right = (grid[row, column + shift] for shift in (-1, 0, 1))

        def height(x: Floats, which: NDArray[np.intp]) -> Floats:
            return look(x, which)

        found = find_minimum(
            height, (left, middle, right), args=(row,), tolerances={"xatol": _CLOSE, "xrtol": 0.0}
        )
        for one, x, value in zip(row, found.x, found.f_x, strict=True):
            if value < lowest[one]:
                best[one], lowest[one] = x, value
    return best, lowest


def _valleys(values: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give rows and columns of the deepest inner points that no neighbour undercuts."""
    inner = values[:, 1:-1]
    with np.errstate(invalid="ignore"):
        dips = (inner <= values[:, :-2]) & (inner <= values[:, 2:]) & np.isfinite(inner)
        dips &= np.isfinite(values[:, :-2]) & np.isfinite(values[:, 2:])
        dips &= inner <= _DEEP * values.min(axis=1)[:, None]
    order = np.argsort(np.where(dips, inner, np.inf), axis=1)[:, :_MOST]
    row = np.repeat(np.arange(len(values)), order.shape[1])
    column = order.ravel()
    kept = dips[row, column]
    return row[kept], column[kept] + 1

"""Many smooth one-dimensional minima at once, to near machine precision in the place.

Values alone find a minimum to the square root of machine precision only. So after the
grid has bracketed it, the place is refined by Newton steps on the slope and the curvature
of a nine-point stencil, whose truncation error is of eighth order.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats

# Central differences of eighth order: offsets -4..4, first and second derivative.
_OFFSETS = np.arange(-4.0, 5.0)
_SLOPE = np.array([3, -32, 168, -672, 0, 672, -168, 32, -3]) / 840.0
_CURVATURE = np.array([-9, 128, -1008, 8064, -14350, 8064, -1008, 128, -9]) / 5040.0
_STEP = 0.05
_ZOOMS = (17,) * 6  # each narrows the bracket eightfold, for minima with a kink


class Minimum(NamedTuple):
    """Where each minimum lies, its value, and whether it sits on an end of its bracket."""

    at: Floats
    value: Floats
    at_edge: NDArray[np.bool_]


def minimise(
    function: Callable[[Floats], Floats], low: Floats, high: Floats, *, points: int = 129
) -> Minimum:
    """Minimise a function of one variable for many problems at once.

    Parameters
    ----------
    function : callable
        Maps places of shape (k, problems) to values of that shape. Values that are not
        finite are taken as worse than any other.
    low, high : (problems,)
        Ends of each bracket, both allowed as answers.
    points : int
        Size of the first grid; minima closer than ``(high - low) / points`` may be confused.

    Returns
    -------
    Minimum
        Arrays of shape (problems,).

    Examples
    --------
    >>> best = minimise(lambda u: np.cosh(u - 1 / 3), np.array([-9.0]), np.array([9.0]))
    >>> abs(best.at[0] - 1 / 3) < 1e-12
    np.True_
    """
    first, last = low, high
    for size in (points, *_ZOOMS):
        grid = np.linspace(first, last, size)
        values = _worst_where_unknown(function(grid))
        index = values.argmin(axis=0)
        columns = np.arange(low.size)
        at, value = grid[index, columns], values[index, columns]
        first = grid[np.maximum(index - 1, 0), columns]
        last = grid[np.minimum(index + 1, size - 1), columns]
    width = high - low
    at_edge = (at - low <= 1e-9 * width) | (high - at <= 1e-9 * width)
    at, value = _newton(function, at, value, np.maximum(low, at - 1.0), np.minimum(high, at + 1.0))
    return Minimum(at, value, at_edge)


def _newton(
    function: Callable[[Floats], Floats], at: Floats, value: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """Newton steps on a stencil that stays inside the bracket; kept where they do no harm."""
    start = at
    for _ in range(6):
        step = np.minimum(_STEP, np.minimum(at - low, high - at) / 4.0)
        values = function(at + _OFFSETS[:, None] * step)
        with np.errstate(divide="ignore", invalid="ignore"):
            move = step * (_SLOPE @ values) / (_CURVATURE @ values)
        usable = np.isfinite(move) & (_CURVATURE @ values > 0) & (np.abs(move) < 4 * step)
        at = np.clip(np.where(usable, at - move, at), low, high)
        if not np.any(usable & (np.abs(move) > 1e-13)):
            break
    reached = function(at[None, :])[0]
    better = reached <= value + 1e-14 * np.abs(value)  # values are no finer than rounding
    return np.where(better, at, start), np.where(better, reached, value)


def _worst_where_unknown(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.inf)

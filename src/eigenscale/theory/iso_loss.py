"""Lines of equal loss on any surface: the data that a size needs."""

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.surface import LossSurface


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

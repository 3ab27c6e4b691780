"""Types of arrays, and how the inputs of one call become arrays of one shape."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.errors import InputError

Array = NDArray[Any]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Ints = NDArray[np.int64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]


def broadcast_inputs(inputs: Mapping[str, ArrayLike], most: float = math.inf) -> dict[str, Floats]:
    """Give named inputs one shape, read-only and without a copy.

    Parameters
    ----------
    inputs : mapping
        Numbers, by their name.
    most : float
        How many points there may be; nothing is allocated before that is checked.

    Raises
    ------
    InputError
        Where an input is not made of numbers, shapes do not fit, or there are too many points.

    Examples
    --------
    >>> broadcast_inputs({"a": [1, 2], "b": 3})["b"]
    array([3., 3.])
    """
    arrays = {name: _numbers(name, values) for name, values in inputs.items()}
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items() if a.ndim)
        raise InputError(
            f"shapes do not fit together: {shapes}; give arrays of one shape, or an axis of its "
            "own to each, as in features[:, None] with samples"
        ) from None
    if math.prod(shape) > most:
        raise InputError(
            f"the grid has {math.prod(shape):.4g} points; at most {most:,.0f} are taken at once; "
            "shorten the lists"
        )
    return {name: np.broadcast_to(array, shape) for name, array in arrays.items()}


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} {values!r} is not made of numbers; give a number or a list"
        ) from None

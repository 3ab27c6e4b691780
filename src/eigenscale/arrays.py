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

_MOST_LEVEL = 0.9999
_MOST_DRAWS = 1_000_000


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


def check_level(level: float, name: str = "level") -> None:
    """Refuse a coverage of intervals that is none, or that no number of draws can show.

    Raises
    ------
    InputError
        Where it is not between 0 and .9999.
    """
    if not 0 < level < 1:
        raise InputError(f"{name} {level:g} is not between 0 and 1; write 0.9 for 90 %")
    if level > _MOST_LEVEL:
        raise InputError(f"{name} {level!r} is more than draws can show; write 0.9999 or less")


def check_count(count: int, name: str, least: int = 0) -> None:
    """Refuse a number of resampled tables or draws that is too small or would never end.

    Raises
    ------
    InputError
        Where it is not between `least` and a million.
    """
    if not least <= count <= _MOST_DRAWS:
        raise InputError(
            f"{name} {count:.4g} is not between {least:,} and {_MOST_DRAWS:,}; 1000 is usual"
            if count < 1e300
            else f"{name} is above {_MOST_DRAWS:,}; 1000 is usual"
        )


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} {values!r} is not made of numbers; give a number or a list"
        ) from None

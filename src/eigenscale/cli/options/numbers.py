"""Numbers, lists and ranges as they are written on the command line."""

import math

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.runs.units import parse_quantity

_COUNTED = ("--flops", "--params", "--tokens")  # may carry a unit, as 3640PF-days or 70B


def parse_number(text: str, name: str) -> float:
    """One number; `name` is the option it was given for, as in ``"--flops"``.

    Examples
    --------
    >>> parse_number("3640PF-days", "--flops"), parse_number("70B", "--params")
    (3.14496e+23, 70000000000.0)
    """
    try:
        value: float | None = float(text)
    except ValueError:
        counted = name in _COUNTED
        value = parse_quantity(text, flops=name == "--flops") if counted else None
    if value is None or math.isnan(value):
        more = " or 3640PF-days" if name == "--flops" else ""
        raise InputError(f"{name} {text!r} is not a number; write one such as 1000 or 1e12{more}")
    return value


def parse_numbers(text: str, name: str) -> Floats:
    """One number, a list ``100,200,400`` or a geometric range ``100:10000:9``.

    Examples
    --------
    >>> parse_numbers("100,200,4e2", "--features")
    array([100., 200., 400.])
    >>> parse_numbers("1:100:3", "--features")
    array([  1.,  10., 100.])
    """
    if ":" not in text:
        return np.array([parse_number(part, name) for part in text.split(",")])
    parts = text.split(":")
    if len(parts) != 3:
        raise InputError(f"{name} {text!r} is not a range; write first:last:count, as 100:10000:9")
    first, last, count = (parse_number(part, name) for part in parts)
    if not (0 < first < math.inf and 0 < last < math.inf):
        raise InputError(
            f"{name} {text!r} has an end that is not positive and finite; ranges are geometric"
        )
    if count < 1 or count != int(count) or count > 1e6:
        raise InputError(
            f"{name} {text!r} asks for {count:g} points; the count is a whole number from 1 to 1e6"
        )
    return np.geomspace(first, last, int(count))

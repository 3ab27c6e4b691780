"""Values of a saved fit, each taken only where it is what it should be.

What is not raises `ValueError` or `TypeError`, with what it was.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from eigenscale.arrays import Floats


def numbers(known: Mapping[str, Any], name: str, ndim: int) -> Floats:
    """Take an array of finite numbers; `ValueError` where it is anything else."""
    found = np.array(known[name], dtype=float)
    if not np.isfinite(found).all():
        raise ValueError(f"{name} has a number that is not finite")
    if found.ndim != ndim and found.size:
        raise ValueError(f"{name} has {found.ndim} axes, not {ndim}")
    return found


def shaped(found: Floats, name: str, count: int) -> Floats:
    """Take an array whose last axis has `count` entries."""
    if found.shape[-1:] != (count,):
        raise ValueError(f"{name} has shape {found.shape}, and {count} are needed")
    return found


def number(known: Mapping[str, Any], name: str) -> float:
    """Take a finite number."""
    return float(numbers({name: [known[name]]}, name, 1)[0])


def count_of(known: Mapping[str, Any], name: str) -> int:
    """Take a whole number of zero or more."""
    value = known[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is {value!r}, not a count")
    return value


def level_of(known: Mapping[str, Any]) -> float:
    """Take the coverage of intervals."""
    level = number(known, "level")
    if not 0 < level < 1:
        raise ValueError(f"level is {level:g}, not between 0 and 1")
    return level


def text(value: Any) -> str:
    """Take text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def texts(values: Any) -> tuple[str, ...]:
    """Take a list of texts."""
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is not a list of texts")
    return tuple(text(value) for value in values)

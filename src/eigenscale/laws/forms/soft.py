"""Smooth maxima, from one vectorised exponential (several times faster than `logaddexp`)."""

from typing import Any

import numpy as np

from eigenscale.arrays import Floats


def soft_plus(s: Any) -> Floats:
    """Log of 1 + exp(s)."""
    return np.asarray(np.maximum(s, 0.0) + np.log1p(np.exp(-np.abs(s))))


def log_add(first: Any, second: Any) -> Floats:
    """Log of exp(first) + exp(second)."""
    return np.asarray(np.maximum(first, second) + np.log1p(np.exp(-np.abs(first - second))))

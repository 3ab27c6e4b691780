"""Shapes of learning curves, each on a grid of its parameters, and how often each is right.

A curve is ``c + a s(n)`` with a floor c ≥ 0 and a fall a ≥ 0, which are fitted, and a shape s that
falls from large values to 0. Shapes depend on u = n / n_last, the size over the largest measured:

- pow3: u^-b
- pow4: ((u + d) / (1 + d))^-b
- Weibull: exp(-k (u^d - 1))
- MMF (Morgan, Mercer and Flodin): (1 + b) / (b + u^d)

The forms are those of Viering and Loog (2022, arXiv:2103.10948). The weights say how often a cell
of a grid predicted the rest of a public learning curve: parts per 10,000, found by
`benchmarks/learning_curve_weights.py` from measured curves of 20 classifiers on 124 data sets
(LCDB, Mohr et al. 2022), cut off at a half to a thirty-second of their largest size.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats


@dataclass(frozen=True, eq=False)
class Shape:
    """One form on its grid.

    Attributes
    ----------
    name : str
        In the words of the literature.
    at : callable
        Sizes u, shape (m,), to values, shape (cells, m).
    weights : array, shape (cells,)
        Before any point is seen; the weights of all shapes add up to 1.
    """

    name: str
    at: Callable[[Floats], Floats]
    weights: Floats


def _grid(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Columns of every pair; the first varies fastest."""
    a, b = np.meshgrid(first, second)
    return a.reshape(-1, 1), b.reshape(-1, 1)


_LITTLE = 0.1  # of 10,000, for a cell that never was right
_LARGEST = 700.0  # exponent of e that a float can hold

_POW3 = np.geomspace(0.05, 3, 16)[:, None]
_POW4 = _grid(np.geomspace(0.12, 4, 9), np.array([0.01, 0.04, 0.15, 0.5, 2, 8]))
_WEIBULL = _grid(np.geomspace(0.05, 24, 10), np.array([0.15, 0.25, 0.4, 0.65, 1]))
_MMF = _grid(np.geomspace(3e-4, 20, 9), np.array([0.35, 0.6, 1, 1.5, 2.2, 3.2]))


def _pow3(u: Floats) -> Floats:
    return np.asarray(u**-_POW3)


def _pow4(u: Floats) -> Floats:
    steepness, shift = _POW4
    return np.asarray(((u + shift) / (1 + shift)) ** -steepness)


def _weibull(u: Floats) -> Floats:
    rate, steepness = _WEIBULL
    return np.asarray(np.exp(np.minimum(-rate * (u**steepness - 1), _LARGEST)))


def _mmf(u: Floats) -> Floats:
    shift, steepness = _MMF
    return np.asarray((1 + shift) / (shift + u**steepness))


_POW3_WEIGHTS = [
    0,
    0,
    1,
    4,
    11,
    38,
    146,
    290,
    415,
    226,
    256,
    151,
    49,
    6,
    1,
    0,
]
_POW4_WEIGHTS = [
    1,
    6,
    64,
    153,
    138,
    69,
    20,
    2,
    0,
    1,
    3,
    37,
    153,
    221,
    147,
    44,
    6,
    2,
    0,
    1,
    15,
    92,
    266,
    216,
    96,
    16,
    5,
    0,
    0,
    4,
    47,
    125,
    163,
    165,
    58,
    19,
    0,
    0,
    0,
    1,
    17,
    141,
    23,
    186,
    49,
    0,
    0,
    0,
    0,
    0,
    3,
    31,
    17,
    50,
]
_WEIBULL_WEIGHTS = [
    0,
    0,
    0,
    0,
    1,
    56,
    304,
    173,
    38,
    1,
    0,
    0,
    0,
    0,
    22,
    398,
    463,
    98,
    7,
    0,
    0,
    0,
    0,
    8,
    134,
    286,
    279,
    35,
    6,
    0,
    0,
    0,
    12,
    24,
    72,
    238,
    72,
    25,
    4,
    6,
    4,
    2,
    2,
    22,
    61,
    28,
    40,
    19,
    9,
    4,
]
_MMF_WEIGHTS = [
    91,
    91,
    91,
    91,
    95,
    54,
    2,
    0,
    0,
    64,
    66,
    74,
    98,
    198,
    189,
    62,
    0,
    0,
    55,
    70,
    80,
    101,
    209,
    171,
    109,
    6,
    0,
    15,
    31,
    33,
    52,
    66,
    61,
    33,
    4,
    8,
    4,
    5,
    11,
    7,
    19,
    33,
    16,
    2,
    1,
    1,
    9,
    4,
    12,
    23,
    36,
    21,
    0,
    0,
]


def _shapes() -> tuple[Shape, ...]:
    """All forms, their weights added up to 1."""
    counted = {
        "pow3": (_pow3, _POW3_WEIGHTS),
        "pow4": (_pow4, _POW4_WEIGHTS),
        "Weibull": (_weibull, _WEIBULL_WEIGHTS),
        "MMF": (_mmf, _MMF_WEIGHTS),
    }
    parts = {name: np.asarray(weights, float) + _LITTLE for name, (_, weights) in counted.items()}
    total = sum(part.sum() for part in parts.values())
    return tuple(Shape(name, at, parts[name] / total) for name, (at, _) in counted.items())


SHAPES = _shapes()


def floor_and_fall(shapes: Floats, loss: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Fit c + a s by weighted least squares, neither below zero.

    Parameters
    ----------
    shapes, loss, weight : array, shape (..., m)
        They broadcast; the last axis runs over points.

    Returns
    -------
    floor, fall, misses : array, shape (...)
        c, a and the weighted sum of squares that is left.
    """
    total = weight.sum(axis=-1)
    mean_s, mean = ((weight * x).sum(axis=-1) / total for x in (shapes, loss))
    centred = shapes - mean_s[..., None]
    along = (weight * centred * (loss - mean[..., None])).sum(axis=-1)
    square = (weight * centred**2).sum(axis=-1)
    fall = np.maximum(along / np.maximum(square, 1e-300), 0.0)
    floor = mean - fall * mean_s
    alone = (weight * shapes * loss).sum(axis=-1) / (weight * shapes**2).sum(axis=-1)
    below = floor < 0
    fall, floor = np.where(below, alone, fall), np.where(below, 0.0, floor)
    misses = (weight * (loss - floor[..., None] - fall[..., None] * shapes) ** 2).sum(axis=-1)
    return floor, fall, misses

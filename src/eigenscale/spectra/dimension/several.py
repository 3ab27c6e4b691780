"""Intrinsic dimensions of several datasets, with intervals of their differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from eigenscale.progress import Progress, share_of
from eigenscale.results import Interval, to_plain
from eigenscale.spectra.dimension.dimension import Geometry, dimension


@dataclass(frozen=True, eq=False)
class Dimensions:
    """Several datasets and how their dimensions differ.

    Attributes
    ----------
    datasets : tuple of Geometry
    differences : tuple of dict
        Each dataset less the first: names `of` and `less`, and intervals `mle` and `two_nn`. The
        errors of both are taken as independent, which is on the safe side for the same samples.
    """

    datasets: tuple[Geometry, ...]
    differences: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = to_plain(
            {"datasets": list(self.datasets), "differences": list(self.differences)}
        )
        return plain


def dimensions(
    data: Sequence[Any],
    neighbours: int = 20,
    *,
    level: float = 0.9,
    progress: Progress | None = None,
    **options: Any,
) -> Dimensions:
    """Measure the intrinsic dimension of several datasets alike; see `dimension`.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(400, 8))
    >>> found = dimensions([rows, rows[:, :2]])
    >>> found.differences[0]["mle"].high < 0
    True
    """
    step = 1 / len(data)
    found = tuple(
        dimension(
            one,
            neighbours,
            level=level,
            progress=share_of(progress, at * step, (at + 1) * step),
            **options,
        )
        for at, one in enumerate(data)
    )
    return Dimensions(found, tuple(_difference(one, found[0], level) for one in found[1:]))


def _difference(one: Geometry, first: Geometry, level: float) -> dict[str, Any]:
    mine, other = one.dimension, first.dimension
    return {
        "of": one.name,
        "less": first.name,
        "mle": _less(mine.mle, other.mle, level),
        "two_nn": _less(mine.two_nn, other.two_nn, level),
    }


def _less(one: Interval, other: Interval, level: float) -> Interval:
    error = float(np.hypot(one.se or 0.0, other.se or 0.0))
    half = NormalDist().inv_cdf((1 + level) / 2) * error
    value = one.value - other.value
    return Interval(value, value - half, value + half, level, error)

"""Scatter of repeated runs, and how many seeds it takes to see a difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.io.runs.columns import RunColumns
from eigenscale.results import Interval

DIFFERENCES = (0.002, 0.005, 0.01, 0.02)  # relative differences of loss
SIGNIFICANCE, POWER = 0.05, 0.8  # two-sided test, and how often it is to see the difference
FEWEST = 2  # degrees of freedom
MOST = 1000
MOST_LABELS = 12  # of a column that tells settings apart; more are names


@dataclass(frozen=True)
class Repeats:
    """What runs repeated with other seeds scatter by.

    Attributes
    ----------
    scatter : Interval
        Standard deviation of the log loss, about its relative error.
    cells, runs : int
        Settings that were repeated, and runs in them.
    seeds : tuple of (difference, count)
        Seeds of each of two settings that tell a relative difference of their losses.
    """

    scatter: Interval
    cells: int
    runs: int
    seeds: tuple[tuple[float, int], ...]

    def sentence(self) -> str:
        """Say it in words."""
        s = self.scatter
        needed = ", ".join(f"{n} for {100 * d:g} %" for d, n in self.seeds)
        return (
            f"{self.runs} runs repeat {self.cells} settings: repeats scatter by "
            f"{100 * s.value:.2g} % ({100 * s.level:.3g} %: {100 * s.low:.2g}–{100 * s.high:.2g}). "
            f"Seeds of each of two settings that show a difference in loss: {needed}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "scatter": self.scatter.to_dict(),
            "cells": self.cells,
            "runs": self.runs,
            "seeds": [{"difference": d, "seeds": n} for d, n in self.seeds],
        }


def repeats(
    runs: RunColumns, level: float = 0.9, columns: Mapping[str, NDArray[Any]] | None = None
) -> Repeats | None:
    """Measure the scatter of runs that differ in nothing but the seed; None without such.

    Repeats agree in params, tokens, FLOPs, learning rate, family and steps, and in every label of
    the other `columns` but for names, where the table has these; it must have a column of seeds.

    Examples
    --------
    >>> from eigenscale.io.runs.container import Runs
    >>> loss, size = [3.0, 3.01, 2.7, 2.71], [1e8, 1e8, 1e9, 1e9]
    >>> seed = ["1", "2", "1", "2"]
    >>> found = repeats(Runs.from_arrays(loss, params=size, tokens=[2e9] * 4, seed=seed))
    >>> (found.cells, found.runs, round(found.scatter.value, 4))
    (2, 4, 0.0025)
    """
    from scipy.special import chdtri

    keys = [
        np.asarray(column).astype(str)
        for name in ("params", "tokens", "flops", "unique_tokens", "steps", "lr", "family")
        if (column := getattr(runs, name)) is not None
    ]
    if not keys or runs.checkpoints == "every" or runs.seed is None:
        return None
    used = set(runs.recognised.values())
    keys += [
        values.astype(str)
        for name, values in (columns or {}).items()
        if name not in used and values.dtype == object and len(set(values.tolist())) <= MOST_LABELS
    ]
    if np.unique(runs.seed).size < 2:
        return None
    _, codes, counts = np.unique(
        np.stack(keys, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    codes = codes.reshape(-1)
    inside = counts[codes] > 1
    cells, free = int((counts > 1).sum()), int((counts[counts > 1] - 1).sum())
    if free < FEWEST:
        return None
    logs = np.log(runs.loss)
    means = np.bincount(codes, logs) / counts
    squares = float(((logs - means[codes])[inside] ** 2).sum())
    if not squares > 0:
        return None
    ends = [float(np.sqrt(squares / chdtri(free, p))) for p in ((1 - level) / 2, (1 + level) / 2)]
    value = float(np.sqrt(squares / free))
    scatter = Interval(value, ends[0], ends[1], level)
    needed = tuple((d, seeds_needed(value, d)) for d in DIFFERENCES)
    return Repeats(scatter, cells, int(inside.sum()), needed)


def seeds_needed(scatter: float, difference: float) -> int:
    """Count the seeds of each of two settings that tell a relative difference of their losses.

    Two-sided t test at 5 %, which sees the difference in 80 % of cases; n solves
    n = 2 (t_{.975} + t_{.8})² (scatter / difference)² with 2 n − 2 degrees of freedom.

    Examples
    --------
    >>> seeds_needed(0.003, 0.01), seeds_needed(0.003, 0.002)
    (3, 37)
    """
    from scipy.special import stdtrit

    count = 2
    for _ in range(30):
        free = 2 * count - 2
        both = float(stdtrit(free, 1 - SIGNIFICANCE / 2) + stdtrit(free, POWER))
        wanted = min(max(ceil(2 * (both * scatter / difference) ** 2), 2), MOST)
        if wanted == count:
            break
        count = wanted if wanted > count else max((wanted + count) // 2, 2)
    return count

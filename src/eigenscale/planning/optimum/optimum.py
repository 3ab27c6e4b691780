"""The best size and data for each budget, and where the draws put them.

Closed form where there is one, else batched minimisation along the budget. The draws of a
law without closed form are minimised on a grid that all share, refined by a parabola.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.planning.optimum.budget import Budget
from eigenscale.planning.optimum.minimise import minimise
from eigenscale.planning.surfaces.known import Known

_CELLS = 1 << 20  # numbers held at once, 8 MB
_GRID = 129


class Optima(NamedTuple):
    """Estimates and interval ends per budget, arrays (n,); NaN ends where nothing is uncertain."""

    log_size: Floats
    log_data: Floats
    loss: Floats
    log_size_ends: tuple[Floats, Floats]
    log_data_ends: tuple[Floats, Floats]
    loss_ends: tuple[Floats, Floats]
    at_edge: NDArray[np.bool_]


def optima(known: Known, flops: Floats, budget: Budget, level: float | None) -> Optima:
    """Solve for budgets of shape (n,); `level` is that of the intervals, None for no intervals."""
    if budget.is_plain and known.best is not None:
        at, data, loss = known.best.optimum(np.log(flops / budget.train))
        edge = _outside(at, *budget.bracket(flops))
        if not edge.any():
            ends = _closed_ends(known, flops, budget, level) if level else _unknown(flops)
            return Optima(at, data, loss, *ends, at_edge=edge)
    low, high = budget.bracket(flops)
    best = minimise(lambda u: known.loss(u, budget.log_data(u, flops)), low, high)
    data = budget.log_data(best.at, flops)
    ends = _grid_ends(known, flops, budget, level) if level else _unknown(flops)
    return Optima(best.at, data, best.value, *ends, at_edge=best.at_edge)


def quantile_ends(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile interval over the last axis, linear between order statistics.

    The same numbers as `numpy.quantile`, from one partial sort. Fewer than two draws give NaN.
    """
    count = draws.shape[-1]
    if count < 2:
        return np.full(draws.shape[:-1], math.nan), np.full(draws.shape[:-1], math.nan)
    places = [(count - 1) * (1 - level) / 2, (count - 1) * (1 + level) / 2]
    ranks = sorted({int(p) for p in places} | {min(int(p) + 1, count - 1) for p in places})
    ordered = np.partition(draws, ranks, axis=-1)
    low, high = (
        ordered[..., int(p)]
        + (p - int(p)) * (ordered[..., min(int(p) + 1, count - 1)] - ordered[..., int(p)])
        for p in places
    )
    return low, high


Ends = tuple[tuple[Floats, Floats], tuple[Floats, Floats], tuple[Floats, Floats]]


def _outside(at: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    return (at <= low) | (at >= high)


def _unknown(flops: Floats) -> Ends:
    nothing = np.full(flops.shape, math.nan)
    return (nothing, nothing), (nothing, nothing), (nothing, nothing)


def _closed_ends(known: Known, flops: Floats, budget: Budget, level: float) -> Ends:
    if known.draws is None:
        return _unknown(flops)
    product = np.log(flops / budget.train)
    block = max(1, _CELLS // known.draws.alpha.size)
    sizes, losses = [], []
    for first in range(0, flops.size, block):
        best = known.draws.transposed().optimum(product[first : first + block, None])
        sizes.append(quantile_ends(best.log_size, level))
        losses.append(quantile_ends(best.loss, level))
    loss, bracket = _joined(losses), budget.bracket(flops)
    low, high = (np.clip(end, *bracket) for end in _joined(sizes))
    return (low, high), (product - high, product - low), loss


def _joined(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _grid_ends(known: Known, flops: Floats, budget: Budget, level: float) -> Ends:
    if known.n_draws == 0:
        return _unknown(flops)
    size, data, loss = optima_of_draws(known, flops, budget)
    return (
        quantile_ends(size.T, level),
        quantile_ends(data.T, level),
        quantile_ends(loss.T, level),
    )


def best_losses(known: Known, flops: Floats, budget: Budget) -> tuple[Floats, Floats]:
    """Loss at the optimum of each budget, (n,), and of every draw of the surface, (draws, n)."""
    value = optima(known, flops, budget, None).loss
    if budget.is_plain and known.draws is not None:
        return value, known.draws.optimum(np.log(flops / budget.train)).loss
    if known.n_draws == 0:
        return value, np.empty((0, flops.size))
    return value, optima_of_draws(known, flops, budget)[2]


def optima_of_draws(known: Known, flops: Floats, budget: Budget) -> tuple[Floats, Floats, Floats]:
    """Log size, log data and loss at the optimum of every draw, shape (draws, n)."""
    block = max(1, _CELLS // (known.n_draws * _GRID))
    parts = [_of_draws(known, flops[i : i + block], budget) for i in range(0, flops.size, block)]
    size, data, loss = (np.concatenate([p[i] for p in parts], axis=1) for i in range(3))
    return size, data, loss


def _of_draws(known: Known, flops: Floats, budget: Budget) -> tuple[Floats, Floats, Floats]:
    """Minimise every draw on a shared grid, twice: over everything, then over what matters."""
    low, high = budget.bracket(flops)
    for _ in range(2):
        grid = np.linspace(low, high, _GRID)
        values = known.loss_draws(grid, budget.log_data(grid, flops))
        index = values.argmin(axis=1)
        low = grid[np.maximum(index.min(axis=0) - 1, 0), np.arange(flops.size)]
        high = grid[np.minimum(index.max(axis=0) + 1, _GRID - 1), np.arange(flops.size)]
    at, loss = _parabola(values, index)
    size = grid[0] + at * (grid[1] - grid[0])
    return size, budget.log_data(size, flops), loss


def _parabola(values: Floats, index: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Minimum through three points: place in units of the grid, and value; (draws, n)."""
    middle = np.clip(index, 1, values.shape[1] - 2)
    before, here, after = (
        np.take_along_axis(values, (middle + k)[:, None, :], axis=1)[:, 0] for k in (-1, 0, 1)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = 0.5 * (before - after) / (before - 2 * here + after)
        dip = 0.25 * (before - after) * shift
    inside = np.isfinite(shift) & (np.abs(shift) <= 1) & (middle == index)
    lowest = np.take_along_axis(values, index[:, None, :], axis=1)[:, 0]
    return (
        np.where(inside, middle + np.where(inside, shift, 0.0), index),
        np.where(inside, here - np.where(inside, dip, 0.0), lowest),
    )

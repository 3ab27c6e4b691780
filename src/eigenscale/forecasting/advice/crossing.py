"""The samples at which a falling curve comes down to a loss, with the spread of its draws."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.forecasting.forecaster import Forecaster
from eigenscale.results import Interval
from eigenscale.surface import LossSurface

REACH = 1000.0  # times the samples there are; nothing is said beyond
_LEAST = 4.0
_GRID, _FINE, _ROUNDS = 49, 9, 2


@dataclass(frozen=True)
class Crossing:
    """Samples needed for a loss.

    Attributes
    ----------
    samples : Interval or None
        None where the expected loss does not come down so far within a thousand times the
        samples; an upper end is infinite where plausible curves do not.
    reached : float
        Share of the plausible curves that come down so far.
    """

    samples: Interval | None
    reached: float


def ask(surface: LossSurface, size: ArrayLike, data: ArrayLike) -> tuple[Floats, Floats]:
    """Losses and their draws, (n,) and (B, n); a forecaster gives both at once."""
    if isinstance(surface, Forecaster):
        prediction = surface.ask(data, size)[1]
        return prediction.value, prediction.draws
    return surface.loss(size, data), surface.loss_draws(size, data)


def crossing(
    surface: LossSurface, size: float, n_samples: float, loss: float, level: float
) -> Crossing:
    """Solve loss(size, T) = `loss` for T.

    The estimate is bracketed on a grid and refined until straight lines in the logarithms are
    exact to four digits; draws are interpolated on the grid. At the best ridge more samples
    never raise the expected loss, so the first crossing counts.
    """
    grid = np.geomspace(min(_LEAST, n_samples), REACH * n_samples, _GRID)
    value, drawn = ask(surface, size, grid)
    draws = _first_below(grid, drawn, loss)
    reached = float(np.mean(np.isfinite(draws))) if draws.size else float("nan")
    if not (value <= loss).any():
        return Crossing(None, reached)
    found = _refined(surface, size, grid, value, loss)
    if draws.size < 2:
        return Crossing(Interval(found, np.nan, np.nan, level), reached)
    # Order statistics and no interpolation between them: a draw may be infinite.
    ends = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    low, high = min(float(ends[0]), found), max(float(ends[1]), found)
    return Crossing(Interval(found, low, high, level), reached)


def _refined(surface: LossSurface, size: float, grid: Floats, value: Floats, loss: float) -> float:
    """Narrow the bracket down until it is a straight line."""
    for _ in range(_ROUNDS):
        at = int(np.argmax(value <= loss))
        if at == 0:
            return float(grid[0])
        grid = np.geomspace(grid[at - 1], grid[at], _FINE)
        value = ask(surface, size, grid)[0]
        if not (value <= loss).any():
            return float(grid[-1])
    return float(_first_below(grid, value[None], loss)[0])


def _first_below(grid: Floats, curves: Floats, loss: float) -> Floats:
    """First crossing of each row, interpolated in the logarithms; infinite where there is none."""
    if not curves.size:
        return np.empty(0)
    below = curves <= loss
    at = np.argmax(below, axis=1)
    row, left = np.arange(len(curves)), np.maximum(at - 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        drop = np.log(curves[row, left] / curves[row, at])
        part = np.log(curves[row, left] / loss) / drop
    part = np.clip(np.where(np.isfinite(part), part, 1.0), 0.0, 1.0)
    x = np.log(grid)
    found = np.exp(x[left] + part * (x[at] - x[left]))
    return np.where(below.any(axis=1), np.where(at == 0, grid[0], found), np.inf)

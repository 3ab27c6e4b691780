"""Runs that may be proposed: a grid of sizes and tokens per parameter, and the runs at hand."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.surfaces.known import Known

RATIOS = (1.0, 1000.0)
"""Tokens per parameter of candidate runs, where no runs say what has been tried."""

_SIZES, _DATA = 24, 16


class Candidates(NamedTuple):
    """Size, data and price of runs, (k,); the first `new` are new, the others at hand."""

    size: Floats
    data: Floats
    price: Floats
    new: int

    def and_then(self, other: "Candidates") -> "Candidates":
        """Append others."""
        size, data, price = (np.concatenate(pair) for pair in zip(self[:3], other[:3], strict=True))
        return Candidates(size, data, price, self.new)

    def before(self, other: "Candidates") -> "Candidates":
        """Prepend others that are new."""
        joined = other.and_then(self)
        return joined._replace(new=other.new + self.new)

    def from_(self, first: int) -> "Candidates":
        """Keep those from a place on."""
        return Candidates(self.size[first:], self.data[first:], self.price[first:], 0)


def tried(seen: Known) -> tuple[float, float]:
    """Least and most data per size among the runs at hand."""
    runs = seen.origin.runs
    if seen.size_name not in runs:
        return RATIOS
    ratio = runs[seen.data_name] / runs[seen.size_name]
    return float(ratio.min()), float(ratio.max()) * (1 + 1e-9)


def is_tried(seen: Known, run: Candidates) -> bool:
    """Whether one run is no smaller in size and in data than all those at hand."""
    least = (seen.measured.get(n, (0.0, 0.0))[0] for n in (seen.size_name, seen.data_name))
    return bool(all(x[0] >= low for x, low in zip(run[:2], least, strict=True)))


def candidates(
    seen: Known, most: float, sizes: ArrayLike | None, ratios: tuple[float, float]
) -> Candidates:
    """Every run that may be proposed, none dearer than `most`.

    Without `sizes` the runs at hand are among them, each once, to be repeated with a new seed.
    """
    if not 0 < ratios[0] < ratios[1]:
        raise InputError(f"ratios {ratios} do not go up from above 0; 1 to 1000 is usual")
    train = Limits().budget(seen).train
    rows, least = _sizes(seen, most, sizes, train * ratios[0])
    size, ratio = np.meshgrid(rows, np.geomspace(*ratios, _DATA), indexing="ij")
    price = train * size * size * ratio
    payable = (price <= most) & (size * ratio >= least)
    grid = Candidates(
        size[payable], (size * ratio)[payable], price[payable], int(np.count_nonzero(payable))
    )
    if sizes is not None:
        return grid
    return grid.and_then(_at_hand(seen, train, most))


def _sizes(seen: Known, most: float, sizes: ArrayLike | None, price: float) -> tuple[Floats, float]:
    """Sizes of the grid, and the least data of a run on it."""
    least = 0.0
    if sizes is None:
        least = seen.measured.get(seen.data_name, (0.0, 0.0))[0] * (1 - 1e-9)
        low = seen.measured.get(seen.size_name, (1e6, 0.0))[0]
        grid = np.geomspace(low, max(low, math.sqrt(most / price)), _SIZES)
        sizes = [float(f"{value:.3g}") for value in grid]
    rows = np.unique(np.asarray(sizes, dtype=np.float64))
    if rows.size == 0 or not np.all((rows > 0) & np.isfinite(rows)):
        raise InputError("sizes are not all positive and finite; give model sizes as 1e8,3e8")
    return rows, least


def _at_hand(seen: Known, train: float, most: float) -> Candidates:
    """Give the runs at hand that are not dearer than `most`, each once."""
    runs = seen.origin.runs
    if seen.size_name not in runs:
        return Candidates(np.empty(0), np.empty(0), np.empty(0), 0)
    pairs = np.stack([runs[seen.size_name], runs[seen.data_name]], axis=1)
    size, data = np.unique(pairs, axis=0).T
    price = train * size * data
    payable = price <= most
    return Candidates(size[payable], data[payable], price[payable], 0)

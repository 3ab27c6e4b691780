"""What a budget buys: the data that remain payable once a size is chosen."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN

LARGEST_FLOPS = 1e40
TRAINING = FLOPS_PER_PARAM_TOKEN
SERVING_SHARE = 1 / 3  # serving is the forward pass alone


@dataclass(frozen=True)
class Budget:
    """How FLOPs are spent on size N and data D: ``C = train · N D + serve · N``.

    Attributes
    ----------
    train : float
        FLOP per parameter and training token; 6 for a transformer.
    serve : float
        FLOP per parameter over the model's life after training: 2 × tokens served.
    min_size, max_size, max_data : float
        What may be chosen: memory caps the size, unique data cap the data. Equal sizes fix it.
    all_data : bool
        Data are not chosen: every plan uses exactly `max_data`.

    Examples
    --------
    >>> float(np.exp(Budget().log_data(np.log(1e9), np.array(6e20))).round())
    100000000000.0
    """

    train: float = TRAINING
    serve: float = 0.0
    min_size: float = 1.0
    max_size: float = math.inf
    max_data: float = math.inf
    all_data: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether nothing is left to choose: size or data are given."""
        return self.all_data or self.min_size == self.max_size

    @property
    def is_plain(self) -> bool:
        """Whether only N × D costs and nothing is capped, so that closed forms hold."""
        free = self.min_size == 1.0 and math.isinf(self.max_size) and math.isinf(self.max_data)
        return self.serve == 0.0 and free

    def log_data(self, log_size: Floats, flops: Floats) -> Floats:
        """Logarithm of the data payable beside each size; −inf where nothing is left."""
        left = flops / np.exp(log_size) - self.serve
        with np.errstate(divide="ignore"):
            affordable = np.log(np.maximum(left, 0.0) / self.train)
        return np.minimum(affordable, math.log(self.max_data))

    def flops(self, size: ArrayLike, data: ArrayLike) -> Floats:
        """Cost of a model of `size` trained on `data`, serving included."""
        N = np.asarray(size, dtype=np.float64)
        return N * (self.train * np.asarray(data, dtype=np.float64) + self.serve)

    def bracket(self, flops: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the smallest and largest sensible size for each budget.

        At least one unit of size and of data is bought; below the size at which data run
        out, money would be left over while the loss rises, so the bracket begins there.
        """
        high = np.log(flops / (self.train + self.serve))
        high = np.minimum(high, math.log(self.max_size))
        low = np.log(flops) - math.log(self.train * self.max_data + self.serve)
        low = np.minimum(np.maximum(low, math.log(self.min_size)), high)
        return low, low if self.all_data else high


def check_flops(flops: ArrayLike, budget: Budget) -> Floats:
    """Budgets as a float array, each positive and payable.

    Raises
    ------
    InputError
        A budget is not positive, beyond 1e40, or too small to buy one unit of each.
    """
    values = np.asarray(flops, dtype=np.float64)
    if values.size == 0 or values.ndim > 1:
        raise InputError(
            f"flops has shape {values.shape}; give one budget or a list with at least one"
        )
    for value in np.atleast_1d(values):
        if not value > 0:
            raise InputError(f"flops {value:g} is not a positive number; give a budget as 1e21")
        if value > LARGEST_FLOPS:
            raise InputError(
                f"flops {value:g} is beyond {LARGEST_FLOPS:g}, more than any planet computes; "
                "check the unit: flops are counted one by one, not per second or in PF-days"
            )
        least = budget.min_size * (budget.train + budget.serve)
        if value < least:
            raise InputError(
                f"flops {value:g} does not pay for {budget.min_size:g} params trained on one token "
                f"({least:g} with what is served); raise the budget or ask for less"
            )
    return values

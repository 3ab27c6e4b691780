"""What ten times more would bring, asked of any loss surface at one point."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eigenscale.results import Interval

Limit = Literal["data", "size", "both", "neither"]

FACTOR = 10.0
CLEARLY = 1.5  # one resource limits where ten times of it brings this much more than of the other
WORTH = 0.01  # a fall of the loss by less than this share is none


@dataclass(frozen=True)
class Reach:
    """Loss now and with ten times more data, size or both, each with its interval."""

    size: float
    data: float
    now: Interval
    more_data: Interval
    more_size: Interval
    more_both: Interval

    @property
    def limit(self) -> Limit:
        """What holds the loss up at this point."""
        by_data, by_size = (
            1 - more.value / self.now.value for more in (self.more_data, self.more_size)
        )
        if max(by_data, by_size) < WORTH:
            return "neither"
        if by_data > CLEARLY * by_size:
            return "data"
        return "size" if by_size > CLEARLY * by_data else "both"


def reach(surface: Any, size: float, data: float, level: float) -> Reach:
    """Ask a loss surface at (size, data) and at ten times of each."""
    sizes = size * np.array([1.0, 1.0, FACTOR, FACTOR])
    amounts = data * np.array([1.0, FACTOR, 1.0, FACTOR])
    values, draws = surface.loss(sizes, amounts), surface.loss_draws(sizes, amounts)
    found = [Interval.from_draws(float(v), draws[:, i], level) for i, v in enumerate(values)]
    return Reach(size, data, *found)

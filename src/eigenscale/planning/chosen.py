"""What a plan holds: the best size, data and loss of one budget, and of many as arrays."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.planning.bill import Cost
from eigenscale.planning.trust.backtest import is_unreliable
from eigenscale.planning.trust.measured import Trust
from eigenscale.results import Interval
from eigenscale.text.words import cost_unit

UNIDENTIFIED = 50.0
"""Ratio of the ends of its interval beyond which the best size counts as not identified."""


class Band(NamedTuple):
    """A value per budget with the ends of its interval, arrays (n,)."""

    value: Floats
    low: Floats
    high: Floats

    def interval(self, i: int, level: float) -> Interval:
        """Give the interval at one budget."""
        return Interval(float(self.value[i]), float(self.low[i]), float(self.high[i]), level)


@dataclass(frozen=True)
class Range:
    """Sizes that do almost as well as the best one: what may be chosen freely."""

    low: float
    high: float
    tolerance: float

    @property
    def factor(self) -> float:
        """How many times larger the high end is."""
        return self.high / self.low


@dataclass(frozen=True, eq=False)
class Chosen:
    """The numbers of one plan.

    Attributes
    ----------
    surface : str
        What the plan stands on.
    flops : float
        The budget, FLOP, serving included where there is any.
    params, tokens, loss : Interval
        Best size, the data that go with it, and the loss expected; ends are NaN where the
        surface has no draws.
    within_loss, within_twice, within_flops : Range
        Sizes whose loss is at most 1 % and at most 2 % higher at this budget, and sizes that
        reach the same loss with at most 10 % more compute.
    trust : Trust
        How far the plan lies beyond what was measured.
    cost : Cost
        What training and serving take, in hours and money where hardware is known.
    warnings : tuple of str
        What to be careful about, one line each.
    unique_tokens : float or None
        Where data repeat: how many differ.
    size_name, data_name : str
        What size and data count, ``"params"`` and ``"tokens"`` for a fitted law.
    """

    surface: str
    flops: float
    params: Interval
    tokens: Interval
    loss: Interval
    within_loss: Range
    within_twice: Range
    within_flops: Range
    trust: Trust
    cost: Cost
    warnings: tuple[str, ...] = ()
    unique_tokens: float | None = None
    size_name: str = "params"
    data_name: str = "tokens"
    unit: str = "nats/token"

    @property
    def identified(self) -> bool:
        """Whether the runs determine the best size: its interval is no wider than fifty-fold."""
        low, high = self.params.low, self.params.high
        return not (low <= 0 or high / low > UNIDENTIFIED)

    @property
    def reliable(self) -> bool:
        """Whether nothing warns that the plan must not be relied on."""
        return not any(is_unreliable(line) for line in self.warnings)

    @property
    def tokens_per_param(self) -> float:
        """D / N at the plan."""
        return self.tokens.value / self.params.value

    @property
    def cost_unit(self) -> str:
        """What the budget is counted in: FLOP, or features × samples for a solved theory."""
        return cost_unit(self.size_name, self.data_name)

    @property
    def epochs(self) -> float | None:
        """Times that each unique token is seen, where their number is given."""
        if self.unique_tokens is None:
            return None
        return max(1.0, self.tokens.value / self.unique_tokens)


@dataclass(frozen=True, eq=False)
class Bands:
    """The numbers of the best plans for a grid of budgets.

    Attributes
    ----------
    flops : (n,)
    params, tokens, loss : Band
    within_loss, within_twice, within_flops : tuple of (n,)
        Lowest and highest size of the flat valley, see `Chosen`.
    tolerances : (float, float)
        Of loss, and of compute; `within_twice` allows twice that of loss.
    at_edge : (n,) bool
        No optimum inside what the budget allows: the best choice is an end of the range.
    level : float
        Coverage of the bands.
    """

    flops: Floats
    params: Band
    tokens: Band
    loss: Band
    within_loss: tuple[Floats, Floats]
    within_twice: tuple[Floats, Floats]
    within_flops: tuple[Floats, Floats]
    tolerances: tuple[float, float]
    at_edge: NDArray[np.bool_]
    level: float

    def __len__(self) -> int:
        return self.flops.size

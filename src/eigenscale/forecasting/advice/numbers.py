"""What an advice consists of: losses now and with more, what limits, and what more costs."""

from dataclasses import dataclass

from eigenscale.forecasting.advice.shares import Limit, Shares
from eigenscale.results import Interval


@dataclass(frozen=True)
class Value:
    """What the next tenth of a resource brings.

    Attributes
    ----------
    amount : float
        Samples or features in that tenth.
    cost : float
        Of them, in the user's own unit.
    fall : Interval
        By how much the loss falls.
    per_cost : Interval
        `fall` over `cost`.
    """

    amount: float
    cost: float
    fall: Interval
    per_cost: Interval


@dataclass(frozen=True)
class AdviceNumbers:
    """What to do next, at the best ridge.

    Attributes
    ----------
    n_samples : int
        Samples there are, which "now" is about.
    n_features : int or None
        Random features; None for other learners.
    now, ten_times_data : Interval
        Loss with as many samples as there are, and with ten times as many.
    twice_features : Interval or None
        Loss with twice the random features; None for other learners.
    floor : Interval
        Loss with a thousand times the samples.
    limit : "data", "features", "noise", "floor" or "unknown"
        What limits now; unknown where the sample does not tell whether more samples help.
    shares : Shares
        What the loss consists of now.
    target_loss : float or None
    samples_needed : Interval or None
        Samples at which the expected loss is `target_loss`; None where that is not reached.
    reached : float or None
        Share of plausible curves that reach it within a thousand times the samples.
    cost_of_target : Interval or None
        Of the samples that are missing, where their cost is given.
    value_of_samples, value_of_features : Value or None
        Of the next tenth, where the cost is given.
    floor_of_task : bool
        False where another learner says that the floor is this learner's only.
    """

    n_samples: int
    n_features: int | None
    now: Interval
    ten_times_data: Interval
    twice_features: Interval | None
    floor: Interval
    limit: Limit
    shares: Shares
    target_loss: float | None = None
    samples_needed: Interval | None = None
    reached: float | None = None
    cost_of_target: Interval | None = None
    value_of_samples: Value | None = None
    value_of_features: Value | None = None
    floor_of_task: bool = True

"""A learning-rate schedule: the rate of every step, and the sums that laws take of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

LONGEST = 50_000_000  # steps; a longer schedule is a slip of the pen


@dataclass(frozen=True, eq=False)
class Schedule:
    """The learning rate of each step.

    Attributes
    ----------
    rates : array, shape (total,)
        Learning rate of steps 1, 2, …, total.
    name : str
        What it is, for sentences.
    guesses : tuple of str
        What had to be guessed, in sentences; empty where everything was recorded or given.

    Examples
    --------
    >>> import numpy as np
    >>> Schedule(np.array([1e-3, 1e-3, 5e-4])).total
    3
    """

    rates: Floats
    name: str = "schedule"
    guesses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rates = self.rates
        if not 1 <= len(rates) <= LONGEST:
            raise InputError(
                f"a schedule of {len(rates):,} steps cannot be used; it has 1 to {LONGEST:,} steps"
            )
        bad = np.flatnonzero(~(np.isfinite(rates) & (rates >= 0)))
        if bad.size:
            raise InputError(
                f"the learning rate of step {bad[0] + 1} is {rates[bad[0]]:g}; "
                "a rate is zero or more, and finite"
            )
        if not rates.max() > 0:
            raise InputError("the learning rate is 0 at every step; nothing is trained by it")

    def __repr__(self) -> str:
        return f"Schedule({self.name}: {self.total:,} steps, peak {self.peak:.4g})"

    @property
    def total(self) -> int:
        """Number of steps."""
        return len(self.rates)

    @cached_property
    def peak(self) -> float:
        """Largest rate."""
        return float(self.rates.max())

    @cached_property
    def exposure(self) -> Floats:
        """Sum of the rates of the first k steps, S₁(k), for k = 0 … total."""
        return np.concatenate([[0.0], np.cumsum(self.rates)])

    @cached_property
    def warmup(self) -> int:
        """Number of steps during which the rate rises at the start."""
        still = np.flatnonzero(np.diff(self.rates) <= 0)
        return int(still[0]) + 1 if still.size else self.total

    @cached_property
    def drops(self) -> Floats:
        """What the rate falls by at each step, η(k − 1) − η(k) with η(0) = 0."""
        return -np.diff(self.rates, prepend=0.0)

    @cached_property
    def annealed(self) -> float:
        """Largest fall of the rate below an earlier one, as a share of the peak."""
        return float(np.max(np.maximum.accumulate(self.rates) - self.rates) / self.peak)

    def first(self, steps: int) -> "Schedule":
        """Cut it off after so many steps.

        Raises
        ------
        InputError
            Where it is shorter than that.
        """
        if steps > self.total:
            raise InputError(
                f"{self.name} ends at step {self.total:,}, before step {steps:,}; "
                "give a schedule at least as long as the run"
            )
        return Schedule(self.rates[:steps], self.name, self.guesses)

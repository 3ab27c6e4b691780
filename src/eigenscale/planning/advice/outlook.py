"""Diminishing returns: what each next factor of ten in compute brings."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.planning.frontier import Frontier
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import LARGEST_FLOPS
from eigenscale.planning.plan import frontier
from eigenscale.planning.surfaces.known import known
from eigenscale.results import Interval, Result
from eigenscale.text.numbers import number, power_of_ten


@dataclass(frozen=True, eq=False)
class Outlook(Result):
    """What each next factor of ten brings.

    Attributes
    ----------
    frontier : Frontier
        At the budget and at each factor of it.
    falls : tuple of Interval
        Fall of the loss that each step brings.
    """

    frontier: Frontier
    falls: tuple[Interval, ...]
    factor: float

    def _text(self) -> str:
        flops, loss = self.frontier.flops, self.frontier.loss.value
        unit = self.frontier.known.cost_unit
        lines = [
            f"{power_of_ten(flops[i + 1])} {unit}: loss {loss[i + 1]:.4g}, {fall.value:.2g} lower "
            f"than with {number(self.factor)} times less"
            for i, fall in enumerate(self.falls)
        ]
        return "\n".join(lines)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.frontier.warnings

    def to_dict(self) -> dict[str, Any]:
        """Plain form: one row per step."""
        rows = [
            {"flops": plan.flops, "loss": plan.loss.to_dict(), "fall": fall.to_dict()}
            for plan, fall in zip(list(self.frontier)[1:], self.falls, strict=True)
        ]
        return {"rows": rows, "factor": self.factor, "summary": self.summary}


def outlook(
    surface: Any,
    flops: float,
    limits: Limits | None = None,
    *,
    factor: float = 10.0,
    steps: int = 3,
    level: float = 0.9,
) -> Outlook:
    """Say what each next factor of ten in compute brings.

    Parameters
    ----------
    surface, limits, level
        As for `plan`.
    flops : float
        The budget to start from.
    factor : float
        Of each step.
    steps : int
        How many steps to look ahead; fewer where they lead beyond 1e40 FLOP.

    Returns
    -------
    Outlook

    Examples
    --------
    >>> [round(fall.value, 3) for fall in outlook("hoffmann", 1e21).falls]
    [0.19, 0.134, 0.094]
    """
    if not factor > 1 or steps < 1:
        raise InputError(
            f"factor {factor:g} and steps {steps} do not go up; use a factor above 1, steps from 1"
        )
    seen = known(surface)
    grid = flops * factor ** np.arange(steps + 1.0)
    grid = np.concatenate([grid[:1], grid[1:][grid[1:] <= LARGEST_FLOPS]])
    front = frontier(surface, grid, limits, level=level)
    sizes, datas = np.log(front.params.value), np.log(front.tokens.value)
    counted = (limits or Limits()).surface(seen)
    draws = -np.diff(counted.loss_draws(sizes, datas), axis=1)
    falls = -np.diff(front.loss.value)
    return Outlook(
        front,
        tuple(
            Interval.from_draws(fall, sample, level)
            for fall, sample in zip(falls, draws.T, strict=True)
        ),
        factor,
    )

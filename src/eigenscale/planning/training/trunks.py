"""One trunk with several cooldowns: several points of a law of size and data, paid for once.

A WSD run that is cooled down from several of its steps gives the loss of several token counts for
little more than the cost of the longest. The points share their trunk, and so its noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.curves.scheduled import ScheduledCurve

ALIKE = 3  # recorded losses that two curves must share so that they are one run at first
FINISHED = 0.5  # annealing, as a share of the peak rate, of a run that has come to its end
FLOPS = 6.0  # per parameter and token


@dataclass(frozen=True)
class TrunkPoint:
    """A finished run as a point of a law of size and data.

    Attributes
    ----------
    name, trunk : str
        The curve, and the run whose first steps it shares; its own name where it shares none.
    steps : int
    loss : float
        The last record.
    tokens, flops : float
        Of the whole run, as a law of size and data needs them.
    spent : float
        FLOPs that this run cost beyond those that were counted before it.
    """

    name: str
    trunk: str
    steps: int
    loss: float
    tokens: float
    flops: float
    spent: float


@dataclass(frozen=True)
class TrunkPoints:
    """Points, and what all runs cost together with trunks counted once.

    Attributes
    ----------
    params : float
    points : tuple of TrunkPoint
    spent : float
        FLOPs of all curves together, those that are no points included.
    """

    params: float
    points: tuple[TrunkPoint, ...]
    spent: float

    def columns(self) -> dict[str, list[Any]]:
        """Columns that `fit` takes; the trunk is the family, so that its noise is shared."""
        return {
            "name": [p.name for p in self.points],
            "family": [p.trunk for p in self.points],
            "params": [self.params] * len(self.points),
            "tokens": [p.tokens for p in self.points],
            "flops": [p.flops for p in self.points],
            "loss": [p.loss for p in self.points],
            "spent_flops": [p.spent for p in self.points],
        }


def trunk_points(
    curves: Sequence[ScheduledCurve], params: float, tokens_per_step: float
) -> TrunkPoints:
    """Make points of finished runs, some of which share their first steps.

    Parameters
    ----------
    curves : sequence of ScheduledCurve
        Of models of one size. Two curves are one run up to the last step at which their recorded
        losses are the same.
    params, tokens_per_step : float
        Size of the model, and tokens of one step.

    Raises
    ------
    InputError
        Numbers that are not positive, or no curve that was annealed.

    Notes
    -----
    A curve whose rate has not fallen to half its peak is no point, since its loss is higher than
    that of a finished run, but its steps are counted.
    """
    for name, value in (("params", params), ("tokens per step", tokens_per_step)):
        if not 0 < value < np.inf:
            raise InputError(f"{name} is {value:g}; it is positive and finite")
    ordered = sorted(curves, key=lambda c: (c.schedule.first(int(c.steps[-1])).annealed, c.name))
    unit = FLOPS * params * tokens_per_step
    points, spent = [], 0.0
    trunks: dict[str, str] = {}
    for i, curve in enumerate(ordered):
        last = int(curve.steps[-1])
        common = [(_shared(curve, other), other.name) for other in ordered[:i]]
        shared, parent = max(common, default=(0, curve.name))
        trunks[curve.name] = trunks[parent] if shared else curve.name
        added = unit * (last - shared)
        spent += added
        if curve.schedule.first(last).annealed >= FINISHED:
            points.append(_point(curve, trunks[curve.name], tokens_per_step, unit, added))
    if not points:
        raise InputError(
            "no curve has been annealed to its end, so that none is a point of a law of size and "
            "data; give the cooldowns of the trunk too"
        )
    return TrunkPoints(params, tuple(sorted(points, key=lambda p: p.steps)), spent)


def _point(
    curve: ScheduledCurve, trunk: str, per_step: float, unit: float, added: float
) -> TrunkPoint:
    last = int(curve.steps[-1])
    loss = float(np.exp(curve.log_loss[-1]))
    return TrunkPoint(curve.name, trunk, last, loss, last * per_step, last * unit, added)


def _shared(one: ScheduledCurve, other: ScheduledCurve) -> int:
    """Last step to which all losses that both recorded are the same; 0 where they are two runs."""
    _, a, b = np.intersect1d(one.steps, other.steps, return_indices=True)
    same = one.log_loss[a] == other.log_loss[b]
    count = len(same) if same.all() else int(np.argmin(same))
    return int(one.steps[a[count - 1]]) if count >= ALIKE else 0

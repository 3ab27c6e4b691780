"""Figure of what a loss costs: training and serving, in FLOP or money, against the loss."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.figures.spec import Axis, Figure, Line, Panel
from eigenscale.figures.topics.plan import loss_axis
from eigenscale.planning.frontier import Frontier, Plan


def costs(front: Frontier) -> Figure:
    """Draw what each loss on the frontier costs, in money where prices are known, else FLOP.

    Parameters
    ----------
    front : Frontier
        At least two budgets.

    Raises
    ------
    InputError
        With one budget only.
    """
    if len(front) < 2:
        raise InputError("one budget is a point, not a curve; give several, as 1e20:1e24:5")
    plans = list(front)
    in_money = plans[0].cost.training_money is not None
    training, serving = np.array([_parts(plan, in_money) for plan in plans]).T
    unit = "money, in the currency of the price" if in_money else front.known.cost_unit
    lines = [Line(front.loss.value, training, "training", color=0)]
    if serving.any():
        lines += [
            Line(front.loss.value, serving, "serving", color=1),
            Line(front.loss.value, training + serving, "together", color=2, width=3.0),
        ]
    factor = _last_percent(front.loss.value, training + serving)
    return Figure(
        "plan-costs",
        f"At the end of this curve, 1 % less loss costs {factor:.3g} times as much",
        (Panel(loss_axis("best loss", front), Axis(unit), tuple(lines)),),
        caption=f"What the lowest loss of each budget costs, by {front.known.name}.",
        alt=(
            f"Cost against loss: from {training[0] + serving[0]:.3g} at a loss of "
            f"{front.loss.value[0]:.3g} to {training[-1] + serving[-1]:.3g} at "
            f"{front.loss.value[-1]:.3g}."
        ),
        columns=1,
    )


def _parts(plan: Plan, in_money: bool) -> tuple[float, float]:
    cost = plan.cost
    if in_money:
        return cost.training_money or 0.0, cost.serving_money or 0.0
    return cost.training_flops, cost.serving_flops


def _last_percent(loss: Floats, cost: Floats) -> float:
    """Factor on the cost of one per cent less loss, by the slope between the last two budgets."""
    slope = np.log(cost[-1] / cost[-2]) / np.log(loss[-2] / loss[-1])
    return float(np.exp(0.01 * slope))

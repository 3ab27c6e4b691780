"""Which input of a plan matters most, as a tornado: the longest bar on top."""

import numpy as np

from eigenscale.figures.spec import Axis, Figure, Panel, Points
from eigenscale.planning.advice.scenarios import Sensitivity, sensitivity
from eigenscale.planning.frontier import Frontier
from eigenscale.text.numbers import power_of_ten
from eigenscale.text.words import capitalised


def tornado_of(front: Frontier) -> Figure:
    """Draw the sensitivity of the plan with the largest budget."""
    budget = float(front.flops[-1])
    return tornado(sensitivity(front.known, budget, front.limits, level=front.level))


def tornado(found: Sensitivity) -> Figure:
    """Draw one bar for each input, from the loss at its low end to that at its high end."""
    swings = found.swings
    ends = np.array([sorted(swing.loss) for swing in swings])
    hover = tuple(f"{swing.input}: {swing.low} to {swing.high}" for swing in swings)
    bars = Points(
        np.full(len(swings), found.loss),
        np.arange(float(len(swings))),
        "loss from the low to the high end",
        symbol="diamond",
        hover=hover,
        x_low=ends[:, 0],
        x_high=ends[:, 1],
    )
    names = tuple(capitalised(swing.input) for swing in swings)
    panel = Panel(Axis("loss", scale="linear"), Axis("", categories=names), (bars,))
    return Figure(
        "plan-tornado",
        f"{names[0]} matters most for the loss",
        (panel,),
        caption=(
            f"Loss of the plan for {power_of_ten(found.flops)} FLOP when one input at a time is "
            "halved and doubled, and when the law lies at the ends of its interval."
        ),
        alt=f"Bars of the loss for {len(swings)} inputs, the longest for {swings[0].input}.",
        columns=1,
    )

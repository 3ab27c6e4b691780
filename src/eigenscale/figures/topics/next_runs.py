"""Figures of what to do next: the price of a loss, and the runs to train."""

import math
from collections.abc import Sequence

import numpy as np

from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Note, Panel, Points
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.design.proposal import Proposal
from eigenscale.planning.surfaces.known import known
from eigenscale.planning.target import Reach
from eigenscale.text.numbers import number, power_of_ten
from eigenscale.text.words import named

_TOP = 30.0  # a band without end is cut this far above the curve's own top


def cost_curve(reaches: Sequence[Reach], hardware: Hardware | None = None) -> Figure:
    """Draw what each loss costs, in FLOP or, where hardware has a price, in money.

    Parameters
    ----------
    reaches : sequence of Reach
        From `eigenscale.planning.target.reach`, at least two targets.
    hardware : Hardware, optional
    """
    ordered = sorted(reaches, key=lambda reach: reach.loss)
    loss = np.array([reach.loss for reach in ordered])
    columns = np.array([[r.flops.value, r.flops.low, r.flops.high] for r in ordered]).T
    unit, price = f"compute ({ordered[0].plan.cost_unit})", 1.0
    if hardware is not None and hardware.price_per_hour is not None:
        unit, price = "cost (currency of the price)", hardware.money(1.0)
    value, low, high = columns * price
    layers: list[Layer] = [Line(loss, value, "least cost", color=0, width=2.5)]
    cut = ""
    if not math.isnan(low[0]):
        level = 100 * ordered[0].flops.level
        layers.insert(
            0, Band(loss, low, np.minimum(high, _TOP * value.max()), f"{level:.3g} % interval")
        )
        if np.isinf(high).any():
            cut = " Where the band runs off the top, some plausible laws never reach the loss."
    first, last = ordered[0], ordered[-1]
    times = number(float(f"{first.flops.value / last.flops.value:.2g}"))
    return Figure(
        "plan-cost",
        f"From a loss of {last.loss:.3g} to {first.loss:.3g} takes {times} times the compute",
        (Panel(Axis("loss to reach", scale="linear"), Axis(unit), tuple(layers)),),
        caption=f"Least compute that reaches each loss by {first.plan.surface}.{cut}",
        alt=f"Cost rises ever more steeply as the loss to reach falls to {first.loss:.3g}.",
        columns=1,
    )


def proposed_runs(fit: object, proposal: Proposal) -> Figure:
    """Draw the proposed runs among those at hand, with the plan that they are for."""
    seen = known(fit)
    size, data = proposal.size_name, proposal.data_name
    layers: list[Layer] = []
    if size in seen.origin.runs:
        layers.append(
            Points(seen.origin.runs[size], seen.origin.runs[data], "runs at hand", color=6)
        )
    sizes = np.array([run.params for run in proposal.runs])
    datas = np.array([run.tokens for run in proposal.runs])
    hover = tuple(f"{run.seeds} × this run" for run in proposal.runs)
    layers.append(Points(sizes, datas, "proposed", color=1, symbol="diamond", hover=hover))
    layers += [
        Note(run.params, run.tokens, f"{run.seeds} ×") for run in proposal.runs if run.seeds > 1
    ]
    total = sum(run.seeds for run in proposal.runs)
    repeated = total - len(proposal.runs)
    again = f" {repeated} of them repeat a run with another seed." if repeated else ""
    return Figure(
        "plan-next-runs",
        f"{total} runs would make the interval {proposal.narrower:.2g} times narrower",
        (Panel(Axis(named(size)), Axis(named(data)), tuple(layers)),),
        caption=(
            f"Runs for {power_of_ten(proposal.cost)} {seen.cost_unit} that narrow the plan at "
            f"{power_of_ten(proposal.target_flops)} {seen.cost_unit} most.{again}"
        ),
        alt=f"{len(proposal.runs)} proposed runs among the runs at hand.",
        columns=1,
    )

"""Figures of a plan: iso-loss contours with the frontier, IsoFLOP valleys, the frontier's bands."""

import math
from collections.abc import Sequence

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.figures.spec import (
    Axis,
    Band,
    Figure,
    Layer,
    Line,
    Map,
    Note,
    Panel,
    Points,
    Rule,
    Window,
)
from eigenscale.planning.chosen import Band as Interval
from eigenscale.planning.frontier import Frontier
from eigenscale.planning.surfaces.known import Known
from eigenscale.planning.trust.measured import NEAR_DECADES
from eigenscale.text.numbers import power_of_ten
from eigenscale.text.words import named

CELLS = 121
CURVES = 5
WIDE = 4.0
"""Times that the best loss falls before its axis is logarithmic."""


def contours(front: Frontier) -> Figure:
    """Draw loss over size and data, the budgets as diagonals and the best plan on each.

    Parameters
    ----------
    front : Frontier
        At least two budgets.
    """
    seen = front.known
    size = _padded(front.params.value, seen.measured.get(seen.size_name))
    data = _padded(front.tokens.value, seen.measured.get(seen.data_name))
    x, y = np.geomspace(*size, CELLS), np.geomspace(*data, CELLS)
    z = seen.loss(np.log(x)[None, :], np.log(y)[:, None])
    layers: list[Layer] = [
        Map(x, y, z, label="loss", log=_is_wide(front.loss.value), levels=_levels(z)),
        *_runs(seen),
        *_budgets(front, size, data),
        Line(front.params.value, front.tokens.value, "compute-optimal", color=1, width=3.0),
    ]
    panel = Panel(
        Axis(named(seen.size_name), range=size),
        Axis(named(seen.data_name), range=data),
        tuple(layers),
    )
    slope = _slope(front.flops, front.params.value)
    return Figure(
        "plan-contours",
        f"The best size grows as compute to the power {slope:.2f}",
        (panel,),
        caption=(
            f"Loss by {seen.name}. Dotted diagonals spend the same compute; the thick line "
            "passes through the lowest loss on each."
        ),
        alt=(
            f"Contours of equal loss over {named(seen.size_name)} and {named(seen.data_name)} with "
            f"the line of best plans from {_ends(front)}."
        ),
        columns=1,
    )


def valleys(front: Frontier) -> Figure:
    """Draw loss against size at fixed compute: how flat the choice is around the optimum."""
    seen = front.known
    layers: list[Layer] = []
    chosen = _chosen(len(front), CURVES)
    for color, i in enumerate(chosen):
        low, high = np.log(front.within_loss[0][i]), np.log(front.within_loss[1][i])
        centre, reach = np.log(front.params.value[i]), 2.5 * max(high - low, 0.5)
        floor, ceiling = front.budget.bracket(front.flops[i : i + 1])
        ends = max(centre - reach, floor[0]), min(centre + reach, ceiling[0])
        u = np.linspace(ends[0], ends[1], CELLS)
        loss = seen.loss(u, front.budget.log_data(u, front.flops[i]))
        near = loss < 1.15 * front.loss.value[i]
        layers.append(
            Line(
                np.exp(u[near]),
                loss[near],
                power_of_ten(front.flops[i]) + (f" {seen.cost_unit}" if color == 0 else ""),
                color=color,
            )
        )
        inside = (u >= low) & (u <= high)
        layers.append(Line(np.exp(u[inside]), loss[inside], color=color, width=5.0))
    layers.append(
        Points(front.params.value[chosen], front.loss.value[chosen], "best", symbol="open-circle")
    )
    i = chosen[-1]
    factor = front.within_loss[1][i] / front.within_loss[0][i]
    where = f"{power_of_ten(front.flops[i])} {seen.cost_unit}"
    return Figure(
        "plan-valleys",
        f"At {where}, a size {factor**0.5:.2g} times too large or too small costs 1 % of loss",
        (Panel(Axis(named(seen.size_name)), loss_axis("loss", front), tuple(layers)),),
        caption=(
            f"Loss at fixed compute by {seen.name}. Thick parts lie within 1 % of the lowest loss: "
            "there, choose by cost of serving, memory or data at hand."
        ),
        alt=f"Valleys of loss over {named(seen.size_name)}, one a budget, flat at the foot.",
        columns=1,
    )


def bands(front: Frontier) -> Figure:
    """Draw the best loss, size and data against compute, with intervals and what was measured."""
    seen = front.known
    loss = Panel(
        Axis(f"compute ({seen.cost_unit})"),
        loss_axis("loss", front),
        (
            *_measured(seen, float(front.flops[-1])),
            *_banded(front.flops, front.loss, "best loss", 0, front.level),
        ),
        title="Loss",
    )
    shapes = Panel(
        Axis(f"compute ({seen.cost_unit})"),
        Axis("count"),
        (
            *_measured(seen, float(front.flops[-1])),
            *_banded(front.flops, front.params, named(seen.size_name), 0, front.level),
            *_banded(front.flops, front.tokens, named(seen.data_name), 1, front.level),
        ),
        title="Size and data",
    )
    last = front[len(front) - 1]
    return Figure(
        "plan-frontier",
        f"With {power_of_ten(last.flops)} {seen.cost_unit} expect a loss of {last.loss.value:.3g}",
        (loss, shapes),
        caption=f"The best plan for each budget by {seen.name}. {_band_words(front)}",
        alt=(
            f"Best loss falls from {front.loss.value[0]:.3g} to {front.loss.value[-1]:.3g} while "
            f"compute grows from {_ends(front)}."
        ),
    )


def loss_axis(label: str, front: Frontier) -> Axis:
    """Axis of the loss: logarithmic where it falls far, as without a floor."""
    return Axis(label, scale="log" if _is_wide(front.loss.value) else "linear")


def _is_wide(loss: Floats) -> bool:
    return bool(loss.max() > WIDE * loss.min())


def _ends(front: Frontier) -> str:
    ends = f"{power_of_ten(front.flops[0])} to {power_of_ten(front.flops[-1])}"
    return f"{ends} {front.known.cost_unit}"


def _band_words(front: Frontier) -> str:
    if math.isnan(front.loss.low[0]):
        return "The surface has no draws, so there are no bands."
    words = f"Bands hold the truth with probability {100 * front.level:.3g} %"
    shaded = " The shaded window is where runs were measured." if front.known.measured else ""
    return f"{words}, as far as the law is right.{shaded}"


def _banded(x: Floats, band: Interval, label: str, color: int, level: float) -> list[Layer]:
    line = Line(x, band.value, label, color=color)
    if math.isnan(band.low[0]):
        return [line]
    return [Band(x, band.low, band.high, f"{100 * level:.3g} % interval", color=color), line]


def _measured(seen: Known, last: float) -> list[Layer]:
    """Shade what was measured, and mark where trust ends."""
    if "flops" not in seen.measured:
        return []
    low, high = seen.measured["flops"]
    beyond = high * 10**NEAR_DECADES
    layers: list[Layer] = [Window(low, high, label="measured")]
    return [*layers, Rule(beyond, label="10 × beyond the runs")] if beyond < last else layers


def _runs(seen: Known) -> list[Layer]:
    size, data = (seen.origin.runs.get(n) for n in (seen.size_name, seen.data_name))
    return [] if size is None or data is None else [Points(size, data, "runs", color=2)]


def _budgets(front: Frontier, size: tuple[float, float], data: tuple[float, float]) -> list[Layer]:
    lines: list[Layer] = []
    for i in _chosen(len(front), CURVES):
        u = np.linspace(math.log(size[0]), math.log(size[1]), CELLS)
        v = front.budget.log_data(u, front.flops[i])
        inside = (v >= math.log(data[0])) & (v <= math.log(data[1]))
        if inside.sum() > 1:
            x, y = np.exp(u[inside]), np.exp(v[inside])
            label = "" if lines else f"equal compute ({front.known.cost_unit})"
            lines.append(Line(x, y, label, color=5, dash="dot", width=1.5))
            most = int(np.searchsorted(np.log(x), 0.25 * u[0] + 0.75 * u[-1]))
            at = min(max(most, int(0.4 * x.size)), int(0.85 * x.size))  # room for its words
            lines.append(Note(x[at], y[at], power_of_ten(front.flops[i])))
    return lines


def _padded(values: Floats, measured: tuple[float, float] | None) -> tuple[float, float]:
    """Range of an axis: the plans and the runs, with half a decade around them."""
    low, high = float(values.min()), float(values.max())
    if measured is not None:
        low, high = min(low, measured[0]), max(high, measured[1])
    return low / 3.0, high * 3.0


def _levels(z: Floats) -> Floats:
    """Contour levels at equal steps of log loss above the lowest, round enough to read."""
    finite = z[np.isfinite(z)]
    low, high = float(finite.min()), float(np.quantile(finite, 0.98))
    if low > 0 and high > 5 * WIDE * low:
        return np.geomspace(low, high, 12)
    shares = np.geomspace(0.03, 1.0, 12)
    digits = max(0, 2 - math.floor(math.log10(max(high - low, 1e-300))))
    return np.unique(np.round(low + shares * (high - low), digits))


def _chosen(count: int, most: int) -> list[int]:
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, most))})


def _slope(x: Floats, y: Floats) -> float:
    return float(np.log(y[-1] / y[0]) / np.log(x[-1] / x[0])) if x.size > 1 else math.nan


def figures(front: Frontier) -> Sequence[Figure]:
    """All figures of a frontier, the contours only where there are two budgets."""
    drawn = [valleys(front)]
    return [contours(front), *drawn, bands(front)] if len(front) > 1 else drawn

"""Two laws over each other: loss against compute, with their runs and where they were compared."""

import numpy as np

from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.planning.versus import Versus

CURVE = 80
BEYOND = 10.0


def versus_figure(found: Versus) -> Figure:
    """Draw both laws along one ratio of data to size, through the run that was compared."""
    one = found.data
    both = [known(surface) for surface in found.surfaces]
    factor = 6.0 if one.size_name == "params" else 1.0
    here = factor * one.params * one.tokens
    seen = [seen.measured["flops"] for seen in both if "flops" in seen.measured]
    low = min([here, *(ends[0] for ends in seen)])
    high = max([here, *(factor * place.params * place.tokens for place in found.at)])
    flops = np.geomspace(low / (1.0 if seen else 100.0), max(high, BEYOND * here), CURVE)
    share = (flops / here) ** 0.5
    level = one.factor.level
    layers: list[Layer] = []
    for color, (side, name) in enumerate(zip(both, (found.first, found.second), strict=True)):
        called = f"{'AB'[color]}: {name}"
        layers += _law(side, one.params * share, one.tokens * share, flops, called, color, level)
    layers.append(Rule(here, "x", "compared here"))
    unit = "FLOP" if one.size_name == "params" else f"{one.size_name} × {one.data_name}"
    return Figure(
        "laws-compared",
        found.compute.sentence(),
        (Panel(Axis(f"compute, {unit}"), Axis(f"loss, {one.unit}"), tuple(layers)),),
        caption=(
            f"A is {found.first}, B is {found.second}. Both are drawn along "
            f"{one.tokens / one.params:.3g} {one.data_name} per {one.size_name.removesuffix('s')}, "
            f"the ratio of the run that was compared; bands are {100 * level:.3g} % intervals of "
            "the laws, points are runs at the ratios that they have."
        ),
        alt=f"Loss of both laws against compute. {found.compute.sentence()}.",
        columns=1,
    )


def _law(
    side: Known,
    size: np.ndarray,
    data: np.ndarray,
    flops: np.ndarray,
    called: str,
    color: int,
    level: float,
) -> list[Layer]:
    shown = loss_unit(side.origin.unit).outward
    draws = side.surface.loss_draws(size, data)
    layers: list[Layer] = []
    if len(draws) >= 2:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        layers.append(Band(flops, shown(low), shown(high), color=color))
    layers.append(Line(flops, np.asarray(shown(side.surface.loss(size, data))), called, color))
    runs, residuals = side.origin.runs, side.origin.residuals
    if "flops" in runs and len(residuals) == len(runs["flops"]):
        fitted = side.surface.loss(runs[side.size_name], runs[side.data_name])
        measured = np.asarray(shown(fitted * np.exp(-residuals)))
        layers.append(Points(runs["flops"], measured, "", color))
    return layers

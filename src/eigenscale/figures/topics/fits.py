"""Figures of a fitted law: through the runs, what it misses, and how it predicts larger ones."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.laws.result import LawFit
from eigenscale.laws.summary import equation
from eigenscale.laws.table import Table
from eigenscale.text.numbers import number
from eigenscale.text.words import capitalised

CURVE = 80  # points per curve
REACH = 10.0  # how far beyond the runs a curve is drawn
SIZES = (0.1, 0.5, 0.9)  # quantiles of the other input that curves are drawn at


def law_figure(fit: LawFit) -> Figure:
    """Draw the law with its interval through the runs.

    One panel per input, with three curves at typical values of the other inputs.
    """
    panels = tuple(_law_panel(fit, name) for name in _shown_inputs(fit))
    return Figure(
        name="fitted-law",
        title=f"{fit.law.name} lies within {100 * _rms(fit.residuals):.2g} % of {fit.n_runs} runs",
        panels=panels,
        caption=(
            f"{fit.law.label} = {equation(fit)}, fitted by {fit.objective.name}. Bands are "
            f"{100 * fit.level:.0f} % intervals of the law from {len(fit.draws)} resampled tables; "
            "curves go on tenfold beyond the runs."
        ),
        alt=(
            f"{fit.law.label} falls with {' and '.join(_shown_inputs(fit))}; "
            f"residuals are {100 * _rms(fit.residuals):.2g} % (root mean square)."
        ),
    )


def residual_figure(fit: LawFit) -> Figure:
    """Draw the residuals against every input and compute: a trend says that the law bends away."""
    table = _table(fit)
    percent = 100 * np.expm1(-fit.residuals)
    columns = {name: table.inputs[name] for name in _shown_inputs(fit)}
    if len(columns) > 1:
        columns["compute"] = fit.cost_factor * table.compute()
    panels = tuple(
        Panel(
            Axis(_axis_label(fit, name)),
            Axis("measured above the law, %", "linear"),
            (Points(values, percent, label="runs"), Rule(0.0, "y")),
        )
        for name, values in columns.items()
    )
    worst = float(np.abs(percent).max())
    return Figure(
        name="residuals",
        title=f"What {fit.law.name} misses: {100 * _rms(fit.residuals):.2g} % on average",
        panels=panels,
        caption="Measured over fitted, minus one. A trend or a curve here means another law.",
        alt=f"Residuals of the runs; the largest is {worst:.2g} %.",
        columns=len(panels),
    )


def holdout_figure(fit: LawFit) -> Figure:
    """Draw the largest runs as predicted from the smaller ones, against what was measured."""
    held = fit.holdout
    if held is None:
        raise InputError("the fit has no holdout; fit with holdout=0.2 (--holdout 0.2)")
    table = _table(fit)
    order = np.argsort(table.compute(), kind="stable")[: held.n_fitted]
    small = table.take(np.sort(order))
    cost = Table(held.inputs, held.measured).compute()
    known = small.compute()
    if "flops" in table.inputs and "flops" not in held.inputs:
        cost = _cost_of(table, held.inputs)
    layers: tuple[Layer, ...] = (
        Points(
            fit.cost_factor * known, small.target, label=f"{held.n_fitted} runs fitted", color=0
        ),
        Points(
            fit.cost_factor * cost,
            held.predicted,
            label=f"predicted, with {100 * held.level:.0f} % interval of a run",
            color=1,
            symbol="diamond",
            low=held.low,
            high=held.high,
        ),
        Points(
            fit.cost_factor * cost,
            held.measured,
            label="measured, held out",
            color=2,
            symbol="open-circle",
        ),
    )
    return Figure(
        name="held-out",
        title=(
            f"The {held.n_held_out} largest runs predicted to within {100 * held.error:.2g} % "
            f"from {held.n_fitted} smaller ones"
        ),
        panels=(Panel(Axis(_axis_label(fit, table.cost)), Axis(fit.law.label), layers),),
        caption=capitalised(held.sentence()) + ".",
        alt=f"Predicted and measured losses differ by {100 * held.error:.2g} % (root mean square).",
        columns=1,
    )


def _table(fit: LawFit) -> Table:
    if fit.table is None:
        raise InputError("the fit was loaded without its runs; fit the runs again to draw them")
    return fit.table


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _shown_inputs(fit: LawFit) -> tuple[str, ...]:
    return tuple(name for name in fit.law.inputs if name != "unique_tokens")


def _cost_of(table: Table, inputs: dict[str, Floats]) -> Floats:
    """Compute of the rows of `table` that have these inputs."""
    rows = np.ones((len(next(iter(inputs.values()))), len(table)), dtype=bool)
    for name, values in inputs.items():
        rows &= values[:, None] == table.inputs[name][None]
    return np.asarray(table.compute()[rows.argmax(axis=1)])


def _axis_label(fit: LawFit, name: str) -> str:
    said = {
        "params": _words(fit.size_name),
        "tokens": _words(fit.data_name),
        "flops": "training compute, FLOP",
        "compute": "training compute, FLOP",
    }
    if name == "compute" and (fit.size_name, fit.data_name) != ("params", "tokens"):
        return f"{_words(fit.size_name)} × {_words(fit.data_name)}"
    return said.get(name, _words(name))


def _words(name: str) -> str:
    return {"params": "parameters", "n_features": "features", "n_samples": "samples"}.get(
        name, name.replace("_", " ")
    )


def _law_panel(fit: LawFit, name: str) -> Panel:
    """Loss against one input: runs shaded by the other input, curves at three values of it."""
    others = [other for other in fit.law.inputs if other != name]
    layers: list[Layer] = []
    for color, quantile in enumerate(SIZES if others else (0.5,)):
        held = {other: _typical(fit, other, quantile) for other in others}
        label = _held_words(fit, held) if others else fit.law.name
        layers += _curve(fit, name, held, label, color)
    if fit.table is not None:
        points = Points(
            fit.table.inputs[name],
            fit.table.target,
            label="runs",
            color=3,
            shade=fit.table.inputs[others[0]] if others else None,
            shade_label=_axis_label(fit, others[0]) if others else "",
            hover=_hover(fit.table),
        )
        layers.append(points)
    return Panel(Axis(_axis_label(fit, name)), Axis(fit.law.label), tuple(layers))


def _range(fit: LawFit, name: str) -> tuple[float, float]:
    """Smallest and largest of an input among the runs, which a saved fit remembers."""
    if fit.extent is None or name not in fit.extent.ranges:
        raise InputError("the fit was saved without the range of its runs; fit the runs again")
    return fit.extent.ranges[name]


def _typical(fit: LawFit, name: str, quantile: float) -> float:
    """Give a quantile of an input; between the ends of its range where the runs are not at hand."""
    if fit.table is not None:
        return float(np.quantile(fit.table.inputs[name], quantile, method="nearest"))
    low, high = _range(fit, name)
    return float(low ** (1 - quantile) * high**quantile)


def _held_words(fit: LawFit, held: dict[str, float]) -> str:
    """Name a curve by the first of the inputs that it holds."""
    name, value = next(iter(held.items()))
    return f"{number(float(f'{value:.3g}'))} {_axis_label(fit, name)}"


def _curve(fit: LawFit, name: str, held: dict[str, float], label: str, color: int) -> list[Layer]:
    low, high = _range(fit, name)
    x = np.geomspace(low, high * REACH, CURVE)
    made = fit.predict(**{name: x}, **held)
    line = Line(x, made.value, label, color)
    if len(fit.draws) < 2:
        return [line]
    return [Band(x, made.low, made.high, color=color), line]


def _hover(table: Table) -> tuple[str, ...]:
    names = table.labels.get("name")
    return () if names is None else tuple(str(name) for name in names)

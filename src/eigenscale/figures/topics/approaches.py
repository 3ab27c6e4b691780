"""The figure of approaches 1 and 2 beside the fitted law: valleys, envelope, best size and data."""

import numpy as np

from eigenscale.errors import InputError
from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points
from eigenscale.laws.allocation.approaches import AHEAD
from eigenscale.laws.allocation.envelope import on_envelope
from eigenscale.laws.allocation.growth import Growth
from eigenscale.laws.allocation.isoflop import Valley, valleys
from eigenscale.laws.result import LawFit
from eigenscale.laws.table import Table
from eigenscale.text.numbers import power_of_ten, raised
from eigenscale.text.words import cost_unit, named

MOST = 7  # valleys drawn: one colour each
CURVE = 60
ON_FIGURE = 0.35  # relative rise of the loss above which a parabola is no longer drawn
COLORS = {"1": 1, "2": 2, "3": 0}
NAMES = {"1": "envelope", "2": "parabolas", "3": "fitted law"}


def approaches_figure(fit: LawFit) -> Figure:
    """Draw the IsoFLOP valleys with their parabolas, the envelope, and what each approach says.

    Raises
    ------
    InputError
        The fit has no runs, or they have no size and data to weigh.
    """
    table = fit.shown_table
    if table is None or not fit.approaches:
        raise InputError(
            "there is nothing to draw of approaches 1 and 2: they need runs with size and data, on "
            "an envelope or in groups of equal compute"
        )
    unit = cost_unit(fit.size_name, fit.data_name)
    panels = [
        *_valley_panels(fit, table, unit),
        _envelope_panel(table, unit),
        *(_growth_panel(fit, quantity, unit) for quantity in ("params", "tokens")),
    ]
    growths = [one for one in fit.approaches if one.quantity == "params"]
    said = ", ".join(
        f"{raised('C', f'{g.exponent:.2f}')} ({NAMES[g.approach[0]]})" for g in growths
    )
    return Figure(
        "approaches",
        f"The best number of {named(fit.size_name)} grows as {said}",
        tuple(panels),
        caption=(
            f"Diamonds are the bottoms of parabolas through runs of equal compute, with "
            f"{100 * fit.level:.0f} % intervals where tables were resampled; where more than "
            f"{MOST} budgets have one, {MOST} are drawn. The envelope joins the runs that no run "
            "as cheap beats. Open circles: minima outside the runs, or of nearly flat curves. "
            "Lines go on tenfold beyond the runs."
        ),
        alt=f"The best {named(fit.size_name)} grow with compute as {said}.",
    )


def _valley_panels(fit: LawFit, table: Table, unit: str) -> list[Panel]:
    known = next(
        (one for one in fit.approaches if one.approach[0] == "2" and one.quantity == "params"), None
    )
    if known is None:
        return []
    low, high = known.point_intervals()
    drawn = [v for v in valleys(table, "params") if v.compute in known.compute]
    places = np.unique(np.linspace(0, len(drawn) - 1, min(MOST, len(drawn))).round().astype(int))
    layers: list[Layer] = []
    for color, i in enumerate(places.tolist()):
        label = power_of_ten(drawn[i].compute) + (f" {unit}" if color == 0 else "")
        ends = float(low[i]), float(high[i])
        layers += _valley(table, drawn[i], float(known.optimum[i]), ends, label, color)
    title = "Approach 2: a parabola through each budget"
    return [Panel(Axis(named(fit.size_name)), Axis("loss", "linear"), tuple(layers), title)]


def _valley(
    table: Table, one: Valley, best: float, ends: tuple[float, float], label: str, color: int
) -> list[Layer]:
    """Draw the runs of one budget, the parabola through them, and its bottom."""
    size, loss = table.inputs["params"][one.rows], table.target[one.rows]
    near = min(max(best, size.min() / 3), size.max() * 3)
    u = np.log(np.geomspace(min(size.min(), near), max(size.max(), near), CURVE))
    curve = one.curve(loss, u)
    shown = curve < (1 + ON_FIGURE) * loss.min()
    layers: list[Layer] = [
        Line(np.exp(u[shown]), curve[shown], label, color),
        Points(size, loss, label, color),
    ]
    if near == best:
        at = np.array([best])
        known = np.isfinite(ends).all()
        reach = np.clip(ends, size.min() / 3, size.max() * 3)
        layers.append(
            Points(
                at,
                one.curve(loss, np.log(at)),
                color=color,
                symbol="diamond",
                x_low=reach[:1] if known else None,
                x_high=reach[1:] if known else None,
            )
        )
    return layers


def _envelope_panel(table: Table, unit: str) -> Panel:
    compute = table.compute()
    on = np.flatnonzero(on_envelope(compute, table.target[None])[0])
    on = on[np.argsort(compute[on], kind="stable")]
    layers: tuple[Layer, ...] = (
        Points(compute, table.target, "runs", color=6),
        Line(compute[on], table.target[on], "envelope", color=1),
        Points(compute[on], table.target[on], "envelope", color=1, symbol="diamond"),
    )
    title = "Approach 1: runs that nothing as cheap beats"
    return Panel(Axis(f"compute ({unit})"), Axis("loss"), layers, title)


def _growth_panel(fit: LawFit, quantity: str, unit: str) -> Panel:
    assert fit.shown_table is not None
    compute = fit.shown_table.compute()
    x = np.geomspace(compute.min(), AHEAD * compute.max(), CURVE)
    layers: list[Layer] = []
    for one in fit.approaches:
        if one.quantity == quantity:
            layers += _growth(one, x)
    name = named(fit.size_name if quantity == "params" else fit.data_name)
    return Panel(Axis(f"compute ({unit})"), Axis(f"best {name}"), tuple(layers), f"Best {name}")


def _growth(one: Growth, x: np.ndarray) -> list[Layer]:
    """Draw the line of one approach, its interval, and the points that it goes through."""
    color = COLORS[one.approach[0]]
    label = f"{one.approach[0]}: {NAMES[one.approach[0]]}, {raised('C', f'{one.exponent:.2f}')}"
    y = one.coefficient * x**one.exponent
    layers: list[Layer] = []
    if len(one.lines) > 1:
        drawn = [one.at(float(c)) for c in x]
        ends = np.array([d.low for d in drawn]), np.array([d.high for d in drawn])
        layers.append(Band(x, *ends, color=color))
    layers.append(Line(x, y, label, color))
    if one.approach[0] != "3":
        sound = np.array([not flag for flag in one.flags])
        for mask, symbol in ((sound, "diamond"), (~sound, "open-circle")):
            if mask.any():
                layers.append(
                    Points(one.compute[mask], one.optimum[mask], color=color, symbol=symbol)  # type: ignore[arg-type]
                )
    return layers

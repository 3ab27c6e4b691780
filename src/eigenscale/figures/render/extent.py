"""The range of an axis that holds all its layers, with a little room at the ends."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from eigenscale.figures.spec import Axis, Band, Line, Map, Note, Panel, Points, Rule, Window

Direction = Literal["x", "y"]


def extent(panel: Panel, direction: Direction) -> tuple[float, float] | None:
    """Return the ends of an axis: what the spec says, or what its layers need.

    None where no layer has a number that the axis can show. Maps fill their axes, everything
    else gets 3 % of room (in decades on logarithmic axes) at either end.
    """
    axis: Axis = panel.x if direction == "x" else panel.y
    if axis.range is not None:
        return axis.range
    parts = [np.ravel(np.asarray(v, dtype=float)) for v in _values(panel, direction)]
    values = np.concatenate([*parts, np.empty(0)])
    values = values[np.isfinite(values) & ((values > 0) | (not axis.is_log))]
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    if any(isinstance(layer, Map) for layer in panel.layers) and low < high:
        return low, high
    noted = direction == "y" and any(isinstance(layer, Note) for layer in panel.layers)
    above = 4.0 if noted else 1.0  # words stand above their points
    if axis.is_log:
        room = (high / low) ** 0.03 if high > low else 1.2
        return low / room, high * room**above
    room = 0.03 * (high - low) if high > low else max(abs(high), 1.0) * 0.1
    return low - room, high + above * room


def _values(panel: Panel, direction: Direction) -> Iterator[Any]:
    for layer in panel.layers:
        match layer:
            case Rule():
                if layer.axis == direction:
                    yield layer.at
            case Window():
                if direction == "x":
                    yield (layer.first, layer.last)
            case Band():
                yield from (layer.x,) if direction == "x" else (layer.low, layer.high)
            case Points():
                yield getattr(layer, direction)
                names = ("x_low", "x_high") if direction == "x" else ("low", "high")
                yield from (v for v in (getattr(layer, n) for n in names) if v is not None)
            case Line() | Map() | Note():
                yield getattr(layer, direction)

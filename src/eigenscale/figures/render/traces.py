"""Panels as plotly figures in plain dictionaries, without loading plotly.

Plotly reads a little HTML in its texts, so every word is escaped here.
"""

import html
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.figures.render import palette
from eigenscale.figures.render.extent import Direction, extent
from eigenscale.figures.render.ticks import log_ticks
from eigenscale.figures.spec import Axis, Band, Layer, Line, Map, Note, Panel, Points, Rule, Window

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def plotly_panel(panel: Panel) -> dict[str, Any]:
    """Return `data` and `layout` of one panel, ready for JSON."""
    data: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for layer in panel.layers:
        if isinstance(layer, Rule | Window):
            shapes.append(_shape(layer))
        if isinstance(layer, Rule | Note):
            notes.append(_note(layer, panel))
        data.extend(_traces(layer))
    _share_entries(data)
    return {"data": data, "layout": _layout(panel, data, shapes, notes)}


def words(text: str) -> str:
    """Text that plotly shows as it is: neither HTML nor TeX is read in it."""
    return html.escape(text, quote=False).replace("$", "&#36;")


def numbers(values: ArrayLike) -> list[Any]:
    """Numbers as a list for JSON, seven digits, what is not finite as null."""
    array = np.asarray(values, dtype=float)
    if array.ndim > 1:
        return [numbers(row) for row in array]
    return [float(f"{v:.7g}") if np.isfinite(v) else None for v in array.tolist()]


def _layout(panel: Panel, data: Any, shapes: Any, notes: Any) -> dict[str, Any]:
    return {
        "xaxis": _axis(panel, "x"),
        "yaxis": _axis(panel, "y"),
        "shapes": shapes,
        "annotations": notes,
        "showlegend": any(trace.get("showlegend") for trace in data),
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12},
            "traceorder": "normal",
        },
        "font": {"family": FONT, "size": 13, "color": palette.INK},
        "margin": {"l": 10, "r": 10, "t": 16, "b": 10},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "#ffffff",
        "hovermode": "closest",
        "hoverlabel": {"font": {"size": 12}},
    }


def _axis(panel: Panel, direction: Direction) -> dict[str, Any]:
    axis: Axis = panel.x if direction == "x" else panel.y
    drawn: dict[str, Any] = {
        "title": {"text": words(axis.label), "standoff": 8, "font": {"size": 13}},
        "tickfont": {"size": 12, "color": palette.QUIET},
        "gridcolor": palette.GRID,
        "linecolor": palette.QUIET,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": palette.QUIET,
        "zeroline": False,
        "automargin": True,
        "exponentformat": "power",
        "type": "log" if axis.is_log else "linear",
    }
    if axis.categories:
        sides = [-0.5, len(axis.categories) - 0.5]
        drawn["range"] = sides[::-1] if direction == "y" else sides
        drawn["tickvals"] = list(range(len(axis.categories)))
        drawn["ticktext"] = [words(name) for name in axis.categories]
    elif (ends := extent(panel, direction)) is not None:
        drawn["range"] = numbers(np.log10(ends) if axis.is_log else ends)
        if axis.is_log:
            drawn["tickvals"], drawn["ticktext"] = log_ticks(*ends)
    return drawn


def _traces(layer: Layer) -> list[dict[str, Any]]:
    match layer:
        case Line():
            return [_line(layer)]
        case Band():
            return [_band(layer)]
        case Points():
            return [_points(layer)]
        case Window(label=label) if label:
            return [_key(label, palette.SHADE)]
        case Map():
            keys = [_key(n, palette.tint(i)) for i, n in enumerate(layer.categories)]
            return [_map(layer), *keys]
    return []


def _entry(layer: Line | Band | Points) -> dict[str, Any]:
    return {
        "name": words(layer.label),
        "legendgroup": f"{words(layer.label)} {layer.color}",
        "showlegend": bool(layer.label),
    }


def _share_entries(data: list[dict[str, Any]]) -> None:
    """Show one legend entry per group: a line stands for its band, points for their line."""
    order = {"lines": 0, "markers": 1}
    seen: set[str] = set()
    for trace in sorted(data, key=lambda trace: order.get(trace.get("mode", ""), 2)):
        group = trace.get("legendgroup")
        if trace.get("showlegend") and group is not None:
            trace["showlegend"] = group not in seen
            seen.add(group)


def _line(layer: Line) -> dict[str, Any]:
    style = {"color": palette.color(layer.color), "width": layer.width, "dash": layer.dash}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(layer.x),
        "y": numbers(layer.y),
        "line": style,
        **_entry(layer),
    }


def _band(layer: Band) -> dict[str, Any]:
    ends = (layer.x, layer.low, layer.high)
    x, low, high = (np.asarray(end, dtype=float) for end in ends)
    kept = np.flatnonzero(np.isfinite(x) & np.isfinite(low) & np.isfinite(high))
    x_round: list[Any] = []
    y_round: list[Any] = []
    for run in np.split(kept, np.flatnonzero(np.diff(kept) > 1) + 1):
        x_round += [*numbers(x[run]), *numbers(x[run[::-1]]), None]
        y_round += [*numbers(low[run]), *numbers(high[run[::-1]]), None]
    return {
        "type": "scatter",
        "mode": "none",
        "fill": "toself",
        "fillcolor": palette.color(layer.color) + "33",
        "x": x_round,
        "y": y_round,
        "hoverinfo": "skip",
        **_entry(layer),
    }


def _points(layer: Points) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": numbers(layer.x),
        "y": numbers(layer.y),
        "marker": _marker(layer),
        **_entry(layer),
    }
    if layer.hover:
        trace["text"] = [words(line) for line in layer.hover]
        trace["hovertemplate"] = "%{text}<br>%{x:.4g}, %{y:.4g}<extra></extra>"
    for axis, middle, low, high in (
        ("y", layer.y, layer.low, layer.high),
        ("x", layer.x, layer.x_low, layer.x_high),
    ):
        if low is not None and high is not None:
            trace[f"error_{axis}"] = {
                "type": "data",
                "symmetric": False,
                "array": numbers(np.maximum(high - middle, 0)),
                "arrayminus": numbers(np.maximum(middle - low, 0)),
                "thickness": 1.2,
                "width": 3,
            }
    return trace


def _marker(layer: Points) -> dict[str, Any]:
    marker: dict[str, Any] = {
        "symbol": palette.PLOTLY_SYMBOL[layer.symbol],
        "size": 7,
        "color": palette.color(layer.color),
    }
    if layer.symbol != "open-circle":
        marker["line"] = {"color": "#ffffff", "width": 0.6}
    if layer.shade is not None:
        marker |= _scale(layer.shade, layer.shade_label, layer.shade_log)
    return marker


def _colorscale() -> list[list[Any]]:
    last = len(palette.SEQUENTIAL) - 1
    return [[i / last, shade] for i, shade in enumerate(palette.SEQUENTIAL)]


def _colorbar(values: Any, label: str, log: bool) -> dict[str, Any]:
    bar: dict[str, Any] = {
        "title": {"text": words(label), "side": "right", "font": {"size": 13}},
        "thickness": 12,
        "outlinewidth": 0,
        "exponentformat": "power",
    }
    finite = values[np.isfinite(values) & ((values > 0) | (not log))]
    if log and finite.size and finite.min() < finite.max():
        at, names = log_ticks(float(finite.min()), float(finite.max()))
        bar |= {"tickvals": numbers(np.log10(at)), "ticktext": names}
    return bar


def _scale(values: Any, label: str, log: bool) -> dict[str, Any]:
    return {
        "color": numbers(_log10(values) if log else values),
        "colorscale": _colorscale(),
        "colorbar": _colorbar(values, label, log),
        "showscale": True,
    }


def _log10(values: Any) -> Any:
    array = np.asarray(values, dtype=float)
    return np.log10(np.where(array > 0, array, np.nan))


def _map(layer: Map) -> dict[str, Any]:
    trace: dict[str, Any] = {"x": numbers(layer.x), "y": numbers(layer.y), "showlegend": False}
    if layer.categories:
        last = len(layer.categories)
        steps = [[(i + j) / last, palette.tint(i)] for i in range(last) for j in (0, 1)]
        named = {"zmin": -0.5, "zmax": last - 0.5, "colorscale": steps, "showscale": False}
        return trace | named | {"type": "heatmap", "z": numbers(layer.z), "hoverinfo": "skip"}
    trace |= {
        "z": numbers(_log10(layer.z) if layer.log else layer.z),
        "customdata": numbers(layer.z),
        "hovertemplate": "%{x:.4g}, %{y:.4g}: %{customdata:.4g}<extra></extra>",
        "colorscale": _colorscale(),
        "colorbar": _colorbar(np.asarray(layer.z, dtype=float), layer.label, layer.log),
    }
    if layer.levels is None:
        return trace | {"type": "heatmap"}
    levels = _log10(layer.levels) if layer.log else np.asarray(layer.levels, dtype=float)
    bounds = {
        "start": float(levels[0]),
        "end": float(levels[-1]),
        "size": float((levels[-1] - levels[0]) / max(len(levels) - 1, 1)),
    }
    return trace | {"type": "contour", "contours": bounds, "line": {"color": "#fff", "width": 0.5}}


def _key(label: str, shade: str) -> dict[str, Any]:
    """Name a region in the legend, which plotly draws no trace for."""
    square = {"symbol": "square", "size": 12, "color": shade}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "marker": square,
        "name": words(label),
        "showlegend": True,
    }


def _shape(layer: Rule | Window) -> dict[str, Any]:
    if isinstance(layer, Window):
        ends = {"x0": layer.first, "x1": layer.last, "y0": 0, "y1": 1, "yref": "y domain"}
        box = {"type": "rect", "fillcolor": palette.SHADE, "line": {"width": 0}, "layer": "below"}
        return {**ends, **box}
    line = {"color": palette.QUIET, "width": 1.2, "dash": layer.dash}
    along = (
        {"x0": layer.at, "x1": layer.at, "y0": 0, "y1": 1, "yref": "y domain"}
        if layer.axis == "x"
        else {"y0": layer.at, "y1": layer.at, "x0": 0, "x1": 1, "xref": "x domain"}
    )
    return {"type": "line", "line": line, **along}


def _note(layer: Note | Rule, panel: Panel) -> dict[str, Any]:
    pale = {"font": {"size": 12}, "bgcolor": "rgba(255,255,255,0.75)", "borderpad": 1}
    if isinstance(layer, Note):
        arrow = {"showarrow": True, "arrowhead": 0, "ax": 28, "ay": -24}
        x, y = _place(layer.x, panel.x), _place(layer.y, panel.y)
        return {"x": x, "y": y, "text": words(layer.text), **arrow, **pale}
    plain = {"text": words(layer.label), "showarrow": False, **pale}
    if layer.axis == "x":
        at = {"x": _place(layer.at, panel.x), "y": 1, "yref": "y domain", "textangle": -90}
        return {**plain, **at, "xanchor": "right", "yanchor": "top"}
    at = {"y": _place(layer.at, panel.y), "x": 1, "xref": "x domain"}
    return {**plain, **at, "xanchor": "right", "yanchor": "bottom"}


def _place(value: float, axis: Axis) -> float:
    """Where plotly puts annotations: in decades on a logarithmic axis."""
    return float(np.log10(value)) if axis.is_log else value

"""Specs drawn by matplotlib: PNG, SVG and PDF for papers, without pyplot and its state."""

import math
import textwrap
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from eigenscale.figures.render import palette
from eigenscale.figures.render.extent import Direction, extent
from eigenscale.figures.render.ticks import log_ticks
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
    Style,
    Window,
)
from eigenscale.writing import whole_file

PANEL_INCHES = (4.7, 3.6)
STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,
    "text.color": palette.INK,
    "axes.labelcolor": palette.INK,
    "axes.edgecolor": palette.QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": palette.GRID,
    "grid.linewidth": 0.7,
    "xtick.color": palette.QUIET,
    "ytick.color": palette.QUIET,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.title_fontsize": 9.5,
    "svg.hashsalt": "eigenscale",
    "savefig.dpi": 180,
}
SLIDE_INCHES = (13.333, 7.5)
_OTHER: dict[Style, Any] = {
    "page": {"font.size": 10.5, "legend.fontsize": 10, "legend.title_fontsize": 11},
    "slide": {
        "font.size": 18,
        "legend.fontsize": 17,
        "legend.title_fontsize": 18,
        "axes.linewidth": 1.5,
        "grid.linewidth": 1.2,
        "savefig.dpi": 144,
    },
}
_NO_DATE = {
    ".svg": {"Date": None, "Creator": "eigenscale"},
    ".pdf": {"CreationDate": None},
    ".png": {"Software": "eigenscale"},
}
_COLORMAP = LinearSegmentedColormap.from_list("eigenscale", list(palette.SEQUENTIAL))
_HALO = [patheffects.withStroke(linewidth=2.5, foreground="white")]


def save(figure: Figure, path: str | Path, style: Style = "paper") -> None:
    """Write `figure` as PNG, SVG or PDF by the ending of `path`; same spec, same bytes.

    Raises
    ------
    InputError
        Where `path` cannot be written; no half file is left.
    """
    ending = Path(path).suffix.lower()
    with mpl.rc_context(rc_of(style)), whole_file(path) as temporary:
        draw(figure, style).savefig(temporary, format=ending[1:], metadata=_NO_DATE[ending])


def draw(figure: Figure, style: Style = "paper") -> Canvas:
    """Return the matplotlib figure, for those who want to change it before saving."""
    rows, columns, size = layout(figure, style)
    with mpl.rc_context(rc_of(style)):
        canvas = Canvas(figsize=size, layout="constrained")
        FigureCanvasAgg(canvas)
        title = textwrap.fill(figure.title, int(10.5 * 11 / _pt(11) * size[0]))
        canvas.suptitle(title, x=0.01, ha="left", fontsize=_pt(11), fontweight="bold")
        grid = canvas.subplots(rows, columns, squeeze=False).ravel()
        for axes, panel in zip(grid, figure.panels, strict=False):
            draw_panel(axes, panel)
        for axes in grid[len(figure.panels) :]:
            axes.set_axis_off()
        canvas.get_layout_engine().set(w_pad=0.08, h_pad=0.06, wspace=0.04)  # type: ignore[union-attr, call-arg]
    return canvas


def rc_of(style: Style) -> Any:
    """Give the settings of matplotlib for a style."""
    return STYLE if style == "paper" else {**STYLE, **_OTHER[style]}


def layout(figure: Figure, style: Style = "paper") -> tuple[int, int, tuple[float, float]]:
    """Rows and columns of panels, and the size in inches: of a slide 16:9, however many panels."""
    count = len(figure.panels)
    columns = min(figure.columns, count)
    if style == "slide":
        columns = math.ceil(count / max(1, round(count / 3)))
    rows = math.ceil(count / columns)
    if style == "slide":
        return rows, columns, SLIDE_INCHES
    return rows, columns, (PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows + 0.35)


def plain_text() -> AbstractContextManager[None]:
    """Take text as it is, a dollar sign too; all other settings stay those of the user."""
    return mpl.rc_context({"text.parse_math": False})


def on_new_axes(figure: Figure) -> Axes:
    """Draw `figure` in a new figure of pyplot, which notebooks show; give its first axes.

    No rcParams are changed.
    """
    from matplotlib import pyplot as plt

    rows, columns, size = layout(figure)
    canvas, grid = plt.subplots(rows, columns, squeeze=False, figsize=size, layout="constrained")
    if len(figure.panels) > 1 or figure.panels[0].title:
        canvas.suptitle(textwrap.fill(figure.title, int(10.5 * size[0])), x=0.01, ha="left")
    places: list[Axes] = list(grid.ravel())
    for axes, panel in zip(places, figure.panels, strict=False):
        alone = len(figure.panels) == 1 and not panel.title
        draw_panel(axes, replace(panel, title=figure.title) if alone else panel)
    for axes in places[len(figure.panels) :]:
        axes.set_axis_off()
    return places[0]


def _pt(size: float) -> float:
    """Give a size in points where letters have another size than in papers."""
    return size * float(mpl.rcParams["font.size"]) / float(STYLE["font.size"])


def _area(size: float) -> float:
    return size * (_pt(1.0)) ** 2


def _signs(axes: Axes, count: int) -> int:
    """Count the signs that fit a panel's width, where `count` do in papers."""
    canvas, place = axes.get_figure(root=True), axes.get_subplotspec()
    columns = 1 if place is None else place.get_gridspec().ncols
    inches = PANEL_INCHES[0] if canvas is None else float(canvas.get_size_inches()[0]) / columns
    return max(round(count * inches / PANEL_INCHES[0] / _pt(1.0)), 16)


def draw_panel(axes: Axes, panel: Panel) -> None:
    """Draw one panel of a figure on axes, in the style that is set."""
    sides: tuple[tuple[Direction, Axis], ...] = (("x", panel.x), ("y", panel.y))
    for direction, axis in sides:
        getattr(axes, f"set_{direction}label")(axis.label)
        if axis.is_log:
            getattr(axes, f"set_{direction}scale")("log")
    for layer in panel.layers:
        _draw(axes, layer)
    for direction, axis in sides:
        _set_axis(axes, direction, axis, extent(panel, direction))
    _legend(axes, panel)


def _draw(axes: Axes, layer: Layer) -> None:
    match layer:
        case Line():
            dash = palette.MATPLOTLIB_DASH[layer.dash]
            shade = palette.color(layer.color)
            axes.plot(layer.x, _finite(layer.y), dash, color=shade, lw=_pt(0.8 * layer.width))
        case Band():
            shade = palette.color(layer.color)
            axes.fill_between(layer.x, layer.low, layer.high, color=shade, alpha=0.2, lw=0)
        case Points():
            _draw_points(axes, layer)
        case Note():
            axes.annotate(
                layer.text,
                (layer.x, layer.y),
                xytext=(6, 6),
                textcoords="offset points",
                fontsize=_pt(8.5),
                path_effects=_HALO,
            )
        case Rule():
            _draw_rule(axes, layer)
        case Window():
            axes.axvspan(layer.first, layer.last, color=palette.SHADE, lw=0, zorder=0)
        case Map():
            _draw_map(axes, layer)


def _finite(values: Any) -> Any:
    return np.where(np.isfinite(values), values, np.nan)


def _bars(layer: Points, direction: str) -> Any:
    low, high, middle = (
        (layer.low, layer.high, layer.y)
        if direction == "y"
        else (layer.x_low, layer.x_high, layer.x)
    )
    if low is None or high is None:
        return None
    return np.stack([np.maximum(middle - low, 0), np.maximum(high - middle, 0)])


def _draw_points(axes: Axes, layer: Points) -> None:
    shade = palette.color(layer.color)
    y_bars, x_bars = _bars(layer, "y"), _bars(layer, "x")
    if y_bars is not None or x_bars is not None:
        axes.errorbar(
            layer.x,
            layer.y,
            y_bars,
            x_bars,
            fmt="none",
            ecolor=shade,
            elinewidth=_pt(1),
            capsize=_pt(2),
        )
    marker = palette.MATPLOTLIB_SYMBOL[layer.symbol]
    if layer.shade is not None:
        norm = LogNorm() if layer.shade_log else Normalize()
        drawn = axes.scatter(
            layer.x,
            layer.y,
            _area(20),
            layer.shade,
            marker=marker,
            cmap=_COLORMAP,
            norm=norm,
            zorder=3,
        )
        _colorbar(axes, drawn, layer.shade_label, layer.shade_log)
        return
    face = "none" if layer.symbol == "open-circle" else shade
    edge = shade if layer.symbol == "open-circle" else "white"
    axes.scatter(
        layer.x,
        layer.y,
        _area(24),
        facecolors=face,
        edgecolors=edge,
        lw=0.6,
        marker=marker,
        zorder=3,
    )


def _draw_rule(axes: Axes, layer: Rule) -> None:
    dash = palette.MATPLOTLIB_DASH[layer.dash]
    style: dict[str, Any] = {"fontsize": _pt(8), "color": palette.QUIET, "path_effects": _HALO}
    if layer.axis == "x":
        axes.axvline(layer.at, ls=dash, color=palette.QUIET, lw=_pt(1))
        place = axes.get_xaxis_transform()
        style |= {"rotation": 90, "va": "top", "ha": "right"}
        axes.text(layer.at, 0.98, f"{layer.label} ", transform=place, **style)
    else:
        axes.axhline(layer.at, ls=dash, color=palette.QUIET, lw=_pt(1))
        place = axes.get_yaxis_transform()
        axes.text(0.99, layer.at, layer.label, transform=place, ha="right", va="bottom", **style)


def _draw_map(axes: Axes, layer: Map) -> None:
    z = _finite(layer.z)
    axes.grid(visible=False)
    if layer.categories:
        tints = ListedColormap([palette.tint(i) for i in range(len(layer.categories))])
        axes.pcolormesh(
            layer.x,
            layer.y,
            z,
            cmap=tints,
            vmin=-0.5,
            vmax=len(layer.categories) - 0.5,
            shading="nearest",
            rasterized=True,
        )
        return
    norm = LogNorm() if layer.log else Normalize()
    drawn: Any
    if layer.levels is None:
        drawn = axes.pcolormesh(
            layer.x, layer.y, z, cmap=_COLORMAP, norm=norm, shading="nearest", rasterized=True
        )
    else:
        masked = np.ma.masked_invalid(z)
        drawn = axes.contourf(
            layer.x, layer.y, masked, layer.levels, cmap=_COLORMAP, norm=norm, extend="both"
        )
        axes.contour(layer.x, layer.y, masked, layer.levels, colors="white", linewidths=0.5)
    _colorbar(axes, drawn, layer.label, layer.log)


def _colorbar(axes: Axes, drawn: Any, label: str, log: bool) -> None:
    bar = axes.figure.colorbar(drawn, ax=axes, label=label, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    low, high = drawn.norm.vmin, drawn.norm.vmax
    if log and low < high:
        values, words = log_ticks(low, high)
        bar.set_ticks(values, labels=words)
        bar.ax.yaxis.set_minor_locator(NullLocator())


def _set_axis(
    axes: Axes, direction: Direction, axis: Axis, ends: tuple[float, float] | None
) -> None:
    low, high = ends or getattr(axes, f"get_{direction}lim")()
    if axis.categories:
        low, high = -0.5, len(axis.categories) - 0.5
        low, high = (high, low) if direction == "y" else (low, high)
        names = [textwrap.fill(name, 18) for name in axis.categories]
        getattr(axes, f"set_{direction}ticks")(range(len(names)), names)
    getattr(axes, f"set_{direction}lim")(low, high)
    if axis.is_log and 0 < low < high:
        ticker = getattr(axes, f"{direction}axis")
        values, words = log_ticks(low, high)
        ticker.set_major_locator(FixedLocator(values))
        ticker.set_ticklabels(words)
        ticker.set_minor_locator(NullLocator())


def _handle(layer: Layer) -> Any:
    match layer:
        case Line():
            dash = palette.MATPLOTLIB_DASH[layer.dash]
            return Line2D(
                [], [], color=palette.color(layer.color), ls=dash, lw=_pt(0.8 * layer.width)
            )
        case Band():
            return Patch(color=palette.color(layer.color), alpha=0.2, lw=0)
        case Points(shade=None):
            shade = palette.color(layer.color)
            face = "none" if layer.symbol == "open-circle" else shade
            marker = palette.MATPLOTLIB_SYMBOL[layer.symbol]
            return Line2D([], [], color=shade, marker=marker, mfc=face, ms=_pt(5), ls="none")
        case Points():
            marker = palette.MATPLOTLIB_SYMBOL[layer.symbol]
            return Line2D([], [], color=palette.SEQUENTIAL[4], marker=marker, ms=_pt(5), ls="none")
        case Window():
            return Patch(color=palette.SHADE, lw=0)
    return None


def _entries(panel: Panel) -> dict[str, Any]:
    groups: dict[tuple[str, int], list[Any]] = {}
    for layer in panel.layers:
        if isinstance(layer, Map):
            for i, name in enumerate(layer.categories):
                groups[name, i] = [Patch(color=palette.tint(i), lw=0)]
        elif not isinstance(layer, Rule | Note) and layer.label:
            key = (layer.label, getattr(layer, "color", -1))
            groups.setdefault(key, []).append(_handle(layer))
    return {name: tuple(handles) for (name, _), handles in groups.items()}


def _legend(axes: Axes, panel: Panel) -> None:
    """Above the panel, under its title, so that no data are covered."""
    entries = _entries(panel)
    if not entries:
        axes.set_title(textwrap.fill(panel.title, _signs(axes, 52)), loc="left", fontsize=_pt(9.5))
        return
    axes.legend(
        list(entries.values()),
        [textwrap.fill(name, _signs(axes, 46)) for name in entries],
        title=textwrap.fill(panel.title, _signs(axes, 52)) or None,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        borderaxespad=0.3,
        borderpad=0,
        ncols=_columns([len(name) for name in entries], _signs(axes, 54)),
        alignment="left",
        columnspacing=1.4,
        handlelength=1.8,
    )


def _columns(lengths: list[int], width: int = 54) -> int:
    """Return how many columns of legend entries fit the panel; entries run down the columns."""
    for columns in range(len(lengths), 1, -1):
        rows = math.ceil(len(lengths) / columns)
        widest = [max(lengths[i : i + rows]) + 7 for i in range(0, len(lengths), rows)]
        if sum(widest) <= width:
            return columns
    return 1

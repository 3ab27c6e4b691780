"""What a figure is before it is drawn: panels of layers on two axes.

A spec holds numbers and words, no library. Tests look at specs; `figures.paper` draws them
with matplotlib and `figures.page` with plotly; `figures.save` picks by the ending of a file.
Text is plain Unicode ("λ", "10³"), never TeX; words that come from users go in as they are,
both renderers escape. Layers are drawn in their order. A layer with a label is named in the
legend, which stands above its panel and never covers data; layers that share label and color
(a curve, its band, its points) share one entry.
"""

from dataclasses import dataclass, field
from typing import Literal

from eigenscale.arrays import Floats

Dash = Literal["solid", "dash", "dot"]
Style = Literal["paper", "page", "slide"]
"""What a figure is drawn for; a slide is 16:9 and readable at the back of a room."""
Symbol = Literal["circle", "open-circle", "square", "diamond", "cross", "triangle"]


@dataclass(frozen=True)
class Line:
    """A curve. `color` counts through the palette; layers that belong together share it."""

    x: Floats
    y: Floats
    label: str = ""
    color: int = 0
    dash: Dash = "solid"
    width: float = 2.0


@dataclass(frozen=True)
class Band:
    """The region between `low` and `high`, an interval around a curve."""

    x: Floats
    low: Floats
    high: Floats
    label: str = ""
    color: int = 0


@dataclass(frozen=True)
class Points:
    """Measured points, with error bars from `low` to `high` where given.

    `shade` colours each point by a number on a sequential scale (log where `shade_log`),
    named by `shade_label`; `hover` is one line of text per point, shown on pages only.
    `x_low` and `x_high` are horizontal error bars, as for intervals of named things on an
    axis with `categories`.
    """

    x: Floats
    y: Floats
    label: str = ""
    color: int = 0
    symbol: Symbol = "circle"
    low: Floats | None = None
    high: Floats | None = None
    shade: Floats | None = None
    shade_label: str = ""
    shade_log: bool = True
    hover: tuple[str, ...] = ()
    x_low: Floats | None = None
    x_high: Floats | None = None


@dataclass(frozen=True)
class Note:
    """A few words beside the point (x, y), for the one thing a reader should not miss."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Rule:
    """A straight line across the panel at `at`: vertical where `axis` is "x".

    The label is written along the line, inside the panel; keep it to a few words.
    """

    at: float
    axis: Literal["x", "y"] = "x"
    label: str = ""
    dash: Dash = "dash"


@dataclass(frozen=True)
class Window:
    """A shaded range of x, such as the ranks that an exponent was fitted to."""

    first: float
    last: float
    label: str = ""


@dataclass(frozen=True)
class Map:
    """A surface: `z` has shape (len(y), len(x)); filled contours at `levels` where given.

    `log` colours by the logarithm of `z`; cells where `z` is not finite stay empty, so an
    infinite loss needs no care. With `categories`, `z` holds indices into them and the map
    shows named regions.
    """

    x: Floats
    y: Floats
    z: Floats
    label: str = ""
    log: bool = True
    levels: Floats | None = None
    categories: tuple[str, ...] = ()


Layer = Line | Band | Points | Note | Rule | Window | Map


@dataclass(frozen=True)
class Axis:
    """An axis: what it shows with its unit, its scale, and its range where not automatic.

    With `categories` the axis names the positions 0, 1, 2, … from the top or the left, and
    is linear whatever `scale` says.
    """

    label: str
    scale: Literal["linear", "log"] = "log"
    range: tuple[float, float] | None = None
    categories: tuple[str, ...] = ()

    @property
    def is_log(self) -> bool:
        """Whether the axis is drawn in decades."""
        return self.scale == "log" and not self.categories


@dataclass(frozen=True)
class Panel:
    """Layers on two axes."""

    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    title: str = ""


@dataclass(frozen=True)
class Figure:
    """Panels side by side, with a file name, a title that says the finding, and a caption.

    Attributes
    ----------
    name : str
        File name without ending, and anchor on a page: lower case and dashes.
    title : str
        What is to be seen, one line.
    caption : str
        How it was made and how to read it, plain text.
    alt : str
        What a reader who cannot see it needs to know.
    columns : int
        Panels per row.
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    caption: str = ""
    alt: str = ""
    columns: int = field(default=2)

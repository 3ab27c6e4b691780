"""One look for papers and pages: colours that colour-blind readers tell apart.

The categorical colours are those of Okabe and Ito (2008), without their yellow, which is too
pale for a line on white; the sequential scale is viridis, cut before its palest end.
"""

from eigenscale.figures.spec import Dash, Symbol

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5b5b5b")
"""Blue, vermilion, green, purple, orange, sky, grey; `color` counts through them."""

SEQUENTIAL = (
    "#440154",
    "#482878",
    "#3e4989",
    "#31688e",
    "#26828e",
    "#1f9e89",
    "#35b779",
    "#6ece58",
    "#b5de2b",
)

INK = "#1f2933"
QUIET = "#52606d"
GRID = "#e4e7eb"
SHADE = "#f0e6cc"

MATPLOTLIB_DASH: dict[Dash, str] = {"solid": "-", "dash": "--", "dot": ":"}
MATPLOTLIB_SYMBOL: dict[Symbol, str] = {
    "circle": "o",
    "open-circle": "o",
    "square": "s",
    "diamond": "D",
    "cross": "X",
    "triangle": "^",
}
PLOTLY_SYMBOL: dict[Symbol, str] = {
    "circle": "circle",
    "open-circle": "circle-open",
    "square": "square",
    "diamond": "diamond",
    "cross": "x",
    "triangle": "triangle-up",
}


def color(index: int) -> str:
    """Return the categorical colour that `index` counts to."""
    return COLORS[index % len(COLORS)]


def tint(index: int, strength: float = 0.45) -> str:
    """Return a pale form of a categorical colour, for regions that words and curves lie on.

    Examples
    --------
    >>> tint(0, 0.5)
    '#80b8d8'
    """
    hexes = color(index)[1:]
    mixed = (round(255 + strength * (int(hexes[i : i + 2], 16) - 255)) for i in (0, 2, 4))
    return "#" + "".join(f"{value:02x}" for value in mixed)

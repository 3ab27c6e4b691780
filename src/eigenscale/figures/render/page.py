"""Specs on web pages: plotly draws them, each panel fits the width it is given.

A page holds plotly.js once (`plotly_script`), any number of figures (`to_div`) and one short
script that draws them (`DRAW_SCRIPT`). Nothing on it asks for anything from elsewhere.
"""

import html
import json
from pathlib import Path
from typing import Any

from eigenscale.figures.render.traces import plotly_panel
from eigenscale.figures.spec import Figure, Panel
from eigenscale.writing import whole_file

STYLE = """
figure.eigenscale { margin: 1.5rem 0 2rem; }
figure.eigenscale h3 { margin: 0 0 .5rem; font-size: 1.05rem; line-height: 1.35; }
figure.eigenscale h4 { margin: .25rem 0 0; font-size: .92rem; font-weight: 600; }
figure.eigenscale .panels { display: grid; gap: 1rem 1.25rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, max(275px, var(--panel))), 1fr)); }
figure.eigenscale .panel { min-width: 0; }
figure.eigenscale .plot { width: 100%; }
figure.eigenscale figcaption { color: #52606d; font-size: .9rem; line-height: 1.5;
  overflow-wrap: anywhere; }
"""

DRAW_SCRIPT = """
for (const plot of document.querySelectorAll("figure.eigenscale .plot")) {
  const spec = JSON.parse(plot.querySelector("script").textContent);
  plot.replaceChildren();
  Plotly.newPlot(plot, spec.data, spec.layout,
    {responsive: true, displaylogo: false, displayModeBar: false});
}
"""


def plotly_script() -> str:
    """Return the script element that holds the whole of plotly.js."""
    from plotly.offline import get_plotlyjs

    return f"<script>{get_plotlyjs()}</script>"


def safe_json(thing: Any) -> str:
    r"""Write JSON that may stand inside a script element: no text in it can end the element.

    Examples
    --------
    >>> safe_json({"name": "</script>"})
    '{"name": "\\u003c/script\\u003e"}'
    """
    text = json.dumps(thing, allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def to_div(figure: Figure, *, heading: bool = True) -> str:
    """Return the figure as an element, for a page that holds `plotly_script` and `DRAW_SCRIPT`."""
    panels = "".join(_panel(panel) for panel in figure.panels)
    title = f"<h3>{html.escape(figure.title)}</h3>" if heading else ""
    caption = f"<figcaption>{html.escape(figure.caption)}</figcaption>" if figure.caption else ""
    label = html.escape(figure.alt or figure.title)
    share = f"{100 / min(figure.columns, len(figure.panels)):.4g}%"
    return (
        f'<figure class="eigenscale" id="{html.escape(figure.name)}">{title}'
        f'<div class="panels" style="--panel: calc({share} - 1.25rem)" role="img" '
        f'aria-label="{label}">{panels}</div>{caption}</figure>'
    )


def _panel(panel: Panel) -> str:
    spec = plotly_panel(panel)
    entries = sum(bool(trace.get("showlegend")) for trace in spec["data"])
    title = f"<h4>{html.escape(panel.title)}</h4>" if panel.title else ""
    return (
        f'<div class="panel">{title}<div class="plot" style="height: {350 + 16 * entries}px">'
        f'<script type="application/json">{safe_json(spec)}</script></div></div>'
    )


def to_html(figure: Figure) -> str:
    """Return a self-contained page with one figure."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(figure.title)}</title><style>"
        "body { max-width: 72rem; margin: 0 auto; padding: 1rem; color: #1f2933; "
        f"font-family: system-ui, sans-serif; }}{STYLE}</style></head><body>"
        f"{to_div(figure)}{plotly_script()}<script>{DRAW_SCRIPT}</script></body></html>\n"
    )


def save(figure: Figure, path: str | Path) -> None:
    """Write `figure` as a page.

    Raises
    ------
    InputError
        Where `path` cannot be written; no half file is left.
    """
    with whole_file(path) as temporary:
        temporary.write_text(to_html(figure), encoding="utf-8")

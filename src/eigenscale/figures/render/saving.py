"""One way to save a figure: the ending of the file says how it is drawn."""

from contextvars import ContextVar
from pathlib import Path
from typing import get_args

from eigenscale.errors import InputError
from eigenscale.figures.spec import Figure, Style

PAPER = (".png", ".svg", ".pdf")
PAGE = (".html",)
_STYLE: ContextVar[Style] = ContextVar("style", default="paper")


def check_plot_path(path: str | Path) -> Path:
    """Return the path, where its ending is one that figures can be saved under.

    Faces call this before long work, so that a slip in ``--plot`` is said at once.

    Raises
    ------
    InputError
        For another ending, or a folder that is not there.
    """
    target = Path(path)
    if target.suffix.lower() not in PAPER + PAGE:
        raise InputError(
            f"{str(path)!r} has an ending that no figure is saved under; "
            "use .png, .svg, .pdf or .html"
        )
    if not target.parent.is_dir():
        raise InputError(f"{str(target.parent)!r} is not a folder; make it or name another")
    return target


def check_style(style: str) -> Style:
    """Return the style, where there is one of that name.

    Raises
    ------
    InputError
        There is none.
    """
    found: Style | None = next((known for known in get_args(Style) if known == style), None)
    if found is None:
        raise InputError(f"figure style {style!r} is unknown; use {', '.join(get_args(Style))}")
    return found


def use_style(style: str) -> None:
    """Draw all that is saved from here on, in this context, in that style.

    Raises
    ------
    InputError
        There is no such style.
    """
    _STYLE.set(check_style(style))


def save(figure: Figure, path: str | Path, style: str | None = None) -> Path:
    """Save `figure`: PNG, SVG and PDF through matplotlib, HTML (self-contained) through plotly.

    Parameters
    ----------
    figure : Figure
    path : str or Path
    style : {"paper", "page", "slide"}, optional
        What it is drawn for, "paper" by default; a page (HTML) fits the width that it is given.

    Returns
    -------
    Path
        Where it was written, whole: a failure leaves no file.

    Raises
    ------
    InputError
        For an unknown ending or a place that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from eigenscale.figures.spec import Axis, Line, Panel
    >>> x = np.array([1.0, 10.0])
    >>> panel = Panel(Axis("samples"), Axis("loss"), (Line(x, 1 / x, "theory"),))
    >>> figure = Figure("curve", "Loss falls with data", (panel,))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(figure, f"{folder}/curve.svg").name
    'curve.svg'
    """
    target = check_plot_path(path)
    # The renderers load plotly and matplotlib, which no command needs that draws nothing.
    if target.suffix.lower() in PAGE:
        from eigenscale.figures.render import page

        page.save(figure, target)
    else:
        from eigenscale.figures.render import paper

        paper.save(figure, target, _STYLE.get() if style is None else check_style(style))
    return target

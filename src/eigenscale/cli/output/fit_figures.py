"""Which figures `eigenscale fit --plot` draws, and where."""

from pathlib import Path

from eigenscale.cli.output import figure_choice
from eigenscale.errors import InputError
from eigenscale.figures.plots import figures
from eigenscale.laws.result import LawFit

NAMES = ("law", "residuals", "held-out", "approaches")


def check_figures(plot: str | None, figure: str | None, holdout: float | None) -> None:
    """Refuse a figure or a place that does not exist, before any long work."""
    figure_choice.check_figures(plot, figure, NAMES)
    if figure == "held-out" and holdout is None:
        raise InputError("figure 'held-out' needs runs held out; give --holdout 0.2")


def draw(found: LawFit, plot: str, figure: str | None) -> list[Path]:
    """Draw one figure to a file, or all that there are to a folder.

    Where none is named: the held-out runs if there are any, else the law through the runs.
    """
    makers = figures(found)
    chosen = figure or ("held-out" if "held-out" in makers else "law")
    if chosen not in makers:
        why = "was saved without its runs" if found.table is None else "leaves nothing to draw"
        raise InputError(f"figure {chosen!r}: the fit {why}; it has {', '.join(makers)}")
    if figure is not None:
        makers = {figure: makers[figure]}
    return figure_choice.draw(makers, plot, chosen)

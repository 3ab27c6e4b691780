"""Which figures `eigenscale fit --plot` draws, and where."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from eigenscale.cli.output import figure_choice
from eigenscale.errors import InputError
from eigenscale.figures.spec import Figure
from eigenscale.figures.topics.approaches import approaches_figure
from eigenscale.figures.topics.fits import holdout_figure, law_figure, residual_figure
from eigenscale.laws.result import LawFit

BY_NAME: dict[str, Callable[[LawFit], Figure]] = {
    "law": law_figure,
    "residuals": residual_figure,
    "held-out": holdout_figure,
    "approaches": approaches_figure,
}


def check_figures(plot: str | None, figure: str | None, holdout: float | None) -> None:
    """Refuse a figure or a place that does not exist, before any long work."""
    figure_choice.check_figures(plot, figure, BY_NAME)
    if figure == "held-out" and holdout is None:
        raise InputError("figure 'held-out' needs runs held out; give --holdout 0.2")


def draw(found: LawFit, plot: str, figure: str | None) -> list[Path]:
    """Draw one figure to a file, or all that there are to a folder.

    Where none is named: the held-out runs if there are any, else the law through the runs.
    """
    held = found.holdout is not None
    chosen = figure or ("held-out" if held else "law")
    apply = {"held-out": held, "approaches": bool(found.approaches)}
    makers = {
        name: partial(make, found)
        for name, make in BY_NAME.items()
        if (name == figure if figure else apply.get(name, True))
    }
    return figure_choice.draw(makers, plot, chosen)

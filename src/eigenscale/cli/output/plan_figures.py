"""Which figures `eigenscale plan --plot` draws, and where."""

from collections.abc import Callable
from pathlib import Path

from eigenscale.cli.output import figure_choice
from eigenscale.cli.output.figure_choice import is_folder
from eigenscale.errors import InputError
from eigenscale.figures.render.saving import save
from eigenscale.figures.spec import Figure
from eigenscale.figures.topics.plan import bands, contours, valleys
from eigenscale.figures.topics.plan_costs import costs
from eigenscale.figures.topics.plan_sensitivity import tornado_of
from eigenscale.planning.frontier import Frontier

BY_NAME: dict[str, Callable[[Frontier], Figure]] = {
    "frontier": bands,
    "contours": contours,
    "valleys": valleys,
    "costs": costs,
    "tornado": tornado_of,
}
OF_ONE = ("valleys", "tornado")
"""Figures of a single budget; the tornado is drawn where it is named."""


def check_figures(plot: str | None, figure: str | None) -> None:
    """Refuse a figure or a place that does not exist, before any long work."""
    figure_choice.check_figures(plot, figure, BY_NAME)


def draw(front: Frontier, plot: str, figure: str | None) -> list[Path]:
    """Draw one figure to a file, or all that the budgets allow to a folder, as PNG."""
    front = front.distinct()
    one = len(front) == 1
    if one and figure is not None and figure not in OF_ONE:
        raise InputError(f"figure {figure!r} needs several budgets; give them, as 1e20:1e24:5")
    if not is_folder(plot):
        name = figure or ("valleys" if one else "frontier")
        return [save(BY_NAME[name](front), plot)]
    Path(plot).mkdir(exist_ok=True)
    names = (
        [figure]
        if figure is not None
        else ["valleys"]
        if one
        else [n for n in BY_NAME if n != "tornado"]
    )
    drawn = [BY_NAME[name](front) for name in names]
    return [save(each, Path(plot) / f"{each.name}.png") for each in drawn]

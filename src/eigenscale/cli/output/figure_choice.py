"""`--plot` and `--figure` of commands with several figures: one to a file, all to a folder."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from eigenscale.errors import InputError
from eigenscale.figures.render.saving import check_plot_path, save
from eigenscale.figures.spec import Figure


def check_figures(plot: str | None, figure: str | None, known: Iterable[str]) -> None:
    """Refuse a figure or a place that does not exist, before any long work."""
    if figure is not None:
        if figure not in (names := list(known)):
            raise InputError(f"figure {figure!r} is unknown; known are {', '.join(names)}")
        if plot is None:
            raise InputError("--figure needs a place to draw to; give --plot FILE")
    if plot is None:
        return
    if not is_folder(plot):
        check_plot_path(plot)
    elif Path(plot).exists() and not Path(plot).is_dir():
        raise InputError(f"{plot!r} is a file, not a folder; name another")
    elif not Path(plot).absolute().parent.is_dir():
        raise InputError(f"{str(Path(plot).parent)!r} is not a folder; make it or name another")


def is_folder(plot: str) -> bool:
    """Whether a folder is meant: it is one, or ends as one."""
    return plot.endswith("/") or Path(plot).is_dir()


def draw(makers: Mapping[str, Callable[[], "Figure"]], plot: str, figure: str) -> list[Path]:
    """Draw `figure` to a file, or all of `makers` to a folder, as PNG."""
    if not is_folder(plot):
        return [save(makers[figure](), plot)]
    drawn = [make() for make in makers.values()]
    Path(plot).mkdir(exist_ok=True)
    return [save(each, Path(plot) / f"{each.name}.png") for each in drawn]

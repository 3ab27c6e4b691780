"""`--plot`, `--figure-style` and `--csv` of all commands."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eigenscale.errors import InputError
from eigenscale.figures.render.saving import check_plot_path, save, use_style
from eigenscale.results import Result, Rows
from eigenscale.writing import check_place


def check_faces(plot: str | None, csv: str | None, style: str = "paper") -> None:
    """Refuse places and styles that do not exist, before any long work."""
    use_style(style)
    if plot is not None:
        check_plot_path(plot)
    elif style != "paper":
        raise InputError(f"--figure-style {style} needs a figure; give --plot FILE")
    check_place(csv)


def draw(found: Result, plot: str | None, kind: str | None = None) -> None:
    """Draw a result to a file, where one is asked for."""
    if plot is None:
        return
    from eigenscale.figures.plots import figure_of

    save(figure_of(found, kind), plot)


class _Table(Rows):
    """Rows of a command as a table."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = [flat(row) for row in rows]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give them."""
        yield from self._rows


def write_rows(rows: Iterable[Mapping[str, Any]], csv: str | None) -> None:
    """Write rows as a table, where one is asked for; an interval becomes three columns."""
    if csv is not None:
        _Table(rows).to_csv(csv)


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Make one flat row: ``loss``, ``loss_low`` and ``loss_high`` of an interval.

    Examples
    --------
    >>> flat({"n": 1, "loss": {"value": 2.0, "low": 1.0, "high": 3.0, "level": 0.9}})
    {'n': 1, 'loss': 2.0, 'loss_low': 1.0, 'loss_high': 3.0, 'loss_level': 0.9}
    """
    made: dict[str, Any] = {}
    for name, value in row.items():
        if not isinstance(value, Mapping):
            made[name] = value
            continue
        for part, inner in value.items():
            made[name if part == "value" else f"{name}_{part}"] = inner
    return made

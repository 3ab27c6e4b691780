"""Columns beside size, data and loss: sweeps inside a table, and groups of its runs."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from eigenscale.io.runs.container import Runs
    from eigenscale.laws.grouping.cells import Cell
    from eigenscale.laws.result import LawFit

BEST_OVER = typer.Option(
    "auto", "--best-over", help="Take the best of each (size, data) over a column; auto or none."
)
GROUP = typer.Option(None, "--group", help="Fit groups together: a column such as optimizer.")


def beside(path: str, runs: "Runs") -> dict[str, Any]:
    """Give the columns of the file for the rows that are runs; none where it has no such rows."""
    from eigenscale.errors import InputError
    from eigenscale.io.runs.sources import read_source

    try:
        columns = read_source(path).columns
    except InputError:
        return {}
    rows = runs.rows - 1
    return {n: v[rows] for n, v in columns.items() if rows.size and rows.max() < len(v)}


def best_over(
    runs: "Runs", columns: dict[str, Any], wanted: str
) -> tuple["Runs", list["Cell"], list[str]]:
    """Take the best of each cell over the wanted column; the runs, the cells, and what to say."""
    from eigenscale.errors import InputError
    from eigenscale.laws.grouping.cells import best_cells, cells_sentences, numbers_of, swept_column

    if wanted == "none":
        return runs, [], []
    name = swept_column(runs, columns) if wanted == "auto" else wanted
    if name is None:
        return runs, [], []
    swept = numbers_of(_column(columns, name, "--best-over"))
    if swept is None or runs.params is None or runs.tokens is None:
        raise InputError(
            f"--best-over {name} needs params, tokens and positive numbers in that column; name "
            "another column, or none"
        )
    best, cells = best_cells(runs, swept)
    sentences = cells_sentences(cells, name)
    return replace(best, warnings=(*best.warnings, *sentences)), cells, sentences


def groups(runs: "Runs", columns: dict[str, Any], name: str, settings: dict[str, Any]) -> Any:
    """Fit the groups of a column together, and test whether they share a law."""
    from eigenscale.laws.grouping.groups import fit_groups
    from eigenscale.laws.grouping.sharing import sharing

    asked = {key: settings[key] for key in ("objective", "bootstrap", "level", "rng")}
    labels = _column(columns, name, "--group")
    found = fit_groups(runs, labels, **asked)
    return found, sharing(runs, labels, found, settings["objective"])


def _column(columns: dict[str, Any], name: str, option: str) -> Any:
    from eigenscale.errors import InputError

    if name not in columns:
        raise InputError(
            f"{option} {name}: the table has no such column; it has {', '.join(columns)}"
        )
    return columns[name]


def explained(found: "LawFit", runs: "Runs", columns: dict[str, Any]) -> list[str]:
    """Name the column that explains most of the scatter, with the mend."""
    from eigenscale.laws.grouping.groups import explaining_column

    used = {*runs.recognised.values(), *runs.others}
    others = {name: values for name, values in columns.items() if name not in used}
    if runs.family is not None:
        others[runs.recognised.get("family", "family")] = runs.family
    if len(found.residuals) != len(runs):
        return []
    known = explaining_column(found.residuals, others)
    if known is None:
        return []
    name, share = known
    text = (
        f"The column {name!r} explains {100 * share:.0f} % of the scatter around the law: its "
        f"groups follow different laws; fit them together with --group {name}"
    )
    return [text]

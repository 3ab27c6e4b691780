"""`eigenscale score`: what became of registered predictions."""

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.reading import COLUMNS, UNITS, WHERE


def score(
    file: str = typer.Argument(..., metavar="FILE", help="What predict --register wrote."),
    measured: str = typer.Argument(..., metavar="MEASURED", help="Table of the runs that came."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Compare registered predictions with measured runs: hits, z and the record so far.

    \b
    Example:
      eigenscale score predictions.json finished.csv
    """  # noqa: D301
    from eigenscale.cli.options.reading import load_runs
    from eigenscale.cli.output.common import print_json
    from eigenscale.cli.output.faces import check_faces, draw, write_rows
    from eigenscale.laws.saving.registered import score as compare_with

    check_faces(plot, csv, figure_style)
    found = compare_with(file, load_runs(measured, columns, units, where))
    draw(found, plot)
    write_rows(found.to_dict()["scores"], csv)
    print_json(found) if as_json else typer.echo(found.summary())

"""`eigenscale look`: what a file is taken for, before anything is computed."""

import sys

import typer

from eigenscale.cli.options.faces import CSV
from eigenscale.cli.options.reading import COLUMNS
from eigenscale.cli.options.rows import KEEP_INDEX


def look(
    file: str = typer.Argument(metavar="FILE", help="Runs, points, a curve or data; - for stdin."),
    target: str | None = typer.Option(None, help="Column that is to be predicted, of data."),
    columns: list[str] = COLUMNS,
    csv: str | None = CSV,
    keep_index: bool = KEEP_INDEX,  # noqa: ARG001 - read by its callback
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Show how FILE is understood: format, rows, columns with role and unit, what is left out.

    Nothing is computed from it.

    \b
    Examples:
      eigenscale look runs.csv
      eigenscale look table.csv.gz --target price --json
      eigenscale look runs.csv --columns "tokens=steps*batch*seq"
    """
    from eigenscale.cli.messages import warn
    from eigenscale.cli.options.reading import column_pairs
    from eigenscale.cli.output.common import print_json, print_table
    from eigenscale.cli.output.faces import write_rows
    from eigenscale.io.look import look as look_at
    from eigenscale.writing import check_place

    check_place(csv, file)
    found = look_at(file, target, column_pairs(columns))
    write_rows(found.columns, csv)
    if as_json:
        print_json(found.to_dict())
        return
    rows = "an unknown number of" if found.rows is None else f"{found.rows:,}"
    kind = {"points": "points of a learning curve", "curve": "a training curve"}
    what = f"{rows} rows of {kind.get(found.kind, found.kind)}"
    sys.stdout.write(f"{file} is read as {found.format}: {what}\n\n")
    print_table(found.columns[:40])
    if len(found.columns) > 40:
        sys.stdout.write(f"… and {len(found.columns) - 40} more columns\n")
    for column in found.left_out:
        sys.stdout.write(f"left out: {column['name']}, since {column['why']}\n")
    if found.first_rows:
        sys.stdout.write("\n")
        print_table([dict(list(row.items())[:8]) for row in found.first_rows])
    for text in found.warnings:
        warn(text)

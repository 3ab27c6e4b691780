"""`eigenscale compare`: how much less data or compute one law needs than another."""

from typing import Any

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.reading import COLUMNS, UNITS, WHERE

ANY = "A saved fit, a table of runs, or the name of published constants."


def compare(
    first: str = typer.Argument(..., metavar="A", help=ANY),
    second: str = typer.Argument(..., metavar="B", help=ANY),
    params: float | None = typer.Option(None, help="Size of the run of A to match."),
    tokens: float | None = typer.Option(None, help="Tokens of the run of A to match."),
    law: str = typer.Option("chinchilla", help="Law to fit where runs are given; or all."),
    bootstrap: int = typer.Option(1000, min=0, help="Resampled tables; 0 for none."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of the resampling."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Say how much less data, or compute, B needs than A for the same loss.

    They are compared at the largest run of A, unless --params and --tokens name another. A plot
    shows both over each other.

    \b
    Examples:
      eigenscale compare old.json new.json --plot both.png
      eigenscale compare runs.csv hoffmann --params 7e9 --tokens 1e12
    """  # noqa: D301
    from dataclasses import replace

    from eigenscale.cli.messages import warn
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.cli.output.faces import check_faces, draw, write_rows
    from eigenscale.planning.versus import PLACES
    from eigenscale.planning.versus import compare as compare_laws

    check_faces(plot, csv, figure_style)
    with progress_bar("fitting") as progress:
        found = compare_laws(
            _given(first, columns, units, where),
            _given(second, columns, units, where),
            params=params,
            tokens=tokens,
            law=law,
            bootstrap=bootstrap,
            level=level,
            rng=seed,
            progress=progress,
        )
    found = replace(found, first=first, second=second)
    draw(found, plot)
    rows = found.to_dict()["at"]
    write_rows([{"place": p, **row} for p, row in zip(PLACES, rows, strict=True)], csv)
    for line in found.warnings:
        warn(line)
    print_json(found) if as_json else typer.echo(found.summary)


def _given(text: str, columns: list[str], units: list[str], where: list[str]) -> Any:
    """Read runs as the options say; anything else is left as it is written."""
    from pathlib import Path

    from eigenscale.cli.options.reading import load_runs
    from eigenscale.laws.saving.saved import is_saved_fit

    exists = Path(text).exists() or any(c in text for c in "*?[:")
    return load_runs(text, columns, units, where) if exists and not is_saved_fit(text) else text

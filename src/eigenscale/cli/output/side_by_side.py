"""What `eigenscale spectrum` prints about several datasets."""

from typing import Any

import typer

from eigenscale.cli.messages import warn
from eigenscale.cli.output.common import print_json, print_table, progress_bar
from eigenscale.cli.output.faces import write_rows
from eigenscale.errors import InputError
from eigenscale.figures.render.saving import save
from eigenscale.figures.topics.side_by_side import side_by_side_figure
from eigenscale.results import to_plain
from eigenscale.spectra.effective_ranks import DEFINITIONS, NAMES
from eigenscale.spectra.side_by_side import SideBySide, side_by_side
from eigenscale.text.numbers import with_interval


def compare_spectra(
    data: list[str],
    alone: dict[str, Any],
    plot: str | None,
    csv: str | None,
    as_json: bool,
    options: dict[str, Any],
) -> None:
    """Measure several datasets, and print one table of them and one of their differences.

    `alone` are options that go with one dataset only.
    """
    given = [name for name, value in alone.items() if value is not None]
    if given:
        raise InputError(f"{given[0]} goes with one dataset; name one, or drop it")
    with progress_bar(f"reading {len(data)} datasets") as progress:
        found = side_by_side(data, progress=progress, **options)
    if plot is not None:
        save(side_by_side_figure(found), plot)
    write_rows([to_plain({"data": one.spectrum.name, **one.effective}) for one in found.sides], csv)
    if as_json:
        print_json(found.to_dict())
        return
    _print(found)
    for side in found.sides:
        for note in side.spectrum.notes:
            warn(f"{side.spectrum.name}: {note}")


def _print(found: SideBySide) -> None:
    rows = [
        {
            "data": side.spectrum.name,
            "samples": f"{side.spectrum.n_samples:,}",
            "inputs": f"{side.spectrum.n_inputs:,}",
            **{NAMES[name]: with_interval(value) for name, value in side.effective.items()},
        }
        for side in found.sides
    ]
    print_table(rows, title="Effective ranks")
    differences = [
        {
            "difference": f"{row['of']} − {row['less']}",
            **{title: with_interval(row[name]) for name, title in NAMES.items()},
        }
        for row in found.differences
    ]
    print_table(differences, title="\nDifferences")
    typer.echo("")
    for name, title in NAMES.items():
        typer.echo(f"{title}: {DEFINITIONS[name]}.")

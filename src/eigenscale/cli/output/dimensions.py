"""What `eigenscale dimension` prints about several datasets."""

from typing import Any

from eigenscale.cli.messages import warn
from eigenscale.cli.output.common import print_json, print_table, progress_bar
from eigenscale.cli.output.faces import write_rows
from eigenscale.figures.render.saving import save
from eigenscale.figures.topics.dimension import dimensions_figure
from eigenscale.results import to_plain
from eigenscale.spectra.dimension.several import Dimensions, dimensions
from eigenscale.text.numbers import with_interval


def compare_dimensions(
    data: list[str], plot: str | None, csv: str | None, as_json: bool, **options: Any
) -> None:
    """Measure several datasets, and print one table of them and one of their differences."""
    with progress_bar(f"neighbours in {len(data)} datasets") as progress:
        found = dimensions(data, progress=progress, **options)
    if plot is not None:
        save(dimensions_figure(found), plot)
    rows = [
        {"data": one.name, "mle": one.dimension.mle, "two_nn": one.dimension.two_nn}
        for one in found.datasets
    ]
    write_rows([to_plain(row) for row in rows], csv)
    if as_json:
        print_json(found.to_dict())
        return
    _print(found)


def _print(found: Dimensions) -> None:
    rows = [
        {
            "data": one.name,
            "points": f"{one.dimension.n_points:,}",
            "inputs": f"{one.dimension.n_inputs:,}",
            "maximum likelihood": with_interval(one.dimension.mle),
            "TwoNN": with_interval(one.dimension.two_nn),
        }
        for one in found.datasets
    ]
    print_table(rows, title="Intrinsic dimension")
    differences = [
        {
            "difference": f"{row['of']} − {row['less']}",
            "maximum likelihood": with_interval(row["mle"]),
            "TwoNN": with_interval(row["two_nn"]),
        }
        for row in found.differences
    ]
    print_table(differences, title="\nDifferences")
    for one in found.datasets:
        for note in (*one.notes, *one.dimension.notes):
            warn(f"{one.name}: {note}")

"""`eigenscale dimension`: how many numbers describe a point of a dataset."""

from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.rows import KEEP_INDEX

if TYPE_CHECKING:
    from eigenscale.spectra.dimension.dimension import Geometry

DATA = typer.Argument(
    metavar="DATA…",
    help="Rows of numbers, in any format that `spectrum` reads; several are compared.",
)


def dimension(
    data: list[str] = DATA,
    neighbours: int = typer.Option(20, help="Neighbours of the estimate that is quoted."),
    samples: int | None = typer.Option(None, help="Use a random subset of so many rows."),
    columns: str | None = typer.Option(None, help="Columns of a table to use, as a,b,c."),
    keep_index: bool = KEEP_INDEX,  # noqa: ARG001 - read by its callback
    patches: int | None = typer.Option(None, help="Cut images into squares of this side."),
    grey: bool = typer.Option(False, "--grey", help="Read pictures in grey."),
    prepare: str = typer.Option(
        "auto", help="Scaling of a table's numbers: auto, none, standard or robust."
    ),
    missing: str = typer.Option(
        "refuse", help="Rows with NaN or infinity: refuse, drop, or fill in a table."
    ),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Of the subset and the regions of the jackknife."),
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Estimate the intrinsic dimension of DATA, at several scales, with intervals.

    Maximum likelihood (MacKay and Ghahramani) and TwoNN, from distances to neighbours.

    \b
    Examples:
      eigenscale dimension embeddings.npy --neighbours 20 --plot dimension.png
      eigenscale dimension layer1.npy layer2.npy
    """
    from eigenscale.arrays import check_level
    from eigenscale.cli.messages import warn
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.cli.output.dimensions import compare_dimensions
    from eigenscale.cli.output.faces import check_faces, write_rows
    from eigenscale.errors import InputError
    from eigenscale.io.data.generators import with_seed
    from eigenscale.spectra.dimension.dimension import dimension as measure_dimension

    if missing not in ("refuse", "drop", "fill"):
        raise InputError(f"--missing {missing!r} is not known; use refuse, drop or fill")
    check_level(level, "--level")
    check_faces(plot, csv, figure_style)
    names = columns.split(",") if columns else None
    data = [with_seed(name, seed) for name in data]
    options: dict[str, Any] = {"neighbours": neighbours, "samples": samples, "columns": names}
    options |= {"patches": patches, "grey": grey, "missing": missing, "level": level, "rng": seed}
    options["prepare"] = prepare
    if len(data) > 1:
        compare_dimensions(data, plot, csv, as_json, **options)
        return
    with progress_bar(f"neighbours in {data[0]}") as progress:
        found = measure_dimension(data[0], progress=progress, **options)
    if found.dropped:
        warn(f"{found.dropped} rows were not finite and are left out")
    write_rows(found.to_dict()["scales"], csv)
    if plot is not None:
        from eigenscale.figures.render.saving import save
        from eigenscale.figures.topics.dimension import dimension_figure

        save(dimension_figure(found.dimension, found.name, found.subsamples), plot)
    if as_json:
        print_json(found)
    else:
        _show(found)


def _show(found: "Geometry") -> None:
    from eigenscale.cli.output.common import print_facts, print_table

    d = found.dimension
    facts = [
        ("distinct points", f"{d.n_points:,} of {d.n_inputs:,} inputs"),
        (f"maximum likelihood, k = {d.neighbours}", repr(d.mle)),
        ("TwoNN", repr(d.two_nn)),
        ("limit at scale zero", repr(d.limit)),
        ("4/d", f"{found.expected_alpha:.3g}"),
        ("α of the spectrum", "–" if found.alpha is None else f"{found.alpha:.3g}"),
        ("together", found.reading),
        *(("note", note) for note in (*found.notes, *d.notes)),
    ]
    print_facts(found.name, facts)
    print_table(
        [
            {
                "neighbours": s.neighbours,
                "distance": s.radius,
                "dimension": repr(s.mle),
                "plain average": s.naive,
            }
            for s in d.scales
        ]
    )
    if found.subsamples:
        print_table(
            [
                {"points": s.n_points, "distance": s.radius, "dimension": repr(s.mle)}
                for s in found.subsamples
            ],
            f"On fewer points, {d.neighbours} neighbours",
        )

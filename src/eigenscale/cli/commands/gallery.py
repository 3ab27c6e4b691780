"""`eigenscale gallery`: the figures by which the solvable model is told, made anew."""

import typer

_ENDINGS = ("png", "svg", "pdf", "html")


def gallery(
    folder: str | None = typer.Argument(None, metavar="DIR", help="Folder for the figures."),
    output: str | None = typer.Option(None, "--output", "-o", help="The same, as an option."),
    figures: str | None = typer.Option(
        None, help="Names of the figures to draw, as double-descent,sgd; all by default."
    ),
    recompute: bool = typer.Option(
        False,
        "--recompute",
        help="Simulate all points anew, a minute of CPU; those of seed 0 come with the gallery.",
    ),
    formats: str = typer.Option("png,svg", "--format", help="Endings: png, svg, pdf, html."),
    seed: int = typer.Option(0, min=0, help="The same seed gives the same points."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Draw the story of the solvable model from its own theory and simulation.

    Spectra against samples, inputs and feature maps; loss against features, samples and time;
    double descent and its removal; lines of equal loss; the compute frontier. The captions are in
    captions.md beside the figures.

    \b
    Example:
      eigenscale gallery gallery --figures double-descent,sgd --format pdf
    """
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.errors import InputError
    from eigenscale.figures.gallery import gallery as draw

    endings = tuple(part.strip().lower().removeprefix(".") for part in formats.split(","))
    unknown = [ending for ending in endings if ending not in _ENDINGS]
    if unknown:
        raise InputError(f"--format {unknown[0]!r} is not one of {', '.join(_ENDINGS)}")
    target = folder or output
    if target is None or (folder and output):
        raise InputError("gallery needs one folder; write it as eigenscale gallery DIR")
    names = [name.strip() for name in figures.split(",")] if figures else None
    with progress_bar("drawing the gallery") as progress:
        drawn = draw(
            target,
            figures=names,
            formats=endings,
            rng=seed,
            recompute=recompute,
            progress=progress,
        )
    if as_json:
        rows = [
            {
                "name": figure.name,
                "title": figure.title,
                "caption": figure.caption,
                "files": [f"{target}/{figure.name}.{ending}" for ending in endings],
            }
            for figure in drawn
        ]
        print_json({"figures": [path for row in rows for path in row["files"]], "details": rows})
    else:
        typer.echo(f"{len(drawn)} {'figure' if len(drawn) == 1 else 'figures'} written to {target}")

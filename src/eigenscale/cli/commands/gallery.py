"""`eigenscale gallery`: the figures by which the solvable model is told, made anew."""

import typer

_ENDINGS = ("png", "svg", "pdf", "html")


def gallery(
    output: str = typer.Option(..., "--output", "-o", help="Folder for the figures."),
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
      eigenscale gallery -o gallery
    """
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.errors import InputError
    from eigenscale.figures.gallery import gallery as draw

    endings = tuple(part.strip().lower().removeprefix(".") for part in formats.split(","))
    unknown = [ending for ending in endings if ending not in _ENDINGS]
    if unknown:
        raise InputError(f"--format {unknown[0]!r} is not one of {', '.join(_ENDINGS)}")
    with progress_bar("drawing the gallery") as progress:
        figures = draw(output, formats=endings, rng=seed, progress=progress)
    if as_json:
        rows = [
            {
                "name": figure.name,
                "title": figure.title,
                "files": [f"{output}/{figure.name}.{ending}" for ending in endings],
            }
            for figure in figures
        ]
        print_json({"figures": rows})
    else:
        typer.echo(f"{len(figures)} figure(s) written: {output}")

"""`eigenscale report`: one page about data and runs."""

import typer

from eigenscale.cli.options.rows import KEEP_INDEX

CURVES = typer.Option([], help="Training curves with step, lr and loss; may be repeated.")


def report(
    output: str = typer.Option(..., "--output", "-o", help="Folder for the page and its figures."),
    runs: str | None = typer.Option(None, help="Table, log or folder of training runs."),
    data: str | None = typer.Option(None, help="Samples, in any format that `spectrum` reads."),
    target: str | None = typer.Option(
        None,
        help="What is predicted: a column of DATA, or a file with a row for each of its rows.",
    ),
    curves: list[str] = CURVES,
    law: str = typer.Option("auto", help="Law to fit to the runs, as chinchilla or power."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of everything random."),
    keep_index: bool = KEEP_INDEX,  # noqa: ARG001 - read by its callback
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Write a report on your data and runs: what more of each would bring, and why.

    Without --runs, --data and --curves it is about the bundled example, real photographs and
    students trained on them. The page opens without a network; figures stand beside it as PNG
    and SVG.

    \b
    Examples:
      eigenscale report -o report
      eigenscale report -o report --runs runs.csv --data embeddings.npy --target labels.npy
    """
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.io.data.generators import with_seed
    from eigenscale.reporting.report import report as write_report

    data = with_seed(data, seed)
    with progress_bar("writing the report") as progress:
        page = write_report(
            output,
            runs,
            data,
            target,
            curves=curves or None,
            law=law,
            level=level,
            rng=seed,
            progress=progress,
        )
    if as_json:
        figures = sorted(str(path) for path in page.parent.glob("*.png"))
        print_json({"page": str(page), "figures": figures})
    else:
        typer.echo(f"report written: {page}")

"""`eigenscale probe`: how many samples are enough for a linear probe."""

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.rows import KEEP_INDEX


def probe(
    data: str = typer.Argument(metavar="DATA", help="Embeddings, a row for each sample."),
    target: str = typer.Option(
        ..., help="What is predicted: a column of DATA, or a file with a row for each of its rows."
    ),
    tolerance: float = typer.Option(
        0.05, help="Share by which the loss may lie above the lowest that the probe can reach."
    ),
    learner: str | None = typer.Option(
        None, help="By default logistic for classes, ridge for numbers."
    ),
    minutes: float = typer.Option(2.0, help="CPU minutes to spend on training."),
    folds: int = typer.Option(5, help="Of cross-validation."),
    metric: str | None = typer.Option(
        None, help="A scorer of scikit-learn; by default error rate, or mean squared error."
    ),
    store: str | None = typer.Option(
        None, help="Keep finished fits in FILE.sqlite; the same command goes on from there."
    ),
    columns: str | None = typer.Option(None, help="Columns of a table to use, as a,b,c."),
    keep_index: bool = KEEP_INDEX,  # noqa: ARG001 - read by its callback
    max_rows: int | None = typer.Option(None, help="Rows of DATA to use, drawn at random."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Same seed, same result."),
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Say how many samples are enough for a linear probe of DATA.

    A linear classifier (or ridge regression) is trained on nested subsets; its learning curve says
    from how many samples on it is as good as it can become, within --tolerance.

    \b
    Example:
      eigenscale probe embeddings.npy --target labels.npy --tolerance 0.02
    """
    from eigenscale.cli.messages import warn
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.cli.output.faces import check_faces, write_rows
    from eigenscale.cli.output.learners import rows_of
    from eigenscale.forecasting.external.probe import probe as enough_samples

    check_faces(plot, csv, figure_style)
    with progress_bar(f"probing {data}") as progress:
        found = enough_samples(
            data,
            target,
            tolerance=tolerance,
            learner=learner,
            minutes=minutes,
            folds=folds,
            metric=metric,
            store=store,
            columns=columns.split(",") if columns else None,
            max_rows=max_rows,
            level=level,
            rng=seed,
            progress=progress,
        )
    write_rows(rows_of(found.comparison), csv)
    if plot is not None:
        from eigenscale.figures.render.saving import save
        from eigenscale.figures.topics.learners import learners_figure

        save(learners_figure(found.comparison), plot)
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo(found.summary)
    for note in found.comparison.notes:
        warn(note)

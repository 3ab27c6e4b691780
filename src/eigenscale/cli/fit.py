"""`eigenscale fit`: a law through a table of training runs."""

from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.reading import (
    CHECKPOINTS,
    COLUMNS,
    DROP_FLAGGED,
    DROP_HIGHEST,
    PATTERN,
    UNITS,
    WHERE,
)

if TYPE_CHECKING:
    from eigenscale.laws import LawFit
    from eigenscale.runs import Runs

FIX = typer.Option([], help="Parameter to hold, as E=1.69; may be repeated.")


def fit(
    runs: str = typer.Argument(..., help="Table, log or folder of runs."),
    law: str = typer.Option("chinchilla", help="Name of a law, as chinchilla or power."),
    objective: str = typer.Option("huber:1e-3", help="huber:DELTA, lad or squares."),
    bootstrap: int = typer.Option(1000, min=0, help="Resampled tables; 0 for no intervals."),
    resampling: str = typer.Option("case", help="case, residual or cluster:family."),
    fix: list[str] = FIX,
    holdout: float | None = typer.Option(None, help="Largest runs to foretell: number or share."),
    predict: str | None = typer.Option(None, help="Table of points to predict."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of the resampling."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    drop_flagged: bool = DROP_FLAGGED,
    drop_highest: int = DROP_HIGHEST,
    checkpoints: str | None = CHECKPOINTS,
    pattern: str | None = PATTERN,
    plot: str | None = typer.Option(None, help="Draw the fit: .png, .svg, .pdf or .html."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Fit a law to training runs: constants, how sure they are, and how far they reach.

    \b
    Examples:
      eigenscale fit runs.csv --law chinchilla --holdout 0.2
      eigenscale fit runs.csv --fix E=1.69 --predict larger.csv --json
    """
    from eigenscale.cli.common import print_json, progress_bar
    from eigenscale.cli.reading import load_runs, number_pairs
    from eigenscale.laws import fit as fit_law

    _check_plot(plot)
    table = load_runs(runs, columns, units, where, drop_flagged, drop_highest, checkpoints, pattern)
    with progress_bar("resampling") as progress:
        found = fit_law(
            table,
            law,
            objective=objective,
            bootstrap=bootstrap,
            resampling=resampling,
            fix=number_pairs(fix, "--fix"),
            holdout=holdout,
            level=level,
            rng=seed,
            progress=progress,
        )
    predicted = None if predict is None else _predict(found, predict, columns, units)
    if plot is not None:
        _draw(found, plot)
    if as_json:
        more = {} if predicted is None else {"predictions": predicted}
        print_json({**found.to_dict(), **more})
    else:
        _print(table, found, predicted)


def _check_plot(path: str | None) -> None:
    if path is not None:
        from eigenscale.figures.saving import check_plot_path

        check_plot_path(path)


def _draw(found: "LawFit", path: str) -> None:
    """Draw the held-out runs where there are any, else the law through the runs."""
    from eigenscale.figures.fits import holdout_figure, law_figure
    from eigenscale.figures.saving import save

    save(law_figure(found) if found.holdout is None else holdout_figure(found), path)


def _predict(found: "LawFit", path: str, columns: list[str], units: list[str]) -> list[Any]:
    """Predict at the points of a table, in its order; a loss in it is not looked at."""
    from eigenscale.cli.reading import load_runs
    from eigenscale.laws import tabulate

    kept = [text for text in columns if not text.startswith("loss=")]
    points = tabulate(load_runs(path, [*kept, "loss=1"], units, []))
    inputs = {name: points.inputs[name] for name in found.law.inputs if name in points.inputs}
    return found.predict(**inputs).intervals()


def _print(runs: "Runs", found: "LawFit", predicted: list[Any] | None) -> None:
    from eigenscale.cli.common import print_table, warn
    from eigenscale.laws.summary import closing_lines, heading, parameter_rows

    typer.echo(repr(runs).split("\n  warning")[0])
    typer.echo()
    typer.echo(heading(found))
    print_table(parameter_rows(found))
    typer.echo("\n".join(closing_lines(found)))
    if predicted is not None:
        print_table([{"point": i + 1, **p.to_dict()} for i, p in enumerate(predicted)])
    for line in found.warnings:
        warn(line)

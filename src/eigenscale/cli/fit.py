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
    from eigenscale.laws import Blend, LawFit
    from eigenscale.laws.compare import Candidate, Comparison
    from eigenscale.runs import Runs

FIX = typer.Option([], help="Parameter to hold, as E=1.69; may be repeated.")


def fit(
    runs: str = typer.Argument(..., metavar="RUNS", help="Table, log or folder of runs."),
    law: str = typer.Option("chinchilla", help="Name of a law, as chinchilla or power; or all."),
    objective: str = typer.Option("huber:1e-3", help="huber:DELTA, lad or squares."),
    bootstrap: int = typer.Option(1000, min=0, help="Resampled tables; 0 for no intervals."),
    resampling: str = typer.Option("auto", help="auto, case, bayesian, residual, cluster:family."),
    fix: list[str] = FIX,
    holdout: float | None = typer.Option(None, help="Largest runs to foretell: number or share."),
    predict: str | None = typer.Option(
        None, help="Table of points to predict; with all, by a blend."
    ),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of the resampling."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    drop_flagged: bool = DROP_FLAGGED,
    drop_highest: int = DROP_HIGHEST,
    checkpoints: str | None = CHECKPOINTS,
    pattern: str | None = PATTERN,
    plot: str | None = typer.Option(None, help="Draw to FILE (.png, .svg, .pdf, .html)."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Fit a law to training runs: constants, how sure they are, and how far they reach.

    \b
    Examples:
      eigenscale fit runs.csv --law chinchilla --holdout 0.2
      eigenscale fit runs.csv --fix E=1.69 --predict larger.csv --json
    """  # noqa: D301
    from eigenscale.cli.common import print_json, progress_bar
    from eigenscale.cli.reading import load_runs, number_pairs
    from eigenscale.laws import compare
    from eigenscale.laws import fit as fit_law

    _check_plot(plot)
    table = load_runs(runs, columns, units, where, drop_flagged, drop_highest, checkpoints, pattern)
    settings: dict[str, Any] = {
        "objective": objective,
        "bootstrap": bootstrap,
        "fix": number_pairs(fix, "--fix"),
        "holdout": holdout,
        "level": level,
        "rng": seed,
    }
    with progress_bar("fitting") as progress:
        if law == "all":
            compared = compare(table, progress=progress, **settings)
            found, printed = compared.best, compared.to_dict
        else:
            compared = None
            found = fit_law(table, law, resampling=resampling, progress=progress, **settings)
            printed = found.to_dict
    foretold: dict[str, Any] = {}
    if predict is not None:
        blend = None if compared is None else compared.blend(bootstrap, seed)
        foretold["predictions"] = _predict(blend or found, predict, columns, units)
        if blend is not None:
            foretold["blend"] = blend.shares
    if plot is not None:
        _draw(found, plot)
    if as_json:
        print_json({**printed(), **foretold})
    else:
        _print(table, found, compared, foretold)


def _check_plot(path: str | None) -> None:
    if path is not None:
        from eigenscale.figures.saving import check_plot_path

        check_plot_path(path)


def _draw(found: "LawFit", path: str) -> None:
    """Draw the held-out runs where there are any, else the law through the runs."""
    from eigenscale.figures.fits import holdout_figure, law_figure
    from eigenscale.figures.saving import save

    save(law_figure(found) if found.holdout is None else holdout_figure(found), path)


def _predict(found: "LawFit | Blend", path: str, columns: list[str], units: list[str]) -> list[Any]:
    """Predict at the points of a table, in its order; a loss in it is not looked at."""
    from eigenscale.cli.reading import load_runs
    from eigenscale.laws import tabulate

    kept = [text for text in columns if not text.startswith("loss=")]
    points = tabulate(load_runs(path, [*kept, "loss=1"], units, []))
    return found.predict(**dict(points.inputs)).intervals()


def _print(
    runs: "Runs",
    found: "LawFit",
    compared: "Comparison | None",
    foretold: dict[str, Any],
) -> None:
    from eigenscale.cli.common import print_table, warn
    from eigenscale.laws.summary import closing_lines, heading, parameter_rows, sensitivity_rows

    typer.echo(repr(runs).split("\n  warning")[0] + "\n")
    if compared is not None:
        print_table([_record(c) for c in compared.candidates if c.fit is not None])
        left_out = [f"{c.law}: {c.reason}" for c in compared.candidates if c.fit is None]
        typer.echo("\n".join([*left_out, compared.sentence() + "\n"]))
    typer.echo(heading(found))
    for row in (rows := parameter_rows(found)):
        row.pop("meaning")
    print_table(rows)
    typer.echo("\n".join(closing_lines(found)) + "\n")
    print_table(sensitivity_rows(found), title="how it moves")
    if shares := foretold.get("blend"):
        parts = ", ".join(f"{100 * share:.0f} % {name}" for name, share in shares.items())
        typer.echo(f"predictions blend the forms by how they foretold larger runs: {parts}")
    if foretold:
        points = enumerate(foretold["predictions"], start=1)
        print_table([{"point": i, **p.to_dict()} for i, p in points])
    for line in found.cautions:
        warn(line)


def _record(candidate: "Candidate") -> dict[str, Any]:
    known = candidate.to_dict()
    percent = ("holdout_error", "rolling_error", "inside")
    return {
        "law": known["law"],
        "parameters": known["n_parameters"],
        **{f"{key}, %".replace("_", " "): 100 * known[key] for key in percent},
        "interval score": known["interval_score"],
        "AICc": known["aicc"],
    }

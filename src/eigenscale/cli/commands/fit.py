"""`eigenscale fit`: a law through a table of training runs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.reading import (
    CHECKPOINTS,
    COLUMNS,
    DROP_FLAGGED,
    DROP_HIGHEST,
    PATTERN,
    UNITS,
    WHERE,
)
from eigenscale.cli.options.sweeps import BEST_OVER, GROUP

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit
    from eigenscale.laws.selection.average import Blend
    from eigenscale.laws.uncertainty.prediction import Prediction

ALSO_SAVED = {"predict", "csv", "plot", "figure", "figure_style"}
"""What a saved fit takes too."""
FIX = typer.Option([], help="Parameter to hold, as E=1.69; may be repeated.")
PRIOR = typer.Option(
    [], help="What is known of a parameter, as E=1.7±0.1 (or 1.7+-0.1); may be repeated."
)
PRIOR_FROM = typer.Option(
    None, help="Published constants as a prior, as hoffmann; --prior goes before them."
)
COUNTING = typer.Option(False, "--counting", help="Compare ways of counting size and compute.")
LOCAL = typer.Option(False, "--local", help="Local exponents without a form, beside the law.")
DOWNSTREAM = typer.Option(
    None, help="Tasks to predict through the loss and directly: columns, or files, as MMLU,GSM8K."
)
PREDICT = typer.Option(None, help="Table of points, or one point as params=7e9,tokens=1e12.")
FIGURE = typer.Option(
    None, help="law, residuals, held-out or approaches; --plot FOLDER/ draws all."
)


def fit(
    context: typer.Context,
    runs: str = typer.Argument(
        ..., metavar="RUNS", help="Table, log or folder of runs; or a saved fit."
    ),
    law: str = typer.Option("chinchilla", help="Name of a law, as chinchilla or power; or all."),
    objective: str = typer.Option("huber:1e-3", help="huber:DELTA, lad or squares."),
    bootstrap: int = typer.Option(1000, min=0, help="Resampled tables; 0 for none."),
    resampling: str = typer.Option("auto", help="auto, case, bayesian, residual, cluster:family."),
    fix: list[str] = FIX,
    prior: list[str] = PRIOR,
    prior_from: str | None = PRIOR_FROM,
    best_over: str = BEST_OVER,
    group: str | None = GROUP,
    counting: bool = COUNTING,
    local: bool = LOCAL,
    downstream: str | None = DOWNSTREAM,
    holdout: float | None = typer.Option(
        None, help="Hold out the largest runs: a count, or a fraction below 1."
    ),
    predict: str | None = PREDICT,
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of the resampling."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    drop_flagged: bool = DROP_FLAGGED,
    drop_highest: int = DROP_HIGHEST,
    checkpoints: str | None = CHECKPOINTS,
    pattern: str | None = PATTERN,
    save: str | None = typer.Option(None, help="Save the fit to FILE, as fit.json."),
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    figure: str | None = FIGURE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Fit a law to training runs: its constants with intervals, and predictions.

    \b
    Examples:
      eigenscale fit runs.csv --law chinchilla --holdout 0.2
      eigenscale fit runs.csv --fix E=1.69 --predict larger.csv --json
      eigenscale fit runs.csv --plot sweep.png --figure approaches
      eigenscale fit runs.csv --save fit.json
      eigenscale fit fit.json --predict params=7e10,tokens=1.4e12
    """  # noqa: D301
    from eigenscale.cli.options import sweeps
    from eigenscale.cli.options.reading import column_pairs, load_runs, normal_pairs, number_pairs
    from eigenscale.cli.options.saved import saved_fit
    from eigenscale.cli.output import checks
    from eigenscale.cli.output.common import progress_bar
    from eigenscale.cli.output.faces import write_rows
    from eigenscale.cli.output.fit import tell
    from eigenscale.cli.output.fit_figures import check_figures, draw
    from eigenscale.figures.render.saving import use_style
    from eigenscale.laws.fitting import fit as fit_law
    from eigenscale.laws.reference.priors import published_priors
    from eigenscale.laws.saving.saved import save_fit
    from eigenscale.laws.selection.average import Blend
    from eigenscale.laws.selection.compare import compare
    from eigenscale.writing import check_place

    use_style(figure_style)
    check_place(csv, runs)
    if (known := saved_fit(context, runs, set(context.params) - ALSO_SAVED)) is not None:
        check_figures(plot, figure, None)
        predicted = _predict_points(known, predict)
        if plot is not None:
            draw(known.shown if isinstance(known, Blend) else known, plot, figure)
        write_rows(_rows(known, predicted), csv)
        if as_json:
            _print(known.to_dict(), predicted)
        else:
            tell(None, None, known, predicted)
        return
    settings: dict[str, Any] = {
        "prior": {**published_priors(prior_from, law), **normal_pairs(prior, "--prior")},
        "objective": objective,
        "bootstrap": bootstrap,
        "resampling": resampling,
        "fix": number_pairs(fix, "--fix"),
        "holdout": holdout,
        "level": level,
        "rng": seed,
    }
    reading = (column_pairs(columns), column_pairs(units), where)
    tasks = checks.tasks(runs, downstream, reading, predict, settings)
    if tasks.alone:
        checks.tell_alone(tasks, as_json)
        return
    check_figures(plot, figure, holdout)
    check_place(save, runs)
    table = load_runs(runs, columns, units, where, drop_flagged, drop_highest, checkpoints, pattern)
    columns_beside = sweeps.beside(runs, table)
    table, cells, _ = sweeps.best_over(table, columns_beside, best_over)
    columns_beside = sweeps.beside(runs, table) if cells else columns_beside
    with progress_bar("fitting") as progress:
        if law == "all":
            compared = compare(table, progress=progress, **settings)
            used = compared.best
        else:
            compared = None
            used = fit_law(table, law, progress=progress, **settings)
    if not cells:
        hints = sweeps.explained(used, table, columns_beside) if group is None else []
        used = replace(used, remarks=(*used.remarks, *hints))
    added = checks.checked(used, table, columns_beside, local=local, counting=counting)
    added = added.with_(tasks).with_(checks.grouped(table, columns_beside, group, settings))
    used = replace(used, remarks=(*used.remarks, *added.warnings))
    predicted = _predict_points(used, predict, columns, units)
    if plot is not None:  # what cannot be drawn is said before anything is written
        draw(used, plot, figure)
    write_rows(_rows(used, predicted), csv)
    if save is not None:
        save_fit(used, save)
    if as_json:
        printed = used.to_dict() if compared is None else replace(compared, best=used).to_dict()
        printed |= {"cells": [c.to_dict() for c in cells]} if cells else {}
        _print({**printed, **added.keys}, predicted)
    else:
        tell(table, compared, used, predicted)
        checks.tell(added)


def _rows(found: "LawFit | Blend", predicted: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each predicted point, or where none is asked for, each parameter."""
    from eigenscale.laws.selection.average import Blend
    from eigenscale.results import to_plain

    if predicted:
        pairs = zip(predicted["predictions"], predicted["run_predictions"], strict=True)
        return [to_plain({"prediction": law, "run": run}) for law, run in pairs]
    shown = found.shown if isinstance(found, Blend) else found
    return [{"parameter": name, **to_plain(one)} for name, one in shown.parameters.items()]


def _predict_points(
    found: "LawFit | Blend", points: str | None, columns: Sequence[str] = (), units: Any = ()
) -> dict[str, Any]:
    """Predict at the points of a table, in its order, or at one point; a loss is not looked at."""
    from eigenscale.cli.options.reading import load_runs
    from eigenscale.laws.table import tabulate

    if points is None:
        return {}
    if "=" in points and not Path(points).exists():
        return _both(found.predict(**_point(points)))
    kept = [text for text in columns if not text.startswith("loss=")]
    known = tabulate(load_runs(points, [*kept, "loss=1"], list(units), []))
    return _both(found.predict(**dict(known.inputs)))


def _print(fitted: dict[str, Any], predicted: dict[str, Any]) -> None:
    """One object: the fit, what was predicted, and the warnings of both."""
    from eigenscale.cli.output.common import print_json

    warnings = [*predicted.get("warnings", []), *fitted["warnings"]]
    reliable = predicted.pop("reliable", [])
    for name in ("predictions", "run_predictions"):
        if name in predicted:
            rows = zip(predicted[name], reliable, strict=True)
            predicted[name] = [{**one.to_dict(), "reliable": known} for one, known in rows]
    print_json({**fitted, **predicted, "warnings": warnings})


def _both(found: "Prediction") -> dict[str, Any]:
    """Where the law lies, and where a single run would; how far beyond the runs that is."""
    return {
        "predictions": found.intervals(),
        "run_predictions": found.intervals(run=True),
        "reliable": found.reliable,
        "decades_beyond": found.beyond,
        "warnings": list(found.warnings),
    }


def _point(text: str) -> dict[str, Any]:
    """Read one point, ``params=7e9,tokens=1e12``; what can be derived of it is."""
    from eigenscale.cli.options.reading import number_pairs
    from eigenscale.laws.table import tabulate

    names = {"n_features": "params", "n_samples": "tokens"}
    given = number_pairs(text.split(","), "--predict")
    columns = {names.get(name, name): [value] for name, value in given.items()}
    return dict(tabulate({**columns, "loss": [1.0]}).inputs)

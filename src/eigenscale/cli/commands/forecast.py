"""`eigenscale forecast`: how the loss of your data will fall."""

from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.rows import KEEP_INDEX

if TYPE_CHECKING:
    from eigenscale.forecasting.check.verdict import Check, CheckPoint
    from eigenscale.forecasting.result import Forecast
    from eigenscale.planning.worth import Worth
    from eigenscale.results import Interval


def forecast(  # noqa: C901 - one branch for each kind of answer
    data: str = typer.Argument(
        metavar="DATA", help="Rows of features; without --target, measured n_samples and loss."
    ),
    target: str | None = typer.Option(
        None,
        help="What is predicted: a column of DATA, or a file with a row for each of its rows.",
    ),
    samples: str | None = typer.Option(None, help="Training samples: 1000 or 100:100000:9."),
    features: str | None = typer.Option(None, help="Random features; without it DATA's columns."),
    ridge: str = typer.Option("optimal", help="Per sample, ΦᵀΦ/T + ridge·I: numbers or optimal."),
    feature_map: str | None = typer.Option(
        None, "--map", help="Of random features: relu (default), cos, erf or linear."
    ),
    kernel: str | None = typer.Option(None, help="gaussian, laplace or arc-cosine."),
    width: float | None = typer.Option(
        None, help="Of the kernel, or of cos; inputs have typical length 1 (default 1)."
    ),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    draws: int = typer.Option(200, help="Resamplings behind the intervals."),
    max_rows: int | None = typer.Option(None, help="Rows of DATA to use, drawn at random."),
    metric: str | None = typer.Option(
        None, help="Of the answer: error_rate, f1, auc, log_loss, brier, rmse, mae, r2, …"
    ),
    groups: str | None = typer.Option(
        None, help="Column of groups (a patient, a site) that are kept whole by every split."
    ),
    time: str | None = typer.Option(None, help="Column of times: tests are on later rows."),
    learner: str | None = typer.Option(
        None,
        help="Train and forecast these instead of ridge: hist-gradient-boosting, random-forest, "
        "logistic, knn, mlp, ridge, kernel or module:Class; several as a,b,c are compared.",
    ),
    minutes: float = typer.Option(2.0, help="CPU minutes to spend on training learners."),
    folds: int = typer.Option(5, help="Of the cross-validation of learners."),
    store: str | None = typer.Option(
        None, help="Keep fits of learners in FILE.sqlite; the same command goes on from there."
    ),
    check: bool = typer.Option(False, "--check", help="Train the real thing on parts, compare."),
    target_loss: float | None = typer.Option(None, help="At how many samples is it reached?"),
    cost_per_sample: float | None = typer.Option(
        None, help="Cost of one more sample, in any unit."
    ),
    value: float | None = typer.Option(
        None, help="Worth of one unit of loss, in money: says whether more samples pay."
    ),
    cost_per_feature: float | None = typer.Option(
        None, help="Cost of one more feature, in that unit."
    ),
    columns: str | None = typer.Option(None, help="Columns of a table to use, as a,b,c."),
    keep_index: bool = KEEP_INDEX,  # noqa: ARG001 - read by its callback
    prepare: str = typer.Option(
        "auto", help="Scaling of a table's numbers: auto, none, standard or robust."
    ),
    seed: int = typer.Option(0, min=0, help="Same seed, same result."),
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Say how test loss will fall with more samples or random features, from a sample.

    Loss is the mean squared test error summed over target columns (classes one-hot). Without a
    target, DATA is a table of losses that were measured, of any learner, and an average
    of curve forms is fitted to them.

    \b
    Examples:
      eigenscale forecast embeddings.npy --target labels.npy --samples 1000:1e6:7 --check
      eigenscale forecast table.csv --target price --samples 1000,10000
      eigenscale forecast points.csv --target-loss 0.2
      eigenscale forecast table.csv --target price --learner random-forest,ridge --minutes 5
    """  # noqa: D301
    from eigenscale.cli.messages import warn
    from eigenscale.cli.options.numbers import parse_numbers
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.cli.output.faces import check_faces, write_rows
    from eigenscale.cli.output.learners import forecast_learners
    from eigenscale.io.data.generators import with_seed

    check_faces(plot, csv, figure_style)
    asked = None if samples is None else parse_numbers(samples, "--samples")
    data = with_seed(data, seed)
    if learner is not None:
        options: dict[str, Any] = {
            "n_samples": asked,
            "minutes": minutes,
            "folds": folds,
            "store": store,
        }
        options |= {"max_rows": max_rows, "level": level, "draws": draws, "rng": seed}
        options |= {"columns": columns.split(",") if columns else None, "metric": metric}
        options |= {"prepare": prepare, "groups": groups, "time": time}
        forecast_learners(data, target, learner, plot, csv, as_json, options)
        return
    with progress_bar(f"learning from {data}") as progress:
        if target is None:
            extra = {"--features": features, "--kernel": kernel, "--columns": columns}
            result = _of_points(data, asked, extra, check, level, draws, seed)
        else:
            result = _of_data(
                data,
                target,
                asked,
                n_features=None if features is None else parse_numbers(features, "--features"),
                ridge="optimal" if ridge == "optimal" else parse_numbers(ridge, "--ridge"),
                feature_map=feature_map,
                kernel=kernel,
                width=width,
                level=level,
                draws=draws,
                max_rows=max_rows,
                check=check,
                columns=columns.split(",") if columns else None,
                prepare=prepare,
                metric=metric,
                groups=groups,
                time=time,
                rng=seed,
                progress=progress,
            )
        advice = result.advice(
            target_loss, cost_per_sample=cost_per_sample, cost_per_feature=cost_per_feature
        )
    more = {} if value is None else {"value": _worth(result, value, cost_per_sample)}
    write_rows(result.to_dict()["rows"], csv)
    if plot is not None:
        _draw(result, plot)
    if as_json:
        print_json({**result.to_dict(), "advice": advice, **more})
        return
    if result.answer is not None:
        typer.echo(f"{result.answer.summary}\n")
    _print(result)
    for line in () if result.prepared is None else result.prepared.summary:
        typer.echo(line)
    typer.echo(f"\n{advice.summary}")
    if result.answer is not None:
        typer.echo(f"\n{result.answer.more_rows}")
    for found in more.values():
        typer.echo(f"\n{found.summary}")
    for note in result.notes:
        warn(note)
    for row in result:
        if not row.reliable:
            warn(f"DO NOT RELY ON the loss at {row.n_samples:,} samples: {_doubt(row.loss)}")


def _worth(result: "Forecast", value: float, price: float | None) -> "Worth":
    """Say whether ten times the samples pay, with all features."""
    import numpy as np

    from eigenscale.forecasting.advice.crossing import ask
    from eigenscale.planning.worth import amounts_from, worth

    features = np.inf
    if result.free_features:
        features = float(max(row.n_features or 0 for row in result.rows))
    amounts = amounts_from(float(result.n_read))
    loss, draws = ask(result.forecaster, features, amounts)
    level = result.rows[0].loss.level
    return worth(amounts, loss, draws, value, price, unit="samples", level=level)


def _of_data(data: str, target: str, samples: Any, **options: Any) -> "Forecast":
    from eigenscale.errors import InputError
    from eigenscale.forecasting.forecast import forecast as ask

    if samples is None:
        raise InputError("--samples is missing; say for how many, as --samples 1000:1e6:7")
    if options["feature_map"] is not None and options["n_features"] is None:
        raise InputError("--map goes with random features; give --features, or drop it")
    wide = options["kernel"] is not None or options["feature_map"] == "cos"
    if options["width"] is not None and not wide:
        raise InputError("--width goes with --kernel or --map cos; give one, or drop it")
    given = {name: value for name, value in options.items() if value is not None}
    return ask(data, target, n_samples=samples, **given)


def _of_points(
    table: str,
    samples: Any,
    extra: dict[str, Any],
    check: bool,
    level: float,
    draws: int,
    seed: int,
) -> "Forecast":
    """Forecast from a table of measured losses; refuse what goes with a target."""
    from pathlib import Path

    from eigenscale.errors import InputError
    from eigenscale.forecasting.external.forecast_points import forecast_points
    from eigenscale.io.tables.whole import ENDINGS

    given = [name for name, value in (extra | {"--check": check or None}).items() if value]
    if given:
        raise InputError(f"{given[0]} goes with --target; give the target of {table}, or drop it")
    if Path(table).exists() and Path(table).suffix.lower() not in ENDINGS:
        raise InputError(
            f"{table} comes without --target; give one, or a table with columns n_samples and loss"
        )
    return forecast_points(table, n_samples=samples, level=level, draws=draws, rng=seed)


def _draw(result: "Forecast", path: str) -> None:
    from eigenscale.figures.render.saving import save
    from eigenscale.figures.topics.forecast import forecast_figure

    save(forecast_figure(result), path)


def _print(result: "Forecast") -> None:
    from eigenscale.cli.output.common import print_table

    made = f"{len(result.points)} measured points" if result.points else f"{result.n_rows:,} rows"
    level = 100 * result[0].loss.level
    title = f"Test loss of {result.learner}, from {made}, with {level:.3g} % intervals"
    print_table([_row(row) for row in result], title=title)
    if result.check is not None:
        _print_check(result.check)


def _print_check(check: "Check") -> None:
    from eigenscale.cli.output.common import print_table

    title = f"Students trained, tested on {check.n_test:,} rows held back"
    print_table([_checked(point) for point in check.points], title=f"\n{title}")
    typer.echo(f"\n{check.summary}")


def _checked(point: "CheckPoint") -> dict[str, Any]:
    from eigenscale.text.numbers import with_interval

    cells: dict[str, Any] = {"samples": f"{point.measured.n_samples:,}"}
    if point.measured.n_features is not None:
        cells["features"] = f"{point.measured.n_features:,}"
    cells |= {
        "ridge": point.measured.ridge,
        "measured": with_interval(point.measured.loss),
        "forecast": with_interval(point.predicted.loss),
        "apart": f"{100 * point.apart:+.2g} %",
    }
    if point.error_rate is not None:
        cells["error rate"] = with_interval(point.error_rate)
    return cells


def _row(row: Any) -> dict[str, Any]:
    from eigenscale.text.numbers import with_interval

    cells: dict[str, Any] = {"samples": f"{row.n_samples:,}"}
    if row.n_features is not None:
        cells["features"] = f"{row.n_features:,}"
    if row.ridge is not None:
        cells["ridge"] = row.ridge
    cells["loss"] = with_interval(row.loss)
    if row.error_rate is not None:
        cells["error rate"] = with_interval(row.error_rate)
    return cells | {"beyond": row.extrapolated or "–"}


def _doubt(loss: "Interval") -> str:
    """Say why a loss is no guide."""
    if loss.low > 0 and loss.high < float("inf"):
        return f"its interval spans a factor of {loss.high / loss.low:.2g}"
    return "no interval could be given that excludes zero"

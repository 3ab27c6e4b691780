"""`eigenscale forecast`: how the loss of your data will fall."""

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from eigenscale.forecast.result import Forecast
    from eigenscale.forecast.verdict import Check, CheckPoint


def forecast(
    data: str = typer.Argument(
        metavar="DATA", help="Rows of features: .npy, .npz, .csv, .parquet, …"
    ),
    target: str = typer.Option(..., help="Target, one row per row of DATA."),
    samples: str = typer.Option(..., help="Training samples: 1000, 100,1000 or 100:100000:9."),
    features: str | None = typer.Option(None, help="Random features; without it DATA's columns."),
    ridge: str = typer.Option("optimal", help="Per sample, ΦᵀΦ/T + ridge·I: numbers or optimal."),
    feature_map: str = typer.Option("relu", "--map", help="relu, cos, erf or linear."),
    kernel: str | None = typer.Option(None, help="gaussian, laplace or arc-cosine."),
    width: float = typer.Option(1.0, help="Of the kernel; inputs have typical length 1."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    draws: int = typer.Option(200, help="Resamplings behind the intervals."),
    max_rows: int | None = typer.Option(None, help="Rows of DATA to use, drawn at random."),
    check: bool = typer.Option(False, "--check", help="Train the real thing on parts, compare."),
    target_loss: float | None = typer.Option(None, help="At how many samples is it reached?"),
    cost_per_sample: float | None = typer.Option(None, help="Of one more sample, in any unit."),
    cost_per_feature: float | None = typer.Option(None, help="Of one more feature, in that unit."),
    columns: str | None = typer.Option(None, help="Columns of a table to use, as a,b,c."),
    seed: int = typer.Option(0, min=0, help="Same seed, same result."),
    plot: str | None = typer.Option(None, help="Draw to FILE (.png, .svg, .pdf, .html)."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Say how test loss will fall with more samples or random features, from a sample.

    Loss is the mean squared test error summed over target columns (classes one-hot).

    \b
    Example:
      eigenscale forecast embeddings.npy --target labels.npy --samples 1000:1e6:7
    """  # noqa: D301
    from eigenscale.cli.common import parse_numbers, print_json, progress_bar, warn
    from eigenscale.forecast import forecast as ask

    if plot is not None:
        from eigenscale.figures.saving import check_plot_path

        check_plot_path(plot)
    with progress_bar(f"learning from {data}") as progress:
        result = ask(
            data,
            target,
            n_samples=parse_numbers(samples, "--samples"),
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
            rng=seed,
            progress=progress,
        )
        advice = result.advice(
            target_loss, cost_per_sample=cost_per_sample, cost_per_feature=cost_per_feature
        )
    if plot is not None:
        _draw(result, plot)
    if as_json:
        print_json({**result.to_dict(), "advice": advice})
    else:
        _print(result)
        typer.echo(f"\n{advice.summary}")
        for note in result.notes:
            warn(note)


def _draw(result: "Forecast", path: str) -> None:
    from eigenscale.figures.forecast import forecast_figure
    from eigenscale.figures.saving import save

    save(forecast_figure(result), path)


def _print(result: "Forecast") -> None:
    from eigenscale.cli.common import print_table

    title = f"Test loss of {result.learner}, from {result.n_rows:,} rows"
    print_table([_row(row) for row in result], title=title)
    if result.check is not None:
        _print_check(result.check)


def _print_check(check: "Check") -> None:
    from eigenscale.cli.common import print_table

    title = f"Students trained, tested on {check.n_test:,} rows held back"
    print_table([_checked(point) for point in check.points], title=f"\n{title}")
    typer.echo(f"\n{check.summary}")


def _checked(point: "CheckPoint") -> dict[str, Any]:
    cells: dict[str, Any] = {"samples": f"{point.measured.n_samples:,}"}
    if point.measured.n_features is not None:
        cells["features"] = f"{point.measured.n_features:,}"
    cells |= {
        "ridge": point.measured.ridge,
        "measured": str(point.measured.loss),
        "forecast": str(point.predicted.loss),
        "apart": f"{100 * point.apart:+.2g} %",
    }
    if point.error_rate is not None:
        cells["error rate"] = str(point.error_rate)
    return cells


def _row(row: Any) -> dict[str, Any]:
    cells: dict[str, Any] = {"samples": f"{row.n_samples:,}"}
    if row.n_features is not None:
        cells["features"] = f"{row.n_features:,}"
    cells |= {"ridge": row.ridge, "loss": str(row.loss)}
    if row.error_rate is not None:
        cells["error rate"] = str(row.error_rate)
    return cells | {"beyond": row.extrapolated or "–"}

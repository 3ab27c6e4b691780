"""Learning curves of learners from the command line: measured, compared and printed."""

from typing import Any

import typer

from eigenscale.cli.messages import warn
from eigenscale.cli.output.common import print_json, print_table, progress_bar
from eigenscale.cli.output.faces import write_rows
from eigenscale.errors import InputError
from eigenscale.figures.render.saving import save
from eigenscale.figures.topics.learners import learners_figure
from eigenscale.forecasting.external.comparison import Comparison, compare_learners
from eigenscale.results import to_plain
from eigenscale.text.numbers import count, percent, with_interval
from eigenscale.text.words import capitalised


def forecast_learners(
    data: str,
    target: str | None,
    learners: str,
    plot: str | None,
    csv: str | None,
    as_json: bool,
    options: dict[str, Any],
) -> None:
    """Measure and forecast the learners that are named, as a,b,c, and print what was found."""
    if target is None:
        raise InputError("--learner needs --target; name the column or file that is predicted")
    given = {name: value for name, value in options.items() if value is not None}
    names = [name.strip() for name in learners.split(",") if name.strip()]
    with progress_bar(f"training {', '.join(names)}") as progress:
        found = compare_learners(data, target, names, progress=progress, **given)
    if plot is not None:
        save(learners_figure(found), plot)
    write_rows(rows_of(found), csv)
    if as_json:
        print_json(found.to_dict())
        return
    _print(found)
    for note in found.notes:
        warn(note)


def rows_of(found: Comparison) -> list[dict[str, Any]]:
    """One row for each learner and number of rows: the forecast with its interval."""
    return [
        {"learner": curve.learner, **to_plain(row)}
        for curve, forecast in zip(found.curves, found.forecasts, strict=True)
        for row in forecast
    ]


def _print(found: Comparison) -> None:
    for curve, forecast in zip(found.curves, found.forecasts, strict=True):
        kept = f", {curve.found} of them from the store" if curve.found else ""
        title = (
            f"{capitalised(found.metric)} of {curve.learner}, from {curve.losses.size} fits on up "
            f"to {count(curve.sizes[-1])} rows{kept}"
        )
        print_table(
            [
                {
                    "rows": f"{row.n_samples:,}",
                    found.metric: with_interval(row.loss),
                    "beyond": row.extrapolated or "–",
                }
                for row in forecast
            ],
            title=title,
        )
    if len(found.curves) > 1:
        print_table(
            [
                {
                    "rows": f"{win.n_samples:,}",
                    "best": win.learner,
                    "probability": percent(win.probability),
                }
                for win in found.wins
            ],
            title="\nWho wins",
        )
    typer.echo(f"\n{found.summary}")

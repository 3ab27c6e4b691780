"""What `eigenscale curve` prints for people, and the table of its predictions."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from eigenscale.cli.messages import warn
from eigenscale.cli.output.common import print_facts, print_json, print_table
from eigenscale.figures.render.saving import check_plot_path, save
from eigenscale.figures.topics.curves import curve_figure
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.planning.training.answers import CurveAnswer
from eigenscale.text.numbers import percent, with_interval
from eigenscale.writing import check_place, whole_file


@dataclass(frozen=True)
class Shown:
    """Where and how an answer is shown.

    Attributes
    ----------
    csv, plot : str or None
        Files for the predictions and the figure.
    as_json : bool
        Whether one JSON object goes to stdout, instead of words.
    """

    csv: str | None
    plot: str | None
    as_json: bool

    def check(self, files: Sequence[str]) -> None:
        """Refuse places that cannot be written, or that are read, before any work."""
        for file in files:
            check_place(self.csv, file)
        if self.plot is not None:
            check_plot_path(self.plot)


def tell(found: CurveAnswer, shown: Shown) -> None:
    """Write the files that were asked for, then words or JSON."""
    if shown.csv is not None:
        write_predictions(found.predictions, shown.csv)
    if shown.plot is not None:
        draw(found, shown.plot)
    if shown.as_json:
        print_json(found)
        return
    for caution in found.fit.cautions:
        warn(caution)
    show(found)


def show(found: CurveAnswer) -> None:
    """Print the law, its parameters and the predictions."""
    fit = found.fit
    facts: list[tuple[str, Any]] = [
        ("equation", fit.law.equation),
        ("source", fit.law.source),
        *((name, with_interval(value)) for name, value in fit.parameters.items()),
        ("objective", f"{fit.solved.objective:.4g} ({fit.solved.goal.name})"),
        ("certificate", fit.solved.certificate.sentence()),
        ("scatter", f"{percent(fit.noise.deviation)} of the loss per record"),
    ]
    print_facts(f"{fit.law.name} on {_curves(fit)}", facts)
    if found.predictions:
        print_table([_row(p) for p in found.predictions], "Predictions")
    _show_answers(found)
    for one in found.predictions:
        for doubt in one.doubts:
            typer.echo(f"DO NOT RELY on {one.name}: {doubt}")


def draw(found: CurveAnswer, path: str | Path) -> None:
    """Draw the curves, the predictions and the schedules to a file."""
    best = () if found.best is None else (found.best.prediction,)
    more = () if found.more is None else (found.more.cooled, found.more.longer)
    save(curve_figure(found.fit, (*found.predictions, *best, *more)), path)


def _show_answers(found: CurveAnswer) -> None:
    """Print what else was asked for."""
    if found.laws is not None:
        print_table(found.laws.laws(), "Laws by backtest")
    if found.race:
        rows = [
            {
                "run": r.prediction.name,
                "loss at the end": with_interval(r.prediction.end),
                "ends lowest with probability": percent(r.probability),
                "advice": r.advice,
            }
            for r in found.race
        ]
        print_table(rows, "Which run will end lowest")
    for said in (found.best, found.more):
        for sentence in said.sentences() if said is not None else ():
            typer.echo(sentence)


def _curves(fit: CurveFit) -> str:
    records = sum(len(c.steps) for c in fit.curves)
    many = len(fit.curves)
    return f"{many} curve{'s' if many > 1 else ''}, {records:,} records"


def _row(one: CurvePrediction) -> dict[str, Any]:
    return {
        "run": one.name,
        "step": f"{one.steps[-1]:,}",
        "loss": with_interval(one.end),
        "reliable": "yes" if one.reliable else "no",
    }


def write_predictions(predictions: Sequence[CurvePrediction], path: str | Path) -> None:
    """Write name, step, loss and interval of each prediction as CSV."""
    with whole_file(path) as place, place.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "step", "loss", "low", "high", "level", "reliable"])
        for one in predictions:
            end = one.end
            row = [one.name, int(one.steps[-1]), end.value, end.low, end.high, end.level]
            writer.writerow([*row, one.reliable])

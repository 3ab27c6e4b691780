"""What `eigenscale curve` prints for people, and the table of its predictions."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from eigenscale.cli.messages import warn
from eigenscale.cli.output.common import print_facts, print_json, print_table
from eigenscale.errors import InputError
from eigenscale.laws.curves.result import CurveFit, CurvePrediction
from eigenscale.planning.training.answers import CurveAnswer
from eigenscale.planning.training.trunks import TrunkPoints, trunk_points
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
    trunks : Trunks or None
        Where finished runs are written as points.
    """

    csv: str | None
    plot: str | None
    as_json: bool
    trunks: "Trunks | None" = None

    def check(self, files: Sequence[str]) -> None:
        """Refuse places that cannot be written, or that are read, before any work."""
        for file in files:
            check_place(self.csv, file)
            check_place(None if self.trunks is None else self.trunks.path, file)
        if self.plot is not None:
            from eigenscale.figures.render.saving import check_plot_path

            check_plot_path(self.plot)


@dataclass(frozen=True)
class Trunks:
    """Finished runs as points of a law of size and data.

    Attributes
    ----------
    path : str
        Where they are written, as CSV.
    params : float
    tokens_per_step : float or None
        By default what the files say.
    """

    path: str
    params: float
    tokens_per_step: float | None

    @classmethod
    def of(
        cls, path: str | None, params: float | None, tokens_per_step: float | None
    ) -> "Trunks | None":
        """Check the three options together."""
        if path is None:
            if params is not None or tokens_per_step is not None:
                raise InputError("--params and --tokens-per-step are for --points; name a file")
            return None
        if params is None:
            raise InputError("--points needs the size of the model; give --params 25e6")
        return cls(path, params, tokens_per_step)

    def write(self, found: CurveAnswer) -> TrunkPoints:
        """Write the points of the fitted curves."""
        told = {c.batch_tokens for c in found.fit.curves} - {None}
        per_step = self.tokens_per_step or (told.pop() if len(told) == 1 else None)
        if per_step is None:
            raise InputError("the files do not say one number of tokens; give --tokens-per-step")
        points = trunk_points(found.fit.curves, self.params, per_step)
        columns = points.columns()
        with whole_file(self.path) as place, place.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return points


def tell(found: CurveAnswer, shown: Shown) -> None:
    """Write the files that were asked for, then words or JSON."""
    if shown.csv is not None:
        write_predictions(found.predictions, shown.csv)
    if shown.plot is not None:
        draw(found, shown.plot)
    points = None if shown.trunks is None else shown.trunks.write(found)
    if shown.as_json:
        print_json({**found.to_dict(), **({} if points is None else {"points": points})})
        return
    for caution in found.fit.warnings:
        warn(caution)
    show(found)
    if points is not None and shown.trunks is not None:
        typer.echo(
            f"{len(points.points)} finished runs written as points: {shown.trunks.path}; all runs "
            f"together cost {points.spent:.3g} FLOPs, trunks counted once"
        )


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
    from eigenscale.figures.render.saving import save
    from eigenscale.figures.topics.curves import curve_figure

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

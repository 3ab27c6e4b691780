"""`eigenscale curve`: where training will end, under this or another learning-rate schedule."""

from typing import Any

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.reading import COLUMNS

FILES = typer.Argument(
    ..., metavar="FILE...", help="Training curves: columns step, lr and loss, in any format."
)
PREDICT = typer.Option(
    [], help="Plan with columns step and lr, whose end is predicted; may be repeated."
)
FAMILY = typer.Option(
    [], help="Curve of another member, as a smaller size, whose shape is a prior; may be repeated."
)


def curve(
    files: list[str] = FILES,
    predict: list[str] = PREDICT,
    until: int | None = typer.Option(
        None, min=1, help="Forget the losses of the one FILE behind this step; predict its end."
    ),
    at: int | None = typer.Option(None, min=1, help="Predict this step instead of the end."),
    schedule: str | None = typer.Option(
        None, help="Schedule to predict, or that of files without lr: wsd:start=0.8,total=24000."
    ),
    warmup: int | None = typer.Option(None, min=0, help="Steps of warm-up before the records."),
    family: list[str] = FAMILY,
    law: str = typer.Option(
        "multi-power", help="multi-power, annealing, functional, steps-only, or all."
    ),
    best: int | None = typer.Option(
        None, min=1, help="Find the best WSD schedule of so many steps."
    ),
    continuable: bool = typer.Option(
        False, "--continuable", help="With --best: the latest cooldown within 0.1 % of the best."
    ),
    more: int | None = typer.Option(
        None, min=1, help="What so many more steps of the one FILE would bring."
    ),
    compare: bool = typer.Option(
        False, "--compare", help="FILEs are rivals, each with its own law: which will end lowest?"
    ),
    points: str | None = typer.Option(
        None, help="Write finished runs as a table that `fit` reads; trunks are paid for once."
    ),
    params: float | None = typer.Option(None, help="With --points: size of the model."),
    tokens_per_step: float | None = typer.Option(
        None, help="With --points: tokens of one step, where the files do not say."
    ),
    columns: list[str] = COLUMNS,
    follow: bool = typer.Option(
        False, "--follow", help="Answer again as lines arrive, until the run ends or Ctrl-C."
    ),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of starts and draws."),
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Fit a law of the training curve that sees the learning rate, and predict ends of runs.

    \b
    Examples:
      eigenscale curve cosine.csv constant.csv --predict plan.csv
      eigenscale curve run.csv --until 12000 --family smaller/*.csv
      eigenscale curve run.csv --schedule wsd:start=20000,total=24000,end=3e-5
      eigenscale curve cosine.csv constant.csv --best 72000
      eigenscale curve run.csv --schedule cosine:total=24000 --follow --plot run.png
      eigenscale curve trunk.csv cooled*.csv --points runs.csv --params 25e6 --tokens-per-step 5e5
    """
    from eigenscale.cli.options.reading import pairs
    from eigenscale.cli.output.curve import Shown, Trunks, tell
    from eigenscale.cli.output.follow import follow as watch
    from eigenscale.figures.render.saving import use_style
    from eigenscale.planning.training.curve import curve as answered

    shown = Shown(csv, plot, as_json, Trunks.of(points, params, tokens_per_step))
    shown.check(files)
    use_style(figure_style)
    asked: dict[str, Any] = {
        "predict": predict,
        "until": until,
        "at": at,
        "schedule": schedule,
        "warmup": warmup,
        "family": family,
        "best": best,
        "continuable": continuable,
        "more": more,
        "compare": compare,
        "columns": pairs(columns, "--columns"),
        "law": law,
        "level": level,
        "rng": seed,
    }

    def again() -> bool:
        found = answered(files, **asked)
        tell(found, shown)
        return found.ended

    if follow:
        watch(files, again)
    else:
        again()

"""`eigenscale predict`: the loss at new points by a fit, registered before it is measured."""

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE


def predict(
    fit: str = typer.Argument(..., metavar="FIT", help="A saved fit, or a table of runs to fit."),
    points: str | None = typer.Argument(None, metavar="POINTS", help="Table of points."),
    flops: str | None = typer.Option(
        None, help="Budgets in FLOP, as 1e23: at the compute-optimal size."
    ),
    params: str | None = typer.Option(None, help="Sizes, with --tokens."),
    tokens: str | None = typer.Option(None, help="Training tokens, with --params."),
    register: str | None = typer.Option(
        None, metavar="FILE", help="Add the prediction, dated and hashed, to FILE."
    ),
    csv: str | None = CSV,
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Predict the loss of larger runs, and register the prediction before they are trained.

    \b
    Examples:
      eigenscale predict fit.json --flops 1e23 --register predictions.json
      eigenscale predict fit.json --params 7e9 --tokens 1e12
      eigenscale predict fit.json points.csv --json
    """  # noqa: D301
    from eigenscale.cli.messages import warn
    from eigenscale.cli.options.numbers import parse_numbers
    from eigenscale.cli.output.common import print_json
    from eigenscale.cli.output.faces import check_faces, draw
    from eigenscale.laws.saving.registered import register as write
    from eigenscale.planning.predict import predict as ask
    from eigenscale.writing import check_place

    check_place(register, fit, points)
    check_faces(plot, csv, figure_style)
    given = {"flops": flops, "params": params, "tokens": tokens}
    asked = {k: parse_numbers(v, f"--{k}") for k, v in given.items() if v is not None}
    found = ask(fit, points, **asked)
    plain = found.to_dict()
    draw(found, plot)
    if csv is not None:
        found.to_csv(csv)
    entry = None
    if register is not None:
        entry = write(register, found.law, found.unit, plain["points"], plain["predictions"])
    if as_json:
        kept = (
            None if entry is None else {k: entry[k] for k in ("made", "hash")} | {"file": register}
        )
        print_json({"registered": kept, **plain})
        return
    typer.echo(found.summary())
    if entry is not None:
        typer.echo(f"Registered in {register} at {entry['made']}, hash {entry['hash'][:12]}.")
    for line in found.warnings:
        warn(line)

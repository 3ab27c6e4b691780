"""`eigenscale theory`: the model's loss on a grid of sizes, samples and ridges, or of SGD steps."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eigenscale.cli.options.faces import CSV_HELP, PLOT_HELP, STYLE_HELP
from eigenscale.cli.options.model import (
    Alpha,
    Features,
    FeatureVar,
    LatentDim,
    NoiseVar,
    Ridge,
    Scale,
    SpectrumFile,
    TargetExponent,
    Time,
    WeightVar,
    read_grid,
    read_model,
)

if TYPE_CHECKING:
    from eigenscale.model import SolvableModel

_SHOWN = {
    "n_features": "N",
    "n_samples": "T",
    "ridge": "ridge",
    "time": "time",
    "steps": "steps",
    "batch": "batch",
    "lr": "lr",
    "loss": "loss",
    "train_loss": "train loss",
    "resolved_modes": "modes",
    "exponent_features": "N exp.",
    "exponent_samples": "T exp.",
    "exponent_time": "t exp.",
    "exponent_steps": "steps exp.",
    "limited_by": "limited by",
    "limiting_exponent": "its exp.",
    "baseline": "baseline",
    "status": "status",
}


def theory(
    features: Features,
    samples: Annotated[
        str | None,
        typer.Option(help="Number of training samples T, likewise; not with --steps."),
    ] = None,
    alpha: Alpha = None,
    latent_dim: LatentDim = None,
    spectrum: SpectrumFile = None,
    target_exponent: TargetExponent = None,
    ridge: Ridge = "0",
    time: Time = None,
    steps: Annotated[
        str | None,
        typer.Option(help="Train by SGD, one pass over fresh data: numbers of steps, as above."),
    ] = None,
    batch: Annotated[str, typer.Option(help="Samples in each step of SGD, as above.")] = "1",
    lr: Annotated[
        str | None, typer.Option(help="Learning rate of SGD, in units of 1/eigenvalue, as above.")
    ] = None,
    noise_var: NoiseVar = "0",
    scale: Scale = "1",
    weight_var: WeightVar = "1",
    feature_var: FeatureVar = "1",
    baseline: Annotated[
        str | None,
        typer.Option(
            help="Error that a classical bound gives for T samples: mean, least-squares, pac, "
            "pac-agnostic, vc, smooth, nearest or 4/d; inputs follow as vc:d=10,delta=0.05."
        ),
    ] = None,
    limits: Annotated[
        bool,
        typer.Option("--limits", help="Say which scale limits the loss, and its exponent there."),
    ] = False,
    csv: Annotated[str | None, typer.Option(help=CSV_HELP)] = None,
    plot: Annotated[str | None, typer.Option(help=PLOT_HELP)] = None,
    figure_style: Annotated[str, typer.Option(help=STYLE_HELP)] = "paper",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Give the loss of the solvable model, exact for large sizes.

    \b
    Examples:
      eigenscale theory --alpha 0.5 --latent-dim 1e12 --features 100:10000:9 --samples 1000
      eigenscale theory --alpha 0.5 --latent-dim 1e6 --features inf --steps 1:1e6:7 --lr 0.1
    """  # noqa: D301
    from eigenscale.cli.output.common import print_json, print_table
    from eigenscale.cli.output.faces import check_faces, write_rows
    from eigenscale.errors import InputError

    check_faces(plot, csv, figure_style)
    model, inputs = read_model(
        alpha, latent_dim, spectrum, scale, noise_var, weight_var, feature_var, target_exponent
    )
    if steps is not None:
        _check_descent(samples, time, ridge, baseline, limits)
        rows = _descent(model, inputs, features, steps, batch, lr, plot)
    elif samples is None:
        raise InputError("no --samples are given; give their number, or --steps for one-pass SGD")
    else:
        solution = model.solve(**read_grid(features, samples, ridge, time))
        if plot is not None:
            _draw(solution, plot)
        rows = [inputs | row for row in solution.rows()]
        if limits:
            rows = _with_limits(model, solution, rows, ridge)
        if baseline is not None:
            rows = _with_baseline(model, rows, baseline)
    write_rows(rows, csv)
    if as_json:
        print_json({"rows": rows})
    else:
        print_table([_shown(row) for row in rows])


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    shown = {heading: row[name] for name, heading in _SHOWN.items() if name in row}
    if "baseline" in row:
        shown["baseline"] = row["baseline"]["value"]
    return shown


def _draw(solution: Any, path: str) -> None:
    from eigenscale.figures.render.saving import save
    from eigenscale.figures.topics.theory import loss_curves

    save(loss_curves(solution), path)


def _with_limits(
    model: "SolvableModel", solution: Any, rows: list[dict[str, Any]], ridge: str
) -> list[dict[str, Any]]:
    """Add to each row which scale limits the loss there, and its exponent."""
    best = ridge.strip().lower() == "optimal"
    found = model.bottleneck(
        solution.n_features,
        solution.n_samples,
        ridge="optimal" if best else solution.ridge,
        time=float("inf") if solution.time is None else solution.time,
    )
    names = ("limited_by", "limiting_exponent")
    return [
        row | {name: one[name] for name in names}
        for row, one in zip(rows, found.rows(), strict=True)
    ]


def _check_descent(
    samples: str | None, time: str | None, ridge: str, baseline: str | None, limits: bool
) -> None:
    """Refuse what does not go with one pass over fresh data."""
    from eigenscale.errors import InputError

    for name, value, plain in (
        ("--samples", samples, None),
        ("--time", time, None),
        ("--ridge", ridge, "0"),
        ("--baseline", baseline, None),
        ("--limits", limits, False),
    ):
        if value != plain:
            raise InputError(
                f"{name}{'' if value is True else f' {value}'} does not go with --steps, one pass "
                "over fresh data of steps × batch samples; leave one of them out"
            )


def _descent(
    model: "SolvableModel",
    inputs: dict[str, float],
    features: str,
    steps: str,
    batch: str,
    lr: str | None,
    plot: str | None,
) -> list[dict[str, Any]]:
    """Rows of one-pass SGD on the grid of features × steps × batches × rates."""
    from eigenscale.cli.options.model import whole_numbers
    from eigenscale.cli.options.numbers import parse_numbers
    from eigenscale.errors import InputError

    N = whole_numbers(features, "--features")
    b = whole_numbers(batch, "--batch")
    if lr is None:
        largest = min(model.largest_lr(float(n), float(b.min())) for n in N)
        raise InputError(f"--steps needs --lr; give a rate below {largest:.6g}, the largest stable")
    found = model.sgd(
        N[:, None, None, None],
        whole_numbers(steps, "--steps")[:, None, None],
        batch=b[:, None],
        lr=parse_numbers(lr, "--lr"),
    )
    if plot is not None:
        from eigenscale.figures.render.saving import save
        from eigenscale.figures.topics.theory import descent_curves

        save(descent_curves(found), plot)
    name = _phase(inputs)
    return [inputs | row | name for row in found.rows()]


def _phase(inputs: dict[str, float]) -> dict[str, str]:
    """Name the phase of compute-optimal SGD, where a power law has one."""
    from eigenscale.errors import InputError
    from eigenscale.theory.sgd.phases import sgd_phase

    if "alpha" not in inputs:
        return {}
    try:
        return {"phase": sgd_phase(inputs["alpha"], inputs.get("target_exponent")).name}
    except InputError:
        return {}


def _with_baseline(
    model: "SolvableModel", rows: list[dict[str, Any]], text: str
) -> list[dict[str, Any]]:
    """Add to each row what a classical baseline gives for its samples."""
    from eigenscale.cli.options.reading import number_pairs

    name, _, rest = text.partition(":")
    given = number_pairs(rest.split(","), "--baseline") if rest else {}
    if name in ("smooth", "nearest", "4/d") and rows[0].get("alpha", 0.0) > 0:
        given = {"d": 4.0 / rows[0]["alpha"]} | given  # the dimension at which 4/d is alpha
    return [
        row | {"baseline": model.baseline(name, row["n_features"], row["n_samples"], **given)}
        for row in rows
    ]

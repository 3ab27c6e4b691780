"""`eigenscale theory`: the model's loss on a grid of sizes, samples and ridges."""

from typing import Annotated, Any

import typer

from eigenscale.cli.options.model import (
    Alpha,
    Features,
    FeatureVar,
    LatentDim,
    NoiseVar,
    Ridge,
    Samples,
    Scale,
    SpectrumFile,
    Time,
    WeightVar,
    read_grid,
    read_model,
)

_SHOWN = {
    "n_features": "N",
    "n_samples": "T",
    "ridge": "ridge",
    "time": "time",
    "loss": "loss",
    "train_loss": "train loss",
    "resolved_modes": "modes",
    "exponent_features": "N exp.",
    "exponent_samples": "T exp.",
    "exponent_time": "t exp.",
    "status": "status",
}


def theory(
    features: Features,
    samples: Samples,
    alpha: Alpha = None,
    latent_dim: LatentDim = None,
    spectrum: SpectrumFile = None,
    ridge: Ridge = "0",
    time: Time = None,
    noise_var: NoiseVar = "0",
    scale: Scale = "1",
    weight_var: WeightVar = "1",
    feature_var: FeatureVar = "1",
    plot: Annotated[
        str | None, typer.Option(help="Draw to FILE (.png, .svg, .pdf, .html).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Say what the solvable model loses, exactly for large sizes.

    \b
    Example:
      eigenscale theory --alpha 0.5 --latent-dim 1e12 --features 100:10000:9 --samples 1000
    """  # noqa: D301
    from eigenscale.cli.output.common import print_json, print_table

    if plot is not None:
        from eigenscale.figures.render.saving import check_plot_path

        check_plot_path(plot)
    model, inputs = read_model(
        alpha, latent_dim, spectrum, scale, noise_var, weight_var, feature_var
    )
    grid = read_grid(features, samples, ridge, time)
    solution = model.solve(**grid)
    if plot is not None:
        _draw(solution, plot)
    rows = [inputs | row for row in solution.rows()]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table([_shown(row) for row in rows])


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {heading: row[name] for name, heading in _SHOWN.items() if name in row}


def _draw(solution: Any, path: str) -> None:
    from eigenscale.figures.render.saving import save
    from eigenscale.figures.topics.theory import loss_curves

    save(loss_curves(solution), path)

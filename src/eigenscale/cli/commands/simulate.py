"""`eigenscale simulate`: the model drawn and solved, beside what theory says."""

from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from eigenscale.model import SolvableModel
    from eigenscale.theory.solution import Solution


def simulate(
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
    draws: Annotated[int, typer.Option(help="Draws of data and features, at least 2.")] = 64,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 0,
    plot: Annotated[
        str | None, typer.Option(help="Draw to FILE (.png, .svg, .pdf, .html).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Draw the solvable model, train it, and measure its loss, with a standard error.

    \b
    Example:
      eigenscale simulate --alpha 0.5 --latent-dim 500 --features 50,100 --samples 200 --ridge 0.01
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
    found = _measure(model, solution, draws, seed)
    if plot is not None:
        _draw(model, solution, found, isinstance(grid["ridge"], str), plot)
    rows = [inputs | row for row in found]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table(found)


def _measure(
    model: "SolvableModel", solution: "Solution", draws: int, seed: int
) -> list[dict[str, Any]]:
    """One row per grid point."""
    from eigenscale.cli.output.common import progress_bar

    with progress_bar("drawing") as progress:
        found = model.simulate(
            solution.n_features,
            solution.n_samples,
            ridge=solution.ridge,
            time=solution.time,
            draws=draws,
            rng=seed,
            progress=progress,
        )
    rows = []
    for row, theory in zip(found.rows(), solution.loss.flat, strict=True):
        row.pop("noise_var")
        rows.append(row | {"theory_loss": float(theory)})
    return rows


def _draw(
    model: "SolvableModel",
    solution: "Solution",
    rows: list[dict[str, Any]],
    optimal: bool,
    path: str,
) -> None:
    from eigenscale.figures.render.saving import save
    from eigenscale.figures.topics.theory import theory_and_simulation

    save(theory_and_simulation(model, solution, rows, optimal), path)

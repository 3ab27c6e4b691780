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
    from eigenscale.progress import Progress
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


_INPUTS = ("n_features", "n_samples", "ridge", "time")


def _measure(
    model: "SolvableModel", solution: "Solution", draws: int, seed: int
) -> list[dict[str, Any]]:
    """One row per grid point, each with draws of its own that the seed fixes."""
    import numpy as np

    from eigenscale.cli.output.common import progress_bar

    points = list(solution.rows())
    seeds = np.random.SeedSequence(seed).spawn(len(points))
    rows = []
    with progress_bar("drawing") as progress:
        for i, (point, child) in enumerate(zip(points, seeds, strict=True)):
            inputs = {name: point[name] for name in _INPUTS if name in point}
            within = None if progress is None else _part(progress, i, len(points))
            drawn = model.simulate(
                **inputs, draws=draws, rng=np.random.default_rng(child), progress=within
            )
            rows.append(inputs | drawn.to_dict() | {"theory_loss": point["loss"]})
    return rows


def _part(progress: "Progress", done: int, total: int) -> "Progress":
    """Report the draws of one point as a part of all points."""
    return lambda drawn, draws: progress(done + drawn / draws, total)


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

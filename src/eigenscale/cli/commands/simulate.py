"""`eigenscale simulate`: the model drawn and solved, with what theory says of the same points."""

from typing import TYPE_CHECKING, Annotated

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
    read_spectra,
)

if TYPE_CHECKING:
    from eigenscale.model_grid import SimulatedGrid


def simulate(
    features: Features,
    samples: Samples,
    alpha: Alpha = None,
    latent_dim: LatentDim = None,
    spectrum: SpectrumFile = None,
    target_exponent: Annotated[
        str | None,
        typer.Option(
            help="Exponent of the target's power, which falls as 1 + it; by default alpha."
        ),
    ] = None,
    ridge: Ridge = "0",
    time: Time = None,
    noise_var: NoiseVar = "0",
    scale: Scale = "1",
    weight_var: WeightVar = "1",
    feature_var: FeatureVar = "1",
    latent_map: Annotated[
        str,
        typer.Option(
            "--map",
            help="Feature maps: linear, relu, tanh, erf, gelu, quadratic, …, relu:2 for two "
            "layers, module:function; several as a list.",
        ),
    ] = "linear",
    draws: Annotated[int, typer.Option(help="Draws of data and features, at least 2.")] = 64,
    seed: Annotated[str, typer.Option(help="The same seed gives the same numbers.")] = "0",
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            "--scheduler",
            help="Where to run: processes, local:N (Dask workers here) or the address of a Dask "
            "scheduler, tcp://host:8786.",
        ),
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="Number of processes.")] = None,
    csv: Annotated[
        str | None, typer.Option(help="Write the rows to FILE (.csv or .parquet).")
    ] = None,
    plot: Annotated[
        str | None, typer.Option(help="Draw to FILE (.png, .svg, .pdf, .html).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Draw the solvable model, train it, and measure its loss, with a standard error.

    Everything but the scale and the variances of weights and features may be a list; every
    combination is a row.

    \b
    Example:
      eigenscale simulate --alpha 0.5 --latent-dim 500 --features 50,100 --samples 200 --ridge 0.01
    """  # noqa: D301
    from eigenscale.cli.options.numbers import parse_number, parse_numbers
    from eigenscale.cli.output.common import print_json, progress_bar
    from eigenscale.errors import InputError
    from eigenscale.model_grid import simulate_grid
    from eigenscale.writing import check_place

    check_place(csv)
    if plot is not None:
        from eigenscale.figures.render.saving import check_plot_path

        check_plot_path(plot)
    spectra = read_spectra(alpha, latent_dim, spectrum, scale, weight_var, target_exponent)
    noises, seeds = parse_numbers(noise_var, "--noise-var"), parse_numbers(seed, "--seed")
    maps = [name.strip() for name in latent_map.split(",")]
    if plot is not None and len(spectra) * len(noises) * len(seeds) * len(maps) > 1:
        raise InputError(
            "--plot draws one spectrum, noise, map and seed, with its theory; give one of each"
        )
    with progress_bar("drawing") as progress:
        found = simulate_grid(
            spectra,
            **read_grid(features, samples, ridge, time),
            noise_var=noises,
            weight_var=parse_number(weight_var, "--weight-var"),
            feature_var=parse_number(feature_var, "--feature-var"),
            latent_map=maps,
            seed=seeds,
            draws=draws,
            engine=engine,
            jobs=jobs,
            progress=progress,
        )
    if plot is not None:
        _draw(found, ridge, plot)
    if csv is not None:
        found.to_csv(csv)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: "SimulatedGrid") -> None:
    """Print what differs between the rows, and the sizes, ridges and losses."""
    from eigenscale.cli.output.common import print_table

    shown = {"n_features", "n_samples", "ridge", "time", "loss", "standard_error", "draws"}
    first = found.table[0]
    names = [
        name
        for name in dict.fromkeys(name for row in found.table for name in row)
        if name in shown | {"theory_loss"}
        or any(row.get(name) != first.get(name) for row in found.table)
    ]
    print_table([{name: row.get(name) for name in names} for row in found.table])


def _draw(found: "SimulatedGrid", ridge: str, path: str) -> None:
    from eigenscale.figures.render.saving import save
    from eigenscale.figures.topics.theory import theory_and_simulation

    optimal = ridge.strip().lower() == "optimal"
    save(theory_and_simulation(found.models[0], found.solutions[0], found.table, optimal), path)

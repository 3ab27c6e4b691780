"""`eigenscale simulate`: the model drawn and solved, with what theory says of the same points."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eigenscale.cli.options.faces import CSV_HELP, PLOT_HELP, STYLE_HELP
from eigenscale.cli.options.model import (
    Alpha,
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
    read_spectra,
)

if TYPE_CHECKING:
    from eigenscale.model_grid import SimulatedGrid


def simulate(
    features: Annotated[
        str | None,
        typer.Option(help="Number of features N: one, a list 100,200 or a range 100:10000:9."),
    ] = None,
    samples: Annotated[
        str | None, typer.Option(help="Number of training samples T, likewise.")
    ] = None,
    alpha: Alpha = None,
    latent_dim: LatentDim = None,
    spectrum: SpectrumFile = None,
    target_exponent: TargetExponent = None,
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
    target_map: Annotated[
        str | None,
        typer.Option(help="A target that is linear in random features of this map, not in modes."),
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of data and features, at least 2.")] = 64,
    seed: Annotated[str, typer.Option(help="The same seed gives the same numbers.")] = "0",
    store: Annotated[
        str | None,
        typer.Option(
            help="Keep every finished point in FILE.sqlite and take what it has from there: a "
            "sweep that was stopped goes on."
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            "--scheduler",
            help="Where to run: processes, local:N (Dask workers here) or the address of a Dask "
            "scheduler, tcp://host:8786.",
        ),
    ] = None,
    device: Annotated[
        str, typer.Option(help="cpu, or a device of torch, as cuda, for linear features.")
    ] = "cpu",
    jobs: Annotated[int | None, typer.Option(help="Number of processes.")] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Compare with theory, corrected for finite size: the points given or, without "
            "sizes, 320 stated configurations (some minutes; 40 with --quick).",
        ),
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Verify fewer configurations.")] = False,
    csv: Annotated[str | None, typer.Option(help=CSV_HELP)] = None,
    plot: Annotated[str | None, typer.Option(help=PLOT_HELP)] = None,
    figure_style: Annotated[str, typer.Option(help=STYLE_HELP)] = "paper",
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
    from eigenscale.cli.output.faces import check_faces
    from eigenscale.errors import InputError

    check_faces(plot, csv, figure_style)
    how = {"store": store, "engine": engine, "jobs": jobs}
    if features is None or samples is None:
        if not verify or features is not None or samples is not None:
            raise InputError("no sizes are given; give --features and --samples, or only --verify")
        _verify(None, quick, seed, how, csv, as_json)
        return
    inputs = {
        "spectra": read_spectra(alpha, latent_dim, spectrum, scale, weight_var, target_exponent),
        **read_grid(features, samples, ridge, time),
        "noise_var": parse_numbers(noise_var, "--noise-var"),
        "weight_var": parse_number(weight_var, "--weight-var"),
        "feature_var": parse_number(feature_var, "--feature-var"),
    }
    if verify:
        _verify(inputs, quick, seed, how, csv, as_json)
        return
    maps = [name.strip() for name in latent_map.split(",")]
    seeds = parse_numbers(seed, "--seed")
    kinds = (inputs["spectra"], inputs["noise_var"], maps, seeds)
    if plot is not None and any(len(kind) > 1 for kind in kinds):
        raise InputError("--plot draws one spectrum, noise, map and seed; give one of each")
    inputs |= {"latent_map": maps, "target_map": target_map, "seed": seeds, "draws": draws}
    inputs["device"] = device
    found = _simulate(inputs | how)
    if plot is not None:
        _draw(found, ridge, plot)
    if csv is not None:
        found.to_csv(csv)
    _print(found, as_json)


def _simulate(inputs: dict[str, Any]) -> "SimulatedGrid":
    from eigenscale.cli.output.common import progress_bar, say_where_stopped
    from eigenscale.model_grid import simulate_grid

    with say_where_stopped(), progress_bar("drawing") as progress:
        return simulate_grid(**inputs, progress=progress, announce=_say_memory)


def _say_memory(needed: float) -> None:
    """Say on stderr what a large sweep will hold."""
    import sys

    if needed > 2**29:
        sys.stderr.write(f"This holds {needed / 1e9:.3g} GB of memory.\n")


def _verify(
    inputs: dict[str, Any] | None,
    quick: bool,
    seed: str,
    how: dict[str, Any],
    csv: str | None,
    as_json: bool,
) -> None:
    """Verify what is given or the stated configurations; exit with 70 where theory fails."""
    import sys

    from eigenscale.cli.output.common import print_json, progress_bar, say_where_stopped
    from eigenscale.simulation.draws import as_seed
    from eigenscale.verification import configurations_of, verify

    points = None if inputs is None else configurations_of(**inputs)
    with say_where_stopped(), progress_bar("verifying") as progress:
        found = verify(points, quick=quick, seed=as_seed(float(seed)), **how, progress=progress)
    if csv is not None:
        found.to_csv(csv)
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(found.summary() + "\n")
    if not found.passed:
        sys.stderr.write("error: simulation and theory do not agree; see the z-scores\n")
        raise typer.Exit(70)


def _print(found: "SimulatedGrid", as_json: bool) -> None:
    """Print all as JSON, or what differs between rows with the sizes, ridges and losses."""
    from eigenscale.cli.output.common import print_json, print_table

    if as_json:
        print_json(found)
        return
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

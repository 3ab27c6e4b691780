"""`eigenscale plan`: what to train with a budget."""

from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.options.faces import CSV, PLOT, STYLE
from eigenscale.cli.options.model import Alpha, LatentDim, NoiseVar, SpectrumFile, read_model
from eigenscale.cli.options.reading import COLUMNS, DROP_FLAGGED, DROP_HIGHEST, UNITS, WHERE

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit
    from eigenscale.laws.selection.average import Blend
    from eigenscale.model import ModelSurface
    from eigenscale.planning.costs.hardware import Hardware

_OF_THE_FIT = ("constants", "law", "bootstrap", "resampling", "seed", "columns", "units", "where",
               "drop_flagged", "drop_highest", "alpha", "latent_dim", "spectrum")  # fmt: skip
UTILIZATION = 0.4
SCENARIOS = typer.Option(
    [], help="One more row of plans with inputs changed, as served:inference_tokens=1e12,price=3."
)
NEIGHBOURS = typer.Option(
    [], help="Constants or a saved fit to compare with: where they differ by 2 %."
)


def plan(
    context: typer.Context,
    runs: str | None = typer.Argument(
        None,
        metavar="RUNS",
        help="A table of runs, or a saved fit; omit with --constants or --alpha.",
    ),
    constants: str | None = typer.Option(None, help="Published constants by name, as hoffmann."),
    alpha: Alpha = None,
    latent_dim: LatentDim = None,
    spectrum: SpectrumFile = None,
    ridge: str = typer.Option("optimal", help="Of that model: a number, or 'optimal'."),
    noise_var: NoiseVar = "0",
    flops: str | None = typer.Option(None, help="Budget: 1e21, a list, or 1e20:1e24:5."),
    money: float | None = typer.Option(None, help="Budget in the currency of --price."),
    hours: float | None = typer.Option(None, help="Limit in hours on the devices."),
    params: float | None = typer.Option(None, help="Model size, where it is given."),
    tokens: float | None = typer.Option(None, help="Training tokens, where they are given."),
    target_loss: float | None = typer.Option(None, help="Loss to reach, instead of a budget."),
    max_params: float | None = typer.Option(None, help="Largest model allowed."),
    max_tokens: float | None = typer.Option(None, help="Most training tokens allowed."),
    unique_tokens: float | None = typer.Option(None, help="Tokens at hand; more are repeats."),
    inference_tokens: float = typer.Option(0.0, help="Tokens to serve, from the same budget."),
    device: str | None = typer.Option(None, help="Device that trains, as h100."),
    devices: float = typer.Option(1.0, help="How many devices."),
    utilization: float = typer.Option(
        UTILIZATION, help="Share of the devices' peak that is reached."
    ),
    price: float | None = typer.Option(None, help="Price of one device for an hour."),
    watts: float | None = typer.Option(
        None, help="Power of one device at work, in watts: adds the energy of training."
    ),
    in_memory: bool = typer.Option(False, help="Only sizes that train in the devices' memory."),
    serving_price: float | None = typer.Option(None, help="Price per hour where it is served."),
    serving_utilization: float | None = typer.Option(None, help="Share of the peak in serving."),
    law: str = typer.Option("chinchilla", help="Law to fit to the runs; all averages several."),
    bootstrap: int = typer.Option(1000, min=0, help="Resampled tables; 0 for none."),
    resampling: str = typer.Option("auto", help="As in fit: auto, case, bayesian, residual, …."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of the resampling."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    drop_flagged: bool = DROP_FLAGGED,
    drop_highest: int = DROP_HIGHEST,
    next_cost: float | None = typer.Option(None, help="FLOP for the runs to train next."),
    next_count: int | None = typer.Option(
        None, min=1, help="Number of runs to propose, seeds included."
    ),
    next_sizes: str | None = typer.Option(None, help="Sizes of the proposed runs, as 1e8:3e9:8."),
    next_goal: str = typer.Option(
        "loss", help="What the runs should tell: loss, size, which law, which recipe."
    ),
    next_rival: str | None = typer.Option(
        None, help="The other law by name, or the runs of the other recipe; with --next-goal."
    ),
    value: float | None = typer.Option(
        None, help="Worth of one unit of loss, in money: says whether ten times more pays."
    ),
    with_ladder: bool = typer.Option(
        False, "--ladder", help="Design the ladder of small runs that predicts the final run best."
    ),
    ladder_share: float = typer.Option(
        0.1, help="Share of the final run's compute for the whole ladder."
    ),
    sweep: bool = typer.Option(False, help="List the runs of an IsoFLOP sweep, real shapes."),
    write: str | None = typer.Option(
        None, help="Write the proposed runs for csv, hf, olmo or nanochat: KIND or KIND:FOLDER."
    ),
    finished: str | None = typer.Option(
        None, help="Folder that --write made: score its predictions by the finished RUNS."
    ),
    scenario: list[str] = SCENARIOS,
    sensitivity: bool = typer.Option(
        False, help="Halve and double every input: which matters most for loss and size?"
    ),
    neighbour: list[str] = NEIGHBOURS,
    details: bool = typer.Option(False, help="Add shapes, settings, what breaks, what more buys."),
    plot: str | None = PLOT,
    figure_style: str = STYLE,
    figure: str | None = typer.Option(
        None,
        help="frontier, contours, valleys, costs or tornado; --plot FOLDER/ draws the first four.",
    ),
    csv: str | None = CSV,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Say how large a model to train on how much data, with what is at hand.

    \b
    Examples:
      eigenscale plan --constants hoffmann --flops 5.76e23
      eigenscale plan runs.csv --flops 1e23   (the plan, and what to train next)
      eigenscale plan runs.csv --flops 1e20:1e24:5 --inference-tokens 1e12 --plot plan.svg
      eigenscale plan runs.csv --money 1e6 --device h100 --devices 512 --price 2.5
      eigenscale plan runs.csv --flops 1e20:1e24:9 --plot figures/   (all four)
      eigenscale plan runs.csv --flops 1e23 --neighbour besiroglu --neighbour kaplan
      eigenscale plan runs.csv --target-loss 2.1
      eigenscale plan fit.json --flops 1e22   (a fit saved by fit --save)
      eigenscale plan --alpha 0.5 --latent-dim 1e9 --flops 1e8   (the solvable model, N × T)
      eigenscale plan runs.csv --flops 1e23 --next-cost 1e21 --next-count 8
      eigenscale plan runs.csv --flops 1e23 --next-goal law --next-rival kaplan
      eigenscale plan muon.csv --flops 1e23 --next-goal recipe --next-rival adamw.csv
      eigenscale plan runs.csv --flops 1e23 --ladder --ladder-share 0.05
      eigenscale plan runs.csv --flops 1e23 --device h100 --price 2 --value 1e7   (does it pay?)
      eigenscale plan runs.csv --params 7e9 --tokens 1e12   (more data or a bigger model?)
    """  # noqa: D301
    from dataclasses import replace

    from eigenscale.cli.options.saved import saved_fit
    from eigenscale.cli.output.plan import Answer, answer
    from eigenscale.figures.render.saving import use_style
    from eigenscale.planning.advice.scenarios import scenario_of
    from eigenscale.planning.limits.limits import Limits

    if finished is not None:
        _score(runs, finished, as_json)
        return
    given = (flops, money, hours, target_loss, params, tokens)
    wanted = Answer(*given, level, details, next_cost, next_count, sweep)
    wanted = replace(wanted, neighbours=tuple(neighbour), figure=figure)
    wanted = replace(wanted, next_sizes=next_sizes, next_goal=next_goal, value=value)
    asked = tuple(scenario_of(text) for text in scenario)
    wanted = replace(wanted, write=write, scenarios=asked, sensitivity=sensitivity)
    wanted = replace(wanted, ladder_share=ladder_share if with_ladder else None)
    hardware = _hardware(device, devices, utilization, price, watts)
    serving = _serving(hardware, serving_price, serving_utilization)
    limits = Limits(
        params=None if wanted.is_margin else params,
        tokens=None if wanted.is_margin else tokens,
        max_params=_largest(hardware, in_memory, max_params),
        max_tokens=max_tokens,
        unique_tokens=unique_tokens,
        inference_tokens=inference_tokens,
        hardware=hardware,
        serving_hardware=serving,
    )
    wanted.check(limits, plot, csv)
    use_style(figure_style)
    saved = saved_fit(context, runs, _OF_THE_FIT)
    reading = (columns, units, where, drop_flagged, drop_highest)
    solved = _solved(context, alpha, latent_dim, spectrum, ridge, noise_var)
    _check_one(runs, constants, solved)
    surface = saved or solved or constants
    how = (bootstrap, resampling, level, seed, reading)
    if surface is None:
        assert runs is not None
        surface = _fitted(runs, law, *how)
    if next_rival is not None:
        wanted = replace(wanted, next_rival=_rival(runs, law, next_goal, next_rival, how))
    answer(surface, wanted, limits, as_json, csv, plot)


def _score(runs: str | None, planned: str, as_json: bool) -> None:
    """Score the predictions of a written plan by finished runs."""
    from eigenscale.cli.output.plan_files import score
    from eigenscale.errors import InputError

    if runs is None:
        raise InputError("--finished needs the table of finished runs; give it as RUNS")
    score(runs, planned, as_json)


def _solved(
    context: typer.Context,
    alpha: str | None,
    latent_dim: str | None,
    spectrum: str | None,
    ridge: str,
    noise_var: str,
) -> "ModelSurface | None":
    """Solve the model that the options describe; None where they describe none."""
    from eigenscale.cli.options.numbers import parse_number
    from eigenscale.cli.options.saved import given
    from eigenscale.errors import InputError

    if alpha is None and latent_dim is None and spectrum is None:
        for name in given(context, ("ridge", "noise_var")):
            option = "--" + name.replace("_", "-")
            raise InputError(
                f"{option} describes the solvable model, and none is given; give --alpha and "
                f"--latent-dim too, or leave {option} out"
            )
        return None
    model, _ = read_model(alpha, latent_dim, spectrum, "1", noise_var, "1", "1")
    best = ridge.strip().lower() == "optimal"
    return model.surface("optimal" if best else parse_number(ridge, "--ridge"))


def _check_one(*surfaces: Any) -> None:
    from eigenscale.errors import InputError

    if sum(given is not None for given in surfaces) != 1:
        raise InputError(
            "a plan stands on one law; give a table of runs, --constants NAME, or --alpha and "
            "--latent-dim, one of the three"
        )


def _fitted(
    runs: str,
    law: str,
    bootstrap: int,
    resampling: str,
    level: float,
    seed: int,
    reading: tuple[Any, ...],
) -> "LawFit | Blend":
    from eigenscale.cli.messages import warn
    from eigenscale.cli.options import sweeps
    from eigenscale.cli.options.reading import load_runs
    from eigenscale.cli.output.common import progress_bar
    from eigenscale.laws.fitting import fit
    from eigenscale.laws.selection.compare import compare

    table = load_runs(runs, *reading)
    table, _, sentences = sweeps.best_over(table, sweeps.beside(runs, table), "auto")
    for line in sentences:
        warn(line)
    with progress_bar("resampling") as progress:
        if law == "all":
            settings: dict[str, Any] = {"level": level, "rng": seed, "resampling": resampling}
            compared = compare(table, bootstrap=bootstrap, progress=progress, **settings)
            return compared.best
        return fit(
            table,
            law,
            bootstrap=bootstrap,
            resampling=resampling,
            level=level,
            rng=seed,
            progress=progress,
        )


def _rival(runs: str | None, law: str, goal: str, rival: str, how: tuple[Any, ...]) -> Any:
    """Fit what the runs are to be told apart from: another law, or the runs of another recipe."""
    from eigenscale.errors import InputError
    from eigenscale.laws.saving.saved import is_saved_fit, load_fit

    if goal not in ("law", "recipe"):
        raise InputError("--next-rival goes with --next-goal law or recipe; name one of them")
    if is_saved_fit(rival):
        return load_fit(rival)
    if goal == "recipe":
        return _fitted(rival, law, *how)
    if runs is None:
        raise InputError("--next-goal law needs a table of RUNS, to which both laws are fitted")
    return _fitted(runs, rival, *how)


def _hardware(
    device: str | None,
    devices: float,
    utilization: float,
    price: float | None,
    watts: float | None,
) -> "Hardware | None":
    from eigenscale.errors import InputError
    from eigenscale.planning.costs.hardware import Hardware

    if device is None:
        idle = {
            "--price": price is not None,
            "--watts": watts is not None,
            "--devices": devices != 1.0,
        }
        idle["--utilization"] = utilization != UTILIZATION
        for option in [option for option, given in idle.items() if given]:
            raise InputError(f"{option} needs --device, which it describes; name it")
        return None
    return Hardware(device, devices, utilization, price, watts=watts)


def _serving(
    trains: "Hardware | None", price: float | None, utilization: float | None
) -> "Hardware | None":
    """Hardware of the same kind at another price or utilisation; None where nothing differs."""
    from dataclasses import replace

    from eigenscale.errors import InputError

    if price is None and utilization is None:
        return None
    if trains is None:
        raise InputError("--serving-price and --serving-utilization need --device; name it")
    return replace(
        trains,
        price_per_hour=trains.price_per_hour if price is None else price,
        utilization=trains.utilization if utilization is None else utilization,
    )


def _largest(
    hardware: "Hardware | None", in_memory: bool, max_params: float | None
) -> float | None:
    from eigenscale.errors import InputError

    if not in_memory:
        return max_params
    if hardware is None:
        raise InputError("--in-memory needs --device, whose memory is meant; name it")
    fits = hardware.max_params()
    return fits if max_params is None else min(fits, max_params)

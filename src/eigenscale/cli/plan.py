"""`eigenscale plan`: what to train with a budget."""

from typing import TYPE_CHECKING, Any

import typer

from eigenscale.cli.reading import COLUMNS, DROP_FLAGGED, DROP_HIGHEST, UNITS, WHERE

if TYPE_CHECKING:
    from eigenscale.plan import Frontier, Hardware, Plan


def plan(
    runs: str | None = typer.Argument(None, help="Table of runs to fit a law to, or:"),
    constants: str | None = typer.Option(None, help="Published constants by name, as hoffmann."),
    flops: str | None = typer.Option(None, help="Budget: 1e21, a list, or 1e20:1e24:5."),
    money: float | None = typer.Option(None, help="Budget in the currency of --price."),
    hours: float | None = typer.Option(None, help="Limit in hours on the devices."),
    params: float | None = typer.Option(None, help="Model size, where it is given."),
    tokens: float | None = typer.Option(None, help="Training tokens, where they are given."),
    max_params: float | None = typer.Option(None, help="Largest model allowed."),
    max_tokens: float | None = typer.Option(None, help="Most training tokens allowed."),
    unique_tokens: float | None = typer.Option(None, help="Tokens at hand; more are repeats."),
    inference_tokens: float = typer.Option(0.0, help="Tokens to serve, from the same budget."),
    device: str | None = typer.Option(None, help="Device that trains, as h100."),
    devices: float = typer.Option(1.0, help="How many devices."),
    utilization: float = typer.Option(0.4, help="Share of the devices' peak that is reached."),
    price: float | None = typer.Option(None, help="Price of one device for an hour."),
    law: str = typer.Option("chinchilla", help="Law to fit to the runs."),
    bootstrap: int = typer.Option(1000, min=0, help="Resampled tables; 0 for no intervals."),
    level: float = typer.Option(0.9, help="Coverage of the intervals."),
    seed: int = typer.Option(0, min=0, help="Seed of the resampling."),
    columns: list[str] = COLUMNS,
    units: list[str] = UNITS,
    where: list[str] = WHERE,
    drop_flagged: bool = DROP_FLAGGED,
    drop_highest: int = DROP_HIGHEST,
    plot: str | None = typer.Option(None, help="Write a figure: .png, .svg, .pdf or .html."),
    csv: str | None = typer.Option(None, help="Write the plans as a table."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    r"""Say how large a model to train on how much data, with what is at hand.

    \b
    Examples:
      eigenscale plan --constants hoffmann --flops 5.76e23
      eigenscale plan runs.csv --flops 1e20:1e24:5 --inference-tokens 1e12 --plot plan.svg
      eigenscale plan runs.csv --money 1e6 --device h100 --devices 512 --price 2.5
    """
    from eigenscale.cli.common import parse_numbers
    from eigenscale.figures.saving import check_plot_path
    from eigenscale.plan.compute_optimal import frontier
    from eigenscale.plan.limits import Limits, allowance

    if plot is not None:
        check_plot_path(plot)
    hardware = _hardware(device, devices, utilization, price)
    limits = Limits(
        params=params,
        tokens=tokens,
        max_params=max_params,
        max_tokens=max_tokens,
        unique_tokens=unique_tokens,
        inference_tokens=inference_tokens,
        hardware=hardware,
    )
    asked = None if flops is None else parse_numbers(flops, "--flops")
    budgets, notes = allowance(asked, money, hours, hardware)
    reading = (columns, units, where, drop_flagged, drop_highest)
    surface = _surface(runs, constants, law, bootstrap, level, seed, reading)
    _deliver(frontier(surface, budgets, limits, level=level, notes=notes), as_json, csv, plot)


def _surface(
    runs: str | None,
    constants: str | None,
    law: str,
    bootstrap: int,
    level: float,
    seed: int,
    reading: tuple[Any, ...],
) -> Any:
    from eigenscale.cli.common import progress_bar
    from eigenscale.cli.reading import load_runs
    from eigenscale.errors import InputError
    from eigenscale.laws import fit

    if (runs is None) == (constants is None):
        raise InputError(
            "a plan stands on one law; give a table of runs or --constants NAME, one of the two"
        )
    if runs is None:
        return constants
    table = load_runs(runs, *reading)
    with progress_bar("resampling") as progress:
        return fit(table, law, bootstrap=bootstrap, level=level, rng=seed, progress=progress)


def _hardware(
    device: str | None, devices: float, utilization: float, price: float | None
) -> "Hardware | None":
    from eigenscale.plan.hardware import Hardware

    if device is None:
        return None
    return Hardware(device, devices, utilization, price)


def _deliver(front: "Frontier", as_json: bool, csv: str | None, plot: str | None) -> None:
    from eigenscale.cli.common import print_json

    if csv is not None:
        _write_csv(front, csv)
    if plot is not None:
        from eigenscale.figures.plan import bands, valleys
        from eigenscale.figures.saving import save

        save(bands(front) if len(front) > 1 else valleys(front), plot)
    if as_json:
        print_json(front[0] if len(front) == 1 else front)
    else:
        _print(front)


def _print(front: "Frontier") -> None:
    from eigenscale.cli.common import print_table, warn

    plans = list(front)
    print_table([_row(plan) for plan in plans], title=f"Plan by {front.known.name}")
    if len(plans) == 1:
        typer.echo(plans[0].summary)
    for line in dict.fromkeys(line for plan in plans for line in plan.warnings):
        warn(line)


def _row(plan: "Plan") -> dict[str, Any]:
    parts = {plan.size_name: plan.params, plan.data_name: plan.tokens, "loss": plan.loss}
    shown = {name: p.value if p.low != p.low else repr(p) for name, p in parts.items()}
    return {"flops": plan.flops, **shown, "ratio": plan.tokens_per_param}


def _write_csv(front: "Frontier", path: str) -> None:
    """Write one row per budget: value and ends of each interval."""
    import csv

    from eigenscale.writing import whole_file

    rows = [plan.to_row() for plan in front]
    with whole_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

"""What `eigenscale plan` prints beside the plan: next runs, worth, scenarios, ladders, details."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from eigenscale.cli.output.common import print_table
from eigenscale.planning.advice.break_points import BreakPoint
from eigenscale.planning.advice.scenarios import Scenario, Sensitivity, Swing
from eigenscale.planning.costs.hyperparameters import BatchCost, Setting
from eigenscale.planning.design.ladder import Ladder
from eigenscale.planning.design.proposal import Proposal
from eigenscale.planning.design.sweep import SweepRun
from eigenscale.planning.worth import Worth
from eigenscale.text.numbers import percent, short

GB = 1e9


def show(found: Mapping[str, Any]) -> None:
    """Print what was worked out, in a fixed order."""
    for name, tell in _PRINTERS.items():
        if found.get(name):
            typer.echo()
            tell(found[name])


def _outlook(found: Mapping[str, Any]) -> None:
    typer.echo("What more compute brings:\n" + found["summary"])


def _breaks(found: Sequence[BreakPoint]) -> None:
    lines = [point.meaning for point in found]
    typer.echo("Where this plan breaks:\n" + "\n".join(lines))


def _shapes(found: Sequence[Mapping[str, Any]]) -> None:
    print_table([_shape(row) for row in found], title="Shapes near this size")


def _settings(found: Sequence[Setting]) -> None:
    rows = [{"rule": s.rule, "value": f"{s.value:.3g} {s.unit}", "reach": s.reach} for s in found]
    print_table(rows, title="Published rules for learning rate and batch")


def _batches(found: Sequence[BatchCost]) -> None:
    rows = [
        {
            "batch": f"{c.batch:.3g} tokens",
            "steps": f"{c.steps:.3g} × fewest",
            "compute": f"{c.compute:.3g} × least",
        }
        for c in found
    ]
    print_table(rows, title="What a batch costs")


def _next_runs(found: Proposal) -> None:
    typer.echo(found.recommendation)
    if found.runs:
        typer.echo()
        rows = [_next_run(row) for row in found.to_dict()["runs"]]
        print_table(rows, title="Runs to train next")


def _worth(found: Worth) -> None:
    typer.echo(found.summary)


def _scenarios(found: Sequence[Scenario]) -> None:
    print_table(_scenario_rows(found), title="Scenarios")
    if any("precision" in one.changes for one in found):
        typer.echo("The loss is taken not to depend on the precision, which no run has shown.")


def _sensitivity(found: Sensitivity) -> None:
    typer.echo(found.summary + "\n")
    print_table([_swing(swing) for swing in found.swings], title="Sensitivity")


def _ladder(found: Ladder) -> None:
    typer.echo(found.summary + "\n")
    rows = [
        {name: short(value, 3) for name, value in vars(rung).items()}
        | {"share": percent(rung.share)}
        for rung in found.rungs
    ]
    print_table(rows, title="Ladder")


def _sweep(found: Sequence[SweepRun]) -> None:
    rows = [{k: _count(v) for k, v in run.to_dict().items()} for run in found]
    print_table(rows, title="IsoFLOP sweep")


_PRINTERS: Mapping[str, Callable[[Any], None]] = {
    "outlook": _outlook,
    "break_points": _breaks,
    "shapes": _shapes,
    "hyperparameters": _settings,
    "batch_costs": _batches,
    "next_runs": _next_runs,
    "value": _worth,
    "scenarios": _scenarios,
    "sensitivity": _sensitivity,
    "ladder": _ladder,
    "sweep": _sweep,
}


def _next_run(row: dict[str, Any]) -> dict[str, Any]:
    """Write one proposed run: counts short, shares in per cent."""
    shares = {name: percent(row[name]) for name in ("share", "narrows")}
    return {name: short(value, 3) for name, value in row.items()} | shares


def _scenario_rows(found: Sequence[Scenario]) -> list[dict[str, Any]]:
    """One row for each scenario and budget."""
    rows = []
    for one in found:
        for plan in one.frontier:
            cost = {"hours": plan.cost.training_hours, "money": plan.cost.money}
            row = {
                "scenario": one.name,
                "flops": short(plan.flops, 3),
                plan.size_name: short(plan.params.value, 3),
                plan.data_name: short(plan.tokens.value, 3),
                "loss": short(plan.loss.value),
            }
            rows.append(row | {k: short(v, 3) for k, v in cost.items() if v is not None})
    return rows


def _swing(swing: Swing) -> dict[str, Any]:
    return {
        "input": swing.input,
        "from": swing.low,
        "to": swing.high,
        "loss": " – ".join(short(end) for end in swing.loss),
        "best size": " – ".join(short(end, 3) for end in swing.params),
        "moves the loss by": percent(swing.swing),
    }


def _count(value: float) -> str:
    return f"{value}" if isinstance(value, int) and value < 1e6 else f"{value:.4g}"


def _shape(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        "layers": row["layers"],
        "width": row["width"],
        "heads": row["heads"],
        "params": f"{row['params']:.4g}",
        "without embeddings": f"{row['non_embedding_params']:.4g}",
        "FLOP/param/token": f"{row['flops_per_param']:.2f}",
        "GB to train": f"{row['training_bytes'] / GB:.3g}",
        "+ per sequence": f"{row['activation_bytes'] / GB:.3g}",
        "keys, values": f"{row['cache_bytes'] / GB:.3g}",
    }
    return shown | ({"devices": row["least_devices"]} if "least_devices" in row else {})

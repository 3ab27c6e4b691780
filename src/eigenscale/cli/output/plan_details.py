"""What `eigenscale plan --details` adds: shapes, settings, what breaks and what more buys."""

from typing import Any

import typer

from eigenscale.cli.output.common import print_table
from eigenscale.planning.advice.outlook import outlook
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.costs.hyperparameters import batch_cost, hyperparameters
from eigenscale.planning.costs.memory import serving_memory, training_memory
from eigenscale.planning.costs.shapes import Shape, shapes
from eigenscale.planning.design.ladder import Rung
from eigenscale.planning.frontier import Frontier
from eigenscale.text.numbers import percent, short

GB = 1e9


def details(surface: Any, front: Frontier) -> dict[str, Any]:
    """Keys to add to a plan, all for the largest budget."""
    plan = front[-1]
    found: dict[str, Any] = {
        "outlook": outlook(surface, plan.flops, front.limits, level=front.level).to_dict(),
    }
    if (plan.size_name, plan.data_name) == ("params", "tokens"):
        size, data = plan.params.value, plan.tokens.value
        if size >= 1e7:
            near = shapes(size, head_dim=_head(size))
            found["shapes"] = [_with_memory(shape, front.limits.hardware) for shape in near]
        rules = hyperparameters(size, data, loss=plan.loss.value)
        critical = next(rule.value for rule in rules if rule.rule == "kaplan-batch")
        found["hyperparameters"] = rules
        found["batch_costs"] = [batch_cost(f * critical, critical) for f in (0.1, 0.5, 1.0, 2.0)]
    return found


def _with_memory(shape: Shape, hardware: Hardware | None) -> dict[str, Any]:
    """Add to a shape what it takes to train and to serve, one sequence at a time."""
    trains, serves = training_memory(shape.architecture), serving_memory(shape.architecture)
    found = shape.to_dict() | {
        "training_bytes": trains.weights,
        "activation_bytes": trains.per_sequence,
        "cache_bytes": serves.per_sequence,
    }
    if hardware is None:
        return found
    return found | {"least_devices": trains.devices(hardware)}


def _head(size: float) -> int:
    return 64 if size < 1e9 else 128


def show(found: dict[str, Any]) -> None:
    """Print the same for people."""
    if found.get("outlook", {}).get("summary"):
        typer.echo("\nWhat more compute brings:\n" + found["outlook"]["summary"])
    if found.get("break_points"):
        lines = [point.meaning for point in found["break_points"]]
        typer.echo("\nWhere this plan breaks:\n" + "\n".join(lines))
    if "shapes" in found:
        typer.echo()
        print_table([_shape(row) for row in found["shapes"]], title="Shapes near this size")
    if "hyperparameters" in found:
        typer.echo()
        rows = [
            {"rule": s.rule, "value": f"{s.value:.3g} {s.unit}", "reach": s.reach}
            for s in found["hyperparameters"]
        ]
        print_table(rows, title="Published rules for learning rate and batch")
        rows = [
            {
                "batch": f"{c.batch:.3g} tokens",
                "steps": f"{c.steps:.3g} × fewest",
                "compute": f"{c.compute:.3g} × least",
            }
            for c in found["batch_costs"]
        ]
        typer.echo()
        print_table(rows, title="What a batch costs")

    if "next_runs" in found:
        proposal = found["next_runs"]
        typer.echo("\n" + proposal.recommendation)
        if proposal.runs:
            typer.echo()
            rows = [_next_run(row) for row in proposal.to_dict()["runs"]]
            print_table(rows, title="Runs to train next")

    if "value" in found:
        typer.echo("\n" + found["value"].summary)

    if "ladder" in found:
        typer.echo("\n" + found["ladder"].summary + "\n")
        print_table([_rung(rung) for rung in found["ladder"].rungs], title="Ladder")

    if "sweep" in found:
        typer.echo()
        rows = [{k: _count(v) for k, v in run.to_dict().items()} for run in found["sweep"]]
        print_table(rows, title="IsoFLOP sweep")


def _next_run(row: dict[str, Any]) -> dict[str, Any]:
    """Write one proposed run: counts short, shares in per cent."""
    shares = {name: percent(row[name]) for name in ("share", "narrows")}
    return {name: short(value, 3) for name, value in row.items()} | shares


def _rung(rung: Rung) -> dict[str, Any]:
    return {name: short(value, 3) for name, value in vars(rung).items()} | {
        "share": percent(rung.share)
    }


def _count(value: float) -> str:
    return f"{value}" if isinstance(value, int) and value < 1e6 else f"{value:.4g}"


def _shape(row: dict[str, Any]) -> dict[str, Any]:
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

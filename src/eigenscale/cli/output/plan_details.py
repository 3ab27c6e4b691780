"""What `eigenscale plan --details` adds: shapes, settings and what more buys."""

from typing import Any

from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.planning.advice.outlook import outlook
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.costs.hyperparameters import batch_cost, hyperparameters
from eigenscale.planning.costs.memory import serving_memory, training_memory
from eigenscale.planning.costs.shapes import Shape, shapes
from eigenscale.planning.frontier import Frontier

PER_TOKEN = ("nats/token", "bits/token", "perplexity")


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
        nats = None
        if plan.unit in PER_TOKEN:  # the rule for the critical batch takes nats per token
            nats = float(front.loss.value[-1]) * loss_unit(plan.unit).factor
        rules = hyperparameters(size, data, loss=nats)
        found["hyperparameters"] = rules
        found["batch_costs"] = [
            batch_cost(share * rule.value, rule.value)
            for rule in rules
            if rule.rule == "kaplan-batch"
            for share in (0.1, 0.5, 1.0, 2.0)
        ]
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

"""A plan in a few plain sentences."""

import math

from eigenscale.planning.chosen import Chosen
from eigenscale.results import Interval
from eigenscale.text.numbers import number
from eigenscale.text.words import named, one


def _with_ends(interval: Interval, digits: int | None = None) -> str:
    say = number if digits is None else (lambda value: f"{value:.{digits}f}")
    if math.isnan(interval.low):
        return say(interval.value)
    ends = f"{say(interval.low)} to {say(interval.high)}"
    return f"{say(interval.value)} ({100 * interval.level:.3g} % interval {ends})"


def paragraph(plan: Chosen) -> str:
    """Say what to train, what to expect, how free the choice is and how far to trust it."""
    size, data = named(plan.size_name), named(plan.data_name)
    digits = 3 if plan.loss.value >= 0.1 else None
    sentences = [
        (
            f"With {plan.flops:.3g} {plan.cost_unit}, train a model of "
            f"{_with_ends(plan.params)} {size} on {_with_ends(plan.tokens)} {data}, "
            f"{plan.tokens_per_param:.3g} {data} per {one(plan.size_name)}."
        ),
        f"Expect a loss of {_with_ends(plan.loss, digits)}.",
        _flat(plan),
        _repeated(plan),
        _billed(plan),
        _trusted(plan),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _flat(plan: Chosen) -> str:
    """Say which sizes do as well, where the size is chosen."""
    free = plan.within_loss
    if free.factor < 1 + 1e-9:
        return ""
    return (
        f"Any size from {number(free.low)} to {number(free.high)} "
        f"stays within {100 * free.tolerance:.3g} % of that loss."
    )


def _repeated(plan: Chosen) -> str:
    """Say how often data repeat, where they do."""
    if plan.epochs is None or plan.epochs <= 1:
        return ""
    return f"Every unique token is seen {plan.epochs:.3g} times."


def _billed(plan: Chosen) -> str:
    """Say what training and serving take, where the hardware is known."""
    cost = plan.cost
    if cost.training_hours is None:
        return ""
    bill = f"Training takes {number(cost.training_hours)} hours on the devices given"
    if cost.training_money is not None:
        bill += f" and costs {number(cost.training_money)}"
    if cost.serving_money is not None:
        bill += f", serving another {number(cost.serving_money)}"
    return f"{bill}."


def _trusted(plan: Chosen) -> str:
    if plan.trust.grade == "unknown":
        return "The fitted range of this law is unknown, so extrapolation cannot be assessed."
    if plan.trust.grade == "theory":
        return "This is exact for the solvable model as sizes grow; your data may differ from it."
    if plan.trust.grade == "inside":
        return "The plan lies inside the measured range."
    name, decades = max(plan.trust.decades.items(), key=lambda pair: pair[1])
    if plan.trust.grade == "edge":
        return f"The plan lies at the edge of the measured range in {named(name)}."
    return (
        f"The plan lies {decades:.1f} decades beyond the measured range in {named(name)}: "
        "train something in between before paying for it."
    )

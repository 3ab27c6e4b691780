"""Plans in plain English."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigenscale.planning.frontier import Plan
    from eigenscale.results import Interval

_SCALES = ((1e15, "quadrillion"), (1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_NAMES = {"params": "parameters", "n_features": "features", "n_samples": "samples"}


def spoken(value: float) -> str:
    """Write a number as it is said.

    Examples
    --------
    >>> spoken(2.217e9), spoken(1.4e12), spoken(21.4), spoken(53214.0)
    ('2.22 billion', '1.4 trillion', '21.4', '53,214')
    """
    for scale, name in _SCALES:
        if 0.9995 * scale <= abs(value) < 1000 * scale:
            return f"{value / scale:.3g} {name}"
    if 1000 <= abs(value) < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}"


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def power_of_ten(value: float) -> str:
    """Write a number with its power of ten raised, for titles and labels.

    Examples
    --------
    >>> power_of_ten(1e21), power_of_ten(5.76e23)
    ('10²¹', '5.8·10²³')
    """
    factor, exponent = f"{value:.1e}".split("e")
    raised = "10" + str(int(exponent)).translate(_RAISED)
    return raised if factor == "1.0" else f"{factor.removesuffix('.0')}·{raised}"


def named(name: str) -> str:
    """Give the word for a quantity: ``"params"`` are parameters."""
    return _NAMES.get(name, name)


def cost_unit(size_name: str, data_name: str) -> str:
    """Give the unit of compute: FLOP for params and tokens, else the product that is counted.

    Examples
    --------
    >>> cost_unit("params", "tokens"), cost_unit("n_features", "n_samples")
    ('FLOP', 'features × samples')
    """
    if (size_name, data_name) == ("params", "tokens"):
        return "FLOP"
    return f"{named(size_name)} × {named(data_name)}"


def _with_ends(interval: "Interval", digits: int | None = None) -> str:
    say = spoken if digits is None else (lambda value: f"{value:.{digits}f}")
    if math.isnan(interval.low):
        return say(interval.value)
    ends = f"{say(interval.low)} to {say(interval.high)}"
    return f"{say(interval.value)} ({100 * interval.level:.3g} % interval {ends})"


def paragraph(plan: "Plan") -> str:
    """Say what to train, what to expect, how free the choice is and how far to trust it."""
    size, data = named(plan.size_name), named(plan.data_name)
    digits = 3 if plan.loss.value >= 0.1 else None
    sentences = [
        (
            f"With {plan.flops:.3g} {plan.cost_unit}, train a model of "
            f"{_with_ends(plan.params)} {size} on {_with_ends(plan.tokens)} {data}, "
            f"{plan.tokens_per_param:.3g} {data} per {named(plan.size_name).removesuffix('s')}."
        ),
        f"Expect a loss of {_with_ends(plan.loss, digits)}.",
        _flat(plan),
        _repeated(plan),
        _billed(plan),
        _trusted(plan),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _flat(plan: "Plan") -> str:
    """Say which sizes do as well, where the size is chosen."""
    free = plan.within_loss
    if free.factor < 1 + 1e-9:
        return ""
    return (
        f"Any size from {spoken(free.low)} to {spoken(free.high)} "
        f"stays within {100 * free.tolerance:.3g} % of that loss."
    )


def _repeated(plan: "Plan") -> str:
    """Say how often data repeat, where they do."""
    if plan.epochs is None or plan.epochs <= 1:
        return ""
    return f"Every unique token is seen {plan.epochs:.3g} times."


def _billed(plan: "Plan") -> str:
    """Say what training and serving take, where the hardware is known."""
    cost = plan.cost
    if cost.training_hours is None:
        return ""
    bill = f"Training takes {spoken(cost.training_hours)} hours on the devices given"
    if cost.training_money is not None:
        bill += f" and costs {spoken(cost.training_money)}"
    if cost.serving_money is not None:
        bill += f", serving another {spoken(cost.serving_money)}"
    return f"{bill}."


def _trusted(plan: "Plan") -> str:
    if plan.trust.grade == "unknown":
        return "Where the law was measured is not known here; its reach is yours to judge."
    if plan.trust.grade == "theory":
        return "This is exact for the solvable model as sizes grow; your data may differ from it."
    if plan.trust.grade == "inside":
        return "The plan lies inside the measured range."
    name, decades = max(plan.trust.decades.items(), key=lambda pair: pair[1])
    if plan.trust.grade == "edge":
        return f"The plan lies at the edge of the measured range in {named(name)}."
    return (
        f"The plan reaches {decades:.1f} decades beyond the measured range in {named(name)}: "
        "train something in between before paying for it."
    )

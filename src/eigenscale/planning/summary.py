"""A plan in a few plain sentences: first what is known, then the best estimate, then the doubts."""

import math

from eigenscale.planning.chosen import Chosen, Range
from eigenscale.results import Interval
from eigenscale.text.numbers import number, power_of_ten, with_interval
from eigenscale.text.words import named, one


def paragraph(plan: Chosen) -> str:
    """Say which sizes do, the best estimate, the loss, the cost and how far to trust it."""
    sentences = [
        _identified(plan),
        _sizes(plan),
        f"Expect a loss of {_loss(plan.loss)}{_unit(plan.unit)}.",
        _repeated(plan),
        _billed(plan),
        _trusted(plan),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _unit(unit: str) -> str:
    """Name the unit of the loss where it is not the usual one."""
    return "" if unit in {"nats/token", "loss"} else f" ({unit})"


def _identified(plan: Chosen) -> str:
    """Say before any number that the size is not identified, where it is not."""
    if plan.identified:
        return ""
    return f"These runs do not identify the best number of {named(plan.size_name)}."


def _sizes(plan: Chosen) -> str:
    """Give the band of sizes that do, where the size is chosen, and the best estimate."""
    size, data = named(plan.size_name), named(plan.data_name)
    ratio = f"{number(plan.tokens_per_param)} {data} per {one(plan.size_name)}"
    on = f"on {number(plan.tokens.value)} {data} ({ratio})"
    budget = f"With {power_of_ten(plan.flops)} {plan.cost_unit}"
    best = with_interval(plan.params, level=True)
    if plan.params.high <= plan.params.low * (1 + 1e-6):  # the size follows from what is given
        best = number(plan.params.value)
    if plan.within_loss.factor < 1 + 1e-9:
        return f"{budget}, train {best} {size} {on}."
    close, wider = plan.within_loss, plan.within_twice
    band = (
        f"{budget}, any size from {_span(close)} {size} is within "
        f"{100 * close.tolerance:.3g} % of the best loss, and any from {_span(wider)} within "
        f"{100 * wider.tolerance:.3g} %"
    )
    if plan.identified:
        return f"{band}; the best estimate is {best} {on}."
    best = with_interval(plan.params)
    return (
        f"Judged by the best-fitting law alone: {band[0].lower()}{band[1:]}; its best size is "
        f"{number(plan.params.value)} {on}, but sizes from {number(plan.params.low)} to "
        f"{number(plan.params.high)} are as plausible."
    )


def _span(sizes: Range) -> str:
    """Write a range of sizes, the unit once where both have it.

    Examples
    --------
    >>> _span(Range(1.7e9, 1.2e10, 0.01)), _span(Range(9e8, 1.2e10, 0.01))
    ('1.7 to 12 billion', '900 million to 12 billion')
    """
    low, high = (number(float(f"{end:.2g}")) for end in (sizes.low, sizes.high))
    unit = low.partition(" ")[2]
    if unit and unit == high.partition(" ")[2]:
        low = low.removesuffix(f" {unit}")
    return f"{low} to {high}"


def _loss(loss: Interval) -> str:
    """Write the loss, as many digits as its interval tells."""
    if math.isnan(loss.low):
        return f"{loss.value:.3f}" if loss.value >= 0.1 else number(loss.value)
    return with_interval(loss, level=True)


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
    if cost.training_energy is not None:
        bill += f" and uses {number(cost.training_energy)} kWh"
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
    where = "compute" if name == "flops" else named(name)
    if plan.trust.grade == "edge":
        return f"The plan lies at the edge of the measured range in {where}."
    return f"The plan lies {decades:.1f} decades beyond the measured range in {where}."

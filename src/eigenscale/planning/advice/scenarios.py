"""Several answers at once: plans over scenarios, and which input matters most."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.planning.frontier import Frontier
from eigenscale.planning.limits.limits import Limits, allowance
from eigenscale.planning.limits.repeats import Repeated
from eigenscale.planning.plan import frontier
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.results import Result
from eigenscale.text.numbers import number, percent
from eigenscale.text.words import named

CHANGES = ("params", "tokens", "max_params", "max_tokens", "unique_tokens", "inference_tokens")
HARDWARE = ("price", "utilization", "devices", "precision")
"""What a scenario may change: limits of the plan, and of its hardware."""

Change = float | str
"""A number, or the name of a precision."""

FACTOR = 2.0
"""By which sensitivity raises and lowers an input."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """A named change of what is given, and the plans under it."""

    name: str
    changes: Mapping[str, Change]
    frontier: Frontier

    def to_dict(self) -> dict[str, Any]:
        """Plain form: one flat row per budget."""
        rows = [plan.to_row() for plan in self.frontier]
        return {"name": self.name, "changes": dict(self.changes), "rows": rows}


def scenario_of(text: str) -> tuple[str, dict[str, Change]]:
    """Read ``NAME:input=number,…``.

    Examples
    --------
    >>> scenario_of("served:inference_tokens=1e12,price=3")
    ('served', {'inference_tokens': 1000000000000.0, 'price': 3.0})
    """
    name, colon, rest = text.partition(":")
    changes: dict[str, Change] = {}
    for part in rest.split(","):
        key, equals, value = part.partition("=")
        key = key.strip().replace("-", "_")
        if not (name and colon and equals) or key not in (*CHANGES, *HARDWARE):
            raise InputError(
                f"scenario {text!r} is not NAME:input=number; inputs are "
                f"{', '.join((*CHANGES, *HARDWARE))}"
            )
        if key == "precision":
            changes[key] = value.strip().lower()
            continue
        try:
            changes[key] = float(value)
        except ValueError:
            raise InputError(f"scenario {text!r}: {value!r} is not a number") from None
    return name, changes


def scenarios(
    surface: Any,
    flops: ArrayLike | None,
    limits: Limits,
    asked: Sequence[tuple[str, Mapping[str, Change]]],
    *,
    money: float | None = None,
    hours: float | None = None,
    level: float = 0.9,
) -> list[Scenario]:
    """Plan for the same budgets under several scenarios, that of the limits as given first.

    Parameters
    ----------
    surface, level
        As for `plan`.
    flops : (n,)
        Budgets in FLOP; None where `money` or `hours` is the budget.
    limits : Limits
    money, hours : float, optional
        Budgets that the hardware of each scenario turns into FLOP.
    asked : sequence of (name, changes)

    Returns
    -------
    list of Scenario

    Raises
    ------
    InputError
        A change contradicts what is given, or changes hardware where there is none.
    """
    found = []
    for name, changes in [("as given", {}), *asked]:
        under = _changed(limits, changes)
        budget, _ = allowance(flops, money, hours, under.hardware)
        found.append(Scenario(name, changes, frontier(surface, budget, under, level=level)))
    return found


def _changed(limits: Limits, changes: Mapping[str, Change]) -> Limits:
    """Limits with some of them changed; of hardware too."""
    plain: dict[str, Any] = {name: value for name, value in changes.items() if name in CHANGES}
    of_hardware = {name: value for name, value in changes.items() if name in HARDWARE}
    changed = replace(limits, **plain) if plain else limits
    if not of_hardware:
        return changed
    if limits.hardware is None:
        first = next(iter(of_hardware))
        raise InputError(f"a scenario changes {first}, which is of hardware; give --device")
    names = {"price": "price_per_hour", "devices": "count"}
    renamed: dict[str, Any] = {names.get(n, n): value for n, value in of_hardware.items()}
    hardware = replace(limits.hardware, **renamed)
    return replace(changed, hardware=hardware)


@dataclass(frozen=True)
class Swing:
    """How the plan moves when one input is lowered or raised.

    Attributes
    ----------
    input : str
    low, high : str
        What it is changed to.
    loss, params : tuple of float
        Of the plan at the low and the high end.
    swing : float
        Size of the move of the loss, relative to the loss.
    """

    input: str
    low: str
    high: str
    loss: tuple[float, float]
    params: tuple[float, float]
    swing: float


@dataclass(frozen=True, eq=False)
class Sensitivity(Result):
    """Swings of a plan, the largest first."""

    flops: float
    loss: float
    params: float
    swings: tuple[Swing, ...]

    def _text(self) -> str:
        first = self.swings[0]
        text = (
            f"What matters most for the loss is {first.input}: from {first.low} to {first.high} "
            f"it moves the loss by {percent(first.swing)}."
        )
        size = max(self.swings, key=lambda s: abs(math.log(s.params[1] / s.params[0])))
        ratio = max(size.params[1] / size.params[0], size.params[0] / size.params[1])
        if ratio < 1.05:
            return text
        return f"{text} The best size moves most with {size.input}, by a factor of {number(ratio)}."

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {**{f.name: getattr(self, f.name) for f in fields(self)}, "summary": self.summary}


def sensitivity(
    surface: Any, flops: float, limits: Limits | None = None, *, level: float = 0.9
) -> Sensitivity:
    """Halve and double every input of a plan, and let the law vary within its interval.

    Parameters
    ----------
    surface, level
        As for `plan`.
    flops : float
    limits : Limits, optional

    Returns
    -------
    Sensitivity

    Examples
    --------
    >>> found = sensitivity("hoffmann", 1e21, Limits(inference_tokens=1e11))
    >>> [swing.input for swing in found.swings]
    ['compute', 'served tokens']
    """
    limits, seen = limits or Limits(), known(surface)
    if isinstance(seen.surface, Repeated):  # a frontier's surface repeats its data already
        seen = seen.surface.fresh
    centre = frontier(seen, flops, limits, level=level)[0]
    swings = [
        _swing(seen, flops, limits, name)
        for name in ("flops", *CHANGES)
        if name == "flops" or getattr(limits, name)
    ]
    if not math.isnan(centre.loss.low):
        ends = (centre.loss.low, centre.loss.high)
        swings.append(
            Swing(
                "the fitted law",
                f"the low end of its {100 * level:.3g} % interval",
                "the high end",
                ends,
                (centre.params.low, centre.params.high),
                abs(ends[1] - ends[0]) / centre.loss.value,
            )
        )
    ordered = tuple(sorted(swings, key=lambda swing: -swing.swing))
    return Sensitivity(flops, centre.loss.value, centre.params.value, ordered)


_NAMES = {
    "flops": "compute",
    "params": "the size given",
    "tokens": "the tokens given",
    "max_params": "the largest size allowed",
    "max_tokens": "the most tokens allowed",
    "unique_tokens": "unique tokens",
    "inference_tokens": "served tokens",
}


def _swing(seen: Known, flops: float, limits: Limits, name: str) -> Swing:
    value = flops if name == "flops" else float(getattr(limits, name))
    ends = (value / FACTOR, value * FACTOR)
    changed: list[dict[str, Any]] = [{} if name == "flops" else {name: end} for end in ends]
    budgets = ends if name == "flops" else (flops, flops)
    plans = [
        frontier(seen, budget, replace(limits, **change))[0]
        for budget, change in zip(budgets, changed, strict=True)
    ]
    loss = plans[0].loss.value, plans[1].loss.value
    params = plans[0].params.value, plans[1].params.value
    unit = seen.cost_unit if name == "flops" else named(name.rpartition("_")[2])
    low, high = (f"{number(end)} {unit}" for end in ends)
    return Swing(_NAMES[name], low, high, loss, params, abs(np.log(loss[1] / loss[0])))

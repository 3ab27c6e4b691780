"""Whether more pays: net gain, break-even price, and where spending more stops paying.

A unit of loss is worth `value`; ten times more of a resource costs its price and brings the fall
of the loss times that value. All of it is asked draw by draw, so that the interval of the fall
becomes that of the gain, and the share of draws in which the gain is positive is the probability
that it pays.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.optimum import best_losses
from eigenscale.planning.surfaces.known import known
from eigenscale.results import Interval, Result
from eigenscale.text.numbers import number, percent, power_of_ten, with_interval

FACTOR = 10.0
_STEPS, _DECADES = 61, 4.0  # of the search for the amount from which on more does not pay


@dataclass(frozen=True, eq=False)
class Worth(Result):
    """Whether ten times more of a resource pays.

    Attributes
    ----------
    value : float
        Of one unit of loss, in money.
    amount, more : float
        Of the resource now, and ten times as much.
    unit : str
        What it is counted in, ``"FLOP"`` or ``"samples"``.
    cost : float or None
        Of the step from `amount` to `more`; None without a price.
    brings : Interval
        Worth of the fall of the loss.
    net_gain : Interval or None
        What it brings less what it costs.
    break_even_price : Interval
        Price at which the step just pays, per `price_unit`.
    price_unit : str
        One of the resource, or a device hour.
    probability : float or None
        That the step pays; 0 or 1 where nothing is uncertain.
    stops_paying : Interval or None
        Amount from which on a little more costs more than it brings.
    """

    value: float
    amount: float
    more: float
    unit: str
    cost: float | None
    brings: Interval
    net_gain: Interval | None
    break_even_price: Interval
    price_unit: str
    probability: float | None
    stops_paying: Interval | None

    def _text(self) -> str:
        step = f"Ten times more, {_amount(self.more, self.unit)},"
        brings = (
            f"{with_interval(self.brings, level=True)} at {number(self.value)} per unit of loss"
        )
        even = f"It breaks even at a price of {with_interval(self.break_even_price)} per "
        even += f"{self.price_unit}."
        if self.cost is None or self.probability is None or self.stops_paying is None:
            return f"{step} brings {brings}. {even}"
        stops = self.stops_paying
        ends = ""
        if not math.isnan(stops.low):
            low, high = (_amount(end, "") for end in (stops.low, stops.high))
            ends = f" ({low} to {high})" if low != high else ""
        return (
            f"{step} costs {number(self.cost)} and brings {brings}: it pays with probability "
            f"{percent(self.probability)}. {even} A little more stops paying at "
            f"{_amount(stops.value, self.unit)}{ends}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {**vars(self), "summary": self.summary}


def _amount(value: float, unit: str) -> str:
    shown = power_of_ten(value) if unit in ("FLOP", "") and value >= 1e9 else number(value)
    return f"{shown} {unit}".rstrip()


def worth(
    amounts: Floats,
    loss: Floats,
    draws: Floats,
    value: float,
    price: float | None,
    *,
    unit: str,
    per: tuple[float, str] | None = None,
    level: float = 0.9,
) -> Worth:
    """Say whether more of a resource pays.

    Parameters
    ----------
    amounts : (n,)
        Of the resource, as `amounts_from` gives them: now first.
    loss : (n,)
        Best estimate of the loss with each amount.
    draws : (B, n)
        Plausible losses.
    value : float
        Of one unit of loss.
    price : float or None
        Of one unit of the resource.
    unit : str
        What is counted.
    per : (float, str), optional
        Units of the resource in what prices are quoted for, and its name, as a device hour.
    level : float

    Returns
    -------
    Worth

    Raises
    ------
    InputError
        The value or the price is not positive and finite.

    Examples
    --------
    >>> amounts = amounts_from(1000.0)
    >>> found = worth(amounts, 2 / np.sqrt(amounts), np.empty((0, amounts.size)), 1e5, 0.1,
    ...     unit="samples")
    >>> f"{found.cost:.0f} {found.brings.value:.0f} {found.stops_paying.value:.2g}"
    '900 4325 1e+04'
    """
    for name, given in (("value", value), ("price", price)):
        if given is not None and not 0 < given < math.inf:
            raise InputError(
                f"{name} {given:g} is not positive and finite; give an amount of money"
            )
    ten = int(np.argmin(np.abs(np.log(amounts / amounts[0] / FACTOR))))
    step = float(amounts[ten] - amounts[0])
    brings = value * (loss[0] - loss[ten])
    sample = value * (draws[:, 0] - draws[:, ten])
    quoted, name = (1.0, unit.removesuffix("s")) if per is None else per
    even = Interval.from_draws(brings / step * quoted, sample / step * quoted, level)
    common = (value, float(amounts[0]), float(amounts[ten]), unit)
    if price is None:
        brought = Interval.from_draws(brings, sample, level)
        return Worth(*common, None, brought, None, even, name, None, None)
    cost = price * step
    every = sample if len(sample) else np.array([brings])
    stops = _stops(amounts, np.vstack([loss[None, :], draws]), value, price)
    return Worth(
        *common,
        cost,
        Interval.from_draws(brings, sample, level),
        Interval.from_draws(brings - cost, sample - cost, level),
        even,
        name,
        float(np.mean(every > cost)),
        Interval.from_draws(float(stops[0]), stops[1:], level),
    )


def amounts_from(now: float) -> Floats:
    """Amounts of a resource at which losses are wanted: now, and up to 1e4 times more."""
    return now * np.logspace(0.0, _DECADES, _STEPS)


def _stops(amounts: Floats, losses: Floats, value: float, price: float) -> Floats:
    """Amount from which on the next step of the grid costs more than it brings, per row."""
    pays = value * -np.diff(losses, axis=1) > price * np.diff(amounts)
    first = np.where(pays.all(axis=1), amounts.size - 1, (~pays).argmax(axis=1))
    return np.asarray(amounts[first])


def worth_of_compute(
    surface: Any, flops: float, value: float, limits: Limits | None = None, *, level: float = 0.9
) -> Worth:
    """Say whether ten times the compute of a plan pays.

    Parameters
    ----------
    surface
        As for `plan`.
    flops : float
        The budget planned.
    value : float
        Of one unit of loss as the user counts it, in the currency of the price.
    limits : Limits, optional
        Its hardware with a price gives what compute costs; without it only the price at which
        more breaks even is known.
    level : float

    Returns
    -------
    Worth

    Raises
    ------
    InputError
        The value is not positive and finite.

    Examples
    --------
    >>> found = worth_of_compute("hoffmann", 1e21, 1e6)
    >>> f"{found.brings.value:.0f} {found.break_even_price.value:.3g}"
    '190269 2.11e-17'
    """
    limits = limits or Limits()
    seen = known(surface)
    budget, amounts = limits.budget(seen), amounts_from(flops)
    unit = loss_unit(seen.origin.unit)
    sign = -1.0 if unit.rises else 1.0  # of a score, a fall of its negative
    loss, draws = (
        sign * unit.outward(part) for part in best_losses(limits.surface(seen), amounts, budget)
    )
    hardware = limits.hardware
    if hardware is None or hardware.price_per_hour is None:
        return worth(amounts, loss, draws, value, None, unit=seen.cost_unit, level=level)
    per = hardware.flops(1.0) / hardware.count, "device hour"
    price = hardware.money(1.0)
    return worth(amounts, loss, draws, value, price, unit=seen.cost_unit, per=per, level=level)

"""What a little more buys: more data or a bigger model, more compute, more money."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.frontier import Frontier
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import Budget
from eigenscale.planning.plan import frontier
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.results import Interval, Result, plain
from eigenscale.text.numbers import number
from eigenscale.text.words import counted, named

_STEP = 1e-4  # of a logarithm, for central differences


@dataclass(frozen=True, eq=False)
class Margin(Result):
    """What a model gains where it stands.

    Attributes
    ----------
    params, tokens, flops, loss : float
        The model, its data, their cost, the loss expected.
    by_data, by_size : Interval
        Fall of the loss when `factor` times the compute goes into data alone, or size alone.
    by_both : Interval
        The same spent in the best way, with both free.
    data_wins : float
        Share of draws by which data gain more than size; 0 or 1 without draws.
    factor : float
        How many times more compute is spent.
    per_param, per_token, per_flop : float
        Derivatives of the loss: by one parameter at fixed data, by one token at fixed size,
        by one FLOP split in the best way.
    per_money : float or None
        By one unit of money, where hardware has a price.
    """

    params: float
    tokens: float
    flops: float
    loss: float
    by_data: Interval
    by_size: Interval
    by_both: Interval
    data_wins: float
    factor: float
    per_param: float
    per_token: float
    per_flop: float
    per_money: float | None = None
    size_name: str = "params"
    data_name: str = "tokens"

    @property
    def expected(self) -> str:
        """The loss where the model stands, in one line."""
        size, data = (
            counted(value, name)
            for value, name in ((self.params, self.size_name), (self.tokens, self.data_name))
        )
        return f"Expected loss: {number(self.loss, 4)}, at {size} and {data}."

    @property
    def answer(self) -> str:
        """More data or a bigger model? One line."""
        data, size = self.by_data.value, self.by_size.value
        more = f"{self.factor:.3g} times the compute"
        if abs(data - size) < 0.1 * max(abs(data), abs(size)):
            return (
                f"Either: {more} lowers the loss by {data:.2g} as {named(self.data_name)} and "
                f"by {size:.2g} as {named(self.size_name)}; the split is close to the best."
            )
        first = "More data" if data > size else "A bigger model"
        sure = max(self.data_wins, 1 - self.data_wins)
        by = "" if math.isnan(self.by_data.low) else f" ({100 * sure:.3g} % of the draws agree)"
        return (
            f"{first}: {more} lowers the loss by {data:.2g} as {named(self.data_name)}, "
            f"by {size:.2g} as {named(self.size_name)}{by}."
        )

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form, with the answer in words."""
        found = {k: v for k, v in vars(self).items() if v is not None}
        found[self.size_name], found[self.data_name] = found.pop("params"), found.pop("tokens")
        return {**found, "answer": self.answer}


def margin(
    surface: Any,
    params: float,
    tokens: float,
    limits: Limits | None = None,
    *,
    factor: float = 2.0,
    level: float = 0.9,
) -> Margin:
    """Say what more data, a bigger model or more compute would gain.

    Parameters
    ----------
    surface
        As for `plan`.
    params, tokens : float
        Where you stand.
    limits : Limits, optional
        Serving, unique tokens, hardware.
    factor : float
        How many times the compute, serving included, is to be spent.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Margin

    Raises
    ------
    InputError
        A size is not positive, or `factor` is not above 1.

    Examples
    --------
    GPT-3 had 175 billion parameters and 300 billion tokens:

    >>> margin("hoffmann", 175e9, 300e9).answer
    'More data: 2 times the compute lowers the loss by 0.044 as tokens, by 0.013 as parameters.'
    """
    for name, value in (("params", params), ("tokens", tokens)):
        if not 0 < value < math.inf:
            raise InputError(f"{name} {value:g} is not positive and finite; say where you stand")
    if not 1 < factor < math.inf:
        raise InputError(f"factor {factor:g} is not above 1; 2 asks what doubling the compute buys")
    limits = limits or Limits()
    seen = known(surface)
    budget, counted = limits.budget(seen), limits.surface(seen)
    flops = float(budget.flops(params, tokens))
    here = math.log(params), math.log(tokens)
    best = frontier(surface, factor * flops, limits, level=level)
    sizes, datas = _choices(budget, here, flops, factor, best)
    loss, draws = counted.loss(sizes, datas), counted.loss_draws(sizes, datas)
    by_data, by_size, by_both = (
        Interval.from_draws(loss[0] - loss[i], draws[:, 0] - draws[:, i], level) for i in (1, 2, 3)
    )
    wins = draws[:, 1] < draws[:, 2] if len(draws) else loss[1:2] < loss[2:3]
    per_flop = _slope_of_frontier(surface, flops, limits) / flops
    return Margin(
        params,
        tokens,
        flops,
        float(loss[0]),
        by_data,
        by_size,
        by_both,
        data_wins=float(np.mean(wins)),
        factor=factor,
        per_param=_slope(counted, here, (1.0, 0.0)) / params,
        per_token=_slope(counted, here, (0.0, 1.0)) / tokens,
        per_flop=per_flop,
        per_money=_per_money(per_flop, limits),
        size_name=seen.size_name,
        data_name=seen.data_name,
    )


def _choices(
    budget: Budget, here: tuple[float, float], flops: float, factor: float, best: Frontier
) -> tuple[Floats, Floats]:
    """Log size and log data: where you are, more data, a bigger model, the best split."""
    size, data = here
    more = float(budget.log_data(np.array(size), np.array(factor * flops)))
    both = math.log(float(best.params.value[0])), math.log(float(best.tokens.value[0]))
    return (
        np.array([size, size, size + math.log(factor), both[0]]),
        np.array([data, more, data, both[1]]),
    )


def _slope(seen: Known, here: tuple[float, float], along: tuple[float, float]) -> float:
    steps = np.array([-_STEP, _STEP])
    loss = seen.loss(here[0] + along[0] * steps, here[1] + along[1] * steps)
    return float(loss[1] - loss[0]) / (2 * _STEP)


def _slope_of_frontier(surface: Any, flops: float, limits: Limits) -> float:
    loss = frontier(surface, flops * np.exp([-_STEP, _STEP]), limits).loss.value
    return float(loss[1] - loss[0]) / (2 * _STEP)


def _per_money(per_flop: float, limits: Limits) -> float | None:
    if limits.hardware is None or limits.hardware.price_per_hour is None:
        return None
    return per_flop * limits.hardware.flops_for(1.0)

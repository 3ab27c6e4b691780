"""Plans: the best size, data and loss for a budget, and for a grid of budgets."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.planning.advice.trust import THEORY, Trust, trust
from eigenscale.planning.costs.costs import Cost, cost
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import Budget
from eigenscale.planning.surfaces import Known
from eigenscale.results import Interval
from eigenscale.text.words import cost_unit


class Band(NamedTuple):
    """A value per budget with the ends of its interval, arrays (n,)."""

    value: Floats
    low: Floats
    high: Floats

    def interval(self, i: int, level: float) -> Interval:
        """Give the interval at one budget."""
        return Interval(float(self.value[i]), float(self.low[i]), float(self.high[i]), level)


@dataclass(frozen=True)
class Range:
    """Sizes that do almost as well as the best one: what may be chosen freely."""

    low: float
    high: float
    tolerance: float

    @property
    def factor(self) -> float:
        """How many times larger the high end is."""
        return self.high / self.low


@dataclass(frozen=True, eq=False)
class Plan:
    """What to train with a budget.

    Attributes
    ----------
    surface : str
        What the plan stands on.
    flops : float
        The budget, FLOP, serving included where there is any.
    params, tokens, loss : Interval
        Best size, the data that go with it, and the loss expected; ends are NaN where the
        surface has no draws.
    within_loss, within_flops : Range
        Sizes whose loss is at most 1 % higher at this budget, and sizes that reach the same
        loss with at most 10 % more compute.
    trust : Trust
        How far the plan reaches beyond what was measured.
    warnings : tuple of str
        What to be careful about, one line each.
    cost : Cost
        What training and serving take, in hours and money where hardware is known.
    unique_tokens : float or None
        Where data repeat: how many differ.
    size_name, data_name : str
        What size and data count, ``"params"`` and ``"tokens"`` for a fitted law.
    """

    surface: str
    flops: float
    params: Interval
    tokens: Interval
    loss: Interval
    within_loss: Range
    within_flops: Range
    trust: Trust
    cost: Cost
    warnings: tuple[str, ...] = ()
    unique_tokens: float | None = None
    size_name: str = "params"
    data_name: str = "tokens"

    @property
    def tokens_per_param(self) -> float:
        """D / N at the plan."""
        return self.tokens.value / self.params.value

    @property
    def cost_unit(self) -> str:
        """What the budget is counted in: FLOP, or features × samples for a solved theory."""
        return cost_unit(self.size_name, self.data_name)

    @property
    def epochs(self) -> float | None:
        """Times that each unique token is seen, where their number is given."""
        if self.unique_tokens is None:
            return None
        return max(1.0, self.tokens.value / self.unique_tokens)

    @property
    def summary(self) -> str:
        """The plan in a few plain sentences."""
        from eigenscale.planning.words import paragraph

        return paragraph(self)

    def __repr__(self) -> str:
        head = f"Plan for {self.flops:.4g} {self.cost_unit} ({self.surface})"
        rows = [
            (self.size_name, self.params),
            (self.data_name, self.tokens),
            ("loss", self.loss),
        ]
        body = [f"  {name:<10} {_shown(interval)}" for name, interval in rows]
        ratio = f"  {self.data_name} per {_single(self.size_name)}  {self.tokens_per_param:.4g}"
        return "\n".join([head, *body, ratio, *(f"  ! {line}" for line in self.warnings)])

    def to_dict(self) -> dict[str, Any]:
        """Plain form, with the keys of the command line's contract."""
        ratio = f"{self.data_name}_per_{_single(self.size_name)}".replace("n_", "")
        return {
            "surface": self.surface,
            "flops": self.flops,
            self.size_name: self.params.to_dict(),
            self.data_name: self.tokens.to_dict(),
            "loss": self.loss.to_dict(),
            ratio: self.tokens_per_param,
            "within_loss": self.within_loss,
            "within_flops": self.within_flops,
            "trust": self.trust.to_dict(),
            "cost": self.cost.to_dict(),
            **({} if self.epochs is None else {"epochs": self.epochs}),
            "warnings": list(self.warnings),
            "summary": self.summary,
        }

    def to_row(self) -> dict[str, Any]:
        """One flat row of a table: values, ends of intervals, costs."""
        parts = {self.size_name: self.params, self.data_name: self.tokens, "loss": self.loss}
        row: dict[str, Any] = {"flops": self.flops}
        for name, interval in parts.items():
            row |= _ends(interval, name)
        row |= {"level": self.loss.level, "trust": self.trust.grade, "epochs": self.epochs}
        return row | self.cost.to_dict()


def _ends(interval: Interval, name: str) -> dict[str, float]:
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _range(ends: tuple[Floats, Floats], i: int, tolerance: float) -> Range:
    return Range(float(ends[0][i]), float(ends[1][i]), tolerance)


def _single(name: str) -> str:
    return name.removesuffix("s")


def _shown(interval: Interval) -> str:
    return f"{interval.value:.5g}" if math.isnan(interval.low) else repr(interval)


@dataclass(frozen=True, eq=False)
class Frontier:
    """The best plans for a grid of budgets, as arrays; ``frontier[i]`` is one `Plan`.

    Attributes
    ----------
    known, budget, limits
        The surface, how budgets are spent, and what was asked; what figures draw from.
    flops : (n,)
    params, tokens, loss : Band
    within_loss, within_flops : tuple of (n,)
        Lowest and highest size of the flat valley, see `Plan`.
    at_edge : (n,) bool
        No optimum inside what the budget allows: the best choice is an end of the range.
    level : float
        Coverage of the bands.
    """

    known: Known
    budget: Budget
    limits: Limits
    flops: Floats
    params: Band
    tokens: Band
    loss: Band
    within_loss: tuple[Floats, Floats]
    within_flops: tuple[Floats, Floats]
    tolerances: tuple[float, float]
    at_edge: NDArray[np.bool_]
    level: float
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.flops.size

    def __iter__(self) -> Iterator[Plan]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> Plan:
        from eigenscale.planning.advice.warn import warnings_of

        i = range(len(self))[i]
        values = self._values(i)
        return Plan(
            self.known.name,
            float(self.flops[i]),
            self.params.interval(i, self.level),
            self.tokens.interval(i, self.level),
            self.loss.interval(i, self.level),
            _range(self.within_loss, i, self.tolerances[0]),
            _range(self.within_flops, i, self.tolerances[1]),
            trust=THEORY if self.known.is_theory else trust(values, self.known.measured),
            warnings=(*self.notes, *warnings_of(self, i, values)),
            cost=cost(self.limits, self.budget, *list(values.values())[:2]),
            unique_tokens=self.limits.unique_tokens,
            size_name=self.known.size_name,
            data_name=self.known.data_name,
        )

    def distinct(self) -> "Frontier":
        """Drop budgets that are there already, as those that a time limit caps alike."""
        kept = np.unique(self.flops, return_index=True)[1]
        if kept.size == len(self):
            return self
        kept.sort()
        bands = ("params", "tokens", "loss", "within_loss", "within_flops")
        parts: dict[str, Any] = {"flops": self.flops[kept], "at_edge": self.at_edge[kept]}
        for name in bands:
            old = getattr(self, name)
            new = (part[kept] for part in old)
            parts[name] = Band(*new) if isinstance(old, Band) else tuple(new)
        return replace(self, **parts)

    def _values(self, i: int) -> dict[str, float]:
        return {
            self.known.size_name: float(self.params.value[i]),
            self.known.data_name: float(self.tokens.value[i]),
            "flops": float(self.flops[i]),
        }

    def __repr__(self) -> str:
        ends = f"{self.flops[0]:.3g} to {self.flops[-1]:.3g}"
        return f"Frontier of {len(self)} budgets, {ends} {self.known.cost_unit} ({self.known.name})"

    def to_dict(self) -> dict[str, Any]:
        """Plain form, ``{"rows": [plan, …]}``."""
        return {"rows": [plan.to_dict() for plan in self]}

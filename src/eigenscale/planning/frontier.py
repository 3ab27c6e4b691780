"""Plans: the best size, data and loss for a budget, and for a grid of budgets."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.io.runs.loss_units import outward
from eigenscale.planning.bill import bill
from eigenscale.planning.chosen import Band, Bands, Chosen, Range
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import Budget
from eigenscale.planning.summary import paragraph
from eigenscale.planning.surfaces.known import Known
from eigenscale.planning.trust.backtest import backtest_warnings
from eigenscale.planning.trust.measured import THEORY, range_warnings, trust
from eigenscale.results import Interval, Result, Rows, plain

WIDE = 10.0


@dataclass(frozen=True, eq=False)
class Plan(Chosen, Result):
    """What to train with a budget; its numbers are those of `Chosen`.

    Attributes
    ----------
    frontier : Frontier or None
        The same plan as a frontier of one budget, with the surface, for figures.
    """

    frontier: "Frontier | None" = None

    def _text(self) -> str:
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

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form, with the keys of the command line's contract."""
        ratio = f"{self.data_name}_per_{_single(self.size_name)}".replace("n_", "")
        return {
            "surface": self.surface,
            "flops": self.flops,
            self.size_name: self.params.to_dict(),
            self.data_name: self.tokens.to_dict(),
            "loss": self.loss.to_dict(),
            "unit": self.unit,
            ratio: self.tokens_per_param,
            "identified": self.identified,
            "reliable": self.reliable,
            "within_loss": self.within_loss,
            "within_twice": self.within_twice,
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
        row |= {"level": self.loss.level, "trust": self.trust.grade}
        row |= {"reliable": self.reliable, "epochs": self.epochs}
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
class Frontier(Bands, Rows):
    """The best plans for a grid of budgets, as arrays; ``frontier[i]`` is one `Plan`.

    Attributes
    ----------
    known, budget, limits
        The surface, how budgets are spent, and what was asked; what figures draw from.
    notes : tuple of str
        Lines that go with every plan.
    """

    known: Known
    budget: Budget
    limits: Limits
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Plan]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> Plan:
        i = range(len(self))[i]
        values = self._values(i)
        return Plan(
            self.known.name,
            float(self.flops[i]),
            self.params.interval(i, self.level),
            self.tokens.interval(i, self.level),
            outward(self.loss.interval(i, self.level), self.known.origin.unit),
            _range(self.within_loss, i, self.tolerances[0]),
            _range(self.within_twice, i, 2 * self.tolerances[0]),
            _range(self.within_flops, i, self.tolerances[1]),
            trust=THEORY if self.known.is_theory else trust(values, self.known.measured),
            warnings=(*self.notes, *self._warnings(i, values)),
            cost=bill(self.limits, self.budget, *list(values.values())[:2]),
            unique_tokens=self.limits.unique_tokens,
            size_name=self.known.size_name,
            data_name=self.known.data_name,
            unit=self.known.origin.unit,
            frontier=self._taken(np.array([i])),
        )

    def _values(self, i: int) -> dict[str, float]:
        return {
            self.known.size_name: float(self.params.value[i]),
            self.known.data_name: float(self.tokens.value[i]),
            "flops": float(self.flops[i]),
        }

    def _warnings(self, i: int, values: Mapping[str, float]) -> list[str]:
        """Lines on the range, the edge of what may be chosen, and the width of intervals."""
        seen = self.known
        size, data = (values[name] for name in (seen.size_name, seen.data_name))
        lines = backtest_warnings(seen, size, data, self.level)
        lines += range_warnings(values, seen.measured)
        lines += self._edge(i)
        lines += self.limits.warnings(seen, float(self.tokens.value[i]))
        if "without embeddings" in seen.origin.counting:
            lines.append(f"{seen.name} counts parameters without embeddings; add them")
        if seen.is_theory:
            return lines
        if seen.n_draws == 0:
            return [*lines, f"{seen.name} comes without draws: the plan has no intervals"]
        return lines + _wide(self.params, i, seen.size_name)

    def _edge(self, i: int) -> list[str]:
        """Say which limit holds the plan where it has no optimum inside."""
        budget, seen = self.budget, self.known
        size, data = float(self.params.value[i]), float(self.tokens.value[i])
        if budget.is_fixed or not self.at_edge[i]:
            return []
        left = float(self.flops[i] - budget.flops(size, data))
        if left > self.flops[i] * 1e-6:
            line = (
                f"the limits on {seen.size_name} and {seen.data_name} leave "
                f"{left:.3g} {seen.cost_unit} of the budget unspent"
            )
            return [line]
        if size >= budget.max_size * (1 - 1e-6):
            held = f"{seen.size_name} is held at its limit {budget.max_size:.3g}"
            return [f"{held}; a larger model would be better"]
        if data >= budget.max_data * (1 - 1e-6):
            held = f"{seen.data_name} are held at their limit {budget.max_data:.3g}"
            return [f"{held}; more data would be better"]
        return [f"no best {seen.size_name} inside what the budget allows"]

    def distinct(self) -> "Frontier":
        """Drop budgets that are there already, as those that a time limit caps alike."""
        kept = np.unique(self.flops, return_index=True)[1]
        if kept.size == len(self):
            return self
        return self._taken(np.sort(kept))

    def _taken(self, rows: NDArray[np.intp]) -> "Frontier":
        """Keep some of the budgets."""
        return replace(
            self,
            flops=self.flops[rows],
            at_edge=self.at_edge[rows],
            params=_kept(self.params, rows),
            tokens=_kept(self.tokens, rows),
            loss=_kept(self.loss, rows),
            within_loss=(self.within_loss[0][rows], self.within_loss[1][rows]),
            within_twice=(self.within_twice[0][rows], self.within_twice[1][rows]),
            within_flops=(self.within_flops[0][rows], self.within_flops[1][rows]),
        )

    def __repr__(self) -> str:
        ends = f"{self.flops[0]:.3g} to {self.flops[-1]:.3g}"
        return f"Frontier of {len(self)} budgets, {ends} {self.known.cost_unit} ({self.known.name})"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return tuple(dict.fromkeys(line for plan in self for line in plan.warnings))

    def _text(self) -> str:
        return "\n".join(plan.summary for plan in self)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give one flat row per budget."""
        return (plan.to_row() for plan in self)

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form, ``{"rows": [plan, …]}``."""
        return {"rows": [plan.to_dict() for plan in self]}


def _kept(band: Band, rows: NDArray[np.intp]) -> Band:
    return Band(band.value[rows], band.low[rows], band.high[rows])


def _wide(band: Band, i: int, name: str) -> list[str]:
    low, high = float(band.low[i]), float(band.high[i])
    if math.isfinite(low) and low > 0 and high / low > WIDE:
        spans = f"the interval of {name} spans a factor {high / low:.3g}"
        known = "the loss is known better than the size"
        return [f"the optimal size is poorly determined: {spans}; {known}"]
    return []

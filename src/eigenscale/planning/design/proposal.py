"""What is proposed: runs, what they bring, what was rejected and why, in numbers and sentences."""

from dataclasses import dataclass
from typing import Any, Literal

from eigenscale.results import Result, plain
from eigenscale.text.numbers import percent, power_of_ten
from eigenscale.text.words import cost_unit, counted, joined, named

Goal = Literal["loss", "size", "law", "recipe"]
GOALS: tuple[Goal, ...] = ("loss", "size", "law", "recipe")

USEFUL = 0.05
"""Share by which runs must narrow the interval to be worth their cost."""


@dataclass(frozen=True)
class Run:
    """A run to train.

    Attributes
    ----------
    params, tokens : float
    seeds : int
        How many times, each with another seed.
    flops : float
        Of one of them.
    share : float
        Of the cost allowed, all seeds together.
    narrows : float
        Share by which this row alone narrows the interval of the answer.
    hours : float or None
        Wall clock of all seeds, where the hardware is known.
    recipe : int or None
        1 or 2 where two recipes are compared.
    """

    params: float
    tokens: float
    seeds: int
    flops: float
    share: float
    narrows: float
    hours: float | None = None
    recipe: int | None = None


@dataclass(frozen=True)
class Rejected:
    """Something else that the cost could buy.

    Attributes
    ----------
    name : str
    narrows : float
        Share by which it would narrow the interval.
    is_single : bool
        Whether it is one run only.
    """

    name: str
    narrows: float
    is_single: bool = False

    @property
    def but(self) -> str:
        """Why it is rejected although it would narrow the interval as much."""
        return "the answer would hang on one run" if self.is_single else "it takes more runs"


@dataclass(frozen=True, eq=False)
class Proposal(Result):
    """Runs to train next and what they should bring.

    Attributes
    ----------
    runs : tuple of Run
        In the order of their cost, none twice; empty where the cost pays for no run.
    cost : float
        FLOP of all of them.
    allowed : float
        FLOP that they could take.
    sd_before, sd_after : float
        Standard deviation of the logarithm of the quantity planned, now and once the runs are in.
    goal, target_flops
        What is to be known better, and at which budget.
    repeat_value : float
        Variance removed by the best repeat of a run at hand, as a share of what the best new
        run of at most its cost removes.
    rejected : tuple of Rejected
        What else the cost could buy, and by how much it would narrow the interval.
    least : Run or None
        The cheapest run that would narrow the interval by 5 %; None where none does.
    rival, name : str
        What is compared with, and what the runs are designed on; empty where that is nothing.
    """

    runs: tuple[Run, ...]
    cost: float
    allowed: float
    sd_before: float
    sd_after: float
    goal: Goal
    target_flops: float
    repeat_value: float
    rejected: tuple[Rejected, ...] = ()
    least: Run | None = None
    size_name: str = "params"
    data_name: str = "tokens"
    rival: str = ""
    name: str = ""

    @property
    def narrower(self) -> float:
        """How many times narrower the interval should become."""
        return self.sd_before / self.sd_after

    @property
    def recommendation(self) -> str:
        """What to train, what it brings, and what was rejected, in sentences."""
        unit = cost_unit(self.size_name, self.data_name)
        answer = self._question(unit)
        if not self.runs:
            return f"{power_of_ten(self.allowed)} {unit} pay for no run.{self._least(answer)}"
        runs = joined([self._named(run) for run in self.runs])
        narrows = 1 - self.sd_after / self.sd_before
        verb = "they narrow" if sum(run.seeds for run in self.runs) > 1 else "it narrows"
        brings = f"For {power_of_ten(self.cost)} {unit} {verb} {answer} by {percent(narrows)}"
        if narrows < USEFUL:
            return f"Train {runs}. {brings} only.{self._least(answer)}"
        return f"Train {runs}. {brings}.{self._rejections()}"

    def _question(self, unit: str) -> str:
        """Name what becomes narrower."""
        at = f"at {power_of_ten(self.target_flops)} {unit}"
        if self.goal == "law":
            return f"the doubt between {self.name}, and {self.rival},"
        if self.goal == "recipe":
            return f"the interval of the difference in loss between the two recipes {at}"
        what = "loss" if self.goal == "loss" else f"best number of {named(self.size_name)}"
        return f"the interval of the {what} {at}"

    def _text(self) -> str:
        return self.recommendation

    def _named(self, run: Run) -> str:
        seeds = "" if run.seeds == 1 else f" (× {run.seeds} seeds)"
        size, data = counted(run.params, self.size_name), counted(run.tokens, self.data_name)
        recipe = {None: "", 1: " by the first recipe", 2: " by the second recipe"}[run.recipe]
        return f"{size} on {data}{recipe}{seeds}"

    def _rejections(self) -> str:
        """Say what else the money could buy, and why it was not chosen."""
        narrows = 1 - self.sd_after / self.sd_before
        alone = sum(run.seeds for run in self.runs) == 1
        parts = [
            f"{one.name} ({percent(max(one.narrows, 0.0))}"
            + (f"; {one.but})" if one.narrows >= narrows else ")")
            for one in self.rejected
            if not (alone and one.is_single)
        ]
        if not parts:
            return ""
        return f" Rejected, with how much each would narrow it: {joined(parts)}."

    def _least(self, answer: str) -> str:
        """Name the least that is useful."""
        if self.least is None:
            return f" No single run narrows {answer} by {percent(USEFUL)} or more."
        least, unit = self.least, cost_unit(self.size_name, self.data_name)
        return (
            f" The least that is useful is {power_of_ten(least.flops)} {unit}: "
            f"{self._named(least)}, which narrows {answer} by {percent(least.narrows)}."
        )

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        found = {k: v for k, v in vars(self).items() if not k.endswith("name") and v != ""}
        return {
            **found,
            "runs": [self._row(run) for run in self.runs],
            "least": None if self.least is None else self._row(self.least),
            "narrower": self.narrower,
            "recommendation": self.recommendation,
            "summary": self.summary,
        }

    def _row(self, run: Run) -> dict[str, Any]:
        row: dict[str, Any] = {self.size_name: run.params, self.data_name: run.tokens}
        rest = {k: v for k, v in vars(run).items() if k not in ("params", "tokens")}
        return row | {k: v for k, v in rest.items() if v is not None}

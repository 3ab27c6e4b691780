"""What `eigenscale plan` says: a plan, a frontier, the price of a loss, or a margin."""

import csv as tables
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from eigenscale.cli.messages import warn
from eigenscale.cli.options.numbers import parse_numbers
from eigenscale.cli.options.saved import surface_named
from eigenscale.cli.output.common import print_json, print_table
from eigenscale.cli.output.plan_details import details
from eigenscale.cli.output.plan_figures import check_figures, draw
from eigenscale.cli.output.plan_files import tell_written, where, write_runs
from eigenscale.cli.output.plan_more import show
from eigenscale.errors import InputError
from eigenscale.planning.advice.break_points import break_points
from eigenscale.planning.advice.marginal import margin
from eigenscale.planning.advice.scenarios import Change, scenarios, sensitivity
from eigenscale.planning.design.ladder import ladder
from eigenscale.planning.design.next_runs import next_runs
from eigenscale.planning.design.proposal import Proposal
from eigenscale.planning.design.sweep import isoflop_sweep
from eigenscale.planning.frontier import Frontier, Plan
from eigenscale.planning.limits.limits import Limits, allowance
from eigenscale.planning.plan import frontier
from eigenscale.planning.surfaces.known import known
from eigenscale.planning.target import reach
from eigenscale.planning.worth import worth_of_compute
from eigenscale.writing import check_place, whole_file


@dataclass(frozen=True)
class Answer:
    """What was asked: a budget, a target, or where one stands."""

    flops: str | None
    money: float | None
    hours: float | None
    target_loss: float | None
    params: float | None
    tokens: float | None
    level: float
    details: bool = False
    next_cost: float | None = None
    next_count: int | None = None
    sweep: bool = False
    neighbours: tuple[str, ...] = ()
    figure: str | None = None
    next_sizes: str | None = None
    next_goal: str = "loss"
    next_rival: Any = None
    value: float | None = None
    ladder_share: float | None = None
    write: str | None = None
    scenarios: tuple[tuple[str, dict[str, Change]], ...] = ()
    sensitivity: bool = False

    @property
    def has_budget(self) -> bool:
        """Whether a budget of any kind is given."""
        return not (self.flops is None and self.money is None and self.hours is None)

    @property
    def is_margin(self) -> bool:
        """Whether size and data are both given and nothing else."""
        given = self.params is not None and self.tokens is not None
        return given and not self.has_budget and self.target_loss is None

    @property
    def asks_next(self) -> bool:
        """Whether an option names the runs to train next."""
        given = (self.next_cost, self.next_count, self.next_sizes)
        return any(option is not None for option in given) or self.next_goal != "loss"

    def check(self, limits: Limits, plot: str | None, csv: str | None) -> None:
        """Refuse what contradicts itself before any long work."""
        check_figures(plot, self.figure)
        check_place(csv)
        if self.write is not None:
            where(self.write)
        if self.has_budget and self.target_loss is not None:
            raise InputError("a budget and --target-loss are both given; drop one, it follows")
        if self.is_margin or self.target_loss is not None:
            if plot is not None or csv is not None:
                raise InputError("--plot and --csv go with a budget; give --flops")
            if self.details or self.sweep or self.asks_next or self.neighbours:
                raise InputError(
                    "--details, --sweep, --next-cost and --neighbour go with a budget; give --flops"
                )
            return
        self.budgets(limits)

    def budgets(self, limits: Limits) -> tuple[Any, list[str]]:
        """Budgets in FLOP, and what binds them."""
        asked = None if self.flops is None else parse_numbers(self.flops, "--flops")
        return allowance(asked, self.money, self.hours, limits.hardware)


def answer(
    surface: Any, wanted: Answer, limits: Limits, as_json: bool, csv: str | None, plot: str | None
) -> None:
    """Answer on stdout, and in files where asked."""
    if wanted.is_margin:
        assert wanted.params is not None
        assert wanted.tokens is not None
        found = margin(surface, wanted.params, wanted.tokens, limits, level=wanted.level)
        print_json(found) if as_json else typer.echo(f"{found.answer}\n{found.expected}")
    elif wanted.target_loss is not None:
        reached = reach(surface, wanted.target_loss, limits, level=wanted.level)
        if as_json:
            print_json(reached)
            return
        typer.echo(reached.summary)
        for line in reached.plan.warnings:
            warn(line)
    else:
        budgets, notes = wanted.budgets(limits)
        front = frontier(surface, budgets, limits, level=wanted.level, notes=notes)
        more = _more(surface, wanted, front)  # before any file: it may refuse
        _write(front, csv, plot, wanted.figure)
        if wanted.write is not None:
            more["written"] = write_runs(surface, front, more, wanted.write)
        _tell(front, more, as_json)


def _more(surface: Any, wanted: Answer, front: Frontier) -> dict[str, Any]:
    """Work out what was asked beside the plan."""
    more: dict[str, Any] = details(surface, front) if wanted.details else {}
    if wanted.details or wanted.neighbours:
        others = [surface_named(name) for name in wanted.neighbours]
        more["break_points"] = break_points(surface, front.limits, neighbours=others)
    if wanted.asks_next or known(surface).n_draws > 1:
        more["next_runs"] = _proposal(surface, wanted, front)
    if wanted.value is not None:
        last = float(front.flops[-1])
        more["value"] = worth_of_compute(
            surface, last, wanted.value, front.limits, level=front.level
        )
    if wanted.ladder_share is not None:
        more["ladder"] = ladder(surface, float(front.flops[-1]), wanted.ladder_share)
    if wanted.scenarios:
        asked = None if wanted.flops is None else parse_numbers(wanted.flops, "--flops")
        more["scenarios"] = scenarios(
            surface,
            asked,
            front.limits,
            wanted.scenarios,
            money=wanted.money,
            hours=wanted.hours,
            level=front.level,
        )
    if wanted.sensitivity:
        last = float(front.flops[-1])
        more["sensitivity"] = sensitivity(surface, last, front.limits, level=front.level)
    if wanted.sweep:
        more["sweep"] = isoflop_sweep(surface, front.flops)
    return more


def _write(front: Frontier, csv: str | None, plot: str | None, figure: str | None) -> None:
    """Write both files or none: the table appears once the figures are drawn."""
    with nullcontext() if csv is None else whole_file(csv) as table:
        if table is not None:
            _write_csv(front, table)
        if plot is not None:
            draw(front, plot, figure)


def _proposal(surface: Any, wanted: Answer, front: Frontier) -> Proposal:
    """Propose runs that tell most about the plan with the largest budget."""
    sizes = wanted.next_sizes
    return next_runs(
        surface,
        float(front.flops[-1]),
        wanted.next_cost,
        count=wanted.next_count,
        goal=wanted.next_goal,  # type: ignore[arg-type]  # next_runs refuses others
        rival=wanted.next_rival,
        sizes=None if sizes is None else parse_numbers(sizes, "--next-sizes"),
        limits=front.limits,
    )


def _tell(front: Frontier, more: dict[str, Any], as_json: bool) -> None:
    if as_json:
        found = front[0] if len(front) == 1 else front
        print_json({**found.to_dict(), **more})
        return
    plans = list(front)
    if len(plans) == 1:
        typer.echo(plans[0].summary + "\n")
    print_table([_row(plan) for plan in plans], title=f"Plan by {front.known.name}")
    show(more)
    if "written" in more:
        tell_written(more["written"])
    for line in plans[-1].warnings:  # the largest budget reaches furthest
        warn(line)


def _row(plan: Plan) -> dict[str, Any]:
    row: dict[str, Any] = {"flops": _short(plan.flops, 3)}
    parts = {plan.size_name: plan.params, plan.data_name: plan.tokens, "loss": plan.loss}
    for name, interval in parts.items():
        digits = 4 if name == "loss" else 3
        row[name] = _short(interval.value, digits)
        if interval.low == interval.low:  # there are draws
            ends = _short(interval.low, digits - 1), _short(interval.high, digits - 1)
            row[f"{name} {100 * interval.level:.3g} %"] = "–".join(ends)
    return row | {"ratio": f"{plan.tokens_per_param:.3g}"}


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}g}".replace("e+", "e")


def _write_csv(front: Frontier, path: Path) -> None:
    """Write one row per budget: value and ends of each interval."""
    rows = [plan.to_row() for plan in front]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = tables.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

"""The section on what to train next: the compute-optimal plan with its intervals."""

from eigenscale.figures.topics.next_runs import proposed_runs
from eigenscale.figures.topics.plan import bands, contours, valleys
from eigenscale.figures.topics.plan_costs import costs
from eigenscale.planning.design.proposal import Proposal
from eigenscale.planning.frontier import Frontier, Plan
from eigenscale.reporting.evidence import HUNDREDFOLD, LARGEST, TENFOLD, Evidence
from eigenscale.reporting.sections.section import Section, Table
from eigenscale.text.numbers import number, percent, with_interval
from eigenscale.text.words import cost_unit, named

NAME, TITLE = "plan", "What to train with a budget"


def plan_section(evidence: Evidence) -> Section:
    """Show the best split of compute for budgets from the largest run on."""
    front = evidence.frontier
    if front is None:
        return Section(NAME, TITLE, (_why_none(evidence),))
    unit = _unit(front)
    largest, tenfold = front[LARGEST], front[TENFOLD]
    counted = f"Compute is counted as {unit}; the largest run took {number(largest.flops)}."
    ahead = f"For ten times as much: {tenfold.summary[0].lower()}{tenfold.summary[1:]}"
    paragraphs = [counted, ahead]
    tables = [_budgets(front)]
    figures = [bands(front), contours(front), valleys(front), costs(front)]
    if evidence.proposal is not None:
        paragraphs.append(f"What to train next: {evidence.proposal.recommendation}")
        if evidence.proposal.runs:
            tables.append(_proposed(evidence.proposal))
            figures.append(proposed_runs(evidence.fit, evidence.proposal))
    return Section(NAME, TITLE, tuple(paragraphs), tuple(tables), tuple(figures))


def _why_none(evidence: Evidence) -> str:
    if evidence.fit is None:
        return "A plan needs training runs: add --runs FILE."
    return (
        f"The law {evidence.fit.law.name} does not weigh size against data, so there is nothing "
        "to split a budget between; a plan needs runs in which both vary."
    )


def _unit(front: Frontier) -> str:
    if (front.known.size_name, front.known.data_name) == ("params", "tokens"):
        return "6 FLOP per parameter and token"
    return cost_unit(front.known.size_name, front.known.data_name)


def _proposed(proposal: Proposal) -> Table:
    """Tabulate the runs proposed."""
    rows = tuple(
        (number(run.params), number(run.tokens), number(run.flops), str(run.seeds),
         percent(run.narrows))
        for run in proposal.runs
    )  # fmt: skip
    size, data = named(proposal.size_name), named(proposal.data_name)
    unit = cost_unit(proposal.size_name, proposal.data_name)
    return Table(
        (size, data, f"compute ({unit})", "seeds", "narrows by"), rows, "Runs to train next"
    )


def _budgets(front: Frontier) -> Table:
    size, data = named(front.known.size_name), named(front.known.data_name)
    rows = tuple(_row(front[i]) for i in (LARGEST, TENFOLD, HUNDREDFOLD))
    columns = ("compute", f"best {size}", f"best {data}", "loss", f"{size} within 1 % of the loss")
    return Table(columns, rows, f"Plans with {percent(front.level)} intervals")


def _row(plan: Plan) -> tuple[str, ...]:
    free = f"{number(plan.within_loss.low)} to {number(plan.within_loss.high)}"
    return (
        number(plan.flops),
        with_interval(plan.params),
        with_interval(plan.tokens),
        with_interval(plan.loss),
        free,
    )

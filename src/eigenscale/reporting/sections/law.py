"""The section on the runs: the fitted law, what it misses, and how it predicts larger runs."""

from pathlib import Path

from eigenscale.figures.topics.fits import holdout_figure, law_figure, residual_figure
from eigenscale.io.runs.container import Runs
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.compare import Comparison
from eigenscale.laws.uncertainty.sensitivity import sensitivity
from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.sections.approaches import beside
from eigenscale.reporting.sections.section import Section, Table
from eigenscale.results import Interval
from eigenscale.text.numbers import count, percent
from eigenscale.text.words import capitalised, counted, named

NAME, TITLE = "law", "The law of the runs"


def law_section(evidence: Evidence) -> Section:
    """Show the fit: parameters with intervals, residuals, held-out runs."""
    fit, runs = evidence.fit, evidence.runs
    if fit is None or runs is None:
        nothing = "No training runs were given. Add --runs FILE, a table with a loss per run."
        return Section(NAME, TITLE, (nothing,))
    paragraphs = [_read(runs), _fitted(fit), capitalised(fit.certificate.sentence()) + "."]
    figures = [law_figure(fit), residual_figure(fit)]
    if fit.holdout is not None:
        paragraphs.append(capitalised(fit.holdout.sentence()) + ".")
        figures.append(holdout_figure(fit))
    said, growths, drawn = beside(fit)
    paragraphs += said
    figures += drawn
    tables = [_parameters(fit), *_compared(evidence.comparison), *_moved(fit), *growths]
    if evidence.comparison is not None:
        paragraphs.insert(1, _chosen(evidence.comparison))
    return Section(NAME, TITLE, tuple(paragraphs), tuple(tables), tuple(figures))


def _chosen(comparison: Comparison) -> str:
    tried = len([one for one in comparison.candidates if one.fit is not None])
    return f"{tried} laws were fitted. {comparison.sentence()}."


def _compared(comparison: Comparison | None) -> list[Table]:
    """Tabulate the laws by how they predict the held-out largest runs."""
    if comparison is None:
        return []
    rows = tuple(
        (
            one.law,
            _in_letters(one.fit),
            percent(one.holdout_error),
            percent(one.rolling_error),
            percent(one.inside),
        )
        for one in comparison.candidates
        if one.fit is not None
    )
    columns = ("law", "loss", "error", "error, step by step", "inside their intervals")
    return [Table(columns, rows, "Laws by how they predict larger runs from smaller ones")]


def _moved(fit: LawFit) -> list[Table]:
    """Tabulate how far defensible choices move the loss predicted at ten times the compute."""
    rows = tuple(
        (one.change, f"{one.n_runs:,}", f"{100 * one.beyond:+.2g}\u00a0%".replace("-", "−"))
        for one in sensitivity(fit)
        if one.theta is not None and abs(one.beyond) > 1e-6
    )
    columns = ("fitted with", "runs", f"change of the loss at ten times the {fit.cost}")
    return [Table(columns, rows, "How the answer moves with choices")] if rows else []


def _read(runs: Runs) -> str:
    columns = ", ".join(f"{name} from “{column}”" for name, column in runs.recognised.items())
    source = Path(runs.source).name
    derived = "".join(f" {name} is {rule}." for name, rule in runs.derived.items())
    left_out = "".join(f" Left out: {e.reason} ({len(e.rows)} rows)." for e in runs.excluded)
    ranges = [
        f"{count(float(values.min()))} to {counted(float(values.max()), name)}"
        for values, name in ((runs.params, runs.size_name), (runs.tokens, runs.data_name))
        if values is not None
    ]
    across = f", {' and '.join(ranges)}" if ranges else ""
    return f"{source}: {len(runs)} runs{across}. Columns: {columns}.{derived}{left_out}"


def _fitted(fit: LawFit) -> str:
    inputs = {"params": fit.size_name, "tokens": fit.data_name}
    letters = {"params": "N", "tokens": "D"}
    where = " and ".join(
        f"{letters[name]} the number of {named(inputs[name])}"
        for name in fit.law.inputs
        if name in letters
    )
    rms = float((fit.residuals**2).mean() ** 0.5)
    return (
        f"{fit.law.label} = {_in_letters(fit)}{f', with {where}' if where else ''}, fitted to "
        f"{fit.n_runs} runs ({fit.objective.name}): runs lie {percent(rms)} from it (root mean "
        f"square). Intervals hold the truth with {percent(fit.level)} probability; they come "
        f"from {len(fit.draws):,} resampled tables."
    )


def _in_letters(fit: LawFit) -> str:
    """Write the equation in N and D, which the text explains."""
    return fit.law.equation.replace("params", "N").replace("tokens", "D")


def _meaning(fit: LawFit, text: str) -> str:
    """Speak of features and samples where the table counts them."""
    for plain, counts in (("params", fit.size_name), ("tokens", fit.data_name)):
        text = text.replace(plain, named(counts))
    return text


def _parameters(fit: LawFit) -> Table:
    rows = tuple(
        (
            parameter.name,
            *_cells(fit.parameters[parameter.name], parameter.name in fit.fixed),
            _meaning(fit, parameter.meaning),
        )
        for parameter in fit.law.parameters
    )
    columns = ("parameter", "value", "low", "high", "meaning")
    return Table(columns, rows, f"Parameters of {fit.law.name}")


def _cells(interval: Interval, fixed: bool) -> tuple[str, str, str]:
    if fixed:
        return (f"{interval.value:.4g}", "fixed", "fixed")
    return (f"{interval.value:.4g}", f"{interval.low:.4g}", f"{interval.high:.4g}")

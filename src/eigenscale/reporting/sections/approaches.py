"""Approaches 1 and 2 of Hoffmann et al. beside the fitted law, in the report's section on runs."""

from eigenscale.figures.spec import Figure
from eigenscale.figures.topics.approaches import NAMES, approaches_figure
from eigenscale.laws.allocation.approaches import AHEAD
from eigenscale.laws.allocation.growth import Growth
from eigenscale.laws.result import LawFit
from eigenscale.laws.summary import growth_notes
from eigenscale.reporting.sections.section import Table
from eigenscale.text.numbers import number, with_interval
from eigenscale.text.words import capitalised, cost_unit, named


def beside(fit: LawFit) -> tuple[list[str], list[Table], list[Figure]]:
    """Say how the best size and data grow by other approaches; nothing where none applies."""
    if fit.table is None or not fit.approaches:
        return [], [], []
    size, data = named(fit.size_name), named(fit.data_name)
    intro = (
        f"For comparison, approaches 1 and 2 of Hoffmann et al. 2022: the best {size} and {data} "
        "as powers of compute, by the runs that no run as cheap beats, and by a parabola through "
        "each group of runs of equal compute. Their bias is their error on tables simulated from "
        "the fitted law at the same runs."
    )
    notes = [capitalised(_spoken(note, fit)) + "." for note in growth_notes(fit)]
    return [" ".join([intro, *notes])], [_growths(fit)], [approaches_figure(fit)]


def _spoken(note: str, fit: LawFit) -> str:
    for name in (fit.size_name, fit.data_name):
        note = note.replace(name, named(name))
    return note


def _growths(fit: LawFit) -> Table:
    assert fit.shown_table is not None
    ahead = AHEAD * float(fit.shown_table.compute().max())
    unit = cost_unit(fit.size_name, fit.data_name)
    rows = tuple(_row(one, fit, ahead) for one in fit.approaches)
    columns = ("best", "approach", "grows as compute to the power", "bias", f"at {number(ahead)}")
    caption = f"How the best size and data grow with compute ({unit}), by three approaches"
    return Table(columns, rows, caption)


def _row(one: Growth, fit: LawFit, ahead: float) -> tuple[str, ...]:
    name = fit.size_name if one.quantity == "params" else fit.data_name
    return (
        named(name),
        NAMES[one.approach[0]],
        with_interval(one.interval),
        "–" if one.bias is None else f"{one.bias:+.2g}".replace("-", "−"),
        number(one.at(ahead).value),
    )

"""The section on training curves: the law of the curve, what it predicts, the best schedule."""

from eigenscale.figures.topics.curves import curve_figure
from eigenscale.laws.curves.result import CurveFit
from eigenscale.planning.training.answers import CurveAnswer
from eigenscale.planning.training.best import best_schedule
from eigenscale.reporting.sections.section import Section, Table
from eigenscale.text.numbers import percent, with_interval
from eigenscale.text.words import capitalised

NAME, TITLE = "curves", "Training curves"


def curve_section(found: CurveAnswer) -> Section:
    """Show the law through the curves, what is ahead of running runs, and the best cooldown."""
    fit = found.fit
    paragraphs = [_law(fit), capitalised(fit.solved.certificate.sentence()) + ".", *_best(fit)]
    return Section(
        NAME,
        TITLE,
        tuple(paragraphs),
        (_parameters(fit), *_predictions(found)),
        (curve_figure(fit, found.predictions),),
        fit.warnings,
    )


def curve_sentences(found: CurveAnswer) -> list[str]:
    """Answer in one sentence per running run where it will end."""
    said = [
        f"{p.name} will end at a loss of {with_interval(p.end)} at step {p.steps[-1]:,}."
        + ("" if p.reliable else f" DO NOT RELY on it: {p.doubts[0]}")
        for p in found.predictions
    ]
    return said or [_law(found.fit)]


def _law(fit: CurveFit) -> str:
    records = sum(len(c.steps) for c in fit.curves)
    many = len(fit.curves)
    missed = max((abs(m.error) for m in fit.misses), default=None)
    backtest = (
        ""
        if missed is None
        else f" Ends that it had not seen were predicted to within {percent(missed)}."
    )
    return (
        f"The {fit.law.name} law through {records:,} records of {many} "
        f"curve{'s' if many > 1 else ''}: {fit.law.equation}; records scatter around it by "
        f"{percent(fit.noise.deviation)}.{backtest}"
    )


def _best(fit: CurveFit) -> list[str]:
    """Say which schedule of the same length would have been best, where annealing was seen."""
    if fit.law.kernel is None or fit.annealing_seen < 0.5:
        return []
    return best_schedule(fit, max(c.schedule.total for c in fit.curves)).sentences()


def _parameters(fit: CurveFit) -> Table:
    meanings = {
        "L0": "loss that remains",
        "A": "size of what training takes away",
        "alpha": "how fast it does",
        **{p.name: p.meaning for p in fit.law.shape},
    }
    rows = tuple((n, with_interval(v), meanings[n]) for n, v in fit.parameters.items())
    return Table(("parameter", "estimate", "meaning"), rows, "Parameters of the law of the curve")


def _predictions(found: CurveAnswer) -> list[Table]:
    rows = tuple(
        (p.name, f"{p.steps[-1]:,}", with_interval(p.end), "yes" if p.reliable else "no")
        for p in found.predictions
    )
    return [Table(("run", "step", "loss", "reliable"), rows, "Where runs end")] if rows else []

"""The first paragraph: what to expect, and what the model is limited by, in plain words."""

from eigenscale.reporting.evidence import TENFOLD, Evidence, largest_run
from eigenscale.reporting.predicted import Predicted
from eigenscale.reporting.reach import Limit, Reach, reach
from eigenscale.reporting.sections.curves import curve_sentences
from eigenscale.reporting.sections.section import Section
from eigenscale.results import Interval
from eigenscale.text.numbers import number, percent, with_interval
from eigenscale.text.words import counted, named


def answer(evidence: Evidence) -> Section:
    """Answer the question that people come with, more data or a bigger model."""
    sentences = [*_of_runs(evidence), *_of_data(evidence), *_of_curves(evidence)]
    return Section("answer", "The answer", (" ".join(sentences),))


def _of_curves(evidence: Evidence) -> list[str]:
    return [] if evidence.curves is None else curve_sentences(evidence.curves)


def _of_runs(evidence: Evidence) -> list[str]:
    fit = evidence.fit
    if fit is None:
        return []
    at = largest_run(fit)
    if not {"params", "tokens"} <= set(fit.law.inputs):
        return _of_one_input(evidence, at)
    found = reach(fit, at["params"], at["tokens"], fit.level)
    size, data = named(fit.size_name), named(fit.data_name)
    return [
        (
            f"With ten times the {data}, expect the loss to go from {number(found.now.value)} to "
            f"{_first(found.more_data)}; with ten times the {size}, to "
            f"{with_interval(found.more_size)}; with both, to {with_interval(found.more_both)}."
        ),
        _limit_words(found, size, data),
        *_floor(evidence, found.now),
        *_plan(evidence, found),
    ]


def _first(interval: Interval) -> str:
    """Write the first interval of the page with its level, which goes for all that follow."""
    return with_interval(interval).replace("(", f"({percent(interval.level)} interval ")


def _limit_words(found: Reach, size: str, data: str) -> str:
    words: dict[Limit, str] = {
        "data": f"The model is limited by its data: more {data} bring more than more {size}.",
        "size": f"The model is limited by its size: more {size} bring more than more {data}.",
        "both": f"The model is limited by {size} and {data} alike: let them grow together.",
        "neither": "The model is limited by neither: the loss is at the floor of this law.",
    }
    return words[found.limit]


def _floor(evidence: Evidence, now: Interval) -> list[str]:
    assert evidence.fit is not None
    floor = evidence.fit.parameters.get("E")
    if floor is None:
        return []
    if floor.low <= 0.02 * floor.value or floor.high > 3 * floor.low:
        return [
            (
                f"The runs barely constrain the irreducible loss, {with_interval(floor)}, so do "
                "not trust this law far beyond them."
            )
        ]
    share = min(floor.value / now.value, 1.0)
    return [
        (
            f"No size and data bring it below the floor of this law, {with_interval(floor)}, "
            f"which is {percent(share)} of the loss now."
        )
    ]


def _plan(evidence: Evidence, found: Reach) -> list[str]:
    if evidence.frontier is None:
        return []
    best = evidence.frontier[TENFOLD]
    return [
        (
            f"With ten times the compute of the largest run "
            f"({counted(found.size, best.size_name)} on {counted(found.data, best.data_name)}), "
            f"train {number(best.params.value)} {named(best.size_name)} on "
            f"{number(best.tokens.value)} {named(best.data_name)} for a loss of "
            f"{with_interval(best.loss)}."
        )
    ]


def _of_one_input(evidence: Evidence, at: dict[str, float]) -> list[str]:
    fit = evidence.fit
    assert fit is not None
    name = fit.law.inputs[0]
    now, more = fit.predict(**{name: [at[name], 10 * at[name]]}).intervals()
    shown = {"params": fit.size_name, "tokens": fit.data_name}.get(name, name)
    word = {"flops": "compute"}.get(shown, named(shown))
    return [
        (
            f"With ten times the {word}, expect the loss to go from {number(now.value)} to "
            f"{_first(more)}."
        ),
        f"Only the {word} varied, so the runs cannot say what else limits the model.",
        *_floor(evidence, now),
    ]


def _of_curve(found: Predicted) -> list[str]:
    """Say what more data bring a linear student."""
    return [
        (
            f"On the data themselves, a linear student goes from {number(found.now.value)} with "
            f"{found.forecast.n_read:,} samples to {with_interval(found.ahead)} with ten times as "
            f"many; predicting the mean gives {number(found.forecast.target_variance or 0.0)}."
        )
    ]


def _of_data(evidence: Evidence) -> list[str]:
    spectrum, exponent = evidence.spectrum, evidence.exponent
    if spectrum is None:
        return []
    if evidence.predicted is not None:
        return _of_curve(evidence.predicted)
    if spectrum.target_power is not None and spectrum.target_variance_total > 0:
        explained = 1 - spectrum.unexplained / spectrum.target_variance_total
        return [
            (
                f"A linear function of the inputs explains at most {percent(explained)} of the "
                "target; what lies beyond needs features that are not linear."
            )
        ]
    if exponent is None:
        return []
    return [
        (
            f"The spectrum of the data falls as rank to the power "
            f"−{1 + exponent.alpha.value:.2f} over ranks {exponent.ranks[0]} to "
            f"{exponent.ranks[1]}; give a target to learn what that means for the loss."
        )
    ]

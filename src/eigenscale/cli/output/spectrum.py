"""What `eigenscale spectrum` says and draws, apart from its options."""

from collections.abc import Sequence
from typing import Any

from eigenscale.cli.messages import warn
from eigenscale.cli.output.common import print_facts
from eigenscale.errors import InputError
from eigenscale.figures.render.saving import save
from eigenscale.figures.topics.spectrum import spectrum_figure
from eigenscale.figures.topics.subsets import subsets_figure
from eigenscale.io.data.generators import generator, is_generator
from eigenscale.io.formats.text import is_text
from eigenscale.results import Interval
from eigenscale.spectra.effective_ranks import DEFINITIONS, NAMES, effective_ranks
from eigenscale.spectra.exponent.answers import Answers
from eigenscale.spectra.exponent.shapes import Verdict
from eigenscale.spectra.exponent.target import TargetExponent, target_exponent
from eigenscale.spectra.generated import StructuredExponent, structured_exponent
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.spectra.zipf import Zipf, zipf
from eigenscale.text.numbers import with_interval


def tokens_of(data: str, level: float) -> Zipf | None:
    """Zipf's law of text; None for other data, and with a warning where a text is too short."""
    from pathlib import Path

    if not is_text(Path(data)):
        return None
    try:
        return zipf(data, level)
    except InputError as error:
        warn(str(error))
        return None


def structure_of(data: str, measured: MeasuredSpectrum, level: float) -> StructuredExponent | None:
    """Give the exponent of a generator, read by its groups of modes; None for other data."""
    if not is_generator(data):
        return None
    try:
        return structured_exponent(measured, generator(data), level)
    except InputError as error:
        warn(str(error))
        return None


def as_dict(
    spectra: Sequence[MeasuredSpectrum],
    found: Answers | None,
    tokens: Zipf | None,
    sizes: Sequence[int],
    structured: StructuredExponent | None = None,
) -> dict[str, Any]:
    """Everything as one JSON object."""
    whole = spectra[-1]
    few = {"alpha": None, "ranks": None, "verdict": "fewer than 3 eigenvalues above zero"}
    result = whole.to_dict() | (few if found is None else found.to_dict())
    result |= whole.components.to_dict() | effective_ranks(whole).to_dict()
    result["definitions"] = {"effective_rank": DEFINITIONS["entropy_rank"], **DEFINITIONS}
    if sizes:
        level = 0.9 if found is None else found.alpha.level
        result["subsets"] = [_subset(s, level) for s in spectra if s.n_samples in sizes]
    law = _target_law(whole, found)
    if law is not None:
        result["target_exponent"] = law.to_dict()
    if structured is not None:
        result |= structured.to_dict()
    if tokens is not None:
        result["zipf"] = tokens.to_dict()
    result["warnings"] = list(whole.notes)
    return result


def _target_law(measured: MeasuredSpectrum, found: Answers | None) -> TargetExponent | None:
    """Measure the target's exponent, where there is a target and its inputs have a power law."""
    if measured.target_power is None or found is None or found.finite_sample is None:
        return None
    if found.verdict is None or not found.verdict.power_law:
        return None
    try:
        return target_exponent(measured, found.finite_sample.population, found.alpha.level)
    except InputError:  # too many inputs, or too few modes: nothing to say
        return None


def _subset(measured: MeasuredSpectrum, level: float) -> dict[str, Any]:
    line = measured.exponent(level=level) if measured.rank >= 3 else None
    return {
        "n_samples": measured.n_samples,
        "eigenvalues": measured.eigenvalues,
        "effective_rank": measured.effective_rank,
        "alpha": None if line is None else line.alpha,
        "ranks": None if line is None else line.ranks,
    }


def draw(
    spectra: Sequence[MeasuredSpectrum],
    found: Answers | None,
    tokens: Zipf | None,
    path: str,
) -> None:
    """Draw the spectrum, or those of the subsets, with the tokens of a text beside it."""
    if found is None:
        raise InputError(f"{spectra[-1].name} has {spectra[-1].rank} eigenvalues; a figure needs 3")
    if len(spectra) > 1:
        save(subsets_figure(spectra, found), path)
    else:
        save(spectrum_figure(spectra[-1], found.least_squares, found, tokens), path)


def show(
    measured: MeasuredSpectrum,
    found: Answers | None,
    tokens: Zipf | None,
    structured: StructuredExponent | None = None,
) -> None:
    """Print the same in words."""
    rows = [
        ("samples", f"{measured.n_samples:,}"),
        ("inputs", f"{measured.n_inputs:,}"),
        *_components(measured),
    ]
    if measured.target_power is not None:
        explained = 1 - measured.unexplained / measured.target_variance_total
        by = "" if measured.tail is None else f" by the {measured.rank:,} known; more by the tail?"
        rows.append(("target explained", f"{100 * explained:.1f} %{by}"))
    law = _target_law(measured, found)
    rows += [] if law is None else [("target exponent", law.sentence)]
    rows += [] if structured is None else _structured(structured)
    rows += [] if found is None else _exponents(found)
    rows += [] if tokens is None else [_tokens(tokens)]
    rows += [("note", note) for note in measured.notes]
    print_facts(measured.name, rows)


def _structured(found: StructuredExponent) -> list[tuple[str, str]]:
    first, last = found.ranks
    return [
        ("predicted α", f"{found.predicted:.4g}, from the structure that the data are drawn with"),
        (
            "measured α",
            f"{_named(found.alpha)}, by groups of equal modes, ranks {first} to {last}",
        ),
    ]


def _components(measured: MeasuredSpectrum) -> list[tuple[str, str]]:
    found = measured.components
    needed = ", ".join(f"{n:,} for {100 * share:g} %" for share, n in found.needed.items())
    rows = [
        ("rank", _rank(measured)),
        *_effective(measured),
        ("largest eigenvalue", f"{measured.eigenvalues[0]:.4g}"),
        ("total variance", f"{measured.trace:.4g}"),
        ("components", needed or f"more than the {measured.rank:,} known for 50 %"),
        *_unknown(measured),
    ]
    if found.gap_rank:
        rows.append(("largest gap", f"after {found.gap_rank:,}: down by a factor {found.gap:.3g}"))
    return rows


def _effective(measured: MeasuredSpectrum) -> list[tuple[str, str]]:
    """Each effective rank by its name, with its definition."""
    found = effective_ranks(measured)
    shown = {
        "entropy_rank": _between(*measured.effective_rank_bounds),
        "rankme": f"{found.rankme:.4g}",
        "participation_ratio": _participation(measured),
        "stable_rank": f"{found.stable_rank:.4g}",
        "alpha_req": f"{found.alpha_req:.3g}",
    }
    return [
        (NAMES[name].replace("entropy rank", "effective rank"), f"{text}: {DEFINITIONS[name]}")
        for name, text in shown.items()
        if text != "nan"
    ]


def _rank(measured: MeasuredSpectrum) -> str:
    if measured.tail is None:
        return f"{measured.rank:,}"
    most = len(measured.eigenvalues) + measured.tail.alive
    return f"at most {most:,.0f}; {measured.rank:,} eigenvalues are known one by one"


def _between(low: float, high: float) -> str:
    ends = f"{low:.4g}", f"{high:.4g}"
    return ends[0] if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"


def _participation(measured: MeasuredSpectrum) -> str:
    """Show the standard error where the squares of the tail are estimated and it can be seen."""
    value, tail = measured.participation_ratio, measured.tail
    error = 0.0 if tail is None else value * tail.square_error / measured.square
    return f"{value:.4g}" if error < 1e-4 * value else f"{value:.4g} ± {error:.1g}"


def _unknown(measured: MeasuredSpectrum) -> list[tuple[str, str]]:
    tail = measured.tail
    if tail is None:
        return []
    share = 100 * tail.power / measured.trace
    said = (
        f"{tail.modes:,.0f} eigenvalues, not known one by one, hold {share:.3g} % of the variance"
    )
    return [("unknown tail", said)]


def _exponents(found: Answers) -> list[tuple[str, str]]:
    line, fit = found.least_squares, found.finite_sample
    first, last = line.ranks
    rows = [
        (
            "α (spectrum falls as 1+α)",
            f"{_named(found.alpha)}, by {found.trusted}",
        ),
        (
            "least squares",
            f"{_named(line.alpha)} over ranks {first} to {last}: {line.rule}",
        ),
    ]
    if fit is not None:
        first, last = fit.ranks
        rows += [
            (
                "finite sample",
                f"{_named(fit.alpha)} over ranks {first} to {last}, {fit.structure}",
            ),
            *_latent(found),
        ]
    if found.local.ranks.size:
        rows.append(("local slope", _slopes(found)))
    if found.verdict is not None:
        rows += [("shapes, best first", _shapes(found.verdict))]
        rows.append(("verdict", found.verdict.sentence))
    return rows


def _shapes(verdict: Verdict) -> str:
    """Name the shapes compared, by how much likelier the best is, isotropic noise among them."""
    best = verdict.shapes[0].bic
    return ", ".join(
        f"{s.name} (p = {s.p_value:.2g}{'' if s.bic == best else f', BIC +{s.bic - best:.3g}'})"
        for s in verdict.shapes
    )


def _latent(found: Answers) -> list[tuple[str, str]]:
    """Say what is known of the latent dimension, by each size and by all together."""
    joint = found.joint
    if joint is None:
        return [("latent dimension", str(found.latent_dim))]
    rows = [("latent dimension", f"{found.latent_dim}, by all sizes together")]
    return rows + [(f"  by {s.n_samples:,} samples", str(s.latent_dim)) for s in joint.sizes]


def _slopes(found: Answers) -> str:
    """α at a few ranks, to see whether it is one number."""
    local = found.local
    places = sorted({0, len(local.ranks) // 3, 2 * len(local.ranks) // 3, len(local.ranks) - 1})
    return ", ".join(f"{local.alpha[i]:.3g} at rank {local.ranks[i]:.0f}" for i in places)


def _tokens(tokens: Zipf) -> tuple[str, str]:
    first, last = tokens.ranks
    said = (
        f"frequency falls as rank^-s, s = {_named(tokens.exponent)} over ranks "
        f"{first} to {last} of {tokens.n_types:,}, {tokens.n_tokens:,} in all; they come "
        f"in bursts: counts vary {tokens.burstiness:.2g} times as much as by chance"
    )
    return "tokens (Zipf)", said


def _named(interval: Interval) -> str:
    return with_interval(interval, level=True)

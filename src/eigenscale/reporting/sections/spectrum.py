"""The section on the data: its spectrum, with exponent, window and interval."""

from eigenscale.figures.topics.spectrum import spectrum_figure
from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.sections.section import Section
from eigenscale.reporting.sections.subsets import (
    dimension_table,
    further_figures,
    latent_text,
    pca_text,
    shapes_table,
)
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.text.numbers import number, percent, with_interval

NAME, TITLE = "spectrum", "The spectrum of the data"


def spectrum_section(evidence: Evidence) -> Section:
    """Show the eigenvalues, the window that the exponent was fitted to, and the exponent."""
    spectrum, exponent = evidence.spectrum, evidence.exponent
    if spectrum is None:
        nothing = "No data were given. Add --data FILE, and --target FILE for what is predicted."
        return Section(NAME, TITLE, (nothing,))
    paragraphs = [
        (
            f"{spectrum.n_samples:,} samples of {spectrum.n_inputs:,} inputs from "
            f"{spectrum.name}. The variance is spread over an effective rank "
            f"{_effective_rank(spectrum)}.{_unknown(spectrum)}"
        )
    ]
    if exponent is None:
        few = f"With {spectrum.rank} eigenvalues above zero there is no exponent to speak of."
        return Section(NAME, TITLE, (*paragraphs, few), notes=spectrum.notes)
    first, last = exponent.ranks
    paragraphs.append(
        f"Over ranks {first} to {last} ({exponent.rule}) eigenvalues fall as rank to the power "
        f"−(1+α) with α = {with_interval(exponent.alpha)}, a {percent(exponent.alpha.level)} "
        f"interval. A straight line explains {percent(exponent.r_squared)} of the logarithms; "
        "where the local slope bends, one exponent is a summary and not a law."
    )
    if spectrum.target_power is not None and spectrum.target_variance_total > 0:
        explained = 1 - spectrum.unexplained / spectrum.target_variance_total
        paragraphs.append(
            f"A linear function of the inputs explains {percent(explained)} of the target's "
            "variance; the rest acts as noise on a linear student."
        )
    paragraphs += [*pca_text(spectrum), *_verdict(evidence), *latent_text(evidence)]
    paragraphs += [*_dimension(evidence), *_tokens(evidence)]
    figure = spectrum_figure(spectrum, exponent, evidence.exponents, evidence.tokens)
    return Section(
        NAME,
        TITLE,
        tuple(paragraphs),
        (*shapes_table(evidence), *dimension_table(evidence)),
        (figure, *further_figures(evidence)),
        spectrum.notes,
    )


def _effective_rank(spectrum: MeasuredSpectrum) -> str:
    low, high = (number(end) for end in spectrum.effective_rank_bounds)
    return f"of {low}" if low == high else f"between {low} and {high}"


def _unknown(spectrum: MeasuredSpectrum) -> str:
    """Say what is left out where only the leading eigenvalues are known."""
    tail = spectrum.tail
    if tail is None:
        return ""
    return (
        f" Only the leading {spectrum.rank:,} eigenvalues are known one by one; the other "
        f"{tail.modes:,.0f} hold {percent(tail.power / spectrum.trace)} of the variance."
    )


def _tokens(evidence: Evidence) -> list[str]:
    """Say how the frequency of tokens falls, where the data is text."""
    found = evidence.tokens
    if found is None:
        return []
    first, last = found.ranks
    return [
        (
            f"The text has {found.n_tokens:,} tokens of {found.n_types:,} kinds. Over ranks "
            f"{first} to {last} their frequency falls as rank to the power −s with "
            f"s = {with_interval(found.exponent)} (Zipf's law has s near 1); words come in "
            f"bursts: counts vary {number(found.burstiness)} times as much as by chance."
        )
    ]


def _verdict(evidence: Evidence) -> list[str]:
    """Say whether it is a power law at all, and what the theory of finite samples makes of it."""
    found = evidence.exponents
    if found is None or found.verdict is None or found.finite_sample is None:
        return []
    fitted = found.finite_sample
    return [
        (
            f"Tested as a whole, the spectrum is {found.verdict.sentence}. The theory of finite "
            f"samples, fitted to ranks {fitted.ranks[0]} to {fitted.ranks[1]}, gives "
            f"α = {with_interval(fitted.alpha)}; the answer to quote is that by {found.trusted}."
        )
    ]


def _dimension(evidence: Evidence) -> list[str]:
    """Say how many dimensions nearest neighbours see, and what that leads to expect."""
    found = evidence.geometry
    if found is None:
        return []
    seen = found.dimension.mle
    ends = f"{number(seen.low)} to" if seen.low > 0 else "at most"
    return [
        (
            f"Nearest neighbours see an intrinsic dimension of {number(seen.value)} "
            f"({ends} {number(seen.high)}) at the scale of {found.dimension.neighbours} "
            f"neighbours, TwoNN {with_interval(found.dimension.two_nn)}. 4/d is "
            f"{number(found.expected_alpha)}: {found.reading}."
        )
    ]

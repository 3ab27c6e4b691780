"""The picture of a measured spectrum: eigenvalues with the window, local slope, components."""

import numpy as np

from eigenscale.equation.sample import sample_spectrum
from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Note, Panel, Points, Window
from eigenscale.spectra.exponent.answers import Answers
from eigenscale.spectra.exponent.finite_sample import FiniteSampleFit
from eigenscale.spectra.exponent.least_squares import Exponent
from eigenscale.spectra.exponent.slope import local_slope
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.spectra.zipf import Zipf

_MAX_POINTS = 60  # more are thinned evenly in log rank
_ROUNDING = 1e-11  # of the largest eigenvalue; what lies below would only stretch the axis


def spectrum_figure(
    spectrum: MeasuredSpectrum,
    exponent: Exponent,
    answers: Answers | None = None,
    tokens: Zipf | None = None,
) -> Figure:
    """Eigenvalue against rank with window, line and interval; α against rank; explained variance.

    With `answers` the theory of finite samples is drawn over the points and its α beside; with
    `tokens` the frequencies of a text's tokens are a panel of their own.
    """
    alpha, (first, last) = exponent.alpha, exponent.ranks
    signed = f"{alpha.value:.2f}".replace("-", "−")
    title = (
        f"The spectrum of {spectrum.name} falls as rank to the power "
        f"−{1 + alpha.value:.2f} (α = {signed}) over ranks {first} to {last}"
    )
    return Figure(
        name="spectrum",
        title=title,
        panels=(
            _eigenvalues(spectrum, exponent, answers),
            _local(spectrum, exponent, answers),
            _explained(spectrum),
            *(() if tokens is None else (_tokens(tokens),)),
        ),
        caption=(
            f"Covariance eigenvalues of {spectrum.n_samples:,} samples of {spectrum.n_inputs:,} "
            f"inputs. α is by least squares of log eigenvalue on log rank over the shaded ranks; "
            f"the interval is at {100 * alpha.level:.0f} %. The spectrum falls as 1+α. Beside: α "
            "in windows of one factor 3 in rank; a power law is level there. Below: the share of "
            "the variance that the first components hold"
            f"{'' if tokens is None else ', and how often the tokens of the text occur'}."
            f"{_unknown(spectrum)}{_left_out(spectrum)}"
        ),
        columns=2,
        alt=(
            f"Log-log plot of eigenvalues against rank, with a line of slope "
            f"{-1 - alpha.value:.2f} over ranks {first} to {last}, and local α against rank."
        ),
    )


def _unknown(spectrum: MeasuredSpectrum) -> str:
    tail = spectrum.tail
    if tail is None:
        return ""
    return (
        f" {tail.modes:,.0f} further eigenvalues, {100 * tail.power / spectrum.trace:.3g} % of the "
        "variance, are not known one by one."
    )


def _left_out(spectrum: MeasuredSpectrum) -> str:
    count = spectrum.rank - drawn_rank(spectrum)
    if not count:
        return ""
    return f" Eigenvalues below {_ROUNDING:.0e} of the largest ({count:,}) are not drawn."


def thinned(n: int) -> np.ndarray:
    """Ranks 1 to n, thinned evenly in log rank where there are many."""
    if n <= _MAX_POINTS:
        return np.arange(1, n + 1)
    return np.unique(np.round(np.geomspace(1, n, _MAX_POINTS)).astype(int))


def drawn_rank(spectrum: MeasuredSpectrum) -> int:
    """Count the eigenvalues that are drawn: those that are more than rounding."""
    values = spectrum.eigenvalues[: spectrum.rank]
    return max(1, int(np.count_nonzero(values > _ROUNDING * values[0])))


def _eigenvalues(spectrum: MeasuredSpectrum, exponent: Exponent, answers: Answers | None) -> Panel:
    first, last = exponent.ranks
    rank = drawn_rank(spectrum)
    ranks = thinned(rank)
    ends = np.geomspace(first, last, 30)
    wide = np.geomspace(1, rank, 60)
    layers: tuple[Layer, ...] = (
        Window(first, last, "fitted ranks"),
        Points(ranks.astype(float), spectrum.eigenvalues[ranks - 1], "measured", color=0),
        Line(wide, exponent.line(wide), color=1, dash="dot", width=1.2),
        Line(ends, exponent.line(ends), f"slope −{1 + exponent.alpha.value:.2f}", color=1),
    )
    if answers is not None and answers.finite_sample is not None:
        layers = (*layers, _theory(answers.finite_sample, rank))
    return Panel(Axis("rank"), Axis("eigenvalue (variance)"), layers, "Eigenvalues")


def _theory(fit: FiniteSampleFit, rank: int) -> Line:
    """Draw what a sample of this size from the fitted population is expected to have."""
    ranks = thinned(rank).astype(float)
    expected = sample_spectrum(fit.population, fit.n_samples, fit.n_features).ordered(ranks)
    alive = expected > 0
    return Line(ranks[alive], expected[alive], "finite-sample theory", color=2, dash="dash")


def _local(spectrum: MeasuredSpectrum, exponent: Exponent, answers: Answers | None) -> Panel:
    local, alpha, (first, last) = local_slope(spectrum), exponent.alpha, exponent.ranks
    ends = np.array([first, last], dtype=float)
    level = np.ones(2)
    layers: tuple[Layer, ...] = (
        Window(first, last),
        Band(ends, alpha.low * level, alpha.high * level, f"{100 * alpha.level:.0f} % interval", 1),
        Line(ends, alpha.value * level, "least squares", color=1),
        Line(local.ranks, local.alpha, "local slope", color=0),
    )
    if answers is not None and answers.finite_sample is not None:
        fit = answers.finite_sample
        ends = np.array(fit.ranks, dtype=float)
        layers = (
            *layers,
            Band(ends, fit.alpha.low * level, fit.alpha.high * level, color=2),
            Line(ends, fit.alpha.value * level, "finite-sample theory", color=2, dash="dash"),
        )
    return Panel(Axis("rank"), Axis("α", "linear"), layers, "Is there one exponent?")


def _explained(spectrum: MeasuredSpectrum) -> Panel:
    found = spectrum.components
    ranks = thinned(len(found.explained))
    layers: list[Layer] = [
        Line(ranks.astype(float), found.explained[ranks - 1], "explained variance", color=0)
    ]
    marked = [(share, found.needed[share]) for share in (0.5, 0.9) if share in found.needed]
    layers += [Note(float(n), share, f"{100 * share:g} %: {n:,}") for share, n in marked]
    return Panel(
        Axis("number of components"),
        Axis("share of the variance", "linear", (0.0, 1.03)),
        tuple(layers),
        "Principal components",
    )


def _tokens(tokens: Zipf) -> Panel:
    first, last = tokens.ranks
    ranks = thinned(tokens.n_types)
    ends = np.geomspace(first, last, 30)
    label = f"rank to the −{tokens.exponent.value:.2f}"
    return Panel(
        Axis("rank of the token"),
        Axis("occurrences"),
        (
            Window(first, last, "fitted ranks"),
            Points(ranks.astype(float), tokens.counts[ranks - 1], "tokens", color=0),
            Line(ends, tokens.line(ends), label, color=1),
        ),
        "Zipf's law of the tokens",
    )

"""The spectra of nested subsets for the report, and what they say of shape and latent features."""

from typing import Any

from eigenscale.figures.spec import Figure
from eigenscale.figures.topics.dimension import dimension_figure
from eigenscale.figures.topics.subsets import subsets_figure
from eigenscale.io.data.columns import settle
from eigenscale.io.data.opening import open_source
from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.sections.section import Table
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.spectra.subsets import measure_all
from eigenscale.text.numbers import number, percent, with_interval

SHARES = (16, 4)
"""Subsets are a sixteenth and a quarter of the rows."""
FEWEST, WIDEST = 400, 2048
"""Rows below which, and inputs above which, subsets are left out: each keeps a matrix."""


def measure_nested(data: Any, target: Any, seed: int) -> tuple[MeasuredSpectrum, ...]:
    """Measure subsets and all rows in one pass; all rows alone where they are few or wide."""
    source = open_source(data, settle(data, target)[1])
    rows = source.n_rows or 0
    sizes = [rows // share for share in SHARES]
    if rows < FEWEST or source.n_columns > WIDEST:
        sizes = []
    return measure_all(data, target, sizes, rng=seed)


def shapes_table(evidence: Evidence) -> list[Table]:
    """Give the shapes that were compared, best first, isotropic noise as the null hypothesis."""
    found = evidence.exponents
    if found is None or found.verdict is None:
        return []
    shapes = found.verdict.shapes
    rows = tuple(
        (
            "isotropic noise (null hypothesis)" if s.name == "isotropic" else s.name,
            number(s.bic - shapes[0].bic),
            f"{s.p_value:.2g}",
            ", ".join(f"{_plain(name)} {number(value)}" for name, value in s.parameters.items()),
        )
        for s in shapes
    )
    columns = ("shape", "BIC above the best", "p", "parameters")
    caption = (
        "Shapes of the spectrum by the same likelihood; less BIC is likelier, and a small p says "
        "that sampling does not explain the misfit"
    )
    return [Table(columns, rows, caption)]


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("alpha", "α")


def latent_text(evidence: Evidence) -> list[str]:
    """Say what all sample sizes together say of the number of latent features."""
    found = evidence.exponents
    if found is None or found.latent_dim is None:
        return []
    said = f"Latent features: {found.latent_dim}."
    if found.joint is None:
        return [said]
    sizes = found.joint.sizes
    known = [s for s in sizes if s.latent_dim.status != "not identifiable"]
    alone = "; ".join(f"{s.n_samples:,} samples alone: {s.latent_dim}" for s in known)
    together = (
        f"One population fitted to the spectra of {len(sizes)} nested samples has "
        f"α = {with_interval(found.joint.fit.alpha)}, p = {found.joint.fit.p_value:.2g}. {said}"
    )
    return [f"{together} By size: {alone}." if known else together]


def pca_text(spectrum: MeasuredSpectrum) -> list[str]:
    """Say how the variance is spread over principal components, and where it breaks off."""
    found = spectrum.components
    needed = [f"{n:,} for {percent(share)}" for share, n in found.needed.items()]
    gap = ""
    if found.gap_rank:
        gap = (
            f" The largest gap is after component {found.gap_rank:,}, down by a factor "
            f"{number(found.gap)}."
        )
    if not needed:
        return []
    words = (
        f"Principal components needed: {', '.join(needed)} of the variance; participation ratio "
        f"{number(spectrum.participation_ratio)}.{gap}"
    )
    return [words]


def further_figures(evidence: Evidence) -> list[Figure]:
    """Draw the nested samples under the theory, and the dimension against scale."""
    figures = []
    if evidence.exponents is not None and len(evidence.nested) > 1:
        figures.append(subsets_figure(evidence.nested, evidence.exponents))
    if evidence.geometry is not None:
        seen = evidence.geometry
        name = evidence.spectrum.name if evidence.spectrum is not None else seen.name
        figures.append(dimension_figure(seen.dimension, name, seen.subsamples))
    return figures


def dimension_table(evidence: Evidence) -> list[Table]:
    """Give the estimates at each number of neighbours, and on fewer points."""
    if evidence.geometry is None:
        return []
    found = evidence.geometry
    seen = found.dimension
    rows = [
        (
            f"{s.neighbours} neighbours",
            with_interval(s.mle),
            number(s.naive) if s.neighbours > 2 else "–",
        )
        for s in seen.scales
    ]
    rows += [
        (f"{s.n_points:,} points, {seen.neighbours} neighbours", with_interval(s.mle), "–")
        for s in found.subsamples
    ]
    rows.append(("two neighbours (TwoNN)", with_interval(seen.two_nn), "–"))
    rows.append(("extrapolated to scale zero", with_interval(seen.limit), "–"))
    columns = ("seen at", "intrinsic dimension", "plain average")
    caption = (
        "Intrinsic dimension by scale: maximum likelihood with sampling errors, and the plain "
        "average of one estimate per point, which is too large at few neighbours"
    )
    return [Table(columns, tuple(rows), caption)]

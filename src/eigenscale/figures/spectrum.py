"""The picture of a measured spectrum: eigenvalues with the fitted window, and the local slope."""

from typing import TYPE_CHECKING

import numpy as np

from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points, Window

if TYPE_CHECKING:
    from eigenscale.measure.exponent import Exponent
    from eigenscale.measure.measured import MeasuredSpectrum

_MAX_POINTS = 60  # more are thinned evenly in log rank


def spectrum_figure(spectrum: "MeasuredSpectrum", exponent: "Exponent") -> Figure:
    """Eigenvalue against rank with window, line and interval; beside it α against rank."""
    alpha, (first, last) = exponent.alpha, exponent.ranks
    title = (
        f"The spectrum of {spectrum.name} falls as rank to the power "
        f"−{1 + alpha.value:.2f} (α = {alpha.value:.2f}) over ranks {first} to {last}"
    )
    return Figure(
        name="spectrum",
        title=title,
        panels=(_eigenvalues(spectrum, exponent), _local(spectrum, exponent)),
        caption=(
            f"Covariance eigenvalues of {spectrum.n_samples:,} samples of {spectrum.n_inputs:,} "
            f"inputs. α is by least squares of log eigenvalue on log rank over the shaded ranks; "
            f"the interval is at {100 * alpha.level:.0f} %. The spectrum falls as 1+α. Right: α in "
            "windows of one factor 3 in rank; a power law is level there."
        ),
        alt=(
            f"Log-log plot of eigenvalues against rank, with a line of slope "
            f"{-1 - alpha.value:.2f} over ranks {first} to {last}, and local α against rank."
        ),
    )


def _thin(n: int) -> np.ndarray:
    """Ranks 1 to n, thinned evenly in log rank where there are many."""
    if n <= _MAX_POINTS:
        return np.arange(1, n + 1)
    return np.unique(np.round(np.geomspace(1, n, _MAX_POINTS)).astype(int))


def _eigenvalues(spectrum: "MeasuredSpectrum", exponent: "Exponent") -> Panel:
    first, last = exponent.ranks
    ranks = _thin(spectrum.rank)
    ends = np.geomspace(first, last, 30)
    wide = np.geomspace(1, spectrum.rank, 60)
    layers: tuple[Layer, ...] = (
        Window(first, last, "fitted ranks"),
        Points(ranks.astype(float), spectrum.eigenvalues[ranks - 1], "measured", color=0),
        Line(wide, exponent.line(wide), color=1, dash="dot", width=1.2),
        Line(ends, exponent.line(ends), f"slope −{1 + exponent.alpha.value:.2f}", color=1),
    )
    return Panel(Axis("rank"), Axis("eigenvalue (variance)"), layers, "Eigenvalues")


def _local(spectrum: "MeasuredSpectrum", exponent: "Exponent") -> Panel:
    from eigenscale.measure.slope import local_slope

    local, alpha, (first, last) = local_slope(spectrum), exponent.alpha, exponent.ranks
    ends = np.array([first, last], dtype=float)
    level = np.ones(2)
    layers: tuple[Layer, ...] = (
        Window(first, last),
        Band(ends, alpha.low * level, alpha.high * level, f"{100 * alpha.level:.0f} % interval", 1),
        Line(ends, alpha.value * level, "least squares", color=1),
        Line(local.ranks, local.alpha, "local slope", color=0),
    )
    return Panel(Axis("rank"), Axis("α", "linear"), layers, "Is there one exponent?")

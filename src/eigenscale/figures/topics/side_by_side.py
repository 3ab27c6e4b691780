"""Spectra side by side, drawn: each eigenvalue's share of the variance against its rank."""

import numpy as np

from eigenscale.figures.spec import Axis, Figure, Line, Panel
from eigenscale.spectra.side_by_side import SideBySide


def side_by_side_figure(found: SideBySide) -> Figure:
    """Draw the spectra of several datasets in one panel, each divided by its trace."""
    layers = []
    for color, side in enumerate(found.sides):
        values = side.spectrum.eigenvalues[: side.spectrum.rank]
        ranks = np.arange(1.0, len(values) + 1)
        rank = side.effective["rankme"].value
        label = f"{side.spectrum.name} (RankMe {rank:.3g})"
        layers.append(Line(ranks, values / float(side.spectrum.trace), label, color=color))
    most = max(found.sides, key=lambda side: side.effective["rankme"].value)
    return Figure(
        "spectra-side-by-side",
        f"{most.spectrum.name} spreads its variance over the most directions",
        (Panel(Axis("rank"), Axis("share of the variance"), tuple(layers)),),
        caption="Eigenvalues of each sample covariance, divided by their sum.",
        alt="Spectra of several datasets against rank, on logarithmic axes.",
    )

"""The picture of nested samples: their spectra under the theory, and what each says of M."""

from collections.abc import Sequence

import numpy as np

from eigenscale.equation.sample import sample_spectrum
from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points
from eigenscale.figures.topics.spectrum import drawn_rank, thinned
from eigenscale.spectra.exponent.answers import Answers
from eigenscale.spectra.exponent.joint import JointFit
from eigenscale.spectra.measured import MeasuredSpectrum


def subsets_figure(spectra: Sequence[MeasuredSpectrum], answers: Answers) -> Figure:
    """Eigenvalues of nested subsets, with the theory's prediction for each size drawn over.

    The population is the fitted power law where one holds, else the measured spectrum of all rows.
    Where the latent dimension can be read off, it stands beside, by each size and by all.
    """
    fit = answers.finite_sample
    fitted = fit is not None and answers.trusted == "finite sample"
    source = "the fitted power law" if fitted else "the spectrum of all rows"
    panels = [_spectra(spectra, answers, fitted)]
    if answers.joint is not None and _known(answers.joint):
        panels.append(_latent(answers.joint))
    beside = " Beside: the latent dimension by each size alone, and by all together."
    return Figure(
        name="spectrum-subsets",
        title=f"Fewer samples of {spectra[-1].name} lose the tail of the spectrum",
        panels=tuple(panels),
        caption=(
            "Points: covariance eigenvalues of random nested subsets. Lines: what the theory of "
            f"finite samples expects at each size, from {source}; nothing is fitted to the subsets."
            f"{beside if len(panels) > 1 else ''}"
        ),
        alt="Log-log plot of eigenvalues against rank for several sample sizes, with theory lines.",
    )


def _spectra(spectra: Sequence[MeasuredSpectrum], answers: Answers, fitted: bool) -> Panel:
    whole, fit = spectra[-1], answers.finite_sample
    population = fit.population if fit is not None and fitted else whole
    n_features = fit.n_features if fit is not None and fitted else np.inf
    layers: list[Layer] = []
    for color, spectrum in enumerate(spectra):
        ranks = thinned(drawn_rank(spectrum))
        label = f"{spectrum.n_samples:,} samples"
        layers.append(Points(ranks.astype(float), spectrum.eigenvalues[ranks - 1], label, color))
        if fitted or spectrum is not whole:
            sample = sample_spectrum(population, spectrum.n_samples - 1.0, n_features)
            theory = sample.ordered(ranks.astype(float))
            alive = theory > 0
            layers.append(Line(ranks[alive].astype(float), theory[alive], color=color))
    return Panel(Axis("rank"), Axis("eigenvalue (variance)"), tuple(layers), "Spectra")


def _known(joint: JointFit) -> bool:
    return any(s.latent_dim.status != "not identifiable" for s in joint.sizes)


def _latent(joint: JointFit) -> Panel:
    """Draw intervals as bars and lower bounds as triangles; sizes that cannot say are left out."""
    sizes = np.array([float(s.n_samples) for s in joint.sizes])
    found = joint.latent_dim
    ends = sizes[[0, -1]] * np.array([0.8, 1.25])
    layers: list[Layer] = []
    if np.isfinite(found.high):
        band = np.full(2, found.low), np.full(2, found.high)
        layers.append(Band(ends, *band, "all sizes together", 1))
    if found.status != "not identifiable":
        words = "all sizes together" if np.isfinite(found.high) else "at least, all sizes together"
        level = found.value if np.isfinite(found.high) else found.low
        layers.append(Line(ends, np.full(2, level), words, 1))
    known = [(n, s.latent_dim) for n, s in zip(sizes, joint.sizes, strict=True)]
    intervals = [(n, d) for n, d in known if np.isfinite(d.high)]
    bounds = [(n, d) for n, d in known if d.status == "lower bound"]
    if intervals:
        x, value, low, high = np.array([[n, d.value, d.low, d.high] for n, d in intervals]).T
        layers.append(Points(x, value, "interval", 0, low=low, high=high))
    if bounds:
        x, low = np.array([[n, d.low] for n, d in bounds]).T
        layers.append(Points(x, low, "lower bound", 0, "triangle"))
    return Panel(Axis("samples"), Axis("latent dimension"), tuple(layers), "Latent features")

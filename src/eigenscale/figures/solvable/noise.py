"""Gallery, fifth part: what no power law looks like, and spectra of real images and text."""

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.equation.sample import expected_eigenvalues
from eigenscale.figures.solvable.draws import Draws
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.simulation.learned import simulate_eigenvalues
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.measure import measure
from eigenscale.spectrum import Spectrum

_AXES = Axis("rank"), Axis("eigenvalue")
_LOOK = "Curves: the theory for large sizes, with nothing fitted."


def gaussian_noise(rng: Draws) -> Figure:
    """Spectra of isotropic Gaussian noise against the number of samples."""
    spectrum = Spectrum.from_eigenvalues(np.ones(400))
    layers: list[Layer] = []
    for color, count in enumerate((100, 400, 1600, 6400)):
        layers += _pair(spectrum, count, f"T = {count}", color, rng)
    layers.append(Rule(1.0, "y", "population"))
    return Figure(
        "gaussian-noise",
        "The spectrum of noise is flat; what bends it is the number of samples",
        (Panel(_AXES[0], Axis("eigenvalue", "log", (1e-3, 10.0)), tuple(layers)),),
        caption="M = 400 inputs of independent Gaussian noise with variance 1. Points: means over "
        f"4 drawn data sets. {_LOOK} No straight line appears, and with more samples the curve "
        "becomes level: α is -1.",
        alt="Eigenvalues against rank: curves that level out at 1 as samples grow.",
        columns=1,
    )


def pca_gap(rng: Draws) -> Figure:
    """Draw a low-rank signal in noise, which has a gap, beside a power law, which has none."""
    ranks = np.arange(1.0, 401)
    gapped = np.where(ranks <= 10, 30.0 * ranks**-0.5, 1.0)
    cases = (("10 directions in noise", gapped), ("power law, α = 0.5", 30.0 * ranks**-1.5))
    panels = []
    for title, values in cases:
        layers: list[Layer] = []
        for color, count in enumerate((200, 1600)):
            layers += _pair(Spectrum.from_eigenvalues(values), count, f"T = {count}", color, rng)
        layers.append(Line(ranks, np.sort(values)[::-1], "population", 6, "dash", 1.5))
        if title.startswith("10"):
            layers.append(Rule(10.5, "x", "PCA keeps 10"))
        panels.append(
            Panel(_AXES[0], Axis("eigenvalue", "log", (3e-4, 60.0)), tuple(layers), title)
        )
    return Figure(
        "pca-gap",
        "Principal components end at a gap; a power law has none to end at",
        tuple(panels),
        caption="M = 400 inputs. Left: ten directions above noise of variance 1; more samples open "
        "a gap behind rank 10. Right: a power law; wherever it is cut, what is cut off goes on "
        f"in the same way. Points: means over 4 drawn data sets. {_LOOK}",
        alt="Left a spectrum with a gap after rank 10, right a straight line on logarithmic axes.",
        columns=2,
    )


def real_spectra(rng: Draws) -> Figure:
    """Spectra of photograph patches and of text for several sample sizes."""
    panels = []
    for title, rows, counts in (
        ("patches of photographs, 8 × 8", _patches(), (100, 1000)),
        ("bytes of source text, 96 counts", _text(), (100, 500)),
    ):
        whole = measure(rows)
        population = _population(whole)
        order = rng.generator(0).permutation(len(rows))
        layers: list[Layer] = []
        for color, count in enumerate(counts):
            part = measure(rows[order[:count]]).eigenvalues
            last = int(min(count - 1, population.rank))
            ranks = np.unique(np.geomspace(1, last, 24).round())
            every = np.unique(np.geomspace(1, last, 120).round())
            theory = expected_eigenvalues(population, count - 1, np.inf, every)
            label = f"T = {count:,}"
            layers += [
                Line(every, theory, label, color),
                Points(ranks, part[ranks.astype(int) - 1], "", color),
            ]
        known = population.eigenvalues
        label = f"all {len(rows):,} rows"
        layers.append(Line(np.arange(1.0, known.size + 1), known, label, 6, "dash", 1.5))
        low, high = 0.3 * float(known[-1]), 3.0 * float(known[0])
        panels.append(Panel(_AXES[0], Axis("eigenvalue", "log", (low, high)), tuple(layers), title))
    return Figure(
        "spectrum-real",
        "Spectra of real images and text: small samples cut off the tail",
        tuple(panels),
        caption="Points: random parts of the rows, one each. Dashed: all rows, which serve as the "
        "population of the theory. Curves: what the theory of finite samples expects of a part, if "
        "the rows were Gaussian; rows of photographs are of unequal size and fall off sooner. "
        "Photographs are scikit-learn's samples; the text is Python's standard library, in blocks "
        "of 1,024 bytes.",
        alt="Two spectra on logarithmic axes; points of smaller samples fall below the whole.",
        columns=2,
    )


def _pair(spectrum: Spectrum, n_samples: int, label: str, color: int, rng: Draws) -> list[Layer]:
    """Theory and simulation of one sample spectrum."""
    last = int(min(spectrum.latent_dim, n_samples))
    ranks = np.unique(np.geomspace(1, last, 28).round())
    every = np.unique(np.geomspace(1, last, 160).round())
    points = rng.take(lambda g: simulate_eigenvalues(spectrum, n_samples, rng=g)[_at(ranks)])
    shown = points > 0
    theory = expected_eigenvalues(spectrum, n_samples, np.inf, every)
    return [Line(every, theory, label, color), Points(ranks[shown], points[shown], "", color)]


def _at(ranks: Floats) -> NDArray[np.intp]:
    return ranks.astype(np.intp) - 1


def _population(whole: Diagonalised) -> Spectrum:
    """Take the spectrum of all rows for that of the population."""
    return Spectrum(whole.eigenvalues[: whole.rank], np.ones(whole.rank))


def _patches() -> Floats:
    """Patches of 8 × 8 grey pixels of two photographs, not overlapping."""
    from sklearn.datasets import load_sample_images

    found = []
    for image in load_sample_images().images:
        grey = image.mean(axis=2) / 255
        high, wide = (n // 8 for n in grey.shape)
        blocks = grey[: 8 * high, : 8 * wide].reshape(high, 8, wide, 8).swapaxes(1, 2)
        found.append(blocks.reshape(-1, 64))
    return np.concatenate(found)


def _text() -> Floats:
    """Count printable bytes in blocks of 1,024 bytes of Python's own source."""
    import argparse
    import decimal
    import inspect
    import tarfile
    import typing

    modules = (argparse, inspect, tarfile, typing, decimal)
    text = "".join(inspect.getsource(module) for module in modules).encode("ascii", "replace")
    usable = np.frombuffer(text, dtype=np.uint8)
    blocks = usable[: usable.size // 1024 * 1024].reshape(-1, 1024)
    return np.array([np.bincount(np.clip(b, 31, 126) - 31, minlength=96) for b in blocks], float)

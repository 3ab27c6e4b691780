"""Gallery, first part: what samples, inputs and feature maps do to a power-law spectrum."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.sample import expected_eigenvalues
from eigenscale.figures.solvable.draws import Draws
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Panel, Points
from eigenscale.simulation.learned import simulate_eigenvalues
from eigenscale.spectrum import Spectrum
from eigenscale.text.numbers import raised

ALPHA = 0.5
_AXES = Axis("rank"), Axis("eigenvalue")
_METHOD = (
    "Points: means over 4 drawn data sets. Curves: the theory for large sizes, nothing fitted. "
    "The spectrum falls as rank^-1.5, which the right panel takes off."
)


def samples(rng: Draws) -> Figure:
    """Spectrum against the number of samples."""
    spectrum = Spectrum.power_law(ALPHA, 1000)
    layers: list[Layer] = []
    for color, count in enumerate((50, 200, 800, 3200)):
        layers += _pair(spectrum, count, None, f"T = {count}", color, rng)
    layers.append(_population(spectrum))
    return _figure(
        "spectrum-samples",
        "More samples uncover more of the power law",
        layers,
        "M = 1,000 latent features. The last eigenvalues of a sample fall short of those of the "
        "population: a slope fitted to all of them is too steep.",
    )


def inputs(rng: Draws) -> Figure:
    """Extent of the spectrum bounded by the number of inputs."""
    layers: list[Layer] = []
    for color, count in enumerate((50, 200, 800)):
        spectrum = Spectrum.power_law(ALPHA, count)
        layers += _pair(spectrum, 3200, None, f"N_in = {count}", color, rng)
    return _figure(
        "spectrum-inputs",
        "The spectrum ends at the number of inputs, whatever the samples",
        layers,
        "T = 3,200 samples of data with N_in inputs.",
    )


def linear_map(rng: Draws) -> Figure:
    """Fewer features by a random linear map."""
    spectrum = Spectrum.power_law(ALPHA, 800)
    layers: list[Layer] = []
    for color, count in enumerate((50, 150, 450)):
        layers += _pair(spectrum, 3200, count, f"N = {count}", color, rng)
    layers.append(_population(spectrum))
    return _figure(
        "spectrum-linear-map",
        "A linear map to fewer features cuts the spectrum off",
        layers,
        "N random linear features of 800 inputs, T = 3,200 samples.",
    )


def relu_map(rng: Draws) -> Figure:
    """More features by a random ReLU map."""
    spectrum = Spectrum.power_law(ALPHA, 50)
    layers: list[Layer] = []
    for color, count in enumerate((50, 200, 800)):
        ranks = _ranks(count)
        points = rng.take(partial(_rectified, spectrum, count, ranks))
        layers.append(Points(ranks, points, f"N = {count}", color))
    layers.append(_population(spectrum, "the 50 inputs"))
    title = "A ReLU map to more features carries the spectrum beyond the inputs"
    return Figure(
        "spectrum-relu-map",
        title,
        (Panel(*_AXES, tuple(layers)),),
        caption="N random ReLU features of 50 inputs, T = 3,200 samples, means over 4 draws; "
        "simulation only. The spectrum goes on to rank N, where a linear map would end at 50.",
        alt=f"Eigenvalue against rank on logarithmic axes. {title}.",
        columns=1,
    )


def _rectified(spectrum: Spectrum, count: int, ranks: Floats, rng: np.random.Generator) -> Floats:
    """Eigenvalues of random ReLU features at some ranks."""
    values = simulate_eigenvalues(
        spectrum, 3200, count, activation=lambda x: np.maximum(x, 0.0), rng=rng
    )
    return np.asarray(values[ranks.astype(int) - 1])


def _ranks(last: int, count: int = 24) -> Floats:
    return np.unique(np.geomspace(1, last, count).round())


def _population(spectrum: Spectrum, label: str = "population") -> Line:
    ranks = np.arange(1.0, spectrum.eigenvalues.size + 1)
    return Line(ranks, spectrum.eigenvalues, label, 6, "dash", 1.5)


def _pair(
    spectrum: Spectrum,
    n_samples: int,
    n_features: int | None,
    label: str,
    color: int,
    rng: Draws,
) -> list[Layer]:
    """Theory and simulation of one sample spectrum."""
    last = int(min(spectrum.latent_dim, n_samples, n_features or np.inf))
    ranks, every = _ranks(last), _ranks(last, 120)
    points = rng.take(
        lambda g: simulate_eigenvalues(spectrum, n_samples, n_features, rng=g)[
            ranks.astype(int) - 1
        ]
    )
    theory = expected_eigenvalues(spectrum, n_samples, n_features or np.inf, every)
    return [
        Line(every, theory, label, color),
        Points(ranks, points, "", color),
    ]


def _figure(name: str, title: str, layers: Sequence[Layer], about: str) -> Figure:
    flat = Axis(f"eigenvalue × {raised('rank', '1.5')}", "log", (0.1, 2.0))
    panels = Panel(*_AXES, tuple(layers)), Panel(_AXES[0], flat, tuple(map(_flattened, layers)))
    return Figure(
        name,
        title,
        panels,
        caption=f"{about} {_METHOD}",
        alt=f"Eigenvalue against rank on logarithmic axes. {title}.",
        columns=2,
    )


def _flattened(layer: Layer) -> Layer:
    """Take the power law off a layer."""
    assert isinstance(layer, Line | Points)
    return replace(layer, y=layer.y * layer.x ** (1 + ALPHA), label="")

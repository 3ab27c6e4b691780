"""Kernels between rows, and random features with the kernel that they tend to.

Inputs are centred on the sample and divided by their root-mean-square length first, so that a
width of 1 means the same for all data. Random features carry 1/√N, so that their kernel matrix
tends to the kernel and a ridge per sample keeps its meaning at every width.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

KERNELS = ("gaussian", "laplace", "arc-cosine")
MAPS = ("relu", "cos", "erf", "linear")


@dataclass(frozen=True, eq=False)
class Scaling:
    """What is done to inputs before a kernel or a feature map: centre, and divide by a length."""

    mean: Floats
    length: float

    @classmethod
    def of(cls, inputs: Floats) -> "Scaling":
        """Centre and root-mean-square length of a sample."""
        mean = inputs.mean(axis=0)
        return cls(mean, float(np.sqrt(((inputs - mean) ** 2).sum(axis=1).mean())))

    def __call__(self, inputs: Floats) -> Floats:
        """Centred, of root-mean-square length 1."""
        return np.asarray((inputs - self.mean) / self.length)


def squared_distances(a: Floats, b: Floats) -> Floats:
    """All |a_i - b_j|², shape (len(a), len(b)), never negative."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.maximum(squares, 0.0))


def gaussian(a: Floats, b: Floats, width: float) -> Floats:
    """exp(-|a - b|²/(2 width²))."""
    return np.asarray(np.exp(squared_distances(a, b) / (-2 * width**2)))


def laplace(a: Floats, b: Floats, width: float) -> Floats:
    """exp(-|a - b|/width)."""
    return np.exp(np.sqrt(squared_distances(a, b)) / -width)


def arc_cosine(a: Floats, b: Floats, width: float) -> Floats:  # noqa: ARG001
    """|a||b| (sin θ + (π - θ) cos θ)/π, the kernel of √2 relu(w·a), w ~ N(0, 1).

    Source: Cho and Saul 2009, arXiv:1112.3712, order 1.
    """
    lengths = np.sqrt((a**2).sum(axis=1))[:, None] * np.sqrt((b**2).sum(axis=1))
    cosine = np.clip(a @ b.T / np.maximum(lengths, 1e-300), -1, 1)
    angle = np.arccos(cosine)
    return np.asarray(lengths * (np.sin(angle) + (np.pi - angle) * cosine) / np.pi)


def arc_sine(a: Floats, b: Floats, width: float) -> Floats:  # noqa: ARG001
    """(2/π) arcsin(2 a·b/√((1 + 2a·a)(1 + 2b·b))), the kernel of erf(w·a), w ~ N(0, 1).

    Source: Williams 1997, Computing with infinite networks.
    """
    sizes = np.sqrt(1 + 2 * (a**2).sum(axis=1))[:, None] * np.sqrt(1 + 2 * (b**2).sum(axis=1))
    return np.asarray(2 / np.pi * np.arcsin(np.clip(2 * a @ b.T / sizes, -1, 1)))


def linear(a: Floats, b: Floats, width: float) -> Floats:  # noqa: ARG001
    """a·b, the kernel of a random linear map."""
    return a @ b.T


Kernel = Callable[[Floats, Floats, float], Floats]

_KERNELS: dict[str, Kernel] = {"gaussian": gaussian, "laplace": laplace, "arc-cosine": arc_cosine}
_LIMITS: dict[str, Kernel] = {
    "relu": arc_cosine,
    "cos": gaussian,
    "erf": arc_sine,
    "linear": linear,
}


def kernel_named(name: str) -> Kernel:
    """Kernel of that name."""
    if name not in _KERNELS:
        raise InputError(f"kernel {name!r} is not known; use one of {', '.join(KERNELS)}")
    return _KERNELS[name]


def limit_of(name: str) -> Kernel:
    """Kernel that infinitely many features of that name have."""
    if name not in _LIMITS:
        raise InputError(f"feature map {name!r} is not known; use one of {', '.join(MAPS)}")
    return _LIMITS[name]


def random_features(
    name: str, inputs: Floats, n_features: int, width: float, rng: np.random.Generator
) -> Floats:
    """Features of scaled inputs, shape (n, n_features): what `limit_of` is the limit of."""
    limit_of(name)
    weights = rng.standard_normal((inputs.shape[1], n_features))
    if name == "cos":
        phase = rng.uniform(0, 2 * np.pi, n_features)
        return np.asarray(np.cos(inputs @ weights / width + phase) * np.sqrt(2 / n_features))
    mapped = inputs @ weights
    if name == "relu":
        mapped = np.maximum(mapped, 0) * np.sqrt(2)
    elif name == "erf":
        from scipy.special import erf

        mapped = erf(mapped)
    return np.asarray(mapped / np.sqrt(n_features))

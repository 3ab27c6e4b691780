"""Shapes that a population spectrum may have: the power law and what it is compared with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.spectrum import Spectrum

_LOWEST = -0.999  # α; the spectrum is flat at -1
_LISTED = 64  # ranks summed one by one before quadrature takes over


@dataclass(frozen=True)
class Shape:
    """A family of population spectra.

    Attributes
    ----------
    name : str
        As it is shown.
    build : callable
        Takes (theta, latent_dim) and gives the `Spectrum`; latent_dim need not be whole.
    parameters : tuple of str
        What theta holds; "log scale" is always the last.
    lower, upper : tuple of float
        Bounds of theta.
    start : callable
        Takes log ranks and log eigenvalues of a sample and gives a first guess.
    """

    name: str
    build: Callable[[Floats, float], Spectrum]
    parameters: tuple[str, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    start: Callable[[Floats, Floats], Floats]


def ranks_of(latent_dim: float, fall: float = 1.0) -> tuple[Floats, Floats]:
    """Ranks and weights with Σ weight·f(rank) = Σ_{J=1}^{M} f(J) for f smooth in log rank.

    The first ranks are listed one by one, the rest is Gauss–Legendre quadrature in log rank with
    the first Euler–Maclaurin correction at both ends; what is left is of order 64^-4, far below
    the noise of any sample. `latent_dim` need not be whole. `fall` is how fast log f changes with
    log rank, which sets the width of the panels.
    """
    span = np.log(max(latent_dim - 0.5, 1.0)) - np.log(_LISTED + 0.5)
    return _nodes(float(latent_dim), max(2, int(np.ceil(span * max(1.0, fall) / 3.0))))


@lru_cache(maxsize=64)
def _nodes(latent_dim: float, panels: int) -> tuple[Floats, Floats]:
    if latent_dim <= 2 * _LISTED:
        whole = int(latent_dim)
        ranks, counts = np.arange(1.0, whole + 1), np.ones(whole)
        if latent_dim - whole > 1e-9:
            ranks, counts = np.append(ranks, latent_dim), np.append(counts, latent_dim - whole)
        return ranks, counts
    head = np.arange(1.0, _LISTED + 2)
    first, last = np.log(_LISTED + 0.5), np.log(latent_dim - 0.5)
    edges = np.linspace(first, last, panels + 1)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    inner = np.exp(edges[:-1, None] + half * (1 + nodes)).ravel()
    ranks = np.concatenate([head, inner, [latent_dim - 1, latent_dim]])
    counts = np.concatenate([np.ones(_LISTED + 1), (half * weights).ravel() * inner, [0.0, 1.0]])
    counts[[_LISTED - 1, -1]] -= 1 / 24
    counts[[_LISTED, -2]] = 1 / 24
    order = np.argsort(ranks, kind="stable")
    return ranks[order], counts[order]


def _power(theta: Floats, latent_dim: float) -> Spectrum:
    alpha, log_scale = float(theta[0]), float(theta[1])
    ranks, counts = ranks_of(latent_dim, 1 + alpha)
    return _spectrum(log_scale - (1 + alpha) * np.log(ranks), counts)


def _stretched(theta: Floats, latent_dim: float) -> Spectrum:
    log_length, power, log_scale = theta
    ranks, counts = ranks_of(latent_dim, 4.0)
    return _spectrum(log_scale - np.exp(power * (np.log(ranks) - log_length)), counts)


def _broken(theta: Floats, latent_dim: float) -> Spectrum:
    alpha, bend, log_break, log_scale = theta
    ranks, counts = ranks_of(latent_dim, 4.0)
    log_rank = np.log(ranks)
    fall = (1 + alpha) * log_rank + bend * np.maximum(log_rank - log_break, 0.0)
    return _spectrum(log_scale - fall, counts)


def _flat(theta: Floats, latent_dim: float) -> Spectrum:
    return Spectrum(np.exp(theta[:1]), np.array([latent_dim]))


def _spectrum(log_values: Floats, counts: Floats) -> Spectrum:
    values = np.exp(np.clip(log_values, log_values[0] - 600.0, None))
    return Spectrum(np.minimum.accumulate(values), counts)


def _least_squares(columns: list[Floats], y: Floats) -> tuple[Floats, float]:
    table = np.stack([np.ones_like(y), *columns], axis=1)
    found = np.asarray(np.linalg.lstsq(table, y)[0])
    return found, float(np.sum((y - table @ found) ** 2))


def _start_power(log_ranks: Floats, log_values: Floats) -> Floats:
    (level, slope), _ = _least_squares([log_ranks], log_values)
    return np.array([max(-slope - 1, -0.9), level])


def _start_stretched(log_ranks: Floats, log_values: Floats) -> Floats:
    """Least squares of log λ = c - A rank^power over a grid of powers."""
    tries = []
    for power in (0.1, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5):
        (level, fall), miss = _least_squares([np.exp(power * log_ranks)], log_values)
        tries.append((miss, -np.log(max(-fall, 1e-9)) / power, power, level))
    return np.array(min(tries)[1:])


def _start_broken(log_ranks: Floats, log_values: Floats) -> Floats:
    """Least squares of two joined lines over a grid of breaks."""
    tries = []
    for log_break in np.linspace(log_ranks[0], log_ranks[-1], 12)[2:-2]:
        right = np.maximum(log_ranks - log_break, 0.0)
        (level, slope, bend), miss = _least_squares([log_ranks, right], log_values)
        tries.append((miss, max(-slope - 1, -0.9), -bend, log_break, level))
    return np.array(min(tries)[1:])


POWER_LAW = Shape(
    "power law",
    _power,
    ("alpha", "log scale"),
    (_LOWEST, -700.0),
    (20.0, 700.0),
    _start_power,
)
STRETCHED = Shape(
    "stretched exponential",
    _stretched,
    ("log length", "power", "log scale"),
    (-80.0, 0.03, -700.0),
    (14.0, 3.0, 700.0),
    _start_stretched,
)
BROKEN = Shape(
    "broken power law",
    _broken,
    ("alpha", "bend", "log break", "log scale"),
    (_LOWEST, -3.0, 0.5, -700.0),
    (20.0, 20.0, 12.0, 700.0),
    _start_broken,
)
ISOTROPIC = Shape(
    "isotropic",
    _flat,
    ("log scale",),
    (-700.0,),
    (700.0,),
    lambda log_ranks, log_values: np.array([np.mean(log_values)]),  # noqa: ARG005
)

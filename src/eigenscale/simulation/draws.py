"""The random numbers of the model: every draw has a stream of its own.

A draw's numbers follow from the seed, the sizes and the number of the draw alone. They are the same
whatever is drawn beside it, in whichever process, and however many draws are solved at once.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

_STEP = 0x9E3779B97F4A7C15F39CC0605CEDC835  # of 2^128, the golden ratio: far apart for every draw


@dataclass(frozen=True)
class Streams:
    """Independent streams of random numbers, one for each draw.

    Attributes
    ----------
    seed : int
        At least 0.
    key : tuple of int
        What the streams belong to, such as the sizes; another key gives other numbers.

    Examples
    --------
    >>> streams = Streams(0, (10, 20))
    >>> float(streams.of(3).random()) == float(streams.of(3).random())
    True
    """

    seed: int
    key: tuple[int, ...]

    @cached_property
    def _generator(self) -> tuple[np.random.Generator, Any]:
        bits = np.random.PCG64DXSM(np.random.SeedSequence(self.seed, spawn_key=self.key))
        return np.random.Generator(bits), bits.state

    def of(self, draw: int) -> np.random.Generator:
        """Return the generator at the start of a draw's stream; it is shared by all draws."""
        generator, start = self._generator
        generator.bit_generator.state = start
        generator.bit_generator.advance(draw * _STEP % 2**128)  # type: ignore[attr-defined]
        return generator


def as_seed(rng: float | np.random.Generator | None) -> int:
    """Turn what callers give as `rng` into a seed; a Generator is asked for one."""
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    if rng is None:
        return int(np.random.default_rng().integers(2**63))
    if isinstance(rng, bool) or not math.isfinite(rng) or rng != int(rng) or rng < 0:
        raise InputError(f"rng {rng!r} is not a seed; give a whole number from 0, or a Generator")
    return int(rng)


def draw_linear(
    streams: Streams, draws: range, n_features: int, n_samples: int, roots: Floats
) -> tuple[Floats, Floats]:
    """Draw the whitened data and the features of several draws.

    Parameters
    ----------
    streams : Streams
        Of the sizes that are drawn.
    draws : range
        Numbers of the draws.
    n_features, n_samples : int
        N and T.
    roots : array, shape (M,)
        Square roots of the eigenvalues; their type is that of the result.

    Returns
    -------
    data : array, shape (draws, T, M)
        ξᵀ, standard normal.
    features : array, shape (draws, N, M)
        ũ = u Λ^½ with u standard normal.
    """
    data = np.empty((len(draws), n_samples, roots.size), roots.dtype)
    features = np.empty((len(draws), n_features, roots.size), roots.dtype)
    for place, draw in enumerate(draws):
        generator = streams.of(draw)
        generator.standard_normal(out=data[place], dtype=roots.dtype)
        generator.standard_normal(out=features[place], dtype=roots.dtype)
    features *= roots
    return data, features

"""The loss of nonlinear features: exact over teacher and noise, on test points that are drawn.

The student of nonlinear features φ(x) errs by S = ξ B diag(h) Aᵀ φ̂ - ξ̂ at a test point, in
whitened modes (or in random features, where the target is linear in those), so that its loss is the
quadratic form of `eigenscale.simulation.decomposition` with averages over test points in place of
exact ones: Q = Aᵀ ⟨φ̂φ̂ᵀ⟩ A and d = diag(Aᵀ⟨φ̂ξ̂ᵀ⟩ diag(v²) ξB).
Every draw has test points of its own, so that the spread over draws counts their error too.
"""

from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.simulation.decomposition import Form, decompose
from eigenscale.simulation.draws import Streams, draw_linear
from eigenscale.simulation.maps import LatentMap

TEST_SAMPLES = 2000
"""Test points of one draw; with 64 draws the loss is measured on 128,000."""
TARGET_WIDTH = 512


def _layers(
    generator: np.random.Generator, of: LatentMap, width: int, kind: np.dtype[Any]
) -> list[Floats]:
    """Draw the weights of all layers but the first."""
    return [generator.standard_normal((width, width), dtype=kind) for _ in range(of.depth - 1)]


def sampled_form(
    streams: Streams,
    draw: int,
    n_features: int,
    n_samples: int,
    eigenvalues: Floats,
    power: Floats,
    latent_map: LatentMap,
    target_map: LatentMap | None,
    test_samples: int,
) -> Form:
    """Draw one model with nonlinear features, and reduce it to its quadratic form.

    Parameters
    ----------
    streams, draw
        Random numbers, and the number of the draw.
    n_features, n_samples, test_samples : int
        N, T and the number of test points.
    eigenvalues, power : array, shape (M,)
        λ_J and v_J²; their type is the precision.
    latent_map : LatentMap
        The features.
    target_map : LatentMap or None
        The target is linear in 512 random features of this map, of the power of all modes; None
        for a target that is linear in the modes.
    """
    kind, trace = eigenvalues.dtype, eigenvalues.sum()
    roots = np.sqrt(eigenvalues / trace)  # so that what the activation sees has unit variance
    data, weights = (
        stack[0]
        for stack in draw_linear(streams, range(draw, draw + 1), n_features, n_samples, roots)
    )
    generator = streams.of(draw)
    generator.bit_generator.advance(2**100)  # type: ignore[attr-defined]  # past data and features
    deeper = _layers(generator, latent_map, n_features, kind)
    test = generator.standard_normal((test_samples, eigenvalues.size), dtype=kind)
    seen, asked = (
        latent_map.features(points @ weights.T, deeper) * np.sqrt(trace) for points in (data, test)
    )
    if target_map is None:
        wanted, asked_for = data * np.sqrt(power), test * np.sqrt(power)
    else:
        hidden = generator.standard_normal((TARGET_WIDTH, eigenvalues.size), dtype=kind) * roots
        layers = _layers(generator, target_map, TARGET_WIDTH, kind)
        scale = np.sqrt(power.sum() / kind.type(TARGET_WIDTH))
        wanted, asked_for = (
            target_map.features(points @ hidden.T, layers) * scale for points in (data, test)
        )
    basis = decompose(seen.T[None].astype(np.float64), n_features)
    left, right = (side[0].astype(kind, copy=False) for side in (basis.left, basis.right))
    known = (asked @ left).T / kind.type(test_samples**0.5)
    taught = right.T @ wanted
    found = known @ asked_for / kind.type(test_samples**0.5)
    second = known @ known.T
    return Form(
        basis.values,
        ((taught @ taught.T) * second).astype(np.float64)[None],
        np.sum(found * taught, axis=1).astype(np.float64)[None],
        np.diagonal(second).astype(np.float64)[None],
        np.array([np.sum(np.square(asked_for), dtype=np.float64) / test_samples]),
        np.array([False]),
    )

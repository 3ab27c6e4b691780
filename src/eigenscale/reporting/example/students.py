"""Small students trained on real images: random features, ridge regression, nothing simulated."""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats

RIDGES = np.geomspace(1e-4, 10, 11)
"""Ridges tried, in units of the mean eigenvalue of the features' second moments."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs (n, d) and targets (n, k), one row each."""

    inputs: Floats
    targets: Floats


@dataclass(frozen=True)
class Trained:
    """Losses of one student: mean squared error summed over targets, no half.

    `ridge` (per sample) is the one of `RIDGES` with the least loss on the validation rows;
    `loss` is measured on test rows that neither training nor that choice has seen.
    """

    loss: float
    ridge: float


def train(
    train_on: Examples,
    validate_on: Examples,
    test_on: Examples,
    n_features: int,
    rng: np.random.Generator,
) -> Trained:
    """Train one student: ``relu(x·W + b)`` with W, b drawn once, then ridge regression.

    W has entries of variance 1/d and b of 0.09; features and targets are centred on the
    training rows, which is the same as an unpenalised offset.
    """
    n_inputs = train_on.inputs.shape[1]
    weights = rng.normal(size=(n_inputs, n_features)) / np.sqrt(n_inputs)
    offsets = 0.3 * rng.normal(size=n_features)

    def lift(examples: Examples) -> Floats:
        lifted: Floats = np.maximum(examples.inputs @ weights + offsets, 0)
        return lifted

    features = lift(train_on)
    centre, offset = features.mean(axis=0), train_on.targets.mean(axis=0)
    features -= centre
    basis, values, coordinates = _diagonalise(features, train_on.targets - offset)

    def losses(examples: Examples, lifted: Floats) -> Floats:
        seen, wanted = (lifted - centre) @ basis, examples.targets - offset
        fits = (coordinates / (values + ridge)[:, None] for ridge in RIDGES * values.mean())
        return np.array([np.mean(np.sum((seen @ fit - wanted) ** 2, axis=1)) for fit in fits])

    best = int(np.argmin(losses(validate_on, lift(validate_on))))
    return Trained(float(losses(test_on, lift(test_on))[best]), float(RIDGES[best] * values.mean()))


def _diagonalise(features: Floats, targets: Floats) -> tuple[Floats, Floats, Floats]:
    """Return modes (N, r), eigenvalues (r,) of ΦᵀΦ/T and targets in modes (r, k)."""
    count, width = features.shape
    if width <= count:
        values, modes = np.linalg.eigh(features.T @ features / count)
        return modes, np.maximum(values, 0), modes.T @ (features.T @ targets) / count
    values, sides = np.linalg.eigh(features @ features.T / count)
    return features.T @ sides, np.maximum(values, 0), sides.T @ targets / count

"""The real thing: ridge regression trained on some rows and tested on others, no theory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.forecaster import Learner
from eigenscale.forecasting.sample.kernels import Scaling, kernel_named, random_features

_RANK = 1e-13  # eigenvalues below this share of the largest are rounding
_SOUND = 1e-9  # ridges above this share of the mean eigenvalue are solved for without eigenvectors


@dataclass(frozen=True, eq=False)
class School:
    """Trains what a forecast is about.

    Attributes
    ----------
    learner : Learner
    scaling : Scaling
        Of the sample that the forecast was made from: kernels and random features see scaled rows.
    """

    learner: Learner
    scaling: Scaling

    def seen(self, inputs: Floats, n_features: float, rng: np.random.Generator) -> Floats:
        """Rows as the student sees them; the same generator draws the same random features."""
        if self.learner.kind == "fixed":
            return inputs
        scaled = self.scaling(inputs)
        if self.learner.kind == "kernel":
            return scaled
        return random_features(self.learner.name, scaled, int(n_features), self.learner.width, rng)

    def predict(self, x: Floats, y: Floats, test: Floats, ridges: Sequence[float]) -> list[Floats]:
        """Train on rows `x` (as seen) at each ridge, and predict the rows `test`."""
        mean = y.mean(axis=0)
        if self.learner.kind == "kernel":
            kernel, width = kernel_named(self.learner.name), self.learner.width
            inner, outer = _centred(kernel(x, x, width), kernel(test, x, width))
            right = y - mean
        else:
            centre = x.mean(axis=0)
            x, outer, right = x - centre, test - centre, y - mean
            if x.shape[1] < len(x):
                inner, right = x.T @ x, x.T @ right
            else:
                inner, outer = x @ x.T, outer @ x.T
        return [
            mean + outer @ weights for weights in _solve(inner / len(x), right / len(x), ridges)
        ]


def _centred(inner: Floats, outer: Floats) -> tuple[Floats, Floats]:
    """Centre kernels on the training rows, in feature space."""
    level, total = inner.mean(axis=0), inner.mean()
    outer = outer - level - outer.mean(axis=1)[:, None] + total
    return inner - level - level[:, None] + total, outer


def _solve(matrix: Floats, right: Floats, ridges: Sequence[float]) -> list[Floats]:
    """Solve (matrix + ridge) w = right for each ridge; of least norm where there is none."""
    from scipy.linalg import solve

    least = _SOUND * float(np.trace(matrix)) / len(matrix)
    if len(ridges) == 1 and ridges[0] > least:
        square = matrix.copy()
        square.flat[:: len(square) + 1] += ridges[0]
        return [np.asarray(solve(square, right, assume_a="pos", overwrite_a=True))]
    values, axes = np.linalg.eigh(matrix)
    kept = values > _RANK * values[-1]
    axes, values = axes[:, kept], values[kept, None]
    pull = axes.T @ right
    return [axes @ (pull / (values + ridge)) for ridge in ridges]

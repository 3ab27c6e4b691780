"""Linear parameters eliminated: non-negative least squares for many small problems at once."""

from itertools import combinations

import numpy as np

from eigenscale.arrays import Floats


def positive_least_squares(basis: Floats, target: Floats) -> Floats:
    """Non-negative x with least |basis x − target|², batched, by trying every support."""
    J = basis.shape[2]
    size = np.sqrt((basis**2).sum(axis=1)) + 1e-300
    unit = basis / size[:, None]
    gram = unit.swapaxes(1, 2) @ unit + 1e-12 * np.eye(J)
    moment = (unit.swapaxes(1, 2) @ target[..., None])[..., 0]
    best = np.zeros((len(basis), J))
    gain = np.zeros(len(basis))
    for count in range(1, J + 1):
        for support in map(list, combinations(range(J), count)):
            part = np.linalg.solve(gram[:, support][:, :, support], moment[:, support, None])
            part = part[..., 0]
            explained = np.einsum("bj,bj->b", part, moment[:, support])
            better = (part >= 0).all(axis=1) & (explained > gain)
            best[better] = 0.0
            rows = np.flatnonzero(better)
            best[rows[:, None], support] = part[better]
            gain[better] = explained[better]
    return np.asarray(best / size)

"""The loss at a size, averaged over the subset fits near it.

Each subset fit transfers its own loss to T. It errs by the luck of its training sets, and by what
theory misses between n and T rows, which grows with the distance log(T/n), mostly with one slope on
both sides. So the logarithms are a common mean, a slope times the distance, and noise; the slope is
normal with a scale that the subset fits make likely, and the mean is found by least squares. This
is Richardson's extrapolation to no distance, as far as the noise lets.
"""

import numpy as np

from eigenscale.arrays import Floats

REACH = 1.1  # e-folds of samples within which subset fits are asked
_SLOPES = np.geomspace(0.002, 0.5, 9)  # scale of what theory misses for each e-fold
_TYPICAL, _WIDTH = np.log(0.01), 1.5  # of its logarithm, before anything is measured
_OWN = 0.1  # share of its variance that is each subset fit's own
_LEAST = 1e-3  # standard deviation of a subset fit that has no luck
_AWAY = 1e6  # variance of what is out of reach


def average(
    logs: Floats, luck: Floats, distance: Floats, asked: np.ndarray
) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the logarithm; all arguments (n, R), results (n,)."""
    logs = np.where(asked, logs, 0.0)
    spread = np.where(asked, luck**2 + _LEAST**2, _AWAY)
    found, doubt, likely = [], [], []
    eye = np.eye(logs.shape[1])
    for slope in _SLOPES:
        cross = distance[:, :, None] * distance[:, None, :]
        cross = np.where(asked[:, :, None] & asked[:, None, :], cross * (1 + _OWN * eye), 0.0)
        total = slope**2 * cross + spread[:, :, None] * eye
        solved = np.linalg.solve(total, np.stack([np.ones_like(logs), logs], axis=2))
        precision = np.maximum((solved[:, :, 0] * asked).sum(axis=1), 1e-12)
        mean = (solved[:, :, 0] * logs).sum(axis=1) / precision
        square = (solved[:, :, 1] * logs).sum(axis=1) - mean**2 * precision
        likely.append(-0.5 * (square + np.linalg.slogdet(total)[1] + np.log(precision)))
        found.append(mean)
        doubt.append(1 / precision)
    prior = -0.5 * ((np.log(_SLOPES) - _TYPICAL) / _WIDTH) ** 2
    chance = np.array(likely) + prior[:, None]
    weight = np.exp(chance - chance.max(axis=0))
    weight /= weight.sum(axis=0)
    mean = (weight * found).sum(axis=0)
    variance = (weight * (np.array(doubt) + (np.array(found) - mean) ** 2)).sum(axis=0)
    return mean, np.sqrt(variance)

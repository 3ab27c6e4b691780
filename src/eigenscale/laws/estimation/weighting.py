"""Weights that rise with compute, so that a law is fitted where it will be used."""

from dataclasses import replace

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.law import Law
from eigenscale.laws.table import Table, error_weights

STEEPEST, STEPS = 1.0, 41  # power of compute, and how many powers are tried
LARGE = 40  # runs from which a sixth of them may carry the fit
SPREAD = 0.5  # of every input's spread that the weights must leave


def effective_number(weights: Floats) -> Floats:
    """Count the equal weights that average as well, along the last axis (Kish 1965)."""
    return np.asarray(weights.sum(axis=-1) ** 2 / (weights**2).sum(axis=-1))


def least_number(n_runs: int) -> float:
    """Effective number of runs that weights must leave.

    Examples
    --------
    >>> least_number(6), least_number(24), least_number(300)
    (4, 6.0, 50.0)
    """
    return max(20, n_runs / 6) if n_runs >= LARGE else max(4, n_runs / 4)


def compute_weights(table: Table, law: Law) -> Floats:
    """Weights (n,) of mean 1 that rise as compute to the largest power that leaves enough runs.

    Small runs differ from a law in ways that large ones do not (tuning, embeddings, warm-up), and
    nobody needs them predicted. The weight is C^(2p), with p at most 1, so that the effective
    number of runs stays at `least_number`, and the spread of every input at half of its own.
    """
    compute = table.compute()
    powers = np.linspace(0.0, STEEPEST, STEPS)
    tried = (compute / compute.max()) ** (2 * powers[:, None])
    enough = effective_number(tried) >= least_number(len(table)) - 1e-9
    share = tried / tried.sum(axis=1, keepdims=True)
    for name in law.inputs:
        logs = np.log(table.inputs[name])
        off = logs - (share @ logs)[:, None]
        left = np.sqrt((share * off**2).sum(axis=1))
        enough &= left >= SPREAD * logs.std() - 1e-12
    best = max(int(np.cumprod(enough).sum()) - 1, 0)  # every smaller power does too
    return np.asarray(tried[best] / tried[best].mean())


def weighted(table: Table, law: Law) -> Table:
    """Give the table with weights that rise with compute, and fall with stated errors."""
    weights = compute_weights(table, law)
    if table.errors is not None:
        weights = weights * error_weights(table.errors)
        weights /= weights.mean()
    return replace(table, weights=weights)

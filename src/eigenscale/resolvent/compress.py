"""A long spectrum in few nodes: Gauss rules for the eigenvalues within each window of log λ.

The sums of the theory are Σ w f(λ/g) with f smooth in log λ while g stays off the negative axis,
so that eight Gauss nodes per unit of log λ stand for any number of eigenvalues there. The rule
is that of the eigenvalues themselves (Stieltjes), not of a density: nothing is smoothed.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NODES = 8


def compress(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Nodes and weights with the same sums over functions that are smooth in log λ.

    Parameters
    ----------
    values, weights : array, shape (n,)
        Positive values, descending, and their positive weights.

    Returns
    -------
    nodes, weights : array, shape (k,)
        Descending, k ≤ n. Functions ``λ/(λ+g)`` with ``|arg g| < 0.8π`` keep their sums to 1e-7
        of the sum, those with ``|arg g| < π/2`` to rounding.

    Examples
    --------
    >>> values = np.arange(1.0, 10001.0) ** -1.5
    >>> nodes, weights = compress(values, np.ones(10000))
    >>> exact, short = (values / (values + 1e-3)).sum(), weights @ (nodes / (nodes + 1e-3))
    >>> nodes.size < 150, bool(abs(short / exact - 1) < 1e-12)
    (True, True)
    """
    logs = np.log(values)
    window = np.floor(logs[0] - logs)
    starts = np.flatnonzero(np.diff(window, prepend=-1.0))
    parts = [
        _gauss(logs[a:b], weights[a:b])
        for a, b in zip(starts, [*starts[1:], logs.size], strict=True)
    ]
    return (
        np.exp(np.concatenate([nodes for nodes, _ in parts])),
        np.concatenate([counts for _, counts in parts]),
    )


def _gauss(points: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Gauss rule of a discrete measure, nodes descending; itself where it is small."""
    middle = points.mean()
    spread = points - middle
    if points.size <= _NODES or np.ptp(points) == 0.0:
        return points, weights
    total = weights.sum()
    diagonal, beside = _lanczos(spread, np.sqrt(weights / total))
    matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    nodes, vectors = np.linalg.eigh(matrix)
    counts = total * vectors[0] ** 2
    keep = counts > 0
    return middle + nodes[keep][::-1], counts[keep][::-1]


def _lanczos(points: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Recurrence of the orthogonal polynomials of Σ start² δ(points), until it ends by itself."""
    basis = np.empty((_NODES, points.size))
    diagonal, beside = np.empty(_NODES), np.empty(_NODES)
    vector = start / np.linalg.norm(start)
    for k in range(_NODES):
        basis[k] = vector
        diagonal[k] = vector @ (points * vector)
        vector = points * vector
        for _ in range(2):
            vector = vector - basis[: k + 1].T @ (basis[: k + 1] @ vector)
        beside[k] = np.linalg.norm(vector)
        if beside[k] < 1e-13:
            return diagonal[: k + 1], beside[:k]
        vector = vector / beside[k]
    return diagonal, beside[:-1]

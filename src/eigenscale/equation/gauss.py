"""Many weighted points made few: Gauss quadrature of a discrete measure, bin by bin in log x.

Sums Σ w h(log x) with h free of poles within π of the real axis, as λ/(λ+g) and its powers are in
log λ, need few nodes: in a bin of half-width 1.5 the error of n Gauss nodes falls as 4.4^-2n, which
is rounding at n = 12. Weights stay positive and every bin keeps its total weight, so that sums of
positive terms keep their relative accuracy. The Jacobi matrix comes from Stieltjes' procedure,
its eigenvalues are the nodes (Golub and Welsch 1969).
"""

import numpy as np

from eigenscale.arrays import Floats

WIDTH = 3.0
NODES = 12
_MANY = 20_000  # points above which narrow bins that fit the cache are condensed first
_FINE = (0.15, 4)  # their width and nodes: exact to rounding as well
_BREAKDOWN = 1e-10  # off-diagonal at which the points of a bin are exhausted


def condense(
    values: Floats, weights: Floats, width: float = WIDTH, count: int = NODES
) -> tuple[Floats, Floats]:
    """Replace weighted points by fewer with the same sums.

    Parameters
    ----------
    values : array, shape (n,)
        Positive points, descending.
    weights : array, shape (n,)
        Not negative. Points of weight zero are left out.
    width, count : float, int
        Width of a bin in log x and its nodes. Functions with poles closer than π to the real axis
        need narrower bins: 1 and 8 keep λ/(λ+g) to 1e-7 of a sum for abs(arg g) < 0.8π, and to
        1e-12 for abs(arg g) < π/2.

    Returns
    -------
    nodes, weights : array, shape (m,)
        Descending; at most `count` nodes for each factor e^width of `values`. Bins of no more
        points than that keep them as they are.

    Examples
    --------
    >>> nodes, weights = condense(1 / np.arange(1.0, 10_001), np.ones(10_000))
    >>> nodes.size < 60, round(weights.sum())
    (True, 10000)
    """
    kept = weights > 0
    if not kept.all():
        values, weights = values[kept], weights[kept]
    if values.size > _MANY:
        values, weights = _by_bins(values, weights, *_FINE)
    return _by_bins(values, weights, width, count)


def _by_bins(values: Floats, weights: Floats, width: float, count: int) -> tuple[Floats, Floats]:
    """Replace the points of each bin of `width` in log by `count` nodes, where it has more."""
    nodes: list[Floats] = []
    masses: list[Floats] = []
    falling = -np.log(values)
    start = 0
    while start < values.size:
        stop = int(np.searchsorted(falling, falling[start] + width, side="right"))
        if stop - start <= count:
            nodes.append(values[start:stop])
            masses.append(weights[start:stop])
        else:
            x, w = _gauss(falling[start:stop], weights[start:stop], count)
            nodes.append(np.exp(-x))
            masses.append(w)
        start = stop
    return np.concatenate(nodes), np.concatenate(masses)


def _gauss(x: Floats, weights: Floats, count: int) -> tuple[Floats, Floats]:
    """Gauss nodes and weights of the ascending points x of one bin."""
    middle, half = 0.5 * (x[0] + x[-1]), 0.5 * (x[-1] - x[0])
    if half == 0.0:
        return x[:1], weights.sum(keepdims=True)
    diagonal, off_diagonal = _jacobi((x - middle) / half, np.sqrt(weights), count)
    matrix = np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
    nodes, vectors = np.linalg.eigh(matrix)
    return middle + half * nodes, vectors[0] ** 2 * weights.sum()


def _jacobi(t: Floats, roots: Floats, count: int) -> tuple[Floats, Floats]:
    """Give the diagonal and the off-diagonal of the Jacobi matrix of points t in [-1, 1].

    `roots` are the square roots of the weights: the procedure is Lanczos' with the diagonal
    matrix of t, and the polynomials carry the roots with them.
    """
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    before, now = np.zeros_like(t), roots / float(np.dot(roots, roots)) ** 0.5
    for _ in range(count):
        following = t * now
        diagonal.append(float(np.dot(now, following)))
        following -= diagonal[-1] * now
        if off_diagonal:
            before *= off_diagonal[-1]
            following -= before
        size = float(np.dot(following, following)) ** 0.5
        if size < _BREAKDOWN or len(diagonal) == count:
            break
        off_diagonal.append(size)
        following /= size
        before, now = now, following
    return np.array(diagonal), np.array(off_diagonal)

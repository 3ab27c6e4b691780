"""The local slope of a spectrum against rank: whether there is one exponent at all."""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.spectra.diagonalised import Diagonalised


@dataclass(frozen=True, eq=False)
class LocalSlope:
    """α by least squares in windows of one factor `width` in rank, centred at `ranks`.

    Attributes
    ----------
    ranks : ndarray, shape (k,)
        Geometric centres of the windows.
    alpha : ndarray, shape (k,)
        Minus the slope of log λ against log rank, minus one.
    width : float
        Last rank over first rank of a window.
    """

    ranks: Floats
    alpha: Floats
    width: float


def local_slope(spectrum: Diagonalised, width: float = 3.0, count: int = 40) -> LocalSlope:
    """α in windows that slide over the ranks; at least four ranks in each.

    Examples
    --------
    >>> from eigenscale.spectra.measured import from_eigenvalues
    >>> import numpy as np
    >>> slope = local_slope(from_eigenvalues(np.arange(1.0, 101.0) ** -1.5, n_samples=10**6))
    >>> bool(np.allclose(slope.alpha, 0.5))
    True
    """
    rank = spectrum.rank
    x = np.log(np.arange(1, rank + 1))
    y = np.log(spectrum.eigenvalues[:rank])
    smallest = 3 * width**0.5 / (width - 1)  # the centre of the first window with four ranks
    if rank < smallest * width**0.5:
        return LocalSlope(np.empty(0), np.empty(0), width)
    centres = np.geomspace(smallest, rank / width**0.5, count)
    first = np.maximum(np.ceil(centres / width**0.5 - 1e-9).astype(int), 1)
    last = np.minimum(np.floor(centres * width**0.5 + 1e-9).astype(int), rank)
    keep = last - first >= 3
    return LocalSlope(centres[keep], -_slopes(x, y, first[keep] - 1, last[keep]) - 1, width)


def _slopes(x: Floats, y: Floats, start: Floats, stop: Floats) -> Floats:
    """Least-squares slopes of y on x over [start, stop), from running sums."""

    def total(values: Floats) -> Floats:
        running = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(running[stop] - running[start])

    n, sx, sy = stop - start, total(x), total(y)
    return np.asarray((n * total(x * y) - sx * sy) / (n * total(x * x) - sx**2))

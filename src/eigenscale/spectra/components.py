"""The principal components' view of a spectrum: explained variance, and where it breaks off."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats

SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, eq=False)
class Components:
    """How the variance is spread over principal components.

    Attributes
    ----------
    explained : ndarray, shape (rank,)
        Share of the variance that the first k components hold, k = 1, 2, ….
    needed : dict of float to int
        Components that hold 50, 80, 90, 95 and 99 % of the variance; a share is missing where the
        measured components do not reach it.
    gap_rank : int
        The last component before the largest gap, the largest ratio of one eigenvalue to the
        next in the first half of the ranks; 0 with fewer than two eigenvalues.
    gap : float
        That ratio.
    """

    explained: Floats
    needed: dict[float, int]
    gap_rank: int
    gap: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values; shares are keys such as "0.9"."""
        return {
            "explained_variance": self.explained.tolist(),
            "components_for": {f"{share:g}": n for share, n in self.needed.items()},
            "gap_rank": self.gap_rank,
            "gap": self.gap,
        }


def components_of(eigenvalues: Floats, trace: float | None = None) -> Components:
    """Read the components off descending `eigenvalues`; `trace` is the whole variance.

    Examples
    --------
    >>> import numpy as np
    >>> found = components_of(np.array([8.0, 4.0, 0.02, 0.01, 0.005]))
    >>> found.needed[0.95], found.gap_rank
    (2, 2)
    """
    values = eigenvalues[eigenvalues > 0]
    whole = float(values.sum()) if trace is None else trace
    explained = np.minimum(np.cumsum(values) / whole, 1.0)
    at = {s: int(np.searchsorted(explained, s * (1 - 1e-12))) + 1 for s in SHARES}
    rank, gap = _gap(values)
    return Components(
        explained,
        {s: n for s, n in at.items() if n <= len(values)},
        rank,
        gap,
    )


def _gap(values: Floats) -> tuple[int, float]:
    """Rank and size of the largest fall; where a sample's spectrum ends every fall is steep."""
    if len(values) < 2:
        return 0, 1.0
    ratios = values[:-1] / values[1:]
    at = int(np.argmax(ratios[: max(1, len(values) // 2)]))
    return at + 1, float(ratios[at])

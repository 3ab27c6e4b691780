"""Distances to nearest neighbours, duplicates set aside."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

EXACT = 100_000  # points above which neighbours are approximate


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Sorted distances from each distinct point to its nearest neighbours.

    Attributes
    ----------
    distances : ndarray, shape (n, k)
        Ascending, positive.
    groups : ndarray, shape (n,)
        Number of the region of space that each point lies in, for standard errors.
    duplicates : int
        Points left out because another has the same coordinates.
    approximate : bool
        Whether neighbours were found by an approximate search.
    """

    distances: Floats
    groups: NDArray[np.int64]
    duplicates: int
    approximate: bool


def find_neighbours(
    points: NDArray[Any], k: int, rng: np.random.Generator, exact: int = EXACT
) -> Neighbours:
    """Find the k nearest neighbours of every distinct point.

    Exact (scikit-learn) up to `exact` points, approximate (pynndescent) above.

    Raises
    ------
    InputError
        With fewer than k + 2 distinct points.
    """
    distinct = np.unique(points, axis=0)
    if len(distinct) < k + 2:
        raise InputError(
            f"data has {len(distinct)} distinct points; {k} neighbours need at least {k + 2}; "
            "ask for fewer neighbours or give more points"
        )
    distinct = _scaled(distinct)
    search = _exact if len(distinct) <= exact else _approximate
    distances = search(distinct, k + 1)[:, 1:].astype(np.float64)
    alive = distances[:, 0] > 0  # so near that the difference is lost to rounding
    return Neighbours(
        distances[alive],
        regions(distinct, rng)[alive],
        len(points) - int(alive.sum()),
        len(distinct) > exact,
    )


def _scaled(points: NDArray[Any]) -> NDArray[Any]:
    """Centre and scale as a whole, so that squares neither cancel nor overflow."""
    largest = float(np.max(np.abs(points.astype(np.float64))))
    centred = points / max(largest, np.finfo(float).tiny)
    centred -= centred.mean(axis=0)
    return np.asarray(centred / np.sqrt(np.mean(np.sum(centred**2, axis=1))))


def _exact(points: NDArray[Any], k: int) -> NDArray[Any]:
    from sklearn.neighbors import NearestNeighbors

    return np.asarray(NearestNeighbors(n_neighbors=k).fit(points).kneighbors(points)[0])


def _approximate(points: NDArray[Any], k: int) -> NDArray[Any]:
    try:
        from pynndescent import NNDescent
    except ImportError:
        raise InputError(
            f"data has {len(points)} distinct points; above {EXACT} the search needs pynndescent: "
            "pip install 'eigenscale[neighbours]', or take a sample (--samples 50000)"
        ) from None
    index = NNDescent(points.astype(np.float32), n_neighbors=k + 5, random_state=0)
    return np.asarray(index.neighbor_graph[1][:, :k])


def regions(points: NDArray[Any], rng: np.random.Generator, levels: int = 6) -> NDArray[np.int64]:
    """Cut space into 2^levels parts of equal numbers of points, by medians along directions.

    Directions are differences of random pairs of points, which follow the data.
    """
    label = np.zeros(len(points), dtype=np.int64)
    for _ in range(levels):
        for part in range(int(label.max()) + 1):
            inside = np.flatnonzero(label == part)
            if len(inside) < 4:
                continue
            a, b = rng.choice(inside, 2, replace=False)
            along = points[inside] @ (points[a] - points[b])
            label[inside[np.argsort(along)[len(inside) // 2 :]]] += 1 << 30
        label = np.unique(label, return_inverse=True)[1].reshape(-1)
    return label

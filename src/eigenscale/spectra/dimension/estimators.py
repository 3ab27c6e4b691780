"""Intrinsic dimension: maximum likelihood and TwoNN, as functions of scale, with intervals."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.progress import Progress
from eigenscale.results import Interval
from eigenscale.spectra.dimension.neighbours import Neighbours, find_neighbours

LADDER = (2, 3, 5, 10, 20, 40)  # neighbours at which the dimension is estimated
_DISCARD = 0.1  # of the largest ratios that TwoNN leaves out (Facco and others 2017)


@dataclass(frozen=True)
class Scale:
    """The dimension seen at one scale.

    Attributes
    ----------
    neighbours : int
        k, neighbours used.
    radius : float
        Mean distance to the k-th neighbour, in units of the data's root mean square.
    mle : Interval
        Maximum likelihood, sampling errors only.
    naive : float
        Plain average of one estimate per point (Levina and Bickel 2004), too large at small k;
        NaN at k = 2, where it has no mean.
    """

    neighbours: int
    radius: float
    mle: Interval
    naive: float


@dataclass(frozen=True)
class Dimension:
    """Intrinsic dimension of a set of points.

    Attributes
    ----------
    mle : Interval
        Maximum likelihood (MacKay and Ghahramani 2005) at `neighbours`. The interval joins the
        sampling error with what is found when the scale goes to zero, since edges, curvature and
        uneven density bias every estimate at a finite scale.
    two_nn : Interval
        TwoNN (Facco and others 2017), from the first two neighbours; the interval likewise.
    limit : Interval
        The maximum likelihood estimates extrapolated to scale zero, at first and second order.
    scales : tuple of Scale
        From near to far.
    neighbours, n_points, n_inputs : int
        k of `mle`; distinct points; columns.
    duplicates : int
        Points left out because they repeat another.
    notes : tuple of str
        What to be careful about.
    """

    mle: Interval
    two_nn: Interval
    limit: Interval
    scales: tuple[Scale, ...]
    neighbours: int
    n_points: int
    n_inputs: int
    duplicates: int
    notes: tuple[str, ...]


def dimension_of(
    points: Any,
    neighbours: int = 20,
    *,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> Dimension:
    """Estimate the intrinsic dimension of `points`, shape (n, inputs).

    With T_j the distance to the j-th neighbour, the likelihood of a locally uniform density
    gives 1/d = mean of log(T_k/T_j) over points and j < k. Standard errors come from a jackknife
    over 64 regions of space, since neighbours share neighbours.

    Parameters
    ----------
    neighbours : int
        k of the estimate that is quoted; 2 to 1,000.
    rng : int or Generator
        For the regions of the jackknife.

    Raises
    ------
    InputError
        Where points are not finite, too few are distinct, or `neighbours` is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> plane = rng.normal(size=(1000, 2)) @ rng.normal(size=(2, 10))
    >>> round(dimension_of(plane).mle.value)
    2
    """
    array = np.asarray(points)
    if array.ndim != 2 or not np.isfinite(array).all():
        raise InputError(f"points of shape {array.shape} are not a table of finite numbers")
    if not 2 <= neighbours <= 1000:
        raise InputError(f"neighbours has {neighbours}; it lies between 2 and 1000")
    generator = np.random.default_rng(rng)
    ladder = sorted({k for k in LADDER if k <= len(array) // 4} | {neighbours})
    found = find_neighbours(array, ladder[-1], generator)
    if progress is not None:
        progress(1, 1)
    return _conclude(found, ladder, neighbours, level, array.shape[1])


def _conclude(
    found: Neighbours, ladder: list[int], neighbours: int, level: float, n_inputs: int
) -> Dimension:
    sums = np.stack([_log_ratios(found.distances, k) for k in ladder])  # (scales, n)
    radii = np.array([found.distances[:, k - 1].mean() for k in ladder])
    weights = np.array([k - 1.0 for k in ladder])
    whole, without = _jackknife(sums, found.groups)
    size = found.distances.shape[0]
    estimate = weights / whole * size
    left = size - np.bincount(found.groups, minlength=without.shape[1])
    draws = weights[:, None] / without * left
    scales = tuple(
        Scale(k, float(radii[i]), _interval(estimate[i], draws[i], level), _naive(sums[i], k))
        for i, k in enumerate(ladder)
    )
    limit = _limit(radii, estimate, draws, level)
    two = _two_nn(found, level)
    chosen = scales[ladder.index(neighbours)].mle
    return Dimension(
        _hull(chosen, limit),
        _hull(two, limit),
        limit,
        scales,
        neighbours,
        size,
        n_inputs,
        found.duplicates,
        _notes(found, scales),
    )


def _log_ratios(distances: Floats, k: int) -> Floats:
    """Σ_{j<k} log(T_k/T_j) of each point."""
    return np.asarray(
        (k - 1) * np.log(distances[:, k - 1]) - np.log(distances[:, : k - 1]).sum(axis=1)
    )


def _naive(sums: Floats, k: int) -> float:
    """Average one estimate (k-1)/Σ log(T_k/T_j) per point; with two neighbours it has no mean."""
    if k < 3:
        return float("nan")
    return float(np.mean((k - 1) / np.maximum(sums, 1e-300)))


def _jackknife(sums: Floats, groups: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Totals over all points, shape (scales,), and without each group, (scales, groups)."""
    total = sums.sum(axis=1)
    per_group = np.stack([np.bincount(groups, row) for row in sums])
    return total, total[:, None] - per_group


def _limit(radii: Floats, estimate: Floats, draws: Floats, level: float) -> Interval:
    """Extrapolate to radius zero: the hull of fits linear in the radius and in its square.

    Edges bias an estimate at first order in the radius, curvature and uneven density at second.
    """
    if len(radii) < 3:
        return _interval(float(estimate[0]), draws[0], level)
    weight = 1.0 / np.maximum(np.var(draws, axis=1), 1e-12)
    limits = []
    for power in (2, 1):
        table = np.stack([np.ones_like(radii), (radii / radii[-1]) ** power], axis=1)
        solve = np.linalg.pinv(table * np.sqrt(weight)[:, None])[0] * np.sqrt(weight)
        limits.append(_interval(float(solve @ estimate), np.asarray(solve @ draws), level))
    return _hull(*limits)


def _interval(value: float, draws: Floats, level: float) -> Interval:
    """Give a normal interval with the standard error of a delete-one-group jackknife."""
    from scipy.special import ndtri

    n = len(draws)
    error = float(np.sqrt((n - 1) / n * np.sum((draws - draws.mean()) ** 2)))
    half = float(ndtri((1 + level) / 2)) * error
    return Interval(float(value), float(value) - half, float(value) + half, level, error)


def _hull(estimate: Interval, limit: Interval) -> Interval:
    """Widen the interval of an estimate to that of its limit at scale zero."""
    low, high = min(estimate.low, limit.low), max(estimate.high, limit.high)
    return Interval(estimate.value, max(low, 0.0), high, estimate.level, estimate.se)


def _two_nn(found: Neighbours, level: float) -> Interval:
    ratios = np.log(found.distances[:, 1] / found.distances[:, 0])
    groups = np.unique(found.groups)
    draws = np.array([_facco(ratios[found.groups != g]) for g in groups])
    return _interval(_facco(ratios), draws, level)


def _facco(log_ratios: Floats) -> float:
    """Slope through the origin of -log(1 - F) on log(T₂/T₁), the largest tenth left out."""
    x = np.sort(log_ratios)
    n = len(x)
    keep = int(n * (1 - _DISCARD))
    y = -np.log1p(-np.arange(1, keep + 1) / n)
    return float((x[:keep] @ y) / max(float(x[:keep] @ x[:keep]), 1e-300))


def _notes(found: Neighbours, scales: tuple[Scale, ...]) -> tuple[str, ...]:
    notes = []
    if found.duplicates:
        notes.append(f"{found.duplicates} points repeat another and are left out")
    if found.approximate:
        notes.append("neighbours are approximate")
    near, far = scales[0].mle.value, scales[-1].mle.value
    if near > 1.5 * far:
        notes.append(
            f"the dimension rises from {far:.3g} to {near:.3g} towards small scales: noise, or "
            "far too few points for the dimension"
        )
    if far > 1.5 * near:
        notes.append(
            f"the dimension falls from {far:.3g} to {near:.3g} towards small scales: repeated or "
            "clustered points, or values on a grid"
        )
    return tuple(notes)

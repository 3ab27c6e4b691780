"""The plane of features and samples: what limits the loss where, and lines of equal loss."""

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Map, Panel
from eigenscale.model import SolvableModel
from eigenscale.theory.compute import compute_frontier
from eigenscale.theory.iso_loss import iso_loss_contour
from eigenscale.theory.regimes import LIMITS

_N = "number of features N"
_T = "number of training samples T"


def regime_map(model: SolvableModel, n_features: ArrayLike, n_samples: ArrayLike) -> Figure:
    """Map what limits the loss at the best ridge, with lines of equal loss and the best path.

    Parameters
    ----------
    model : SolvableModel
        Asked at every point of the grid.
    n_features, n_samples : array_like, shapes (n,) and (m,)
        Ascending sizes of the grid.
    """
    N, T = np.asarray(n_features, float), np.asarray(n_samples, float)
    found = model.limits(N, T[:, None])
    order = {name: float(i) for i, name in enumerate(LIMITS)}
    codes = np.vectorize(order.__getitem__, otypes=[float])(found)
    names = tuple(name.capitalize() for name in LIMITS[:4])
    layers: list[Layer] = [Map(N, T, codes, "limited by", log=False, categories=names)]
    layers += _lines(model, N, T)
    layers.append(_path(model, N, T))
    return Figure(
        "regimes",
        "The scarcer of features and samples limits the loss, until the spectrum ends",
        (Panel(Axis(_N), Axis(_T), tuple(layers)),),
        caption=(
            "Colours say which resource limits the loss at the best ridge. Solid lines have equal "
            "loss, each half the one before; the dashed line is the best split of N × T."
        ),
        alt="A map of features against samples with one region for each limiting resource.",
        columns=1,
    )


def _lines(model: SolvableModel, N: Floats, T: Floats) -> list[Line]:
    """Lines of equal loss across the plane, at most six."""
    surface = model.surface()
    ends = surface.loss(N[[0, -1]], T[[0, -1]])
    count = int(np.clip(np.log2(ends[0] / max(ends[1], ends[0] / 64)), 1, 6))
    box = (float(N[0]), float(N[-1])), (float(T[0]), float(T[-1]))
    levels = ends[0] / 2.0 ** np.arange(1, count + 1)
    contours = [iso_loss_contour(surface, float(level), *box) for level in levels]
    return [Line(size, data, "", color=6, width=1.2) for size, data in contours if size.size]


def _path(model: SolvableModel, N: Floats, T: Floats) -> Line:
    """Follow the split of N × T with the least loss."""
    amounts = np.geomspace(N[0] * T[0], N[-1] * T[-1], 40)
    best = compute_frontier(model.surface().loss, amounts)
    inside = (best.size >= N[0]) & (best.size <= N[-1]) & (best.data >= T[0]) & (best.data <= T[-1])
    return Line(best.size[inside], best.data[inside], "best split of N × T", 6, "dash", 2.0)

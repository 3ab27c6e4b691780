"""Where training for a time is evaluated: nodes ζ in the plane of ridges and their weights.

A student trained for a time t is a weighted average of ridge students, θ(t) = Σ a_i θ(ζ_i), with
ridges on a contour around the negative axis: for gradient flow the filter is
``(1 - e^(-ta))/a = Σ (w_i/s_i) / (a + s_i/t)``, an inverse Laplace transform. Weight decay shifts
the ridges, a finite step bends them, and where the sample's spectrum has a gap at 0 the contour
moves up to it, with the finished student (ζ = 0) as one more node.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eigenscale.arrays import Complexes, Floats
from eigenscale.theory.training.contour import Contour

NEVER = 1e-290
"""Time below which nothing is learned that float64 shows."""


@dataclass(frozen=True, eq=False)
class Path:
    """Nodes of each point, shape (points, nodes): the student is ``Re Σ weights · θ(ζ)``.

    Attributes
    ----------
    log_zeta : array of complex
        log ζ, imaginary part in (0, π).
    weights : array of complex
        a_i, both halves of the plane taken together.
    rates : array of complex
        dlog a_i/dlog t, for derivatives with respect to time.
    finished : bool
        Whether the student trained to the end (ζ → 0) is one more node, of weight 1.
    """

    log_zeta: Complexes
    weights: Complexes
    rates: Complexes
    finished: bool = False


def flow_path(contour: Contour, time: Floats) -> Path:
    """Gradient flow for `time`."""
    ones = np.ones((time.size, 1))
    zeta = contour.nodes / time[:, None]
    return Path(np.log(zeta), contour.averages * ones, contour.nodes * ones)


def gap_path(contour: Contour, time: Floats, edge: Floats) -> Path:
    """Gradient flow at late times where no eigenvalue of the sample lies between 0 and `edge`.

    The contour turns at ``-edge``, so that what is left to learn keeps its relative precision
    however small ``e^(-edge t)`` is.
    """
    shift = (edge * time)[:, None]
    moved = contour.nodes - shift
    weights = np.exp(-shift) * contour.weights / moved
    log_zeta = np.log(moved) - np.log(time)[:, None]
    return Path(log_zeta, weights, moved, finished=True)


def in_steps(path: Path, step: Floats) -> Path:
    """Replace flow by steps of gradient descent, (1 - step·a)^(t/step) for e^(-ta).

    With ζ = (e^(step·σ) - 1)/step that factor is e^(tσ) again, and σ runs on the path of the flow.
    Eigenvalues a with step·a < 1 lie inside the bent path. A step of 0 is the flow.
    """
    sigma = np.exp(path.log_zeta)
    turn = step[:, None] * sigma
    grown: Complexes = np.expm1(turn)
    steps = step[:, None] > 0
    ratio = np.where(steps, turn / np.where(steps, grown, 1.0), 1.0)
    weights = path.weights * ratio * np.exp(turn)
    if not path.finished:
        weights = weights / weights.real.sum(axis=1, keepdims=True)
    return replace(path, log_zeta=path.log_zeta - np.log(ratio), weights=weights)


def with_decay(path: Path, decay: Floats) -> Path:
    """Add weight decay: every ridge on the path is larger by `decay`."""
    return replace(path, log_zeta=np.log(np.exp(path.log_zeta) + decay[:, None]))


def joined(paths: Sequence[Path]) -> Path:
    """Stack the points of several paths with as many nodes each."""
    return Path(
        np.concatenate([path.log_zeta for path in paths]),
        np.concatenate([path.weights for path in paths]),
        np.concatenate([path.rates for path in paths]),
        finished=paths[0].finished,
    )


def edge_in_steps(edge: Floats, step: Floats) -> Floats:
    """Give the rate at which steps learn a mode that flow learns at the rate `edge`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(step > 0, -np.log1p(-np.minimum(step * edge, 1.0)) / step, edge)

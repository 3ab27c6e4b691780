"""Where training for a time is evaluated: nodes ζ in the plane of ridges and their weights.

A student trained for a time t is a weighted average of ridge students, θ(t) = Σ a_i θ(ζ_i), with
ridges on a contour around the negative axis: for gradient flow the filter is
``(1 - e^(-ta))/a = Σ (w_i/s_i) / (a + s_i/t)``, an inverse Laplace transform. Weight decay shifts
the ridges, a finite step bends them, and where the sample's spectrum has a gap at 0 the contour
moves up to it, with the finished student (ζ = 0) as one more node.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eigenscale.numerics.contour import Contour

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


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


def flow_path(contour: Contour, time: Floats, decay: Floats) -> Path:
    """Gradient flow for `time`, with weight decay `decay` (a ridge per sample) from the start."""
    nodes = contour.nodes / time[:, None]
    ones = np.ones((time.size, 1))
    zeta = nodes + decay[:, None]
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

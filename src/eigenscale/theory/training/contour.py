"""Inverse Laplace transforms by the trapezoidal rule on a contour around the negative axis."""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Complexes


@dataclass(frozen=True, eq=False)
class Contour:
    """Nodes s and weights w with ``f(t) ≈ Re Σ w F(s/t)/t`` for the transform F of f.

    Only the half with ``Im s > 0`` is kept: F takes conjugate values on the other half.

    Attributes
    ----------
    nodes : array, shape (n/2,)
        Points s of the upper half, from the positive axis on; dimensionless, s = ζ t.
    weights : array, shape (n/2,)
        Twice the trapezoidal weights, ``2 e^s ds/(2πi)``.
    order : int
        Number n of nodes with both halves.
    """

    nodes: Complexes
    weights: Complexes
    order: int

    @property
    def averages(self) -> Complexes:
        """Weights w/s of an average, scaled so that the mean of 1 is exactly 1.

        ``Re Σ averages · F(s/t)`` is the inverse transform of F(ζ)/ζ.
        """
        raw: Complexes = self.weights / self.nodes
        return raw / float(raw.real.sum())


def talbot(order: int) -> Contour:
    """Follow Talbot's cotangent contour with Weideman's constants; the error falls as 3.89^-order.

    J. A. C. Weideman, "Optimizing Talbot's contours for the inversion of the Laplace
    transform", SIAM J. Numer. Anal. 44 (2006) 2342. The largest weight is e^(0.17 order), so
    that 24 nodes lose two digits to rounding.

    Examples
    --------
    >>> contour = talbot(24)
    >>> value = (contour.weights / (contour.nodes + 1)).sum().real  # 1/(ζ + 1) is e^-t
    >>> bool(abs(value - np.exp(-1)) < 1e-12)
    True
    """
    theta = (2 * np.arange(order // 2) + 1) * np.pi / order
    cot = 1 / np.tan(0.6407 * theta)
    nodes = order * (0.5017 * theta * cot - 0.6122 + 0.2645j * theta)
    slope = order * (0.5017 * cot - 0.5017 * 0.6407 * theta * (1 + cot**2) + 0.2645j)
    return Contour(nodes, 2 * np.exp(nodes) * slope / (1j * order), order)


def hyperbola(order: int) -> Contour:
    """Follow a hyperbola around the negative axis; the error falls as 3.20^-order.

    J. A. C. Weideman and L. N. Trefethen, "Parabolic and hyperbolic contours for computing
    the Bromwich integral", Math. Comp. 76 (2007) 1341. Shares no node with `talbot`, so that
    the two check each other.
    """
    theta = (2 * np.arange(order // 2) + 1) * np.pi / order
    angle = 1.1721 - 0.3443j * theta
    nodes = 2.246 * order * (1 - np.sin(angle))
    slope = 2.246 * 0.3443j * order * np.cos(angle)
    return Contour(nodes, 2 * np.exp(nodes) * slope / (1j * order), order)

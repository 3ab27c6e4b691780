"""Shapes from another member of a family, such as a smaller size, as a prior."""

import numpy as np

from eigenscale.laws.curves.problem import Prior, Scale, as_coordinates
from eigenscale.laws.curves.solve import Solved

ALIKE = {"exponent": 0.2, "size": 0.4, "pace": 0.6}
"""How far the shapes of two members lie apart (standard deviations): exponents, and logarithms of
what annealing brings and of how fast it comes."""


def family_prior(weak: Prior, scale: Scale, other: Solved) -> Prior:
    """Combine the weak prior with the shape of another member.

    The other's loss, floor and amplitude say nothing of this one; what annealing brings is
    taken over in the unit of the loss, at the largest rate of each.

    Parameters
    ----------
    weak : Prior
        In the coordinates of this member.
    scale : Scale
        Of this member.
    other : Solved
        A fit of the same law to curves of the other member.
    """
    law = other.problem.law
    theta = other.problem.theta(other.at)
    shared = Scale(scale.loss, scale.lowest, other.problem.scale.log_peak, scale.log_time)
    centre = as_coordinates(law, shared, theta)
    mean, precision = weak.mean.copy(), weak.deviation**-2
    for i, parameter in enumerate(law.shape, start=3):
        kind = "size" if parameter.of_loss else "pace" if parameter.log else "exponent"
        # A shape of which the other member knows nothing itself adds nothing.
        known = min(ALIKE[kind], parameter.spread) ** -2
        mean[i] = (precision[i] * mean[i] + known * centre[i]) / (precision[i] + known)
        precision[i] += known
    return Prior(mean, np.asarray(precision**-0.5))

"""Priors on the parameters of a law: what is known before the runs are looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.law import Law


@dataclass(frozen=True)
class Normal:
    """A parameter is `mean` ± `sd`, normally distributed.

    Scales, which are fitted by their logarithm, are taken as log-normal with relative standard
    deviation sd / mean.
    """

    mean: float
    sd: float


@dataclass(frozen=True)
class Prior:
    """Normal priors, in the unit of an objective.

    Half the squared distance from the mean, in standard deviations, is added to the objective
    times `scale` squared: `scale` is what log residuals scatter by, so that a clean table
    outweighs the prior and a noisy one does not.

    Attributes
    ----------
    parameters : mapping of str to Normal
    scale : float
        Standard deviation of the log residuals.
    """

    parameters: Mapping[str, Normal]
    scale: float

    def rows(self, law: Law) -> tuple[Floats, Floats]:
        """Mean and precision (p,) of every parameter, of scales in their logarithm; 0 without."""
        mean, precision = np.zeros(len(law.names)), np.zeros(len(law.names))
        for i, parameter in enumerate(law.parameters):
            known = self.parameters.get(parameter.name)
            if known is None:
                continue
            mean[i] = np.log(known.mean) if parameter.log else known.mean
            sd = known.sd / known.mean if parameter.log else known.sd
            precision[i] = (self.scale / sd) ** 2
        return mean, precision


FLOOR = Normal(0.75, 0.2)  # over the smallest loss of the runs
OF_SIZE_OR_DATA, OF_COMPUTE = Normal(0.35, 0.3), Normal(0.18, 0.15)
SCATTER, SCATTER_RANGE = 0.01, 1.0  # of log residuals before they are seen: median, log sd
LARGEST_SCATTER = 0.01  # a noisier table would be ruled by its prior
CUT = 0.03  # log residuals beyond this count as this


def weak_priors(law: Law, smallest_loss: float) -> dict[str, Normal]:
    """Give the priors that published laws suggest: a floor, and exponents of size and data.

    Examples
    --------
    >>> from eigenscale.laws.registry import get
    >>> weak_priors(get("chinchilla"), 2.0)["E"]
    Normal(mean=1.5, sd=0.4)
    """
    exponent = OF_SIZE_OR_DATA if {"params", "tokens"} & set(law.inputs) else OF_COMPUTE
    floor = Normal(FLOOR.mean * smallest_loss, FLOOR.sd * smallest_loss)
    known = {"E": floor, "alpha": exponent, "beta": exponent}
    return {name: normal for name, normal in known.items() if name in law.names}


def likely_scatter(
    residuals: Floats,
    weights: Floats,
    used: float,
    *,
    cut: float = CUT,
    largest: float = LARGEST_SCATTER,
) -> float:
    """Give the standard deviation of residuals, drawn towards what tables of runs scatter by.

    Few runs hardly tell it, and after a close fit they tell too little: the most likely value
    under a log-normal prior, with `used` degrees of freedom spent.
    """
    squares = float(weights @ np.clip(residuals, -cut, cut) ** 2) / float(weights.mean())
    tried = np.geomspace(2e-4, 2e-1, 400)
    cost = (
        max(len(residuals) - used, 0.0) * np.log(tried)
        + squares / (2 * tried**2)
        + 0.5 * (np.log(tried / SCATTER) / SCATTER_RANGE) ** 2
    )
    return min(float(tried[np.argmin(cost)]), largest)

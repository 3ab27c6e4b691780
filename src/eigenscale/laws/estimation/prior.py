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

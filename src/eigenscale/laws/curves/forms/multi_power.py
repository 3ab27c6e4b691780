"""The multi-power law (Luo et al. 2025): what each fall of the rate brings saturates as a power."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.exposure import Exposure, summed
from eigenscale.laws.curves.law import CurveLaw, CurveParameter


def _kernel(shape: Floats, exposure: Exposure) -> tuple[Floats, Floats]:
    """Sum B [1 − (1 + C η^-γ S)^-β] over the changes."""
    b, c, beta, gamma = shape
    drop, log_rate = exposure.drop, np.log(exposure.rate)
    with np.errstate(over="ignore"):
        x = exposure.gap * (c * np.exp(-gamma * log_rate))
    logged = np.log1p(x)
    left = np.exp(-beta * logged)
    value = summed(1 - left, drop)
    pull = left * (x / (1 + x))
    by_c = beta * summed(pull, drop)
    by_gamma = -beta * summed(pull, drop * log_rate)
    by_beta = summed(left * logged, drop)
    return b * value, b * np.array([value, by_c, by_beta, by_gamma])


MULTI_POWER = CurveLaw(
    "multi-power",
    "L(t) = L0 + A S₁(t)^-alpha − B Σ_k (η(k−1) − η(k)) [1 − (1 + C η(k)^-gamma S_k(t))^-beta]",
    "Luo et al. 2025, arXiv:2503.12811",
    (
        CurveParameter(
            "B",
            "loss that annealing brings, per unit of rate",
            np.log(0.037),
            0.5,
            rate_power=1.0,
            of_loss=True,
        ),
        CurveParameter(
            "C", "how fast it comes", np.log(0.13), 0.7, rate_power=1.0, rate_exponent="gamma"
        ),
        CurveParameter("beta", "exponent of what is still to come", 0.59, 0.2, False, 0.02, 5.0),
        CurveParameter("gamma", "how the pace depends on the rate", 0.65, 0.1, False, 0.0, 3.0),
    ),
    _kernel,
)

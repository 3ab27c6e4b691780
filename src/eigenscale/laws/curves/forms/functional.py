"""The functional law (Li et al. 2025) for one size: noise that each step adds and that decays."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.exposure import Exposure, summed
from eigenscale.laws.curves.law import CurveLaw, CurveParameter


def _kernel(shape: Floats, exposure: Exposure) -> tuple[Floats, Floats]:
    """Give −B ∫ η (1 + c (T − T'))^-κ dT' by parts: a change counts G(S) = ∫₀^S (1 + c s)^-κ ds."""
    b, c, kappa = shape
    x = c * exposure.gap
    logged, power = np.log1p(x), 1 - kappa
    u = power * logged
    near = np.abs(u) < 1e-5
    safe = np.where(near, 1.0, u)
    ratio = np.where(near, 1 + u / 2, np.expm1(safe) / safe)  # G = logged · ratio / c
    by_u = np.where(near, 0.5 + u / 3, (np.exp(safe) - ratio) / safe)
    grown = logged * ratio / c
    value = summed(grown, exposure.drop)
    at_end = exposure.gap * np.exp(-kappa * logged)
    by_c = summed(at_end - grown, exposure.drop)
    by_kappa = -summed(logged**2 * by_u, exposure.drop) / c
    return b * value, b * np.array([value, by_c, by_kappa])


FUNCTIONAL = CurveLaw(
    "functional",
    "L(T) = L0 + A T^-alpha + B ∫ η (1 + c (T − T'))^-kappa dT', T = Σ η",
    "Li et al. 2025, arXiv:2509.19189",
    (
        # B/(c (κ − 1)) times the peak is what a constant rate adds to the loss.
        CurveParameter(
            "B",
            "noise of a step, per squared rate",
            np.log(1.3e-3),
            0.7,
            rate_power=2.0,
            of_loss=True,
        ),
        CurveParameter("c", "how fast noise decays", np.log(0.1), 0.7, rate_power=1.0),
        CurveParameter("kappa", "exponent of the decay", 1.3, 0.4, False, 0.1, 5.0),
    ),
    _kernel,
)

"""The annealing law (Tissue et al. 2024): falls of the rate act as momentum that is forgotten."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.exposure import Exposure, summed
from eigenscale.laws.curves.law import CurveLaw, CurveParameter


def _kernel(shape: Floats, exposure: Exposure) -> tuple[Floats, Floats]:
    """C S₂ in closed form: a change of age n counts (1 − λ^n)/(1 − λ); `shape` has 1 − λ."""
    c, forget = shape
    drop = np.where(exposure.warm, 0.0, exposure.drop)
    rate = -np.log1p(-forget)
    kept = np.exp(-rate * exposure.age)
    value = summed(1 - kept, drop) / forget
    by_rate = summed(exposure.age * kept, drop) / forget
    by_forget = by_rate * forget / (1 - forget) - value
    return c * value, c * np.array([value, by_forget])


ANNEALING = CurveLaw(
    "annealing",
    "L(t) = L0 + A S₁(t)^-alpha − C S₂(t), S₂ = Σ m, m(i) = λ m(i−1) + η(i−1) − η(i)",
    "Tissue et al. 2024, arXiv:2408.11029",
    (
        CurveParameter(
            "C",
            "loss per unit of annealing",
            np.log(8e-5),
            0.5,
            rate_power=1.0,
            of_loss=True,
        ),
        CurveParameter("forget", "1 − λ, what is forgotten per step", np.log(0.002), 0.7),
    ),
    _kernel,
)

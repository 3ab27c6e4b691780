"""Phases of compute-optimal one-pass SGD, by the exponents of spectrum and target.

Four terms make up the loss of N features after r steps: what they cannot express (F₀), the modes
not yet learned (F_pp), the distortion of the modes by finitely many features (F_ac) and the noise
of batches (K_pp). Which two of them meet at the best split of f = r N decides the exponents.
Source: Paquette, Paquette, Xiao and Pennington 2024 (arXiv:2405.15074), with their
α' = (1+α)/2 and β' = (ω-α)/2; each row rederived by balancing two terms.
"""

from dataclasses import dataclass
from math import inf, sqrt

from eigenscale.errors import InputError
from eigenscale.results import Result


@dataclass(frozen=True, eq=False)
class Phase(Result):
    """The phase of a pair of exponents.

    Attributes
    ----------
    name : str
        ``"Ia"`` … ``"IVb"``.
    terms : str
        The two terms that meet at the best split.
    size_exponent : float
        The best N grows as f^size_exponent.
    loss_exponent : float
        The least loss falls as f^-loss_exponent.
    """

    name: str
    terms: str
    size_exponent: float
    loss_exponent: float


def sgd_phase(alpha: float, target_exponent: float | None = None) -> Phase:
    """Give the phase of a spectrum that falls as 1 + alpha and a target power as 1 + ω.

    Parameters
    ----------
    alpha : float
        Above -1. Below 0 the trace diverges with M, and M/N is held fixed.
    target_exponent : float, optional
        ω; alpha, the isotropic teacher, where left out.

    Raises
    ------
    InputError
        Where the target's power has no finite sum, ω ≤ 0, or an exponent breaks its rule.

    Examples
    --------
    >>> sgd_phase(0.5).name, round(sgd_phase(0.5).loss_exponent, 6)  # α/(2+α)
    ('Ia', 0.2)
    >>> sgd_phase(0.5, 1.8).name
    'II'
    """
    omega = alpha if target_exponent is None else target_exponent
    if not (-1 < alpha < inf and 0 < omega < inf):
        raise InputError(
            f"alpha {alpha:g} with a target exponent of {omega:g} is in no phase; alpha is above "
            "-1, and the target exponent positive, so that the target's power is finite"
        )
    a, b = (1.0 + alpha) / 2.0, (omega - alpha) / 2.0
    steep, hard = 2.0 * a > 1.0, 2.0 * b < 1.0
    whole = 2.0 * a + 2.0 * b - 1.0
    if hard:
        if steep:
            return Phase("Ia", "F_pp = F_0", 1 / (2 * a + 1), whole / (2 * a + 1))
        return Phase("Ib", "F_pp = F_0", 0.5, a + b - 0.5)
    if steep:
        if b < a:
            return Phase("II", "F_pp = F_ac", b / (a + b), whole / (2 * (a + b)))
        return Phase("III", "F_ac = K_pp", 0.5, (4 * a - 1) / (4 * a))
    return _flat(a, b, whole)


def _flat(a: float, b: float, whole: float) -> Phase:
    """Phases of a spectrum whose trace diverges, with an easy target."""
    if a <= 0.25:
        bottom = 6 * a + 4 * b - 2 - 4 * a * b
        return Phase("Ic", "F_pp = F_0", whole / bottom, 2 * a * whole / bottom)
    if a > 1 - 1 / sqrt(2):
        return Phase("IVa", "K_pp = F_0", 0.5, a)
    bottom = 2 * b - a - 2 * a * b
    return Phase("IVb", "F_pp = K_pp", (b - a) / bottom, (1 - 2 * a) * whole / (2 * bottom))

"""Exponents of the loss in each regime, from the exponents of spectrum and target.

With λ_J ~ J^-(1+α) and target power v_J² ~ J^-(1+ω), M infinite: which exponent a loss curve shows
depends on what limits it. Sources: Bordelon, Atanasov and Pehlevan 2024 (arXiv:2402.01092; there
b = 1+α, a = 1+ω) for features, samples, time and compute; Cui, Loureiro, Krzakala and Zdeborová
2021 (arXiv:2105.15004) for noise; Bahri et al. 2021 (arXiv:2102.06701) for the variance; rederived.
"""

from dataclasses import dataclass
from math import inf

from eigenscale.errors import InputError


@dataclass(frozen=True)
class Regime:
    """One regime and how the loss falls there.

    Attributes
    ----------
    name : str
        ``"features"``, ``"samples"``, ``"time"``, ``"noise"``, ``"variance"`` or ``"compute"``.
    scale : str
        What grows: N, T, t or C = N·t.
    exponent : float
        The loss falls as scale^-exponent.
    formula : str
        The exponent in α and ω.
    meaning : str
        When it is seen.
    """

    name: str
    scale: str
    exponent: float
    formula: str
    meaning: str


def loss_exponents(alpha: float, target_exponent: float | None = None) -> tuple[Regime, ...]:
    """Give the exponent of the loss in each regime.

    Parameters
    ----------
    alpha : float
        Positive; the spectrum falls as 1 + α.
    target_exponent : float, optional
        ω, positive; α, the isotropic teacher, where left out. Above 1 + α it no longer matters to
        features, above 2 (1 + α) not to samples: the largest modes set the loss then.

    Raises
    ------
    InputError
        Where an exponent is not positive and finite.

    Examples
    --------
    >>> {r.name: round(r.exponent, 3) for r in loss_exponents(0.5)}["compute"]  # α/(2+α)
    0.2
    """
    omega = alpha if target_exponent is None else target_exponent
    for name, value in (("alpha", alpha), ("target_exponent", omega)):
        if not 0 < value < inf:
            raise InputError(f"{name} {value:g} gives no power law of the loss; it is positive")
    b = 1.0 + alpha
    features, samples, time = min(omega, b), min(omega, 2 * b), omega / b
    return (
        Regime("features", "N", features, "min(ω, 1+α)", "few features, no noise, any ridge"),
        Regime("samples", "T", samples, "min(ω, 2(1+α))", "few samples, no noise, best ridge"),
        Regime("time", "t", time, "ω/(1+α)", "short training by gradient flow, or fresh data"),
        Regime(
            "noise",
            "T",
            samples / (1 + samples),
            "s/(1+s), s = min(ω, 2(1+α))",
            "noisy labels, all features, best ridge",
        ),
        Regime("variance", "N or T", 1.0, "1", "what the smaller scale leaves, no ridge"),
        Regime(
            "compute",
            "C",
            1.0 / (1.0 / features + 1.0 / time),
            "1/(1/min(ω, 1+α) + (1+α)/ω)",
            "C = N·t split in the best way, fresh data",
        ),
    )

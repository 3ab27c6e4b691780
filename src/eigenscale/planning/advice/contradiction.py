"""Where single power laws contradict each other: Kaplan's L(C) against L(D).

A law in compute that falls faster than the law in data allows must fail before the two
cross (Kaplan et al. 2020, arXiv:2001.08361, section 6.3). All is linear in logarithms, so
the crossing is exact, and so is how it moves with the constants. It moves a lot: only its
order of magnitude is fact.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from eigenscale.errors import InputError

PF_DAY = 8.64e19


@dataclass(frozen=True)
class PowerLaws:
    """Two laws of the loss and what the best run uses, compute in PF-days.

    ``(compute_scale/C)^alpha_compute`` against ``(data_scale/D)^alpha_data``, with
    ``D = data_factor · C^data_power`` and ``N = size_factor · C^size_power``.
    """

    compute_scale: float = 3.1e8
    alpha_compute: float = 0.050
    data_scale: float = 5.4e13
    alpha_data: float = 0.095
    data_factor: float = 2e10
    data_power: float = 0.27
    size_factor: float = 1.3e9
    size_power: float = 0.73


@dataclass(frozen=True)
class Crossing:
    """Where two laws meet, and how it moves.

    Attributes
    ----------
    pf_days, flops, params, tokens, loss : float
    moves : mapping of str to float
        Factor on the compute of the crossing when a constant grows by 1 %.
    """

    pf_days: float
    params: float
    tokens: float
    loss: float
    moves: dict[str, float]

    @property
    def flops(self) -> float:
        """Compute in FLOP."""
        return self.pf_days * PF_DAY

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {**vars(self), "flops": self.flops}


def crossing(laws: PowerLaws | None = None) -> Crossing:
    """Find where the law in compute would fall below the law in data.

    Parameters
    ----------
    laws : PowerLaws, optional
        Kaplan's by default.

    Returns
    -------
    Crossing

    Raises
    ------
    InputError
        A constant is not positive, or the laws are parallel and never cross.

    Examples
    --------
    >>> found = crossing()
    >>> f"{found.pf_days:.3g} PF-days, {found.params:.2g} params, loss {found.loss:.3g}"
    '1.12e+04 PF-days, 1.2e+12 params, loss 1.67'
    """
    laws = laws or PowerLaws()
    for field in fields(laws):
        if not getattr(laws, field.name) > 0:
            raise InputError(
                f"{field.name} {getattr(laws, field.name):g} is not positive; constants of laws are"
            )
    at = _log_crossing(laws)
    moves = {
        field.name: math.exp(
            _log_crossing(replace(laws, **{field.name: 1.01 * getattr(laws, field.name)})) - at
        )
        for field in fields(laws)
        if not field.name.startswith("size")
    }
    return Crossing(
        pf_days=math.exp(at),
        params=laws.size_factor * math.exp(laws.size_power * at),
        tokens=laws.data_factor * math.exp(laws.data_power * at),
        loss=(laws.compute_scale / math.exp(at)) ** laws.alpha_compute,
        moves=moves,
    )


def _log_crossing(laws: PowerLaws) -> float:
    """Solve α_C (ln compute_scale − x) = α_D (ln data_scale − ln a − b x) for x = ln C."""
    slope = laws.alpha_compute - laws.alpha_data * laws.data_power
    if slope == 0.0:
        raise InputError(
            f"alpha_compute {laws.alpha_compute:g} equals alpha_data × data_power, so the laws are "
            "parallel and never cross; no contradiction follows from them"
        )
    ahead = laws.alpha_compute * math.log(laws.compute_scale)
    return (ahead - laws.alpha_data * math.log(laws.data_scale / laws.data_factor)) / slope


def compute_exponent(alpha_steps: float, alpha_batch: float, alpha_size: float) -> float:
    """Exponent of the loss in compute from those in steps, batch and size (Kaplan, eq. 6.5).

    Examples
    --------
    >>> round(compute_exponent(0.76, 0.21, 0.076), 4)
    0.052
    """
    for value in (alpha_steps, alpha_batch, alpha_size):
        if not value > 0:
            raise InputError(f"exponent {value:g} is not positive; exponents of laws are")
    return 1.0 / (1.0 / alpha_steps + 1.0 / alpha_batch + 1.0 / alpha_size)

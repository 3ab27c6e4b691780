"""Two fits compared: how much less data, or compute, one needs for the loss of the other."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.base import Floats, Law
from eigenscale.laws.result import LawFit
from eigenscale.results import Interval

REACH = np.log(1e6)  # multipliers are sought up to a million either way
HALVINGS = 60
SHARES = {"data": (0.0, 1.0), "compute": (0.5, 0.5)}


@dataclass(frozen=True, eq=False)
class Multiplier:
    """How many times less of `resource` the second fit needs.

    Attributes
    ----------
    resource : {"data", "compute"}
    factor : Interval
        Above 1 the second is better. Zero where it never gets there, within a millionfold.
    params, tokens : float
        Where it was compared; the factor of two unlike laws depends on it.
    """

    resource: str
    factor: Interval
    params: float
    tokens: float

    def sentence(self, first: str = "A", second: str = "B") -> str:
        """Say it in words."""
        f = self.factor
        return (
            f"at {self.params:.3g} params and {self.tokens:.3g} tokens {second} needs "
            f"{f.value:.3g}x less {self.resource} than {first} "
            f"({100 * f.level:.0f} % interval {f.low:.3g} to {f.high:.3g})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "resource": self.resource,
            "factor": self.factor.to_dict(),
            "params": self.params,
            "tokens": self.tokens,
        }


def multiplier(
    first: LawFit, second: LawFit, params: float, tokens: float, resource: str = "data"
) -> Multiplier:
    """Compare two fits of laws in params and tokens.

    Parameters
    ----------
    params, tokens : float
        The run of the first fit whose loss the second is to match.
    resource : {"data", "compute"}
        What the second may spend less of: tokens alone, or params and tokens alike.

    Raises
    ------
    InputError
        A law has other inputs, or the resource is unknown.

    Notes
    -----
    Draws of the two fits are paired at random: the tables are taken as independent.
    """
    if resource not in SHARES:
        raise InputError(f"resource {resource!r} is unknown; it is data or compute")
    for fit in (first, second):
        if set(fit.law.inputs) != {"params", "tokens"}:
            raise InputError(f"{fit.law.name} is no law of params and tokens; refit with one")
    if not (params > 0 and tokens > 0):
        raise InputError(f"params {params:g} and tokens {tokens:g} must both be positive")
    at = np.log(params), np.log(tokens)
    value = _factors(first.law, first.theta[None], second.law, second.theta[None], at, resource)
    count = min(len(first.draws), len(second.draws))
    draws = _factors(first.law, first.draws[:count], second.law, second.draws[:count], at, resource)
    return Multiplier(
        resource, Interval.from_draws(float(value[0]), draws, first.level), params, tokens
    )


def _factors(
    law_a: Law, theta_a: Floats, law_b: Law, theta_b: Floats, at: tuple[Any, Any], resource: str
) -> Floats:
    """One factor per pair of draws, by halving a bracket in its logarithm."""
    wanted = _loss(law_a, theta_a, *at)
    size, data = SHARES[resource]
    low, high = np.full(len(theta_a), -REACH), np.full(len(theta_a), REACH)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        short = _loss(law_b, theta_b, at[0] + size * middle, at[1] + data * middle) > wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.asarray(np.where(high >= REACH, 0.0, np.exp(-0.5 * (low + high))))


def _loss(law: Law, theta: Floats, log_params: Any, log_tokens: Any) -> Floats:
    """Loss of each draw at its own point."""
    shape = len(theta)
    logs = {
        "params": np.broadcast_to(log_params, shape),
        "tokens": np.broadcast_to(log_tokens, shape),
    }
    return np.asarray(law.evaluate(list(theta.T), logs)[0])

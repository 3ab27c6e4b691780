"""Two laws compared: how much less data, or compute, one needs for the loss of the other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.base import Floats, Law
from eigenscale.results import Interval

if TYPE_CHECKING:
    from eigenscale.laws.constants import PublishedLaw
    from eigenscale.laws.result import LawFit

REACH = np.log(1e6)  # multipliers are sought up to a million either way
HALVINGS = 60
SHARES = {"data": (0.0, 1.0), "compute": (0.5, 0.5)}
WEIGHED = {"params", "tokens"}


@dataclass(frozen=True, eq=False)
class Multiplier:
    """How many times less of `resource` the second law needs.

    Attributes
    ----------
    resource : {"data", "compute"}
    factor : Interval
        Above 1 the second is better. Zero where it never gets there, within a millionfold.
    params, tokens : float
        Where it was compared; the factor of two unlike laws depends on it.
    loss : float
        What the first law gives there, and the second is to match.
    size_name, data_name : str
    """

    resource: str
    factor: Interval
    params: float
    tokens: float
    loss: float = np.nan
    size_name: str = "params"
    data_name: str = "tokens"

    @property
    def matched(self) -> tuple[float, float]:
        """Size and data at which the second law has that loss; infinite where it never has."""
        if self.factor.value == 0:
            return np.inf, np.inf
        shares = SHARES[self.resource]
        size, data = (self.factor.value**-share for share in shares)
        return self.params * size, self.tokens * data

    def sentence(self, first: str = "A", second: str = "B") -> str:
        """Say it in words."""
        f = self.factor
        if f.value == 0:
            return (
                f"{second} never reaches the loss of {first} by more {self.resource} alone, "
                "not with a million times as much"
            )
        less = f.value >= 1
        value = f.value if less else 1 / f.value
        text = f"{second} needs {_times(value)}× {'less' if less else 'more'} {self.resource}"
        return f"{text} than {first}{self._ends(less)}"

    def _ends(self, less: bool) -> str:
        f = self.factor
        if np.isnan(f.low):
            return ""
        low, high = (f.low, f.high) if less else (_inverse(f.high), _inverse(f.low))
        text = f", {100 * f.level:.3g} % interval {_times(low)} to {_times(high)}"
        if f.low == 0:
            text += " (it may never get there)"
        return f"{text}: the two cannot be told apart" if f.low <= 1 <= f.high else text

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "resource": self.resource,
            "factor": self.factor.to_dict(),
            "params": self.params,
            "tokens": self.tokens,
            "loss": self.loss,
            "matched": dict(zip(("params", "tokens"), self.matched, strict=True)),
        }


def _times(value: float) -> str:
    return f"{value:.3g}" if not 1000 <= value < 1e9 else f"{float(f'{value:.3g}'):,.0f}"


def _inverse(value: float) -> float:
    return 1 / value if value > 0 else np.inf


def multiplier(
    first: "LawFit | PublishedLaw",
    second: "LawFit | PublishedLaw",
    params: float,
    tokens: float,
    resource: str = "data",
) -> Multiplier:
    """Compare two laws in params and tokens, every token seen once.

    Parameters
    ----------
    first, second : LawFit or PublishedLaw
    params, tokens : float
        The run of the first law whose loss the second is to match.
    resource : {"data", "compute"}
        What the second may spend less of: tokens alone, or params and tokens alike.

    Raises
    ------
    InputError
        A law has other inputs, the two count other things, or the resource is unknown.

    Notes
    -----
    Draws of the two fits are paired at random: the tables are taken as independent. Published
    constants have no draws; the interval is then that of the other law alone.
    """
    if resource not in SHARES:
        raise InputError(f"resource {resource!r} is unknown; it is data or compute")
    for one in (first, second):
        if not (
            set(one.law.inputs) >= WEIGHED and set(one.law.inputs) <= {*WEIGHED, "unique_tokens"}
        ):
            raise InputError(f"{one.law.name} is no law of params and tokens; refit with one")
    names = first.size_name, first.data_name
    if names != (second.size_name, second.data_name):
        raise InputError(
            f"the first law counts {' and '.join(names)}, the second {second.size_name} and "
            f"{second.data_name}; compare laws of the same"
        )
    if not (0 < params < np.inf and 0 < tokens < np.inf):
        raise InputError(f"params {params:g} and tokens {tokens:g} must both be positive")
    laws, at = (first.law, second.law), (np.log(params), np.log(tokens))
    best = (first.theta[None], second.theta[None])
    value = _factors(laws, best, at, resource)
    draws = _factors(laws, _paired(first, second), at, resource)
    level = getattr(first, "level", getattr(second, "level", 0.9))
    return Multiplier(
        resource,
        Interval.from_draws(float(value[0]), draws, level),
        float(params),
        float(tokens),
        float(_loss(first.law, first.theta[None], *at)[0]),
        *names,
    )


def _paired(first: Any, second: Any) -> tuple[Floats, Floats]:
    """Draws of both laws, one for one; a law without draws stays as it is."""
    drawn = [getattr(one, "draws", one.theta[None][:0]) for one in (first, second)]
    if all(len(draws) < 2 for draws in drawn):
        return first.theta[None][:0], second.theta[None][:0]
    count = min(len(draws) for draws in drawn if len(draws) >= 2)
    kept = [
        draws[:count] if len(draws) >= 2 else np.repeat(one.theta[None], count, axis=0)
        for one, draws in zip((first, second), drawn, strict=True)
    ]
    return kept[0], kept[1]


def _factors(
    laws: tuple[Law, Law], theta: tuple[Floats, Floats], at: tuple[Any, Any], resource: str
) -> Floats:
    """One factor per pair of draws, by halving a bracket in its logarithm."""
    wanted = _loss(laws[0], theta[0], *at)
    size, data = SHARES[resource]
    low, high = np.full(len(wanted), -REACH), np.full(len(wanted), REACH)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        short = _loss(laws[1], theta[1], at[0] + size * middle, at[1] + data * middle) > wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.asarray(np.where(high >= REACH, 0.0, np.exp(-0.5 * (low + high))))


def _loss(law: Law, theta: Floats, log_params: Any, log_tokens: Any) -> Floats:
    """Loss of each draw at its own point, every token seen once."""
    shape = len(theta)
    tokens = np.broadcast_to(log_tokens, shape)
    known = {
        "params": np.broadcast_to(log_params, shape),
        "tokens": tokens,
        "unique_tokens": tokens,
    }
    return np.asarray(law.evaluate(list(theta.T), {name: known[name] for name in law.inputs})[0])

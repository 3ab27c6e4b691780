"""Two laws compared: how much less data, or compute, one needs for the loss of the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.laws.law import Law
from eigenscale.laws.reference.constants import PublishedLaw
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.average import BOTH, Blend
from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN
from eigenscale.results import Interval, Result, plain
from eigenscale.surface import LossSurface, TracedSurface

Compared = LossSurface
"""Fits, model averages, published constants, or any other loss surface."""
REACH = np.log(1e6)  # multipliers are sought up to a million either way
HALVINGS = 60
OUTSIDE = 200  # draws taken of a surface whose law is not known
SHARES = {"data": (0.0, 1.0), "compute": (0.5, 0.5)}


@dataclass(frozen=True, eq=False)
class Multiplier(Result):
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
    unit: str = "nats/token"

    @property
    def status(self) -> str:
        """``"ok"``, or ``"never"`` where the second law never has that loss."""
        return "ok" if self.factor.value > 0 else "never"

    @property
    def known(self) -> Interval | None:
        """The factor, an end that does not exist not a number; None where there is none."""
        f = self.factor
        if self.status == "never":
            return None
        low, high = (end if end > 0 else np.nan for end in (f.low, f.high))
        return Interval(f.value, low, high, f.level, None if f.low == 0 else f.se)

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
        value = _times(f.value if less else 1 / f.value)
        if value == "1":
            how = f"as much {self.resource} as"
        elif less:
            how = f"{value} times less {self.resource} than"
        else:
            how = f"{value} times as much {self.resource} as"
        return f"{second} needs {how} {first}{self._ends(less)}"

    def _ends(self, less: bool) -> str:
        f = self.factor
        if np.isnan(f.low):
            return ""
        low, high = (f.low, f.high) if less else (_inverse(f.high), _inverse(f.low))
        text = f" ({100 * f.level:.3g} % interval: {_times(low)}–{_times(high)})"
        if f.low == 0:
            text += "; it may never get there"
        return f"{text}: the two cannot be told apart" if f.low <= 1 <= f.high else text

    def _text(self) -> str:
        return self.sentence()

    @plain
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
    first: Compared,
    second: Compared,
    params: float,
    tokens: float,
    resource: str = "data",
) -> Multiplier:
    """Compare two laws in params and tokens, every token seen once.

    Parameters
    ----------
    first, second : LossSurface
        A fit, a model average, published constants, or anything with ``loss(size, data)``.
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
        _check(one)
    names = first.size_name, first.data_name
    if names != (second.size_name, second.data_name):
        raise InputError(
            f"the first law counts {' and '.join(names)}, the second {second.size_name} and "
            f"{second.data_name}; compare laws of the same"
        )
    units = [_unit(one) for one in (first, second)]
    if units[0] != units[1]:
        raise InputError(
            f"the first law gives {units[0]}, the second {units[1]}: such losses cannot be "
            "compared; bring one to the unit of the other first (bits = nats / ln 2; bits per "
            "token = bits per byte × bytes per token: `eigenscale fit RUNS --units "
            "bytes_per_token=4.3 --save FIT`; ln of a perplexity is nats), for the same "
            "validation set"
        )
    if not (0 < params < np.inf and 0 < tokens < np.inf):
        raise InputError(f"params {params:g} and tokens {tokens:g} must both be positive")
    at = (np.log(params), np.log(tokens))
    value = _factors(_curve(first), _curve(second), 1, at, resource)
    draws = factor_draws(first, second, params, tokens, resource)
    levels = [one.level for one in (first, second) if isinstance(one, LawFit | Blend)]
    level = levels[0] if levels else 0.9
    return Multiplier(
        resource,
        Interval.from_draws(float(value[0]), draws, level),
        float(params),
        float(tokens),
        float(loss_unit(units[0]).outward(first.loss(params, tokens))),
        *names,
        units[0],
    )


def factor_draws(
    first: Compared, second: Compared, params: float, tokens: float, resource: str
) -> Floats:
    """Give one factor per pair of draws; none where a law has no draws."""
    count, *curves = _paired(first, second)
    at = (np.log(params), np.log(tokens))
    return _factors(curves[0], curves[1], count, at, resource)


Curve = Callable[[Any, Any], Floats]
"""Log params and log tokens, each one number or one per draw, to the loss of every draw, (B,)."""


def _check(one: Compared) -> None:
    if isinstance(one, Blend):
        one.joint()  # refuses a blend of other laws
        return
    if not isinstance(one, LawFit | PublishedLaw):
        return
    if not BOTH <= set(one.law.inputs) <= {*BOTH, "unique_tokens"}:
        raise InputError(f"{one.law.name} is no law of params and tokens; refit with one")


def _curve(one: Compared) -> Curve:
    """Give its best estimate, as a single draw."""
    return lambda params, tokens: np.atleast_1d(one.loss(np.exp(params), np.exp(tokens)))


def _unit(one: Compared) -> str:
    """Give the unit of its losses, which people see."""
    return one.provenance().unit if isinstance(one, TracedSurface) else "nats/token"


def _parts(one: Compared) -> list[tuple[Law, Floats]]:
    """Laws with their draws: one of a fit, several of a blend, none of anything else."""
    if isinstance(one, Blend):
        return [(member.law, member.draws) for member in one.joint()[0]]
    return [(one.law, one.draws)] if isinstance(one, LawFit) else []


def _paired(first: Compared, second: Compared) -> tuple[int, Curve, Curve]:
    """Draws of both laws, one for one; a law without draws stays as it is."""
    both = [(one, _parts(one)) for one in (first, second)]
    counts = [_n_draws(one, parts) for one, parts in both]
    count = min((n for n in counts if n >= 2), default=0)
    curves = [
        _drawn(parts, total, count)
        if parts and total >= 2
        else _curve(one)
        if total < 2
        else _drawn_outside(one, count)
        for (one, parts), total in zip(both, counts, strict=True)
    ]
    return count, curves[0], curves[1]


def _n_draws(one: Compared, parts: list[tuple[Law, Floats]]) -> int:
    """Count its draws; of a surface from outside at most so many as stay cheap."""
    if parts or isinstance(one, LawFit | PublishedLaw | Blend):
        return sum(len(draws) for _, draws in parts)
    return min(len(one.loss_draws(1.0, 1.0)), OUTSIDE)


def _drawn_outside(one: Compared, count: int) -> Curve:
    """Take the first draws of a surface whose law is not known, each at its own point."""

    def loss(log_params: Any, log_tokens: Any) -> Floats:
        size, data = (np.exp(np.broadcast_to(x, count)) for x in (log_params, log_tokens))
        return np.asarray(np.diagonal(one.loss_draws(size, data)[:count]))

    return loss


def _drawn(parts: list[tuple[Law, Floats]], total: int, count: int) -> Curve:
    """Take `count` of all draws; where they are of several laws, in random order."""
    order = np.arange(total) if len(parts) == 1 else np.random.default_rng(0).permutation(total)
    ends = np.cumsum([0, *(len(draws) for _, draws in parts)])

    def loss(log_params: Any, log_tokens: Any) -> Floats:
        points = [np.broadcast_to(x, count) for x in (log_params, log_tokens)]
        found = np.empty(count)
        for (law, draws), begin, end in zip(parts, ends[:-1], ends[1:], strict=True):
            here = np.flatnonzero((order[:count] >= begin) & (order[:count] < end))
            found[here] = _loss(law, draws[order[here] - begin], points[0][here], points[1][here])
        return found

    return loss


def _factors(first: Curve, second: Curve, count: int, at: tuple[Any, Any], resource: str) -> Floats:
    """One factor per pair of draws, by halving a bracket in its logarithm."""
    if count == 0:
        return np.empty(0)
    wanted = first(*at)
    size, data = SHARES[resource]
    low, high = np.full(count, -REACH), np.full(count, REACH)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        short = second(at[0] + size * middle, at[1] + data * middle) > wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.asarray(np.where(high >= REACH, 0.0, np.exp(-0.5 * (low + high))))


def _loss(law: Law, theta: Floats, log_params: Floats, log_tokens: Floats) -> Floats:
    """Loss of each draw at its own point, every token seen once."""
    known = {"params": log_params, "tokens": log_tokens, "unique_tokens": log_tokens}
    known["flops"] = np.log(FLOPS_PER_PARAM_TOKEN) + log_params + log_tokens
    return np.asarray(law.evaluate(list(theta.T), {name: known[name] for name in law.inputs})[0])

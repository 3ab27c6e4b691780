"""What a plan has to keep to: given sizes, caps, data that run out, serving, time and money."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.limits.repeats import Repeated, decays, epoch_value, is_fitted
from eigenscale.planning.optimum.budget import SERVING_SHARE, TRAINING, Budget
from eigenscale.planning.surfaces.known import Known
from eigenscale.text.numbers import percent

NEGLIGIBLE = 0.1


@dataclass(frozen=True)
class Limits:
    """Limits on a plan; what is None does not bind.

    Attributes
    ----------
    params, tokens : float or None
        Given rather than chosen.
    max_params, max_tokens : float or None
        Largest that may be chosen.
    unique_tokens : float or None
        Tokens at hand; more are had by repeating them.
    inference_tokens : float
        Tokens served over the model's life, paid from the same budget.
    flops_per_param_token : float or None
        Training cost; None: 6 for params and tokens, 1 for other surfaces.
    hardware, serving_hardware : Hardware or None
        What trains, and what serves where that is something else: served FLOPs then count by
        their price relative to training.
    """

    params: float | None = None
    tokens: float | None = None
    max_params: float | None = None
    max_tokens: float | None = None
    unique_tokens: float | None = None
    inference_tokens: float = 0.0
    flops_per_param_token: float | None = None
    hardware: Hardware | None = None
    serving_hardware: Hardware | None = None

    def __post_init__(self) -> None:
        names = ("params", "tokens", "max_params", "max_tokens", "unique_tokens")
        for name in (*names, "flops_per_param_token"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"{name} {value:g} is not positive and finite; mend it or drop it")
        if not 0 <= self.inference_tokens < math.inf:
            raise InputError(
                f"inference_tokens {self.inference_tokens:g} is not zero or more and finite"
            )
        self._check_contradictions()

    def _check_contradictions(self) -> None:
        if self.params is not None and self.tokens is not None:
            raise InputError(
                "params, tokens and a budget are all given, so nothing is left to plan; drop one"
            )
        for name, low, high in (
            ("max_params", self.params, self.max_params),
            ("max_tokens", self.tokens, self.max_tokens),
        ):
            if low is not None and high is not None and low > high:
                raise InputError(
                    f"{name} {high:g} is below the {name.removeprefix('max_')} given ({low:g}); "
                    "they contradict each other, drop one"
                )
        if self.tokens is not None and (self.unique_tokens or 0.0) > self.tokens:
            raise InputError(
                f"unique_tokens {self.unique_tokens:g} exceed the tokens to train on "
                f"({self.tokens:g}); tokens that are never seen do not count, drop one of the two"
            )

    def budget(self, seen: Known) -> Budget:
        """How FLOPs are spent under these limits."""
        train = self.flops_per_param_token
        if train is None:
            self._check_unit(seen)
            train = TRAINING if (seen.size_name, seen.data_name) == ("params", "tokens") else 1.0
        return Budget(
            train=train,
            serve=train * SERVING_SHARE * self.inference_tokens * self.serving_price,
            min_size=self.params or 1.0,
            max_size=self.params or self.max_params or math.inf,
            max_data=self.tokens or self.max_tokens or math.inf,
            all_data=self.tokens is not None,
        )

    def _check_unit(self, seen: Known) -> None:
        if self.hardware is not None and seen.cost_unit != "FLOP":
            raise InputError(
                f"hardware {self.hardware.device} counts FLOP, but {seen.name} counts "
                f"{seen.cost_unit}; drop it, or say flops_per_param_token"
            )

    @property
    def serving_price(self) -> float:
        """Price of a served FLOP relative to a trained one."""
        if self.serving_hardware is None:
            return 1.0
        if self.hardware is None:
            raise InputError(
                "serving_hardware is given without hardware, so prices cannot be compared"
            )
        trains, serves = self.hardware, self.serving_hardware
        prices = trains.price_per_hour, serves.price_per_hour
        if trains.device == serves.device and prices == (
            None,
            None,
        ):  # as many hours, as much dearer
            return serves.hours(1.0) * serves.count / (trains.hours(1.0) * trains.count)
        return serves.money(1.0) / trains.money(1.0)

    def surface(self, seen: Known) -> Known:
        """Let the surface's data repeat once the unique tokens are used up."""
        if self.unique_tokens is None:
            return seen
        if seen.is_theory:
            raise InputError(
                f"unique_tokens {self.unique_tokens:g} do not go with a solved model, which has no "
                "law of repeated data; drop them, max_tokens caps the samples"
            )
        repeated = Repeated(seen, self.unique_tokens)
        return replace(seen, surface=repeated, best=None, draws=None)

    def warnings(self, seen: Known, tokens: float) -> list[str]:
        """Lines on repeated data at a plan with so many tokens."""
        if self.unique_tokens is None or tokens <= self.unique_tokens * (1 + 1e-9):
            return []
        epochs = tokens / self.unique_tokens
        worth = float(epoch_value(epochs, decays(seen.origin)[0]))
        lines = [
            f"{epochs:.3g} epochs over {self.unique_tokens:.3g} unique tokens: the last is worth "
            f"{percent(worth)} of fresh data"
            + ("; find more data rather than compute" if worth < NEGLIGIBLE else "")
        ]
        if not is_fitted(seen.origin):
            lines.append(
                "what repeats are worth is Muennighoff's (R_D 15.4, R_N 5.3), not from your runs"
            )
        return lines


def allowance(
    flops: ArrayLike | None,
    money: float | None,
    hours: float | None,
    hardware: Hardware | None,
) -> tuple[ArrayLike, list[str]]:
    """Turn a budget in FLOPs, money and hours into FLOPs: the least of them, and what binds.

    Raises
    ------
    InputError
        None is given, one is not positive, or there is no hardware to exchange them by.
    """
    if flops is None and money is None and hours is None:
        raise InputError("no budget is given; give flops, or money or hours with hardware")
    for name, value in (("money", money), ("hours", hours)):
        if value is not None and not 0 < value < math.inf:
            raise InputError(f"{name} {value:g} is not positive and finite; mend it or drop it")
    if hardware is None:
        if flops is None or money is not None or hours is not None:
            raise InputError(
                "money and hours need hardware to become FLOPs; give hardware, or a budget in flops"
            )
        return flops, []
    caps = {
        "money": None if money is None else hardware.flops_for(money),
        "hours": None if hours is None else hardware.flops(hours),
    }
    known = {name: cap for name, cap in caps.items() if cap is not None}
    if not known:
        return np.asarray(flops), []
    name, least = min(known.items(), key=lambda pair: pair[1])
    if flops is None:
        others = [other for other in known if other != name]
        return least, [f"{name} binds before {others[0]}"] if others else []
    values = np.minimum(np.asarray(flops, dtype=np.float64), least)
    bound = [f"{name} caps the budget at {least:.3g} FLOP"] if np.any(values == least) else []
    return values, bound

"""What to do next: what limits, what more data or features bring, and what that costs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.forecasting.advice.crossing import REACH, Crossing, ask, crossing
from eigenscale.forecasting.advice.numbers import AdviceNumbers, Value
from eigenscale.forecasting.advice.sentences import summary
from eigenscale.forecasting.advice.shares import limit, shares
from eigenscale.results import Interval, Result, to_plain
from eigenscale.surface import LossSurface

_STEP = 1.1  # marginal value: of the next tenth


@dataclass(frozen=True, eq=False)
class Advice(AdviceNumbers, Result):
    """What to do next, at the best ridge: the numbers of `AdviceNumbers`, with their text."""

    def _text(self) -> str:
        return summary(self)

    def __repr__(self) -> str:
        return f"Advice({self.summary})"

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        plain: dict[str, Any] = to_plain({**vars(self), "summary": self.summary})
        return plain


@dataclass(frozen=True)
class Costs:
    """What a sample and a feature cost, in the user's own unit; None where that is not given."""

    per_sample: float | None = None
    per_feature: float | None = None

    def check(self, free_features: bool) -> None:
        """Refuse what is no cost, and a cost of features that cannot be added."""
        for name, cost in (("sample", self.per_sample), ("feature", self.per_feature)):
            if cost is not None and not 0 < cost < np.inf:
                raise InputError(
                    f"cost_per_{name} {cost:g} is not positive and finite; give what one {name} "
                    "costs, in any unit"
                )
        if self.per_feature is not None and not free_features:
            raise InputError(
                "cost_per_feature goes with random features, whose number is free; give "
                "n_features, or drop it"
            )


def advise(
    surface: LossSurface,
    n_samples: float,
    n_features: float = np.inf,
    target_loss: float | None = None,
    *,
    costs: Costs | None = None,
    level: float = 0.9,
) -> Advice:
    """Ask the surface for what matters next.

    Raises
    ------
    InputError
        Where the target or a cost is not positive, or features cannot be added.
    """
    costs, free = costs or Costs(), bool(np.isfinite(n_features))
    costs.check(free)
    for name, size in (("n_samples", n_samples), ("n_features", n_features)):
        if not size >= 1:
            raise InputError(f"{name} {size:g} is less than 1; give how many there are")
    if target_loss is not None and not 0 < target_loss < np.inf:
        raise InputError(f"target_loss {target_loss:g} is not positive and finite; give a loss")
    steps = (1.0, 10.0, REACH, 1.0, 2.0, _STEP, 1.0)
    wider = (1.0, 1.0, 1.0, 2.0, 1.0, 1.0, _STEP)
    got = _Asked.of(surface, n_samples * np.array(steps), n_features * np.array(wider))
    now, ten, far, wide = (got.interval(i, level) for i in range(4))
    parts = shares(surface, n_samples, n_features)
    twice = float(got.value[4]), float(got.value[3]) if free else now.value
    found = Crossing(None, np.nan)
    if target_loss is not None:
        found = crossing(surface, n_features, n_samples, target_loss, level)
    return Advice(
        int(n_samples),
        int(n_features) if free else None,
        now,
        ten,
        wide if free else None,
        far,
        limit(parts, now.value, ten.value, twice),
        parts,
        target_loss,
        found.samples,
        None if target_loss is None else found.reached,
        _missing(found.samples, n_samples, costs.per_sample),
        got.worth(5, n_samples, costs.per_sample, level),
        got.worth(6, n_features, costs.per_feature, level),
    )


def _missing(samples: Interval | None, have: float, cost: float | None) -> Interval | None:
    """Cost of the samples that are missing."""
    if samples is None or cost is None:
        return None
    value, low, high = (
        cost * max(end - have, 0.0) for end in (samples.value, samples.low, samples.high)
    )
    return Interval(value, low, high, samples.level)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Losses and their draws at a few points, the first of which is now."""

    value: Floats
    draws: Floats

    @classmethod
    def of(cls, surface: LossSurface, n_samples: Floats, n_features: Floats) -> "_Asked":
        return cls(*ask(surface, n_features, n_samples))

    def interval(self, i: int, level: float) -> Interval:
        return Interval.from_draws(float(self.value[i]), self.draws[:, i], level)

    def worth(self, i: int, amount: float, cost: float | None, level: float) -> Value | None:
        """Fall of the loss from now to point `i`, a tenth more of something."""
        if cost is None:
            return None
        more = (_STEP - 1) * amount
        fall = Interval.from_draws(
            float(self.value[0] - self.value[i]), self.draws[:, 0] - self.draws[:, i], level
        )
        paid = cost * more
        ends = (fall.value / paid, fall.low / paid, fall.high / paid)
        return Value(more, paid, fall, Interval(*ends, level))

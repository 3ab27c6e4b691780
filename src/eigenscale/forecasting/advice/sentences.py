"""The advice in plain words."""

import math
from typing import TYPE_CHECKING

from eigenscale.forecasting.words import count, share, shown

if TYPE_CHECKING:
    from eigenscale.forecasting.advice.advice import Advice, Value

_LIMITS = {
    "data": "More samples bring most: what limits now is the data.",
    "features": "Twice the features bring more than twice the samples: what limits now is the "
    "number of features.",
    "noise": "What limits now is the noise in the labels, which more samples average away.",
    "unknown": "How far more samples help, this sample does not tell: what counts then lies below "
    "what it resolves, and plausible curves go both ways.",
    "floor": "What limits now is the floor: neither samples nor features of this kind bring much; "
    "cleaner labels or other features would.",
}
_UNSURE = 1.2  # upper over lower end of the floor from which on that is said
_PARTS = {
    "floor": "floor (label noise, and what the learner cannot express)",
    "noise": "label noise that was fitted",
    "data": "signal that so many samples do not show yet",
    "features": "want of features",
}


def summary(advice: "Advice") -> str:
    """Say what limits, what more of each brings, and what it costs."""
    level = f"{100 * advice.now.level:.3g}\u00a0%"
    now = shown(advice.now).replace("(", f"({level} interval ")
    sentences = [
        (
            f"With {_size(advice)} expect a loss of {now}; with ten times the samples "
            f"{shown(advice.ten_times_data)}{_wider(advice)}."
        ),
        _consists(advice),
        _LIMITS[advice.limit],
        _target(advice),
        *_values(advice),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _size(advice: "Advice") -> str:
    features = "" if advice.n_features is None else f" and {count(advice.n_features)} features"
    return f"{count(advice.n_samples)} samples{features}"


def _wider(advice: "Advice") -> str:
    twice = advice.twice_features
    return "" if twice is None else f", with twice the features {shown(twice)}"


def _consists(advice: "Advice") -> str:
    """Say what the loss consists of, largest part first."""
    if advice.limit == "unknown":
        return ""
    parts = {name: part / advice.shares.total for name, part in vars(advice.shares).items()}
    told = sorted((p for p in parts.items() if p[1] >= 0.005), key=lambda part: -part[1])
    words = [f"{share(part)} {_PARTS[name]}" for name, part in told]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    floor = advice.floor
    unsure = ""
    if advice.shares.floor > 0.5 * advice.shares.total and floor.high > _UNSURE * floor.low:
        unsure = f"; where more samples end is known to {floor.low:.3g} to {floor.high:.3g} only"
    return f"The loss now is {listed}{unsure}."


def _target(advice: "Advice") -> str:
    if advice.target_loss is None:
        return ""
    wanted = f"A loss of {advice.target_loss:.4g}"
    if advice.samples_needed is None:
        return f"{wanted} {_out_of_reach(advice)}"
    found = advice.samples_needed
    ends = ""
    if not math.isnan(found.low):
        high = count(found.high) if math.isfinite(found.high) else "never"
        ends = f" ({count(found.low)} to {high})"
    cost = ""
    if advice.cost_of_target is not None and advice.cost_of_target.value > 0:
        cost = f", which cost {_cost(advice.cost_of_target.value)} more"
    return f"{wanted} takes {count(found.value)} samples{ends}{cost}."


def _out_of_reach(advice: "Advice") -> str:
    floor = shown(advice.floor)
    maybe = ""
    if advice.reached is not None and advice.reached >= 0.005:
        maybe = f", though {share(advice.reached)} of the plausible curves get there"
    if advice.limit == "unknown":
        return f"is not reached by the expected curve{maybe}; plausible ones end at {floor}."
    flat = advice.floor.value > 0.95 * advice.ten_times_data.value
    if flat:
        return f"is not reachable with more samples{maybe}: the floor is {floor}."
    return f"is not reached with a thousand times the samples{maybe}, which give {floor}."


def _values(advice: "Advice") -> list[str]:
    both = {"samples": advice.value_of_samples, "features": advice.value_of_features}
    known = {name: value for name, value in both.items() if value is not None}
    lines = [_value(name, value) for name, value in known.items()]
    if len(known) == 2:
        lines.append(_better(known))
    return lines


def _value(name: str, value: "Value") -> str:
    return (
        f"The next {count(max(value.amount, 1.0))} {name} cost {_cost(value.cost)} and lower the "
        f"loss by {_small(value.fall.value)} ({_small(value.fall.low)} to "
        f"{_small(value.fall.high)}), {value.per_cost.value:.2g} per unit of cost."
    )


def _better(known: "dict[str, Value]") -> str:
    first, second = sorted(known, key=lambda name: -known[name].per_cost.value)
    best, other = known[first].per_cost.value, known[second].per_cost.value
    if best <= 0:
        return "Neither is worth its cost."
    if other <= 0 or best > 100 * other:
        return f"Spend on {first}; {second} bring next to nothing for the same cost."
    return f"A unit of cost brings {best / other:.2g} times more in {first} than in {second}."


def _cost(value: float) -> str:
    return f"{value:,.0f}" if 100 <= abs(value) < 1e6 else f"{value:.3g}"


def _small(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")

"""The advice in plain words."""

import math

from eigenscale.forecasting.advice.numbers import AdviceNumbers, Value
from eigenscale.text.numbers import count, number, percent, with_interval

_LIMITS = {
    "data": "More samples help most: the number of samples limits the loss now.",
    "features": "Twice the features help more than twice the samples: the number of features "
    "limits the loss now.",
    "noise": "Noise in the training labels limits the loss now; more samples average it away.",
    "unknown": "This sample cannot tell how much more data would help: that depends on modes that "
    "it does not resolve.",
    "floor": "The floor limits the loss now: neither more samples nor more features of this kind "
    "help much; cleaner labels or other features would.",
}
_OWN_FLOOR = (
    "The floor of this learner limits the loss now; another learner has a lower error on the same "
    "rows."
)
_UNSURE = 1.2  # upper over lower end of the floor from which on that is said
_PARTS = {
    "floor": "floor (label noise, and what the learner cannot express)",
    "noise": "label noise that was fitted",
    "data": "signal that more samples would show",
    "features": "lack of features",
}


def summary(advice: AdviceNumbers) -> str:
    """Say what limits, what more of each brings, and what it costs."""
    if advice.now.value == 0:
        return "Every measured loss is zero: more samples cannot lower it."
    level = f"{100 * advice.now.level:.3g}\u00a0%"
    now = with_interval(advice.now).replace("(", f"({level} interval ")
    sentences = [
        (
            f"With {_size(advice)} expect a loss of {now}; with ten times the samples "
            f"{with_interval(advice.ten_times_data)}{_wider(advice)}."
        ),
        _consists(advice),
        _LIMITS[advice.limit] if advice.floor_of_task or advice.limit != "floor" else _OWN_FLOOR,
        _target(advice),
        *_values(advice),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _size(advice: AdviceNumbers) -> str:
    features = "" if advice.n_features is None else f" and {count(advice.n_features)} features"
    return f"{count(advice.n_samples)} samples{features}"


def _wider(advice: AdviceNumbers) -> str:
    twice = advice.twice_features
    return "" if twice is None else f", with twice the features {with_interval(twice)}"


def _consists(advice: AdviceNumbers) -> str:
    """Say what the loss consists of, largest part first."""
    if advice.limit == "unknown":
        return ""
    parts = {name: part / advice.shares.total for name, part in vars(advice.shares).items()}
    listed = sorted((p for p in parts.items() if p[1] >= 0.005), key=lambda part: -part[1])
    words = [f"{percent(part)} {_PARTS[name]}" for name, part in listed]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    floor = advice.floor
    unsure = ""
    if advice.shares.floor > 0.5 * advice.shares.total and floor.high > _UNSURE * floor.low:
        ends = f"{number(floor.low)} and {number(floor.high)}"
        unsure = f"; with more samples it levels off between {ends}"
    return f"The loss now is {text}{unsure}."


def _target(advice: AdviceNumbers) -> str:
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


def _out_of_reach(advice: AdviceNumbers) -> str:
    floor = with_interval(advice.floor)
    maybe = ""
    if advice.reached is not None and advice.reached >= 0.005:
        maybe = f"; the probability that it is reached is {percent(advice.reached)}"
    if advice.limit == "unknown":
        return f"is not reached by the expected curve{maybe}; the curves level off at {floor}."
    flat = advice.floor.value > 0.95 * advice.ten_times_data.value
    if flat:
        return f"is not reachable with more samples{maybe}; the floor is {floor}."
    return f"is not reached with a thousand times the samples{maybe}, which give {floor}."


def _values(advice: AdviceNumbers) -> list[str]:
    both = {"samples": advice.value_of_samples, "features": advice.value_of_features}
    known = {name: value for name, value in both.items() if value is not None}
    lines = [_value(name, value) for name, value in known.items()]
    if len(known) == 2:
        lines.append(_better(known))
    return lines


def _value(name: str, value: Value) -> str:
    return (
        f"The next {count(max(value.amount, 1.0))} {name} cost {_cost(value.cost)} and lower the "
        f"loss by {_small(value.fall.value)} ({_small(value.fall.low)} to "
        f"{_small(value.fall.high)}), {value.per_cost.value:.2g} per unit of cost."
    )


def _better(known: dict[str, Value]) -> str:
    first, second = sorted(known, key=lambda name: -known[name].per_cost.value)
    best, other = known[first].per_cost.value, known[second].per_cost.value
    if best <= 0:
        return "Neither is worth its cost."
    if other <= 0 or best > 100 * other:
        return f"Spend on {first}; {second} bring almost nothing for the same cost."
    return f"A unit of cost brings {best / other:.2g} times more in {first} than in {second}."


def _cost(value: float) -> str:
    return f"{value:,.0f}" if 100 <= abs(value) < 1e6 else f"{value:.3g}"


def _small(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")

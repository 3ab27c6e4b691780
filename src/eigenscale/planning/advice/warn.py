"""What to be careful about in one plan of a frontier, one line each."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from eigenscale.planning.advice.record import record_warnings
from eigenscale.planning.advice.trust import range_warnings

if TYPE_CHECKING:
    from eigenscale.planning.frontier import Band, Frontier

WIDE = 10.0


def warnings_of(frontier: "Frontier", i: int, values: Mapping[str, float]) -> list[str]:
    """Lines on the range, the edge of what may be chosen, and the width of intervals."""
    seen = frontier.known
    lines = record_warnings(seen, float(frontier.flops[i]), frontier.level)
    lines += range_warnings(values, seen.measured)
    lines += _edge(frontier, i)
    lines += frontier.limits.notes(frontier.known, float(frontier.tokens.value[i]))
    if "without embeddings" in getattr(frontier.known.surface, "counting", ""):
        lines.append(f"{frontier.known.name} counts parameters without embeddings; add them")
    if frontier.known.is_theory:
        return lines
    if frontier.known.n_draws == 0:
        lines.append(f"{frontier.known.name} comes without draws: the plan has no intervals")
    else:
        lines += _wide(frontier.params, i, frontier.known.size_name)
    return lines


def _edge(frontier: "Frontier", i: int) -> list[str]:
    budget, name = frontier.budget, frontier.known.size_name
    size, data = float(frontier.params.value[i]), float(frontier.tokens.value[i])
    if budget.is_fixed or not frontier.at_edge[i]:
        return []
    spent = float(budget.flops(size, data))
    if spent < frontier.flops[i] * (1 - 1e-6):
        return [
            (
                f"the limits on {name} and {frontier.known.data_name} leave "
                f"{frontier.flops[i] - spent:.3g} {frontier.known.cost_unit} of the budget unspent"
            )
        ]
    if size >= budget.max_size * (1 - 1e-6):
        return [
            f"{name} is held at its limit {budget.max_size:.3g}; a larger model would be better"
        ]
    if data >= budget.max_data * (1 - 1e-6):
        return [
            (
                f"{frontier.known.data_name} are held at their limit {budget.max_data:.3g}; "
                "more data would be better"
            )
        ]
    return [f"no best {name} inside what the budget allows: the law rewards one resource only"]


def _wide(band: "Band", i: int, name: str) -> list[str]:
    low, high = float(band.low[i]), float(band.high[i])
    if math.isfinite(low) and low > 0 and high / low > WIDE:
        return [
            (
                f"the runs do not say which {name}: its interval spans a factor {high / low:.3g}; "
                "the loss is known better than the size"
            )
        ]
    return []

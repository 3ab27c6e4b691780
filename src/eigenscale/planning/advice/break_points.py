"""Budgets at which a plan stops standing on what it was built on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.advice.contradiction import PowerLaws, crossing
from eigenscale.planning.limits.limits import NEGLIGIBLE, Limits
from eigenscale.planning.limits.repeats import decays, epochs_until
from eigenscale.planning.optimum.budget import LARGEST_FLOPS, Budget
from eigenscale.planning.optimum.optimum import optima
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.planning.trust.measured import NEAR_DECADES
from eigenscale.text.numbers import number, power_of_ten
from eigenscale.text.words import named

Kind = Literal["range", "data", "latent", "neighbour", "contradiction"]

_GRID = 121
_DISAGREE = 0.02


@dataclass(frozen=True)
class BreakPoint:
    """A budget beyond which something that the plan relies on no longer holds.

    Attributes
    ----------
    kind : {"range", "data", "latent", "neighbour", "contradiction"}
        Beyond the runs, data used up, latent dimension reached, laws disagree, a family of
        laws contradicts itself (Kaplan's).
    flops : float
        Where it happens on the frontier.
    meaning : str
        What happens there, one line.
    """

    kind: Kind
    flops: float
    meaning: str


def break_points(
    surface: Any, limits: Limits | None = None, *, neighbours: Sequence[Any] = ()
) -> list[BreakPoint]:
    """List where plans on a surface break, in the order of compute.

    Parameters
    ----------
    surface
        As for `plan`.
    limits : Limits, optional
        Unique tokens say when data are used up.
    neighbours : sequence of surfaces or names
        Laws to compare with: budgets at which the best losses differ by 2 %.

    Returns
    -------
    list of BreakPoint

    Examples
    --------
    >>> for point in break_points("hoffmann", Limits(unique_tokens=1e12)):
    ...     print(point.meaning)
    at 7.9·10²² FLOP the best plan uses up the 1 trillion unique tokens
    at 4·10²⁵ FLOP the last epoch is worth less than 10 % of fresh data
    """
    seen, limits = known(surface), limits or Limits()
    budget = limits.budget(seen)
    points = _range(seen, budget) + _latent(seen, budget) + _data(seen, budget, limits)
    points += _contradiction(seen)
    for other in neighbours:
        points += _neighbour(seen, known(other), budget)
    return sorted(points, key=lambda point: point.flops)


def _range(seen: Known, budget: Budget) -> list[BreakPoint]:
    points = []
    for name, (_, high) in seen.measured.items():
        beyond = high * 10**NEAR_DECADES
        at = beyond if name == "flops" else _flops_where(seen, budget, name, beyond)
        if at is not None:
            points.append(
                BreakPoint(
                    "range",
                    at,
                    f"at {power_of_ten(at)} {seen.cost_unit} the plan is ten times beyond the "
                    f"largest {named(name)} measured",
                )
            )
    return points


def _latent(seen: Known, budget: Budget) -> list[BreakPoint]:
    """Where a solvable model has learned all its latent features: the power law ends."""
    latent_dim = seen.origin.latent_dim
    if latent_dim is None:
        return []
    nearly = 0.99 * latent_dim  # beyond it nothing is left to learn
    most = budget.train * nearly**2 * 1.005
    places = {
        name: _flops_where(seen, budget, name, nearly, most)
        for name in (seen.size_name, seen.data_name)
    }
    return [
        BreakPoint(
            "latent",
            at,
            f"at {power_of_ten(at)} {seen.cost_unit} {named(name)} reach the latent dimension "
            f"{number(latent_dim)}: the power law ends",
        )
        for name, at in places.items()
        if at is not None
    ]


def _data(seen: Known, budget: Budget, limits: Limits) -> list[BreakPoint]:
    if limits.unique_tokens is None:
        return []
    points = []
    used_up = _flops_where(seen, budget, seen.data_name, limits.unique_tokens)
    if used_up is not None:
        words = f"the best plan uses up the {number(limits.unique_tokens)} unique tokens"
        where = f"at {power_of_ten(used_up)} {seen.cost_unit}"
        points.append(BreakPoint("data", used_up, f"{where} {words}"))
    counted = limits.surface(seen)
    most = limits.unique_tokens * epochs_until(NEGLIGIBLE, decays(seen.origin)[0])
    worn_out = _flops_where(counted, budget, seen.data_name, most)
    if worn_out is not None:
        words = f"the last epoch is worth less than {100 * NEGLIGIBLE:.0f} % of fresh data"
        where = f"at {power_of_ten(worn_out)} {seen.cost_unit}"
        points.append(BreakPoint("data", worn_out, f"{where} {words}"))
    return points


def _contradiction(seen: Known) -> list[BreakPoint]:
    """Where Kaplan's law in compute would beat his law in data, by both of his fits of D(C)."""
    if not seen.name.startswith("kaplan"):
        return []
    found = []
    for laws in (PowerLaws(), PowerLaws(data_factor=4e10, data_power=0.26)):
        at = crossing(laws)
        most = max(at.moves.values(), key=lambda factor: abs(math.log(factor)))
        words = (
            f"at {power_of_ten(at.flops)} FLOP Kaplan's law in compute falls below his law in data "
            f"with D = {laws.data_factor:.0e} C^{laws.data_power:g}, C in PF-days "
            f"(loss {at.loss:.3g}); 1 % on a constant moves this by a factor of "
            f"{max(most, 1 / most):.2f}"
        )
        found.append(BreakPoint("contradiction", at.flops, words.replace("e+", "e")))
    return found


def _neighbour(seen: Known, other: Known, budget: Budget) -> list[BreakPoint]:
    """Ranges of budgets, from the least run or 1e18 FLOP on, where two laws differ by 2 %."""
    start = seen.measured.get("flops", (1e18, 1e18))[0]
    flops = np.geomspace(start, start * 1e12, _GRID)
    ours, theirs = (_frontier(law, flops, budget)[2] for law in (seen, other))
    apart = np.abs(np.log(ours / theirs)) > math.log1p(_DISAGREE)
    turns = np.flatnonzero(np.diff(np.concatenate([[False], apart, [False]])))
    words = f"{seen.name} and {other.name} differ by {100 * _DISAGREE:.0f} % of the loss or more"
    points = []
    for first, after in turns.reshape(-1, 2):
        at, last = float(flops[first]), float(flops[after - 1])
        end = f"{seen.cost_unit} on"
        if after < flops.size:
            end = f"to {power_of_ten(last)} {seen.cost_unit}"
        where = f"from {power_of_ten(at)} {end}"
        points.append(BreakPoint("neighbour", at, f"{where}, {words}"))
    return points


def _frontier(seen: Known, flops: Floats, budget: Budget) -> tuple[Floats, Floats, Floats]:
    best = optima(seen, flops, budget, None)
    return np.exp(best.log_size), np.exp(best.log_data), best.loss


def _flops_where(
    seen: Known, budget: Budget, name: str, value: float, most: float = LARGEST_FLOPS
) -> float | None:
    """Budget whose best plan has so much of a resource; None where no budget has."""
    column = 0 if name == seen.size_name else 1
    low = math.log(budget.min_size * (budget.train + budget.serve)) + 1e-6
    high = math.log(most)
    for _ in range(3):
        grid = np.linspace(low, high, 25)
        amounts = np.log(_frontier(seen, np.exp(grid), budget)[column])
        enough = amounts >= math.log(value)
        if not enough.any() or enough[0]:
            return None
        first = int(enough.argmax())
        low, high = float(grid[first - 1]), float(grid[first])
    before, after = amounts[first - 1], amounts[first]
    return math.exp(low + (high - low) * (math.log(value) - before) / (after - before))


def tokens_needed(surface: Any, params: float, excess: float = 0.02) -> float:
    """Find the data that keep the loss within `excess` of what unlimited data would give.

    Kaplan et al. 2020, section 4.2: overfitting stays under 2 % with D ≳ 5,519 N^0.738.

    Parameters
    ----------
    surface
        As for `plan`.
    params : float
        Model size.
    excess : float
        Relative rise of the loss that is allowed.

    Returns
    -------
    float

    Raises
    ------
    InputError
        A number is not positive.

    Examples
    --------
    >>> f"{tokens_needed('kaplan', 1e9) / 1e9 ** (0.076 / 0.103):.0f}"
    '5519'
    """
    if not (0 < params < math.inf and 0 < excess < math.inf):
        raise InputError(f"params {params:g} and excess {excess:g} must be positive and finite")
    seen = known(surface)
    size = np.array(math.log(params))
    allowed = (1 + excess) * float(seen.loss(size, np.array(math.log(LARGEST_FLOPS))))
    low, high = 0.0, math.log(LARGEST_FLOPS)
    while high - low > 1e-13 * high:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        enough = float(seen.loss(size, np.array(middle))) <= allowed
        low, high = (low, middle) if enough else (middle, high)
    return math.exp(high)

"""Which runs to train next: those that shrink the interval of the plan most for their cost.

Bayesian I-optimal design on the fit's draws. The draws give the joint covariance of the loss
of every candidate run and of the quantity planned; for a linear Gaussian model the variance
left after a set of runs follows without knowing their outcome (Chaloner and Verdinelli 1995,
doi:10.1214/ss/1177009939). Runs are added greedily under the cost limit, then exchanged.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.optimum.budget import Budget, check_flops
from eigenscale.planning.optimum.optimum import optima_of_draws
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.text.numbers import power_of_ten
from eigenscale.text.words import cost_unit, named

Goal = Literal["loss", "size"]

RATIOS = (1.0, 1000.0)
"""Tokens per parameter of candidate runs, where no runs say what has been tried."""

MOST_RUNS = 64
LARGEST_SHARE = 0.5
"""Of the cost, for one run: with less the design is no better, with more it hangs on one run
(see LOG.md)."""

_SIZES, _DATA = 24, 16
_GREEDS = (0.0, 0.5, 1.0)
_EXCHANGES = 3


@dataclass(frozen=True)
class Run:
    """A run to train."""

    params: float
    tokens: float
    flops: float


@dataclass(frozen=True, eq=False)
class Proposal:
    """Runs to train next and what they should bring.

    Attributes
    ----------
    runs : tuple of Run
        In the order of their cost; a run that is listed twice is to be repeated with a new seed.
    cost : float
        FLOP of all of them.
    sd_before, sd_after : float
        Standard deviation of the logarithm of the quantity planned, now and once the runs are in.
    goal, target_flops
        What is to be known better, and at which budget.
    repeat_value : float
        Variance removed by the best repeat of a run at hand, as a share of what the best new
        run of at most its cost removes.
    """

    runs: tuple[Run, ...]
    cost: float
    sd_before: float
    sd_after: float
    goal: Goal
    target_flops: float
    repeat_value: float
    size_name: str = "params"
    data_name: str = "tokens"

    @property
    def narrower(self) -> float:
        """How many times narrower the interval should become."""
        return self.sd_before / self.sd_after

    @property
    def summary(self) -> str:
        """The proposal in plain words."""
        unit = cost_unit(self.size_name, self.data_name)
        what = "loss" if self.goal == "loss" else f"best {named(self.size_name)}"
        repeat = "a new seed of an old run" if self.repeat_value > 1 else "a new run"
        return (
            f"{len(self.runs)} runs for {power_of_ten(self.cost)} {unit} should make the interval "
            f"of the {what} at {power_of_ten(self.target_flops)} {unit} {self.narrower:.2g} times "
            f"narrower; for the same money {repeat} says more."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        runs = [
            {self.size_name: r.params, self.data_name: r.tokens, "flops": r.flops}
            for r in self.runs
        ]
        found = {k: v for k, v in vars(self).items() if not k.endswith("_name")}
        return {**found, "runs": runs, "narrower": self.narrower, "summary": self.summary}


def next_runs(
    fit: Any,
    target_flops: float,
    cost: float,
    *,
    count: int | None = None,
    goal: Goal = "loss",
    sizes: ArrayLike | None = None,
    noise: float | None = None,
    ratios: tuple[float, float] | None = None,
    largest: float | None = None,
    limits: Limits | None = None,
) -> Proposal:
    """Propose the runs that make a plan surest for their cost.

    Parameters
    ----------
    fit : LawFit or any surface with draws
    target_flops : float
        Budget of the plan that is to be known better.
    cost : float
        FLOP that all proposed runs together may take.
    count : int, optional
        Number of runs; as many as help, up to 64, where not given.
    goal : {"loss", "size"}
        The planned loss (I-optimal), or the best size.
    sizes : array, optional
        Model sizes that can be trained; where not given, 24 between the smallest run and the
        largest payable, and the runs at hand, to be repeated with a new seed.
    noise : float, optional
        Standard deviation of log loss from run to run; from the fit's residuals.
    ratios : (float, float), optional
        Least and most tokens per parameter of a proposed run; those of the runs at hand where
        not given, since a law is least to be trusted beyond them.
    largest : float, optional
        Most FLOP that a single run may take; half of the cost where not given, so that
        the answer does not hang on one run.
    limits : Limits, optional
        Limits of the plan.

    Returns
    -------
    Proposal

    Raises
    ------
    InputError
        The fit has no draws or no noise is known, a number is not positive, or no run is
        payable.
    """
    limits, seen = limits or Limits(), known(fit)
    budget = limits.budget(seen)
    _check(seen, budget, target_flops, cost, goal)
    scatter = _noise(seen) if noise is None else noise
    if not 0 < scatter < math.inf:
        raise InputError(f"noise {scatter:g} is not positive; give the scatter of log loss")
    most = min(largest or cost * LARGEST_SHARE, cost)
    old_size, old_data, old_price = _old(seen, budget, most)
    size, data, price = _candidates(seen, most, sizes, ratios or _tried(seen))
    new = price.size
    if sizes is None:  # a run at hand may be repeated with a new seed
        size, data = np.append(size, old_size), np.append(data, old_data)
        price = np.append(price, old_price)
    design = _Design.of(
        seen,
        np.concatenate([size, old_size]),
        np.concatenate([data, old_data]),
        _wanted(limits.surface(seen), target_flops, budget, goal),
        scatter**2,
    )
    chosen = _choose(design, price, cost, count or MOST_RUNS)
    after = design.after(chosen)
    runs = [Run(float(size[i]), float(data[i]), float(price[i])) for i in chosen]
    return Proposal(
        tuple(sorted(runs, key=lambda run: run.flops)),
        float(price[chosen].sum()),
        math.sqrt(design.variance),
        math.sqrt(after.variance),
        goal,
        target_flops,
        _repeat_value(design, price[:new], old_price),
        seen.size_name,
        seen.data_name,
    )


def _check(seen: Known, budget: Budget, target: float, cost: float, goal: str) -> None:
    check_flops(target, budget)
    if seen.n_draws < 2:
        raise InputError(f"{seen.name} has no draws to design on; fit with bootstrap=1000")
    if goal not in ("loss", "size"):
        raise InputError(f"goal {goal!r} is unknown; 'loss' or 'size'")
    if not 0 < cost < math.inf:
        raise InputError(f"cost {cost:g} is not positive and finite; give the FLOP to spend")


def _noise(seen: Known) -> float:
    """Robust scatter of the fit's residuals, which are of log loss."""
    values = seen.origin.residuals
    if len(values) < 2:
        raise InputError("the fit has no residuals to take the noise from; give noise=")
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _tried(seen: Known) -> tuple[float, float]:
    if seen.size_name not in seen.origin.runs:
        return RATIOS
    ratio = seen.origin.runs[seen.data_name] / seen.origin.runs[seen.size_name]
    return float(ratio.min()), float(ratio.max()) * (1 + 1e-9)


def _candidates(
    seen: Known, most: float, sizes: ArrayLike | None, ratios: tuple[float, float]
) -> tuple[Floats, Floats, Floats]:
    """Size, data and price of every run that may be proposed, none dearer than `most`."""
    if not 0 < ratios[0] < ratios[1]:
        raise InputError(f"ratios {ratios} do not go up from above 0; 1 to 1000 is usual")
    train = Limits().budget(seen).train
    least = 0.0
    if sizes is None:
        least = seen.measured.get(seen.data_name, (0.0, 0.0))[0] * (1 - 1e-9)
        low = seen.measured.get(seen.size_name, (1e6, 0.0))[0]
        high = math.sqrt(most / (train * ratios[0]))
        sizes = np.geomspace(low, max(low, high), _SIZES)
    rows = np.unique(np.asarray(sizes, dtype=np.float64))
    if rows.size == 0 or not np.all((rows > 0) & np.isfinite(rows)):
        raise InputError("sizes are not all positive and finite; give model sizes as 1e8,3e8")
    size, ratio = np.meshgrid(rows, np.geomspace(*ratios, _DATA), indexing="ij")
    price = train * size * size * ratio
    payable = (price <= most) & (size * ratio >= least)
    if not payable.any():
        raise InputError(
            f"{most:g} FLOP for one run do not pay for the smallest size ({rows[0]:g} params, "
            f"{ratios[0]:g} tokens each); raise the cost or allow smaller sizes"
        )
    return size[payable], (size * ratio)[payable], price[payable]


def _old(seen: Known, budget: Budget, most: float) -> tuple[Floats, Floats, Floats]:
    """Give the runs at hand that are not dearer than `most`, each once."""
    if seen.size_name not in seen.origin.runs:
        return np.empty(0), np.empty(0), np.empty(0)
    pairs = np.stack([seen.origin.runs[seen.size_name], seen.origin.runs[seen.data_name]], axis=1)
    size, data = np.unique(pairs, axis=0).T
    price = budget.train * size * data
    payable = price <= most
    return size[payable], data[payable], price[payable]


def _wanted(seen: Known, flops: float, budget: Budget, goal: Goal) -> Floats:
    """Log of the quantity planned by every draw, (draws,)."""
    if budget.is_plain and seen.draws is not None:
        best = seen.draws.optimum(math.log(flops / budget.train))
        size, loss = best.log_size.ravel(), best.loss.ravel()
    else:
        size, _, loss = (part[:, 0] for part in optima_of_draws(seen, np.array([flops]), budget))
    return np.log(loss) if goal == "loss" else size


@dataclass(frozen=True, eq=False)
class _Design:
    """Covariance of candidates (k, k), their covariance with what is wanted (k,), its variance."""

    covariance: Floats
    with_wanted: Floats
    variance: float
    noise: float

    @classmethod
    def of(cls, seen: Known, size: Floats, data: Floats, wanted: Floats, noise: float) -> "_Design":
        values = np.log(seen.loss_draws(np.log(size), np.log(data)))
        values = values - values.mean(axis=0)
        wanted = wanted - wanted.mean()
        count = len(wanted) - 1
        return cls(
            values.T @ values / count,
            values.T @ wanted / count,
            float(wanted @ wanted) / count,
            noise,
        )

    def gains(self) -> Floats:
        """Variance that each candidate would remove."""
        return self.with_wanted**2 / (np.diag(self.covariance) + self.noise)

    def observe(self, i: int) -> "_Design":
        """Give the design once run i is in."""
        column = self.covariance[:, i]
        gain = column / (column[i] + self.noise)
        return _Design(
            self.covariance - np.outer(gain, column),
            self.with_wanted - gain * self.with_wanted[i],
            self.variance - self.with_wanted[i] ** 2 / (column[i] + self.noise),
            self.noise,
        )

    def after(self, chosen: Sequence[int]) -> "_Design":
        """Give the design once all chosen runs are in."""
        design = self
        for i in chosen:
            design = design.observe(i)
        return design


def _choose(design: _Design, price: Floats, cost: float, count: int) -> list[int]:
    """Best of several greedy designs, improved by exchanges."""
    starts = [_greedy(design, price, cost, count, greed) for greed in _GREEDS]
    best = min(starts, key=lambda chosen: design.after(chosen).variance)
    for _ in range(_EXCHANGES):
        before = design.after(best).variance
        best = _exchange(design, price, cost, best)
        if design.after(best).variance > 0.999 * before:
            break
    return best


def _greedy(design: _Design, price: Floats, cost: float, count: int, greed: float) -> list[int]:
    """Add the run with the largest gain per price to the power `greed`, while it is payable."""
    chosen: list[int] = []
    left = cost
    floor = 1e-4 * design.variance
    while len(chosen) < count:
        score = design.gains()[: price.size] / price**greed
        score[price > left] = -1.0
        i = int(score.argmax())
        if score[i] <= 0 or design.gains()[i] < floor * 1e-2:
            break
        chosen.append(i)
        left -= price[i]
        design = design.observe(i)
    return chosen


def _exchange(design: _Design, price: Floats, cost: float, chosen: list[int]) -> list[int]:
    """Replace each run in turn by the payable one that helps most beside the others."""
    for place in range(len(chosen)):
        others = chosen[:place] + chosen[place + 1 :]
        rest = design.after(others)
        gains = rest.gains()[: price.size]
        gains[price > cost - price[others].sum()] = -1.0
        chosen = [*others[:place], int(gains.argmax()), *others[place:]]
    return chosen


def _repeat_value(design: _Design, price: Floats, old_price: Floats) -> float:
    """Gain of the best repeat over the gain of the best new run that costs no more."""
    if old_price.size == 0:
        return 0.0
    gains = design.gains()
    new, old = gains[: price.size], gains[-old_price.size :]
    payable = price <= old_price[int(old.argmax())]
    return float(old.max() / new[payable].max()) if payable.any() else math.inf

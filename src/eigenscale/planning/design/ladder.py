"""Ladders of runs: which sizes predict a final run best for a share of its compute.

A ladder has rungs that grow by a constant factor in compute, and on each rung one to three runs
around the best split, so that the exponents of size and data are told apart. How well a ladder
predicts is asked of many laws around the given one: for each, the covariance of the parameters
that a weighted fit with weak priors would have (Fisher information at the law), carried to the
final run, plus a random walk in the logarithm of compute for what any law leaves out.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.optimum.budget import TRAINING, Budget, check_flops
from eigenscale.planning.surfaces.additive import AdditiveLaw
from eigenscale.planning.surfaces.known import known
from eigenscale.results import Result
from eigenscale.text.numbers import number, percent, power_of_ten

SHARE = 0.1
NOISE = 0.005
"""Scatter of log loss from run to run where no runs say it."""
LEFT_OUT = 0.004
"""Standard deviation of what a law leaves out of the log loss, per root decade beyond the runs."""
WORTH = 0.1
"""Share by which another rung must lower the expected error to be worth it."""

_LAWS = 64
_RUNGS, _GROWTHS, _WIDTHS, _SEEDS = (
    (3, 4, 5, 6, 7, 8),
    (1.5, 2.0, 3.0, 4.0, 6.0),
    (1, 2, 3),
    (1, 2, 3),
)
_AROUND = {1: (1.0,), 2: (0.4, 2.5), 3: (0.4, 1.0, 2.5)}  # of the best size, on each rung
_MOST_RUNS = 20
_SMALLEST, _APART = 1e6, 300.0  # params of a model, and how many times smaller than the final one
_MEDIAN = 0.6745  # of the size of a standard normal
_PRIOR = np.array([0.4, 30.0, 0.3, 30.0, 0.3])  # of ln E, ln A, alpha, ln B, beta


@dataclass(frozen=True)
class Rung:
    """Runs of one size and one amount of data.

    Attributes
    ----------
    params, tokens : float
    seeds : int
    flops : float
        Of one run.
    share : float
        Of the compute of the ladder, all seeds together.
    """

    params: float
    tokens: float
    seeds: int
    flops: float
    share: float


@dataclass(frozen=True, eq=False)
class Ladder(Result):
    """A ladder and how well it predicts the final run.

    Attributes
    ----------
    rungs : tuple of Rung
        In the order of compute.
    target_flops : float
        Of the final run.
    cost : float
        FLOP of the whole ladder.
    expected_error : float
        Median relative error of the predicted loss of the final run.
    errors : tuple of float
        The same once the first, the first two, … levels of compute are in, from the third on.
    levels : tuple of float
        FLOP of the levels that `errors` end with.
    noise : float
        Scatter of log loss from run to run that was assumed.
    """

    rungs: tuple[Rung, ...]
    target_flops: float
    cost: float
    expected_error: float
    errors: tuple[float, ...]
    levels: tuple[float, ...]
    noise: float

    @property
    def last_worth(self) -> float:
        """FLOP of the last level that lowers the expected error by a tenth or more."""
        worth = self.levels[0]
        for level, before, after in zip(
            self.levels[1:], self.errors, self.errors[1:], strict=False
        ):
            if after > (1 - WORTH) * before:
                break
            worth = level
        return worth

    def _text(self) -> str:
        count, levels = sum(r.seeds for r in self.rungs), {r.flops for r in self.rungs}
        sizes = [r.params for r in self.rungs]
        share = percent(self.cost / self.target_flops)
        rule = (
            f"One rung more is worth it up to {power_of_ten(self.last_worth)} FLOP a run: beyond, "
            f"it lowers the expected error by less than {percent(WORTH)}."
        )
        return (
            f"Train {count} runs on {len(levels)} levels of compute from "
            f"{power_of_ten(min(levels))} to {power_of_ten(max(levels))} FLOP, models of "
            f"{number(min(sizes))} to {number(max(sizes))} parameters: in all "
            f"{power_of_ten(self.cost)} FLOP, {share} of the final run. "
            f"Its loss should then be predicted to within {percent(self.expected_error)} "
            f"(median error, with a scatter of {percent(self.noise)} from run to run). {rule}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            **vars(self),
            "reliable": True,
            "stop_at": self.last_worth,
            "summary": self.summary,
        }


def ladder(
    surface: Any,
    target_flops: float,
    share: float = SHARE,
    *,
    noise: float | None = None,
    rng: int | np.random.Generator = 0,
) -> Ladder:
    """Design the ladder that predicts a final run best.

    Parameters
    ----------
    surface
        The law that says where to look: a fit or the name of published constants.
    target_flops : float
        Of the final run.
    share : float
        Of it, for all small runs together.
    noise : float, optional
        Scatter of log loss from run to run; from the residuals of a fit, else 0.5 %.
    rng : int or Generator
        Of the laws around the given one.

    Returns
    -------
    Ladder

    Raises
    ------
    InputError
        The share is not between 0 and 1, pays for no ladder, or the law has no terms in size
        and data.

    Examples
    --------
    >>> found = ladder("hoffmann", 1e22, 0.05)
    >>> len(found.rungs) >= 3, found.expected_error < 0.02
    (True, True)
    """
    seen = known(surface)
    check_flops(target_flops, Budget())
    if seen.best is None or seen.cost_unit != "FLOP":
        raise InputError(
            f"{seen.name} has no terms in size and data to design a ladder for; take chinchilla, "
            "or published constants such as hoffmann"
        )
    if not 0 < share < 1:
        raise InputError(f"share {share:g} is not between 0 and 1; 0.1 is usual")
    if noise is None:
        residuals = seen.origin.residuals
        noise = float(np.std(residuals)) if len(residuals) > 1 else NOISE
    if not 0 < noise < math.inf:
        raise InputError(f"noise {noise:g} is not positive; give the scatter of log loss")
    cost = share * target_flops
    final = float(np.exp(seen.best.optimum(math.log(target_flops / TRAINING)).log_size))
    least = max(_SMALLEST, final / _APART)
    made = [
        rungs
        for count in _RUNGS
        for growth in _GROWTHS
        for width in _WIDTHS
        for seeds in _SEEDS
        if (rungs := _rungs(seen.best, cost, count, growth, width, seeds, least))
    ]
    if not made:
        raise InputError(
            f"{cost:.3g} FLOP pay for no ladder of models of {least:.3g} params and more; "
            "raise the share"
        )
    laws = _family(seen.best, target_flops, np.random.default_rng(rng))
    errors = [expected_error(laws, rungs, target_flops, noise) for rungs in made]
    return _followed(made[int(np.argmin(errors))], laws, target_flops, noise)


def _rungs(
    law: AdditiveLaw, cost: float, count: int, growth: float, width: int, seeds: int, least: float
) -> tuple[Rung, ...]:
    """Lay out a ladder of a cost; empty where it has too many runs or too small models.

    The top rung has one seed, the others `seeds`.
    """
    each = growth ** -np.arange(count - 1.0, -1.0, -1.0)
    repeats = np.where(np.arange(count) == count - 1, 1, seeds)
    flops = cost * each / (width * float(each @ repeats))
    best = np.exp(law.optimum(np.log(flops / TRAINING)).log_size)
    if best[0] * _AROUND[width][0] < least or width * repeats.sum() > _MOST_RUNS:
        return ()
    return tuple(
        Rung(size, c / TRAINING / size, int(n), float(c), float(c * n / cost))
        for c, at, n in zip(flops, best, repeats, strict=True)
        for size in (float(f"{at * factor:.3g}") for factor in _AROUND[width])
    )


def _family(law: AdditiveLaw, target_flops: float, rng: np.random.Generator) -> AdditiveLaw:
    """Laws around the given one, coefficients (laws, 1): exponents, floor and terms scattered.

    The terms are scattered where the final run is, not at one parameter.
    """
    at = law.optimum(math.log(target_flops / TRAINING))
    scatter = rng.standard_normal((5, _LAWS, 1))
    alpha, beta = (
        np.asarray(x) * np.exp(0.15 * z)
        for x, z in ((law.alpha, scatter[0]), (law.beta, scatter[1]))
    )
    shift_a, shift_b = 0.2 * scatter[2], 0.2 * scatter[3]
    return AdditiveLaw(
        floor=np.asarray(law.floor * np.exp(0.1 * scatter[4])),
        log_a=np.asarray(law.log_a + (alpha - law.alpha) * at.log_size + shift_a),
        alpha=np.asarray(alpha),
        log_b=np.asarray(law.log_b + (beta - law.beta) * at.log_data + shift_b),
        beta=np.asarray(beta),
        power=np.broadcast_to(law.power, alpha.shape),
    )


def expected_error(
    laws: AdditiveLaw, rungs: tuple[Rung, ...], target_flops: float, noise: float
) -> float:
    """Median relative error of the predicted loss of the final run, over a family of laws."""
    size = np.log([r.params for r in rungs])
    data = np.log([r.tokens for r in rungs])
    seeds = np.array([r.seeds for r in rungs], dtype=float)
    best = laws.optimum(np.array(math.log(target_flops / TRAINING)))
    slopes = _slopes(laws, size, data)  # (laws, runs, 5)
    ahead = _slopes(laws, best.log_size, best.log_data)[:, 0]
    information = np.einsum("krp,r,krq->kpq", slopes, seeds / noise**2, slopes)
    information += np.diag(_PRIOR**-2.0)
    variance = np.einsum("kp,kp->k", ahead, np.linalg.solve(information, ahead[..., None])[..., 0])
    beyond = max(math.log10(target_flops / max(r.flops for r in rungs)), 0.0)
    return float(_MEDIAN * np.sqrt(np.median(variance) + LEFT_OUT**2 * beyond))


def _slopes(laws: AdditiveLaw, log_size: Floats, log_data: Floats) -> Floats:
    """Give the derivatives of the log loss by ln E, ln A, alpha, ln B, beta: (laws, points, 5)."""
    a = np.exp(laws.log_a - laws.alpha * log_size)
    b = np.exp(laws.log_b - laws.beta * log_data)
    loss = laws.floor + (a + b) ** laws.power
    rise = laws.power * (a + b) ** (laws.power - 1.0) / loss
    floor = np.broadcast_to(laws.floor / loss, loss.shape)
    return np.stack(
        [floor, rise * a, -rise * a * log_size, rise * b, -rise * b * log_data], axis=-1
    )


def _followed(
    rungs: tuple[Rung, ...], laws: AdditiveLaw, target_flops: float, noise: float
) -> Ladder:
    """Work out what each level of compute brings once those below it are in."""
    levels = sorted({rung.flops for rung in rungs})
    kept = levels[2:]
    errors = [
        expected_error(laws, tuple(r for r in rungs if r.flops <= top), target_flops, noise)
        for top in kept
    ]
    cost = sum(r.flops * r.seeds for r in rungs)
    named = tuple(replace(r, share=r.flops * r.seeds / cost) for r in rungs)
    return Ladder(named, target_flops, cost, errors[-1], tuple(errors), tuple(kept), noise)

"""Beliefs about two rivals: which of two laws holds, and which of two recipes will be better.

Two laws are told apart by runs whose losses they predict differently: the answer is 1 for draws
of the one and -1 for draws of the other, and what runs would tell of it is linear discriminant
analysis (Atkinson and Fedorov 1975, doi:10.1093/biomet/62.1.57, ask the same of single laws). Of
two recipes the answer is the difference of their losses at the target; a run of one recipe tells
nothing of the other.
"""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.design.belief import Belief
from eigenscale.planning.surfaces.known import Known


def between_laws(
    one: Known,
    other: Known,
    places: tuple[Floats, Floats],
    noise: float,
    beyond: tuple[Floats, Floats],
) -> Belief:
    """Belief about which of two laws holds, equally likely before.

    Parameters
    ----------
    one, other : Known
        Both with draws, fitted to the same runs.
    places : pair of (k,)
        Size and data of the candidates.
    noise : float
        Variance of the log loss from run to run.
    beyond : pair of (k,)
        Decades of size and of data beyond the runs.
    """
    logs = [np.log(law.loss_draws(*np.log(places))) for law in (one, other)]
    count = min(len(draws) for draws in logs)
    answers = np.repeat([1.0, -1.0], count)
    return Belief.of(np.concatenate([d[:count] for d in logs]), answers, noise, beyond, None)


def between_recipes(one: Belief, other: Belief) -> Belief:
    """Belief about the difference of two answers, each told by the runs of its own recipe.

    The candidates of the `other` follow those of the `one`.
    """
    first, second = len(one.with_answer), len(other.with_answer)
    covariance = np.zeros((first + second, first + second))
    covariance[:first, :first], covariance[first:, first:] = one.covariance, other.covariance
    return Belief(
        covariance,
        np.concatenate([one.with_answer, -other.with_answer]),
        one.variance + other.variance,
        (one.noise + other.noise) / 2,
    )


def check_rival(one: Known, other: Known | None, goal: str) -> Known:
    """Give the rival that a goal needs; refuse where there is none, or one without draws."""
    if other is None:
        what = "law fitted to the same runs" if goal == "law" else "recipe's runs or fit"
        raise InputError(f"goal {goal!r} compares two: give the other {what} (--next-rival)")
    if (other.size_name, other.data_name) != (one.size_name, one.data_name):
        raise InputError(
            f"{one.name} is of {one.size_name} and {one.data_name}, {other.name} of "
            f"{other.size_name} and {other.data_name}; compare laws of the same inputs"
        )
    if one.origin.unit != other.origin.unit:
        raise InputError(
            f"losses are in {one.origin.unit} by {one.name} and in {other.origin.unit} by "
            f"{other.name}; bring them to one unit first"
        )
    if other.n_draws < 2:
        raise InputError(f"{other.name} has no draws to design on; fit with bootstrap=1000")
    return other

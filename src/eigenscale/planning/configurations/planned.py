"""The runs of a plan as recipes: those of a ladder, a sweep, or what to train next."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.runs.loss_units import outward
from eigenscale.planning.configurations.frameworks import HABITS, check_kind
from eigenscale.planning.configurations.recipe import Recipe, recipe
from eigenscale.planning.surfaces.known import Known, known
from eigenscale.results import Interval

Place = tuple[str, float, float, int]
"""Name, params, tokens and seeds."""


def recipes(
    surface: Any, places: Sequence[Place], kind: str = "csv", *, level: float = 0.9
) -> list[Recipe]:
    """Turn planned runs into recipes for a framework, each with the loss that is predicted.

    Parameters
    ----------
    surface
        As for `plan`; it predicts the loss of the real shapes.
    places : sequence of (name, params, tokens, seeds)
    kind : {"csv", "hf", "olmo", "nanochat"}
    level : float
        Coverage of the intervals of the predicted losses.

    Returns
    -------
    list of Recipe

    Raises
    ------
    InputError
        The framework is unknown, a size is too small for its vocabulary, or the plan counts no
        params and tokens.
    """
    check_kind(kind)
    seen = known(surface)
    if seen.cost_unit != "FLOP":
        raise InputError(
            f"{seen.name} counts {seen.size_name} and {seen.data_name}, so there is no model to "
            "configure; plan on a law in params and tokens"
        )
    return [
        _predicted(seen, recipe(_named(name, seed, seeds), size, data, seed, **HABITS[kind]), level)
        for name, size, data, seeds in places
        for seed in range(seeds)
    ]


def _named(name: str, seed: int, seeds: int) -> str:
    return name if seeds == 1 else f"{name}-seed{seed}"


def _predicted(seen: Known, run: Recipe, level: float) -> Recipe:
    at = np.log([run.params]), np.log([run.tokens])
    loss, draws = seen.loss(*at)[0], seen.loss_draws(*at)[:, 0]
    noise = seen.origin.residuals
    if len(noise) and len(draws):
        draws = draws * np.exp(np.random.default_rng(0).choice(noise, len(draws)))
    found = Interval.from_draws(float(loss), draws, level)
    return replace(run, predicted=outward(found, seen.origin.unit))

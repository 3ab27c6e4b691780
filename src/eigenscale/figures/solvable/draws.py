"""Simulated numbers of the gallery: taken from the file that comes with it, or drawn anew.

`drawn.json` beside this file holds what `python scripts/gallery_points.py` drew with seed 0, four
digits of each number; the script says what that costs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from eigenscale.arrays import Floats

SEED = 0
"""Seed of the numbers that are kept."""


@dataclass(eq=False)
class Draws:
    """The simulated numbers of one figure, in the order in which it asks for them.

    Attributes
    ----------
    name : str
        Of the figure.
    seed : int
        Each number of each figure has random numbers of its own that follow from it.
    kept : mapping or None
        Numbers that were drawn before, by ``name:place``; None draws anew.
    taken : dict
        What was asked for so far.
    """

    name: str = "figure"
    seed: int = SEED
    kept: Mapping[str, Any] | None = None
    taken: dict[str, Any] = field(default_factory=dict)

    def take(self, draw: Callable[[np.random.Generator], Any]) -> Floats:
        """Give the numbers that `draw` makes of a generator."""
        key = f"{self.name}:{len(self.taken)}"
        if self.kept is not None and key in self.kept:
            found = np.asarray(self.kept[key], dtype=float)
        else:
            found = np.asarray(draw(self.generator(len(self.taken))), dtype=float)
        self.taken[key] = found
        return found

    def generator(self, place: int) -> np.random.Generator:
        """Make the generator of the numbers at one place."""
        return np.random.default_rng([self.seed, place, *self.name.encode()])


@cache
def known_draws() -> Mapping[str, Any]:
    """Read the numbers that come with the gallery."""
    text = files("eigenscale.figures.solvable").joinpath("drawn.json").read_text(encoding="utf-8")
    return dict(json.loads(text))

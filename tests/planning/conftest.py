"""A stand-in for a fit: Chinchilla's law with draws, and where its runs lie."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from eigenscale.laws.reference.constants import published
from eigenscale.laws.registry import get
from eigenscale.surface import Provenance


@dataclass(frozen=True, eq=False)
class DrawnFit:
    """What the planner uses of a `LawFit`."""

    law: Any
    theta: Any
    draws: Any
    table: Any
    n_runs: int = 240
    size_name = "params"
    data_name = "tokens"

    def provenance(self):
        return Provenance(
            f"{self.law.name}, fitted to {self.n_runs} runs",
            self.law.name,
            self.law.inputs,
            self.theta,
            self.draws,
            runs=self.table.inputs,
        )

    def loss(self, size, data, /):
        return self.law.predict(self.theta, params=size, tokens=data)

    def loss_draws(self, size, data, /):
        return self.law.predict(self.draws, params=size, tokens=data)


@pytest.fixture(scope="session")
def drawn_fit():
    def make(draws=500, spread=0.02, seed=0):
        theta = published("besiroglu").theta
        noise = np.random.default_rng(seed).normal(size=(draws, theta.size))
        ends = {"params": [1e7, 1e10], "tokens": [1e9, 3e11], "flops": [1e18, 1e22]}
        table = SimpleNamespace(inputs={name: np.array(pair) for name, pair in ends.items()})
        return DrawnFit(get("chinchilla"), theta, theta * np.exp(spread * noise), table)

    return make


class Plain:
    """The same surface with its law hidden, so that only numbers can be used."""

    def __init__(self, surface):
        self.surface = surface
        self.size_name, self.data_name = surface.size_name, surface.data_name

    def loss(self, size, data, /):
        return self.surface.loss(size, data)

    def loss_draws(self, size, data, /):
        return self.surface.loss_draws(size, data)


@pytest.fixture(scope="session")
def plain():
    return Plain

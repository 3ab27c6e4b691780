"""Cells of a sweep: what is measured, and the tasks that measure several from the same draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.simulation.problem import Problem
from eigenscale.threads import one_blas_thread


@dataclass(frozen=True)
class Setting:
    """How the students of one draw are trained.

    Attributes
    ----------
    ridge : float
        γ.
    unit_ridge : float
        γ of features of unit variance.
    time : float or None
        Of gradient flow; None trains to the end.
    noise_var : float
        σ² of the labels, with what the spectrum leaves unexplained.
    """

    ridge: float
    unit_ridge: float
    time: float | None
    noise_var: float


@dataclass(frozen=True)
class Cell:
    """One number to measure: a problem, a setting, a seed and a number of draws.

    What is `named` goes into a store with the result, for people to read.
    """

    problem: Problem
    setting: Setting
    seed: int
    draws: int
    named: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, Any]:
        """All that the result follows from: the key of a store."""
        setting = self.setting
        return self.problem.identity | {
            "ridge": setting.ridge,
            "unit_ridge": setting.unit_ridge,
            "time": setting.time,
            "noise_var": setting.noise_var,
            "seed": self.seed,
            "draws": self.draws,
        }


@dataclass(frozen=True)
class Task:
    """Some draws of a problem, solved for all settings: what a worker is given."""

    problem: Problem
    seed: int
    draws: range
    settings: tuple[Setting, ...]

    @property
    def work(self) -> float:
        """Floating-point operations, roughly."""
        kept = min(self.problem.n_features, self.problem.n_samples)
        return len(self.draws) * (self.problem.work + 4.0 * kept**2 * len(self.settings))


def measure(task: Task) -> Floats:
    """Loss of every setting and draw, shape (settings, draws)."""
    problem = task.problem
    with one_blas_thread():
        parts = [
            [
                form.losses(
                    s.unit_ridge, s.time, s.noise_var, problem.n_features * problem.n_samples
                )
                for s in task.settings
            ]
            for form in problem.forms(task.seed, task.draws)
        ]
    return np.concatenate(parts, axis=1)


@dataclass(frozen=True)
class Group:
    """Cells that share their draws, by their places in the sweep."""

    problem: Problem
    seed: int
    draws: int
    places: tuple[int, ...]
    settings: tuple[Setting, ...]

    def tasks(self) -> list[Task]:
        """Cut the draws into tasks, by sizes alone."""
        size = self.problem.batch
        return [
            Task(self.problem, self.seed, range(i, min(i + size, self.draws)), self.settings)
            for i in range(0, self.draws, size)
        ]


def grouped(cells: Sequence[Cell], places: Sequence[int]) -> list[Group]:
    """Put cells of one problem, seed and number of draws together, in their order."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for place in places:
        cell = cells[place]
        found.setdefault((*cell.problem.key, cell.seed, cell.draws), []).append(place)
    return [
        Group(
            cells[some[0]].problem,
            cells[some[0]].seed,
            cells[some[0]].draws,
            tuple(some),
            tuple(cells[place].setting for place in some),
        )
        for some in found.values()
    ]

"""A sweep over cells: what is in the store is taken, the rest is measured and kept at once."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.engines import run_tasks
from eigenscale.progress import Progress
from eigenscale.simulation.cells import Cell, Group, grouped, measure
from eigenscale.simulation.memory import check_memory


class Kept(Protocol):
    """What a sweep asks of a store: results by their inputs, written at once and whole."""

    def find(self, inputs: Sequence[dict[str, Any]]) -> list[Floats | None]:
        """Losses of each cell, where they are known."""

    def keep(self, cells: Sequence[tuple[dict[str, Any], Floats]]) -> None:
        """Write the losses of cells; all of them or, where writing fails, none."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Losses of one cell, shape (draws,), and whether a store had them."""

    losses: Floats
    from_store: bool

    @property
    def loss(self) -> float:
        """Mean over the draws."""
        return float(self.losses.mean())

    @property
    def standard_error(self) -> float:
        """Standard deviation over the draws divided by the root of their number."""
        return float(self.losses.std(ddof=1) / self.losses.size**0.5)


def sweep(
    cells: Sequence[Cell],
    *,
    store: Kept | None = None,
    engine: Any = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> list[Measured]:
    """Measure every cell, in the order given; the numbers do not depend on store or engine.

    Parameters
    ----------
    cells : sequence of Cell
        What to measure. Cells of one problem share their draws.
    store : optional
        Where results are found and kept.
    engine, jobs
        See `eigenscale.engines.run_tasks`.
    progress : callable, optional
        Called with the work done and the work in all.
    """
    check_memory((cell.problem for cell in cells), 1 if jobs is None else jobs)
    found: list[Measured | None] = [None] * len(cells)
    if store is not None:
        for place, losses in enumerate(store.find([cell.inputs for cell in cells])):
            found[place] = None if losses is None else Measured(losses, from_store=True)
    missing = [place for place, one in enumerate(found) if one is None]
    for group, losses in _solved(grouped(cells, missing), engine, jobs, progress):
        if store is not None:
            store.keep(
                [(cells[p].inputs, part) for p, part in zip(group.places, losses, strict=True)]
            )
        for place, part in zip(group.places, losses, strict=True):
            found[place] = Measured(part, from_store=False)
    return [one for one in found if one is not None]


def _solved(
    groups: list[Group], engine: Any, jobs: int | None, progress: Progress | None
) -> Iterator[tuple[Group, Floats]]:
    """Yield groups with their losses, shape (settings, draws), as their last task is done."""
    tasks = [(number, task) for number, group in enumerate(groups) for task in group.tasks()]
    left = [0] * len(groups)
    for number, _ in tasks:
        left[number] += 1
    losses: dict[int, Floats] = {}
    total, done = sum(task.work for _, task in tasks), 0.0
    with closing(run_tasks(measure, [task for _, task in tasks], engine, jobs)) as results:
        for place, part in results:
            number, task = tasks[place]
            if number not in losses:
                losses[number] = np.empty((len(task.settings), groups[number].draws))
            losses[number][:, task.draws.start : task.draws.stop] = part
            left[number] -= 1
            done += task.work
            if progress is not None:
                progress(done, total)
            if left[number] == 0:
                yield groups[number], losses.pop(number)

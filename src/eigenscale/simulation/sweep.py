"""A sweep over cells: what is in the store is taken, the rest is measured and kept at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.engines import local_workers, run_tasks
from eigenscale.errors import InputError
from eigenscale.progress import Progress
from eigenscale.simulation.cells import Cell, Group, grouped, measure
from eigenscale.simulation.memory import check_memory
from eigenscale.simulation.problem import VERSION
from eigenscale.store.cells import Cell as Kept
from eigenscale.store.cells import Store


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
    store: str | Path | None = None,
    engine: Any = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    announce: Callable[[float], None] | None = None,
) -> list[Measured]:
    """Measure every cell, in the order given; the numbers do not depend on store or engine.

    Parameters
    ----------
    cells : sequence of Cell
        What to measure. Cells of one problem share their draws.
    store : path, optional
        File where results are found and kept, each as soon as it is there.
    engine, jobs
        See `eigenscale.engines.run_tasks`.
    progress : callable, optional
        Called with the work done and the work in all.
    announce : callable, optional
        Called before anything is drawn, with the bytes of memory that will be held at most.
    """
    needed = check_memory((cell.problem for cell in cells), local_workers(engine, jobs))
    if announce is not None:
        announce(needed)
    how = {"engine": engine, "jobs": jobs, "progress": progress}
    if store is None:
        return _measured(cells, None, **how)
    with Store(store, "simulation", VERSION) as kept:
        try:
            return _measured(cells, kept, **how)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"stopped; {store} keeps what is finished, and the same call goes on from there"
            ) from None


def _measured(cells: Sequence[Cell], store: Store | None, **how: Any) -> list[Measured]:
    found: list[Measured | None] = [None] * len(cells)
    if store is not None:
        for place, kept in enumerate(store.get_many([cell.inputs for cell in cells])):
            if kept is not None:
                found[place] = Measured(_losses(kept, cells[place], store), from_store=True)
    missing = [place for place, one in enumerate(found) if one is None]
    for group, losses in _solved(grouped(cells, missing), **how):
        for place, part in zip(group.places, losses, strict=True):
            found[place] = Measured(part, from_store=False)
        if store is not None:
            store.put_many([_kept(cells[place], found[place]) for place in group.places])
    return [one for one in found if one is not None]


def _losses(kept: Kept, cell: Cell, store: Store) -> Floats:
    """Read what a store holds of a cell; another program may have written there."""
    try:
        losses = np.array(kept.value["losses"], dtype=float)
    except (KeyError, TypeError, ValueError):
        losses = np.empty(0)
    if losses.shape != (cell.draws,):
        raise InputError(
            f"{store.path} does not hold {cell.draws} losses for n_features "
            f"{cell.problem.n_features} and n_samples {cell.problem.n_samples}, as a sweep writes "
            "them; name another file"
        )
    return losses


def _kept(cell: Cell, found: Measured | None) -> Kept:
    assert found is not None
    values = {"loss": found.loss, "standard_error": found.standard_error, "losses": found.losses}
    return Kept(cell.inputs, {**cell.named, **values})


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

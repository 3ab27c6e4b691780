"""The same moments on Dask: one task per part of the rows, added two by two.

What a lost worker held is computed again from its rows by the same sums, so that it changes
nothing. The tree and the blocks in each part are fixed by the data alone.
"""

import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import add
from typing import Any

from eigenscale.engines import dask_client, import_dask, import_distributed
from eigenscale.errors import InputError
from eigenscale.io.data.targets import Target
from eigenscale.io.formats.source import Source, split
from eigenscale.progress import Progress
from eigenscale.spectra.moments.accumulate import block_rows
from eigenscale.spectra.moments.collect import (
    BadRows,
    Collected,
    Missing,
    Pass,
    check_whole,
    check_width,
)
from eigenscale.spectra.moments.moments import Moments
from eigenscale.threads import one_blas_thread

_BLOCKS = 8  # in a part, or more: adding two parts should cost little beside summing one
_PARTS = 32  # that a file or an array in memory is cut into, or fewer
_KEY = "eigenscale-part"


@dataclass(frozen=True, eq=False)
class Part:
    """Moments of some rows that follow each other, and which of them were bad."""

    moments: Moments
    n_read: int
    bad: BadRows

    def __add__(self, other: "Part") -> "Part":
        return Part(
            self.moments + other.moments,
            self.n_read + other.n_read,
            self.bad.then(other.bad, self.n_read),
        )


def collect_parts(
    source: Source,
    target: Target | None = None,
    *,
    missing: Missing = "refuse",
    scheduler: Any = None,
    progress: Progress | None = None,
) -> Collected:
    """Collect as `collect` does, by a tree of Dask tasks.

    Parameters
    ----------
    scheduler : str or distributed.Client, optional
        ``"threads"``, ``"processes"``, ``"local:N"`` (N processes of this machine) or the
        address of a scheduler as ``"tcp://host:8786"``, whose workers must see the same files.
        By default what Dask is set to.

    Raises
    ------
    InputError
        As `collect`; where Dask is absent; where the data cannot be read from the middle.
    """
    dask = import_dask()
    check_width(source)
    if target is not None and source.n_rows is not None:
        target.check_length(source.n_rows, source.name)
    with dask_client(scheduler) as client:
        tasks = _tasks(dask, source, target, missing, client, scheduler)
        leaves = [
            dask.delayed(_sum, pure=False)(*task, dask_key_name=f"{_KEY}-{number}-{id(tasks)}")
            for number, task in enumerate(tasks)
        ]
        tree = _tree(dask, leaves)
        if client is not None:
            whole = _on_cluster(dask, client, tree, leaves, progress)
        else:
            whole = _here(dask, tree, len(leaves), scheduler, progress)
    check_whole(source.name, whole.n_read, whole.bad, missing, target)
    return Collected((whole.moments,), whole.n_read, whole.bad.rows)


def _sum(
    rows: Any,
    adapt: Callable[[Any], Any] | None,
    width: int,
    target: Target | None,
    missing: Missing,
) -> Part:
    """Sum one part: `rows` is an array, or a function that reads blocks of rows."""
    under_way = Pass(target, 1, None, missing)
    with one_blas_thread():
        for block in _blocks(rows, adapt, width):
            if len(block):
                under_way.add(block)
        if not under_way.sums:
            empty = Moments.empty(width, 0 if target is None else target.n_columns)
            return Part(empty, under_way.read, under_way.bad)
        return Part(under_way.sums[0].moments(), under_way.read, under_way.bad)


def _blocks(rows: Any, adapt: Callable[[Any], Any] | None, width: int) -> Iterator[Any]:
    if callable(rows):
        yield from rows()
        return
    for block in split(rows, block_rows(width)):
        yield block if adapt is None else adapt(block)


def _tasks(
    dask: Any,
    source: Source,
    target: Target | None,
    missing: Missing,
    client: Any,
    scheduler: Any,
) -> list[tuple[Any, ...]]:
    """Give the arguments of `_sum` for every part, in the order of the rows."""
    parts, sizes = _parts(source)
    starts = [0] * len(parts)
    if target is not None:
        if None in sizes:
            sizes = _lengths(dask, source, parts, client, scheduler)
        starts = [0, *itertools.accumulate(int(n or 0) for n in sizes)]
    tasks = []
    for rows, size, start in zip(parts, sizes, starts, strict=False):
        own = None
        if target is not None and size is not None:
            own = Target(target.values[start : start + size], target.classes, target.name)
        tasks.append((rows, source.adapt, source.n_columns, own, missing))
    return tasks


def _parts(source: Source) -> tuple[list[Any], list[int | None]]:
    """Cut a source into parts, with the rows that each gives where that is known."""
    if any(hasattr(part, "dask") for part in source.partitions):
        lengths: list[int | None] = [None] * len(source.partitions)
        return list(source.partitions), [*source.partition_rows] or lengths
    if source.n_rows is None or not source.direct:
        raise InputError(
            f"{source.name} cannot be read from the middle, as workers must; give .npy, .parquet, "
            ".zarr, .h5 or .safetensors, or a Dask array or dataframe of it"
        )
    size = block_rows(source.n_columns)
    most = -(-source.n_rows // (_PARTS * size)) * size
    starts = range(0, source.n_rows, max(_BLOCKS * size, most))
    cuts = [*zip(starts, [*starts[1:], source.n_rows], strict=True)]
    lengths = [stop - start for start, stop in cuts]
    if source.partitions and len(source.partitions[0]) == source.n_rows:
        return [source.partitions[0][start:stop] for start, stop in cuts], lengths
    return [_Range(source, start, stop, size) for start, stop in cuts], lengths


@dataclass(frozen=True)
class _Range:
    """Reads rows `start` to `stop` of a source, wherever it is called."""

    source: Source
    start: int
    stop: int
    size: int

    def __call__(self) -> Iterator[Any]:
        left = self.stop - self.start
        for block in self.source.blocks_from(self.size, self.start):
            yield block[:left]
            left -= len(block)
            if left <= 0:
                return


def _rows_of(part: Any) -> int:
    return int(part.n_read if isinstance(part, Part) else len(part))


def _lengths(
    dask: Any, source: Source, parts: list[Any], client: Any, scheduler: Any
) -> list[int | None]:
    """Compute how many rows each partition gives, where Dask does not know."""
    adapt = source.adapt or (lambda rows: rows)
    counts = [dask.delayed(_rows_of)(dask.delayed(adapt)(part)) for part in parts]
    if client is not None:
        return list(client.gather(client.compute(counts)))
    return list(dask.compute(*counts, scheduler=scheduler))


def _tree(dask: Any, parts: list[Any]) -> Any:
    """Add neighbours two by two until one is left."""
    adding = dask.delayed(add, pure=False)
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [adding(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0]


def _on_cluster(
    dask: Any, client: Any, tree: Any, leaves: list[Any], progress: Progress | None
) -> Part:
    counts = [dask.delayed(_rows_of)(leaf) for leaf in leaves]
    with warnings.catch_warnings():
        # Rows of an array in memory travel with their tasks: a lost worker's can be sent again.
        warnings.filterwarnings("ignore", "Sending large graph")
        result, *futures = client.compute([tree, *counts])
    completed = import_distributed().as_completed
    for done, _ in enumerate(completed(futures, loop=client.loop), start=1):
        if progress is not None:
            progress(done, len(leaves))
    return result.result()  # type: ignore[no-any-return]


def _here(dask: Any, tree: Any, total: int, scheduler: Any, progress: Progress | None) -> Part:
    from dask.callbacks import Callback

    done = itertools.count(1)

    def count(key: Any, *_: Any) -> None:
        if progress is not None and str(key).startswith(_KEY):
            progress(next(done), total)

    counting: Any = Callback(posttask=count)  # type: ignore[no-untyped-call]
    with counting, one_blas_thread():
        return dask.compute(tree, scheduler=scheduler)[0]  # type: ignore[no-any-return]

"""The rows and targets that a forecast is made from, read once and checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats, Index
from eigenscale.errors import InputError
from eigenscale.io.data.columns import settle
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import Kind, Target, as_target
from eigenscale.io.formats.source import Source
from eigenscale.io.preparation.preparation import Asked, Preparation, prepare_array
from eigenscale.io.preparation.tables import RawTable, raw_table
from eigenscale.progress import Progress

Watch = Callable[[np.ndarray, Floats], None]

_LEAST = 16
_WIDE = 1.5  # inputs for each row from which on rows are turned
_ROUNDING = 1e-14
_BLOCK_ROWS = 4096
_MOST_COPIES = 0.3  # share of rows up to which copies are left out
_AGREE = 0.98  # of rows with equal inputs, the share with equal targets that makes them copies


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows kept of the data, in random order.

    Attributes
    ----------
    inputs : array, shape (n, n_inputs)
    target : array, shape (n, columns)
        Classes are one column of zeros and ones each.
    classes : tuple of str or None
    n_read : int
        Rows of the data; `n` of them are kept.
    name : str
    notes : tuple of str
    position : array of int, shape (n,), or None
        Where each row stands in the data, from 0; None where that is not known.
    turned_from : tuple of int, or None
        Columns, and columns that vary, of the data where the rows were turned, see `turned`.
    preparation : Preparation or None
        Of a table's columns; `inputs` are raw until it is fitted, see `prepared`.
    groups : array of int, shape (n,), or None
        The group that each row belongs to.
    times : array, shape (n,), or None
        When each row was recorded.
    """

    inputs: Floats
    target: Floats
    classes: tuple[str, ...] | None
    n_read: int
    name: str
    notes: tuple[str, ...] = ()
    position: Index | None = None
    turned_from: tuple[int, int] | None = None
    preparation: Preparation | None = None
    groups: Index | None = None
    times: Floats | None = None

    @property
    def n_inputs(self) -> int:
        """Columns of the data."""
        return self.inputs.shape[1] if self.turned_from is None else self.turned_from[0]

    @property
    def max_rank(self) -> float | None:
        """Most modes of turned rows: the columns that varied; None where they tell themselves."""
        return None if self.turned_from is None else float(self.turned_from[1])

    def prepared(self, fitted: Preparation | None = None) -> "Sample":
        """Encode and scale the inputs, by a preparation fitted to these rows or given."""
        if self.preparation is None:
            return self
        made = fitted or self.preparation.fit(self.inputs)
        return replace(self, inputs=made(self.inputs), preparation=made)

    def turned(self) -> "Sample":
        """Turn rows of far more inputs than rows so that only their span is left.

        Distances and inner products of centred rows stay, and a linear learner sees nothing else.
        """
        if self.inputs.shape[1] <= _WIDE * self.n_rows:
            return self
        centred = self.inputs - self.inputs.mean(axis=0)
        values, axes = np.linalg.eigh(centred @ centred.T)
        kept = values > _ROUNDING * values[-1]
        return replace(
            self,
            inputs=axes[:, kept] * np.sqrt(values[kept]),
            turned_from=(self.n_inputs, int(np.count_nonzero(np.ptp(self.inputs, axis=0)))),
        )

    @property
    def n_rows(self) -> int:
        """Rows kept."""
        return len(self.inputs)

    @property
    def target_variance(self) -> float:
        """Loss of answering with the mean, summed over columns."""
        return float(self.target.var(axis=0, ddof=1).sum())

    def take(self, rows: Index) -> "Sample":
        """Take some of the rows kept."""
        return replace(
            self,
            inputs=self.inputs[rows],
            target=self.target[rows],
            position=None if self.position is None else self.position[rows],
            groups=None if self.groups is None else self.groups[rows],
            times=None if self.times is None else self.times[rows],
        )

    def joined(self, other: "Sample") -> "Sample":
        """Put the rows of another part of the same data behind."""
        known = self.position is not None and other.position is not None
        return replace(
            self,
            inputs=np.concatenate([self.inputs, other.inputs]),
            target=np.concatenate([self.target, other.target]),
            position=np.concatenate([self.position, other.position]) if known else None,
            groups=None,
            times=None,
        )

    def without_copies(self) -> "Sample":
        """Leave out rows that repeat another row, inputs and target, where they are copies.

        Rows that recur by chance, as those of a few categories do, differ in their targets.
        """
        both = _digests(self.inputs, self.target)
        first = np.unique(both, return_index=True)[1]
        copies = self.n_rows - len(first)
        inputs = self.n_rows - len(np.unique(_digests(self.inputs)))
        if not 0 < copies <= _MOST_COPIES * self.n_rows or copies < _AGREE * inputs:
            return self
        note = f"{copies:,} rows that are copies of others are left out"
        left = self.n_read - copies if self.n_read == self.n_rows else self.n_read
        return replace(self.take(np.sort(first)), n_read=left, notes=(*self.notes, note))


def _digests(*parts: Floats) -> NDArray[np.uint64]:
    """Hash each row of the arrays side by side."""
    rows = np.ascontiguousarray(np.column_stack(parts))
    digests = b"".join(blake2b(row.tobytes(), digest_size=8).digest() for row in rows)
    return np.frombuffer(digests, np.uint64)


def read_sample(
    data: Any,
    target: Any,
    *,
    max_rows: int,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
    target_kind: Kind = "auto",
    prepare: Asked = "auto",
    groups: str | None = None,
    time: str | None = None,
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> Sample:
    """Read data and target in one pass and keep at most `max_rows` rows, drawn at random.

    Of a table with named columns the inputs are raw, with the `preparation` that they need.
    `watch` is shown every block of rows with its targets, in the order of the data.

    Raises
    ------
    InputError
        Lengths that differ, values that are not finite, inputs or a target that do not vary,
        fewer rows than classes or than 16.
    """
    table = raw_table(
        data,
        target,
        columns,
        asked=prepare,
        target_kind=target_kind,
        groups=groups,
        time=time,
    )
    if table is not None:
        return _of_table(table, max_rows, rng, watch)
    _refuse_names(groups, time)
    target, columns = settle(data, target, columns)
    source = open_source(data, columns)
    wanted = as_target(target, target_kind)
    n = len(wanted)
    if source.n_rows is not None:
        wanted.check_length(source.n_rows, source.name)
    _check_size(n, wanted)
    chosen = np.sort(rng.permutation(n)[:max_rows])
    inputs = _gather(source, wanted, chosen, watch, progress)
    if not np.ptp(inputs, axis=0).any():
        raise _nothing_varies(source.name)
    values = np.concatenate([wanted.rows(i, i + 1) for i in chosen])
    _check_kept(values, wanted)
    order = rng.permutation(len(chosen))
    return Sample(
        inputs[order],
        values[order],
        wanted.classes,
        n,
        source.name,
        source.notes,
        chosen[order],
        preparation=prepare_array(inputs, prepare),
    )


def _of_table(
    table: RawTable, max_rows: int, rng: np.random.Generator, watch: Watch | None
) -> Sample:
    """Keep rows of a table that was read whole; rows without a target are left out."""
    target = table.target
    assert target is not None
    n = len(target)
    there = np.arange(n) if target.absent is None else np.flatnonzero(~target.absent)
    _check_size(len(there), target)
    chosen = there[np.sort(rng.permutation(len(there))[:max_rows])]
    values = target.rows(0, n)
    _check_kept(values[chosen], target)
    if watch is not None:
        watch(table.raw[there], values[there])
    inputs = table.raw[chosen]
    if not (np.ptp(np.nan_to_num(inputs), axis=0) > 0).any():
        raise _nothing_varies(table.name)
    order = rng.permutation(len(chosen))
    notes = [*table.preparation.warnings]
    if len(there) < n:
        notes.append(f"{n - len(there):,} rows without a target are left out")
    return Sample(
        inputs[order],
        values[chosen][order],
        target.classes,
        len(there),
        table.name,
        tuple(notes),
        chosen[order],
        preparation=table.preparation,
        groups=None if table.groups is None else table.groups[chosen][order],
        times=None if table.times is None else table.times[chosen][order],
    )


def _refuse_names(groups: str | None, time: str | None) -> None:
    """Refuse what needs the names of columns, of data that has none."""
    for name, value in (("groups", groups), ("time", time)):
        if value is not None:
            raise InputError(
                f"{name} {value} is the name of a column, and the data have no names; give a table"
            )


def _nothing_varies(name: str) -> InputError:
    return InputError(
        f"{name} has no column that varies, so nothing can be learned from it; give inputs that "
        "differ between rows"
    )


def _check_size(n: int, target: Target) -> None:
    if target.classes is not None and n <= len(target.classes):
        raise InputError(
            f"{target.name} has {n} rows for {len(target.classes)} classes; give several rows of "
            "each class, or say that the target is numbers"
        )
    if n < _LEAST:
        raise InputError(f"{target.name} has {n} rows; a forecast needs {_LEAST} or more")


def _check_kept(values: Floats, target: Target) -> None:
    if not np.ptp(values, axis=0).any():
        raise InputError(f"{target.name} is constant in the rows used; there is nothing to predict")


def _gather(
    source: Source,
    target: Target,
    chosen: np.ndarray,
    watch: Watch | None,
    progress: Progress | None,
) -> Floats:
    """Rows `chosen` of the source, every row checked."""
    kept, seen = [], 0
    for block in source.blocks(_BLOCK_ROWS):
        _check_finite(block, seen, source.name)
        first, last = np.searchsorted(chosen, [seen, seen + len(block)])
        kept.append(np.asarray(block[chosen[first:last] - seen], dtype=np.float64))
        if watch is not None and seen + len(block) <= len(target):
            watch(block, target.rows(seen, seen + len(block)))
        seen += len(block)
        if progress is not None:
            progress(min(seen, len(target)), len(target))
    target.check_length(seen, source.name)
    return np.concatenate(kept)


def _check_finite(block: np.ndarray, seen: int, name: str) -> None:
    bad = ~np.isfinite(block).all(axis=1)
    if bad.any():
        raise InputError(
            f"{name} has values that are not finite, the first in row "
            f"{seen + int(np.argmax(bad)) + 1}; drop such rows from data and target, or fill them"
        )

"""The rows and targets that a forecast is made from, read once and checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.errors import InputError
from eigenscale.io.data.columns import settle
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import Kind, Target, as_target
from eigenscale.io.formats.source import Source
from eigenscale.progress import Progress

Watch = Callable[[np.ndarray, Floats], None]

_LEAST = 16
_WIDE = 1.5  # inputs for each row from which on rows are turned
_ROUNDING = 1e-14
_BLOCK_ROWS = 4096


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
    """

    inputs: Floats
    target: Floats
    classes: tuple[str, ...] | None
    n_read: int
    name: str
    notes: tuple[str, ...] = ()
    position: Index | None = None
    turned_from: tuple[int, int] | None = None

    @property
    def n_inputs(self) -> int:
        """Columns of the data."""
        return self.inputs.shape[1] if self.turned_from is None else self.turned_from[0]

    @property
    def max_rank(self) -> float | None:
        """Most modes of turned rows: the columns that varied; None where they tell themselves."""
        return None if self.turned_from is None else float(self.turned_from[1])

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
        position = None if self.position is None else self.position[rows]
        return replace(self, inputs=self.inputs[rows], target=self.target[rows], position=position)

    def joined(self, other: "Sample") -> "Sample":
        """Put the rows of another part of the same data behind."""
        known = self.position is not None and other.position is not None
        return replace(
            self,
            inputs=np.concatenate([self.inputs, other.inputs]),
            target=np.concatenate([self.target, other.target]),
            position=np.concatenate([self.position, other.position]) if known else None,
        )


def read_sample(
    data: Any,
    target: Any,
    *,
    max_rows: int,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
    target_kind: Kind = "auto",
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> Sample:
    """Read data and target in one pass and keep at most `max_rows` rows, drawn at random.

    `watch` is shown every block of rows with its targets, in the order of the data.

    Raises
    ------
    InputError
        Lengths that differ, values that are not finite, inputs or a target that do not vary,
        fewer rows than classes or than 16.
    """
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
        raise InputError(
            f"{source.name} has no column that varies, so nothing can be learned from it; "
            "give inputs that differ between rows"
        )
    values = np.concatenate([wanted.rows(i, i + 1) for i in chosen])
    _check_kept(values, wanted)
    order = rng.permutation(len(chosen))
    return Sample(
        inputs[order], values[order], wanted.classes, n, source.name, source.notes, chosen[order]
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

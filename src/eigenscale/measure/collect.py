"""Reading a source once: rows checked, targets put beside them, moments kept per fold."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenscale.data import Source, Target
from eigenscale.errors import InputError
from eigenscale.measure.accumulate import Accumulator, block_rows
from eigenscale.measure.moments import Moments, merge
from eigenscale.progress import Progress

MAX_INPUTS = 16_384  # two matrices of this width are 4 GB

Missing = Literal["refuse", "drop"]
FoldOf = Callable[[int, int], NDArray[np.int64]]


@dataclass
class _BadRows:
    """Rows that hold NaN or infinity: how many, and where the first is."""

    rows: int = 0
    values: int = 0
    first: tuple[int, int] = (0, 0)
    kinds: set[str] = field(default_factory=set)

    def note(self, block: NDArray[Any], start: int) -> NDArray[np.bool_]:
        bad = ~np.isfinite(block)
        rows: NDArray[np.bool_] = bad.any(axis=1)
        if self.rows == 0:
            row = int(np.argmax(rows))
            self.first = (start + row + 1, int(np.argmax(bad[row])) + 1)
        self.kinds |= {"NaN"} if np.isnan(block).any() else set()
        self.kinds |= {"infinity"} if np.isinf(block).any() else set()
        self.rows += int(rows.sum())
        self.values += int(bad.sum())
        return rows

    def refuse(self, name: str) -> InputError:
        row, column = self.first
        return InputError(
            f"{name} has {self.values} values that are {' or '.join(sorted(self.kinds))} in "
            f"{self.rows} rows, the first in row {row}, column {column}; mend them, or drop those "
            "rows with missing='drop' (--missing drop)"
        )


@dataclass(frozen=True, eq=False)
class Collected:
    """What one pass gave: moments per fold, rows read, rows dropped."""

    folds: tuple[Moments, ...]
    n_read: int
    n_dropped: int

    @property
    def moments(self) -> Moments:
        """The moments of all folds together."""
        return merge(self.folds)


def collect(
    source: Source,
    target: Target | None = None,
    *,
    folds: int = 1,
    fold: FoldOf | None = None,
    missing: Missing = "refuse",
    progress: Progress | None = None,
) -> Collected:
    """Read `source` once and keep the moments, of the whole or of interleaved folds.

    Row i belongs to fold i mod `folds`, however the rows are cut into blocks, or to the fold that
    ``fold(start, stop)`` gives for each row. K folds cost the memory of K matrices and no
    further time.

    Raises
    ------
    InputError
        Where there are more than 16,384 inputs, a value is not finite (with the count, after the
        whole pass), or the target does not have one row for each row of data.
    """
    if target is not None and source.n_rows is not None:
        target.check_length(source.n_rows, source.name)
    width = source.n_columns
    if width > MAX_INPUTS:
        raise InputError(
            f"{source.name} has {width} inputs, and moments are kept for at most {MAX_INPUTS}; "
            "choose columns, cut patches, or measure random features of them"
        )
    sums: list[Accumulator] = []
    bad, start = _BadRows(), 0
    for block in source.blocks(block_rows(width) * (1 if folds == 1 else min(folds, 8))):
        if not sums:
            n_targets = 0 if target is None else target.n_columns
            sums = [Accumulator(width, n_targets, block.dtype) for _ in range(folds)]
        stop = start + len(block)
        keep = _finite_rows(block, start, bad)
        if bad.rows == 0 or missing == "drop":
            _add(sums, block, start, target, keep, fold)
        start = stop
        if progress is not None:
            progress(start, source.n_rows or start)
    if bad.rows and missing == "refuse":
        raise bad.refuse(source.name)
    if target is not None:
        target.check_length(start, source.name)
    if start - bad.rows < 2:
        raise InputError(
            f"{source.name} has {start - bad.rows} usable rows; a spectrum needs at least 2"
        )
    return Collected(tuple(s.moments() for s in sums), start, bad.rows)


def _finite_rows(block: NDArray[Any], start: int, bad: _BadRows) -> NDArray[np.bool_] | None:
    """Rows to keep, or None for all; a sum over the block tells cheaply that all are finite."""
    if block.dtype.kind != "f":
        return None
    with np.errstate(all="ignore"):
        total = float(block.sum(dtype=block.dtype if block.dtype.itemsize >= 4 else np.float32))
    if math.isfinite(total) or np.isfinite(block).all():
        return None
    return ~bad.note(block, start)


def _add(
    sums: list[Accumulator],
    block: NDArray[Any],
    start: int,
    target: Target | None,
    keep: NDArray[np.bool_] | None,
    fold: FoldOf | None,
) -> None:
    y = None if target is None else target.rows(start, start + len(block))
    if y is not None and len(y) != len(block):
        return  # the lengths differ: said once the whole length is known
    chosen = None if fold is None else fold(start, start + len(block))
    for number, accumulator in enumerate(sums):
        pick: Any = slice((number - start) % len(sums), None, len(sums))
        if chosen is not None:
            pick = chosen == number
        rows, part = block[pick], None if y is None else y[pick]
        if keep is not None:
            rows, part = rows[keep[pick]], None if part is None else part[keep[pick]]
        if len(rows):
            accumulator.add(rows, part)

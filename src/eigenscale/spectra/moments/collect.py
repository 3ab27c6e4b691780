"""Reading a source once: rows checked, targets joined to them, moments kept per fold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.io.data.targets import Target
from eigenscale.io.formats.source import Source
from eigenscale.progress import Progress
from eigenscale.spectra.moments.accumulate import Accumulator, block_rows
from eigenscale.spectra.moments.checkpoint import Checkpoint, State, interrupts_wait
from eigenscale.spectra.moments.moments import Moments, merge

MAX_INPUTS = 16_384  # two matrices of this width are 4 GB

Missing = Literal["refuse", "drop"]
FoldOf = Callable[[int, int], NDArray[np.int64]]


@dataclass
class BadRows:
    """Rows that hold NaN or infinity: how many, and where the first is."""

    rows: int = 0
    values: int = 0
    first: tuple[int, int] = (0, 0)
    kinds: set[str] = field(default_factory=set)

    def note(self, block: NDArray[Any], start: int) -> NDArray[np.bool_]:
        """Count the bad rows of a block, the first row of which is row `start`; say which."""
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

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays that `restored` understands."""
        counts = np.array([self.rows, self.values, *self.first])
        return {"bad": counts, "bad_kinds": np.array(sorted(self.kinds), dtype=str)}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> "BadRows":
        """Go on from what `state` gave."""
        rows, values, row, column = (int(n) for n in state["bad"])
        return cls(rows, values, (row, column), {str(kind) for kind in state["bad_kinds"]})

    def then(self, other: "BadRows", rows: int) -> "BadRows":
        """Count those of the next rows as well; `rows` were read before them."""
        first = self.first if self.rows else (other.first[0] + rows, other.first[1])
        both = (self.rows + other.rows, self.values + other.values)
        return BadRows(*both, first, self.kinds | other.kinds)

    def refuse(self, name: str) -> InputError:
        """Make the error that counts them, with the mend."""
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


@dataclass
class Pass:
    """A pass under way: sums per fold, rows that were bad, rows read."""

    target: Target | None
    n_folds: int
    fold: FoldOf | None
    missing: Missing
    sums: list[Accumulator] = field(default_factory=list)
    bad: BadRows = field(default_factory=BadRows)
    read: int = 0

    def add(self, block: NDArray[Any]) -> None:
        """Read the next block."""
        if not self.sums:
            n_targets = 0 if self.target is None else self.target.n_columns
            width = block.shape[1]
            self.sums = [Accumulator(width, n_targets, block.dtype) for _ in range(self.n_folds)]
        keep = _finite_rows(block, self.read, self.bad)
        if self.bad.rows == 0 or self.missing == "drop":
            _add(self.sums, block, self.read, self.target, keep, self.fold)
        self.read += len(block)

    def state(self) -> State:
        """Everything so far, for `restore`."""
        state: State = {"rows_read": np.array(self.read), "folds": np.array(len(self.sums))}
        for number, sums in enumerate(self.sums):
            state |= {f"{number}/{name}": value for name, value in sums.state().items()}
        return state | self.bad.state()

    def restore(self, state: State) -> None:
        """Go on from what `state` gave."""
        self.read, self.bad = int(state["rows_read"]), BadRows.restored(state)
        for number in range(int(state["folds"])):
            begin = f"{number}/"
            part = {k.removeprefix(begin): v for k, v in state.items() if k.startswith(begin)}
            self.sums.append(Accumulator.restored(part))

    def result(self, name: str) -> Collected:
        """Give the moments, once all rows are read."""
        check_whole(name, self.read, self.bad, self.missing, self.target)
        return Collected(tuple(s.moments() for s in self.sums), self.read, self.bad.rows)


def check_whole(
    name: str, read: int, bad: BadRows, missing: Missing, target: Target | None
) -> None:
    """Refuse, once all rows are read, what only then is known."""
    if bad.rows and missing == "refuse":
        raise bad.refuse(name)
    if target is not None:
        target.check_length(read, name)
    if read - bad.rows < 2:
        raise InputError(f"{name} has {read - bad.rows} usable rows; a spectrum needs at least 2")


def collect(
    source: Source,
    target: Target | None = None,
    *,
    folds: int = 1,
    fold: FoldOf | None = None,
    missing: Missing = "refuse",
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Read `source` once and keep the moments, of the whole or of interleaved folds.

    Row i belongs to fold i mod `folds`, however the rows are cut into blocks, or to the fold that
    ``fold(start, stop)`` gives for each row. K folds cost the memory of K matrices and no
    further time. With a `checkpoint` the sums are saved on the way, and a pass that was stopped
    goes on from there.

    Raises
    ------
    InputError
        Where there are more than 16,384 inputs, a value is not finite (with the count, after the
        whole pass), or the target does not have one row for each row of data.
    """
    if target is not None and source.n_rows is not None:
        target.check_length(source.n_rows, source.name)
    width = check_width(source)
    under_way = Pass(target, folds, fold, missing)
    size = block_rows(width) * (1 if folds == 1 else min(folds, 8))
    if checkpoint is None:
        for block in source.blocks(size):
            under_way.add(block)
            if progress is not None:
                progress(under_way.read, source.n_rows or under_way.read)
    else:
        _read_with(checkpoint, under_way, source, size, progress)
    try:
        return under_way.result(source.name)
    except InputError:
        if checkpoint is not None:  # sums of data that is refused are of no use
            checkpoint.remove()
        raise


def check_width(source: Source) -> int:
    """Refuse more inputs than a matrix can hold; give their number."""
    if source.n_columns > MAX_INPUTS:
        raise InputError(
            f"{source.name} has {source.n_columns} inputs, and moments are kept for at most "
            f"{MAX_INPUTS}; choose columns, cut patches, or take the spectrum with measure()"
        )
    return source.n_columns


def _read_with(
    checkpoint: Checkpoint,
    under_way: Pass,
    source: Source,
    size: int,
    progress: Progress | None,
) -> None:
    """Read the rows that no earlier run has read; save the sums now and then, and on Ctrl-C."""
    earlier = checkpoint.load()
    if earlier is not None:
        under_way.restore(earlier)
    with interrupts_wait() as pressed:
        for block in source.blocks_from(size, under_way.read):
            under_way.add(block)
            if pressed:
                break
            if checkpoint.due():
                checkpoint.save(under_way.state())
            if progress is not None:
                progress(under_way.read, source.n_rows or under_way.read)
        if under_way.sums:
            checkpoint.save(under_way.state())
        if pressed:
            raise KeyboardInterrupt(
                f"stopped after {under_way.read:,} rows, which {checkpoint.path} holds; the same "
                "command goes on from there"
            )


def _finite_rows(block: NDArray[Any], start: int, bad: BadRows) -> NDArray[np.bool_] | None:
    """Rows to keep, or None for all."""
    if block.dtype.kind != "f" or np.isfinite(block).all():
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
        return  # the lengths differ: reported once the whole length is known
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

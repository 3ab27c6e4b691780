"""Wide data read pass by pass: margins and sketch, then the leading eigenvectors.

Every pass is a sum over blocks of rows. With a checkpoint the sums are saved on the way, and the
same call goes on from there with the same bits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Array, Floats
from eigenscale.errors import ConvergenceError
from eigenscale.io.data.targets import Target
from eigenscale.io.formats.source import Source
from eigenscale.progress import Progress
from eigenscale.spectra.moments.accumulate import working_dtype
from eigenscale.spectra.moments.checkpoint import Checkpoint, State, interrupts_wait
from eigenscale.spectra.moments.collect import BadRows, Missing, check_whole
from eigenscale.spectra.moments.margins import Centring, FirstSums, Margins
from eigenscale.spectra.wide.rereading import CentredRows, recut, rows_per_block
from eigenscale.spectra.wide.subspace import (
    MOST_PASSES,
    TOLERANCE,
    ProductSums,
    Ritz,
    first_block,
    next_block,
)

PROBES = 64  # random directions that estimate the Frobenius norm where it is not summed
_SHARE = 0.3  # of the bar that is left, for each pass: how many there will be is not known


@dataclass
class Course:
    """A source that is read pass by pass, with its checkpoint and its bar."""

    source: Source
    target: Target | None
    missing: Missing
    checkpoint: Checkpoint | None = None
    progress: Progress | None = None
    passes: int = 0
    shown: float = 0.0

    def run(
        self,
        blocks: Iterator[tuple[int, Any]],
        add: Callable[[Any], None],
        state: Callable[[], State],
    ) -> None:
        """Read one pass; `blocks` gives how many rows are behind with each block."""
        self.passes += 1
        begun = self.shown
        with interrupts_wait() as pressed:
            for read, block in blocks:
                add(block)
                saved = self.checkpoint
                if saved is not None and (pressed or saved.due()):
                    saved.save(state() | self._mark(read))
                if pressed:
                    raise KeyboardInterrupt(self._stopped(read))
                self.show(begun + _SHARE * (1 - begun) * read / (self.source.n_rows or read))

    def show(self, share: float) -> None:
        """Move the bar."""
        self.shown = max(share, self.shown)
        if self.progress is not None:
            self.progress(self.shown, 1.0)

    def save(self, state: State) -> None:
        """Save between two passes."""
        if self.checkpoint is not None:
            self.checkpoint.save(state | self._mark(0))

    def _mark(self, read: int) -> State:
        return {"passes": np.array(self.passes), "rows_read": np.array(read)}

    def _stopped(self, read: int) -> str:
        if self.checkpoint is None:
            return f"stopped in pass {self.passes} after {read:,} rows"
        return (
            f"stopped in pass {self.passes} after {read:,} rows, which {self.checkpoint.path} "
            "holds; the same command goes on from there"
        )


@dataclass
class First:
    """The first pass under way."""

    course: Course
    probes: Array
    sums: FirstSums | None = None
    bad: BadRows = field(default_factory=BadRows)
    lost: list[int] = field(default_factory=list)
    read: int = 0

    def run(self, saved: State | None) -> None:
        """Read all rows, or those that an earlier run has not read."""
        if saved is not None:
            self.read, self.bad = int(saved["rows_read"]), BadRows.restored(saved)
            self.sums = FirstSums.restored(saved, self.probes)
            self.lost = saved["lost"].tolist()
        self.course.run(self._blocks(), self._add, self.state)
        course = self.course
        check_whole(course.source.name, self.read, self.bad, course.missing, course.target)

    def _blocks(self) -> Iterator[tuple[int, Any]]:
        source = self.course.source
        size = rows_per_block(source.n_columns)
        read = self.read
        for block in recut(source.blocks_from(size, read), size):
            read += len(block)
            yield read, block

    def _add(self, block: Array) -> None:
        target, start = self.course.target, self.read
        if self.sums is None:
            work = working_dtype(block.dtype, self.course.source.n_columns)
            columns = 0 if target is None else target.n_columns
            self.probes = self.probes.astype(work, copy=False)
            self.sums = FirstSums(self.course.source.n_columns, columns, work, self.probes)
        self.read += len(block)
        y = None if target is None else target.rows(start, start + len(block))
        if y is not None and len(y) != len(block):
            return  # the lengths differ: reported once the whole length is known
        if block.dtype.kind == "f" and not np.isfinite(block).all():
            keep = ~self.bad.note(block, start)
            self.lost += (start + np.flatnonzero(~keep)).tolist()
            block, y = block[keep], None if y is None else y[keep]
        if len(block) and (self.bad.rows == 0 or self.course.missing == "drop"):
            self.sums.add(block, y)

    def state(self) -> State:
        """Everything so far."""
        assert self.sums is not None
        return self.sums.state() | self.bad.state() | {"lost": np.array(self.lost, dtype=int)}


@dataclass(frozen=True, eq=False)
class Begun:
    """What is known after the first pass: margins, rows to read again, those lost, the sketch."""

    margins: Margins
    rows: CentredRows
    lost: NDArray[np.int64]
    sketch: Floats

    @property
    def scatter_trace(self) -> float:
        """Trace of the scatter matrix in the units of the products."""
        return self.margins.trace * (self.margins.n_samples - 1) * self.rows.centre.scale**2

    def state(self) -> State:
        """Everything but the sketch."""
        margins = {f"margins.{name}": value for name, value in vars(self.margins).items()}
        numbers = {"n_read": self.rows.n_read, "lost": self.lost}
        return {
            **{name: np.asarray(value) for name, value in (margins | numbers).items()},
            "scale": np.array(self.rows.centre.scale),
            "like": np.empty(0, self.rows.centre.work),
        }

    @classmethod
    def restored(cls, state: State, source: Source) -> "Begun":
        """Go on from what `state` gave."""
        given: dict[str, Any] = {
            k.removeprefix("margins."): v for k, v in state.items() if k.startswith("margins.")
        }
        margins = Margins(**{**given, "n_samples": int(given["n_samples"])})
        centre = Centring(margins.mean, float(state["scale"]), state["like"].dtype.type)
        rows = CentredRows(source, centre, margins.n_samples, int(state["n_read"]))
        return cls(margins, rows, state["lost"], np.empty((len(margins.mean), 0)))


def begin(course: Course, count: int, saved: State | None) -> Begun:
    """Run the first pass, with a sketch along `count` random directions, or none."""
    if saved is not None and "first.count" not in saved:
        return Begun.restored(saved, course.source)
    width = course.source.n_columns
    first = First(course, directions(width, count) if count else np.empty((width, 0), np.float32))
    first.run(saved)
    assert first.sums is not None
    margins = first.sums.margins()
    rows = CentredRows(course.source, first.sums.centring(), margins.n_samples, first.read)
    return Begun(margins, rows, np.array(first.lost, dtype=np.int64), first.sums.sketched())


@dataclass
class Iteration:
    """The search for leading eigenvectors, between passes or in the midst of one.

    Attributes
    ----------
    number : int
        Of the pass, counted from the first one over the data.
    sums : ProductSums
        Of this pass so far.
    before : ndarray or None
        The block before this one, carried along.
    probe_images : ndarray, shape (p, PROBES)
        The scatter matrix times random directions that have no part in the search.
    start : int
        Rows that are behind in this pass.
    whole : bool
        Whether an earlier block held all that is not zero.
    """

    number: int
    sums: ProductSums
    before: Array | None
    probe_images: Floats
    start: int = 0
    whole: bool = False

    @classmethod
    def from_sketch(cls, begun: Begun) -> "Iteration":
        """Begin with the directions of the sketch."""
        basis = first_block(begun.sketch[:, :-PROBES], begun.rows.centre.work, _fresh(1))
        return cls(2, ProductSums(basis), None, begun.sketch[:, -PROBES:].copy())

    def run(self, course: Course, begun: Begun) -> Ritz:
        """Read the rows once."""
        course.run(_from(begun.rows, self.start), self.sums.add, lambda: self.state(begun))
        ritz = self.sums.ritz(begun.scatter_trace, self.whole)
        self.whole = ritz.whole
        return ritz

    def step(self, ritz: Ritz) -> None:
        """Go to the next block."""
        basis, self.before = next_block(ritz, self.before, _fresh(self.number))
        self.number, self.sums, self.start = self.number + 1, ProductSums(basis), 0

    def state(self, begun: Begun) -> State:
        """Everything so far."""
        state = {"number": np.array(self.number), "probe_images": self.probe_images}
        state["whole"] = np.array(self.whole)
        state |= {"basis": self.sums.basis, "inner": self.sums.inner, "images": self.sums.images}
        state |= {} if self.before is None else {"before": self.before}
        return begun.state() | state

    @classmethod
    def restored(cls, state: State) -> "Iteration":
        """Go on from what `state` gave."""
        sums = ProductSums(state["basis"])
        sums.inner, sums.images = state["inner"], state["images"]
        rest = state.get("before"), state["probe_images"], int(state["rows_read"])
        return cls(int(state["number"]), sums, *rest, bool(state["whole"]))


def search(
    course: Course, begun: Begun, wanted: int, saved: State | None
) -> tuple[Ritz, Iteration]:
    """Iterate until the first `wanted` eigenvalues are right to the tolerance, or passes run out.

    Raises
    ------
    ConvergenceError
        Where not even the first eigenvalue is.
    """
    restored = saved is not None and "basis" in saved
    going = Iteration.restored(saved) if restored and saved else Iteration.from_sketch(begun)
    while True:
        ritz = going.run(course, begun)
        known = ritz.known(wanted)
        if going.number > 2 and known == min(wanted, len(ritz.values)):
            return ritz, going
        if going.number == MOST_PASSES:
            break
        going.step(ritz)
    if known == 0:
        raise ConvergenceError(
            f"{course.source.name}: {MOST_PASSES} passes found no leading eigenvalue to 1 in "
            f"{1 / TOLERANCE:,.0f}: the spectrum is too flat; choose columns, or fewer features"
        )
    return ritz, going


def directions(n_inputs: int, count: int) -> Array:
    """Random directions of the sketch, shape (n_inputs, count + PROBES), the probes last."""
    block = np.random.default_rng(0).standard_normal((n_inputs, count), np.float32)
    return np.concatenate([block, probes(n_inputs)], axis=1)


def probes(n_inputs: int) -> Array:
    """Random directions that estimate the Frobenius norm, shape (n_inputs, PROBES)."""
    return _fresh(0).standard_normal((n_inputs, PROBES), np.float32)


def _from(rows: CentredRows, start: int) -> Iterator[tuple[int, Any]]:
    read = start
    for block in rows.blocks(start):
        read = min(read + rows.size, rows.n_read)
        yield read, block


def _fresh(number: int) -> np.random.Generator:
    return np.random.default_rng([0, number])

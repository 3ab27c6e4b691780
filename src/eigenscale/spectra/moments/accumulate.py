"""One pass over rows: blocks in single precision, sums in double.

Each block is shifted by a pilot mean before it is squared, so that a mean many times the
standard deviation costs no digits. The Gram matrix of a block is one symmetric product
(`ssyrk`), added to a float64 sum; that is as fast as single precision and, because rounding
errors of blocks average out, far more accurate than it. Where a few directions hold nearly all
of the variance they are taken out first (see `deflate`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.spectra.moments.deflate import Directions, falls_far, leading
from eigenscale.spectra.moments.moments import Moments

_SMALL = 256  # below so many columns float64 costs little
_LARGEST = 1e150  # squares, and sums of them, are numbers up to here
_DRIFT = 0.3  # standard deviations between a block's mean and the pilot that call for a new pilot
_CACHED = 512  # rows that are centred and split at once
_PANEL = 128  # columns of the sums added at once
_SUMS = ("first", "second", "target_first", "cross", "target_second")


def block_rows(n_inputs: int) -> int:
    """Rows per block: enough for the product to be fast, few enough to stay small."""
    return 1024 if n_inputs <= 1024 else 2048


def working_dtype(dtype: Any, n_inputs: int) -> type[np.floating[Any]]:
    """float32 for data of at most that precision and many columns, float64 for the rest."""
    fits = np.dtype(dtype).kind in "fiub" and np.can_cast(dtype, np.float32, "same_kind")
    narrow = np.dtype(dtype).itemsize <= (4 if np.dtype(dtype).kind == "f" else 2)
    return np.float32 if fits and narrow and n_inputs >= _SMALL else np.float64


class Accumulator:
    """Sums about a pilot mean, block by block; `moments()` gives what was seen so far.

    Rows must be finite. They are cut into blocks of `size` rows in the order in which they come,
    so that the sums do not depend, in any bit, on the chunks in which they are given.
    """

    def __init__(self, n_inputs: int, n_targets: int, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self.work = working_dtype(dtype, n_inputs)
        self.size = block_rows(n_inputs)
        self.n_inputs, self.n_targets = n_inputs, n_targets
        self.done: Moments | None = None
        self.waiting: list[tuple[NDArray[Any], Floats | None]] = []
        self.shift: NDArray[Any] | None = None
        self.directions: Directions | None = None
        self.scale = 1.0
        c = n_targets
        self.gram: NDArray[Any]
        self.target_shift = np.zeros(c)
        self.n_samples = 0
        self.target_first = np.zeros(c)
        self.target_second = np.zeros((c, c))
        self._begin()

    def _begin(self) -> None:
        """Empty sums, of the inputs and of what is taken out of them."""
        width = self.n_inputs + (0 if self.directions is None else self.directions.count)
        self.first = np.zeros(width)
        self.second = np.zeros((width, width), order="F")  # its upper triangle
        self.cross = np.zeros((width, self.n_targets))
        self._work_in(self.work)

    def add(self, rows: NDArray[Any], target: Floats | None = None) -> None:
        """Add rows (n, p) and their targets (n, c), all finite."""
        start = 0
        while start < len(rows):
            waiting = sum(len(x) for x, _ in self.waiting)
            part = slice(start, start + self.size - waiting)
            x, y = rows[part], None if target is None else target[part]
            if waiting == 0 and len(x) == self.size:
                self._add_block(x, y)
            else:
                self.waiting.append((x.copy(), y))
                if waiting + len(x) == self.size:
                    self._add_waiting()
            start += len(x)

    def _add_waiting(self) -> None:
        if self.waiting:
            rows, target = self._joined_waiting()
            self.waiting = []
            self._add_block(rows, target)

    def _joined_waiting(self) -> tuple[NDArray[Any], Floats | None]:
        targets = [y for _, y in self.waiting if y is not None]
        rows = np.concatenate([x for x, _ in self.waiting])
        return rows, np.concatenate(targets) if targets else None

    def _add_block(self, rows: NDArray[Any], target: Floats | None) -> None:
        if self.shift is None:
            self._start(rows, target)
        centred = self._centred(rows)
        sums = self._sums(centred)
        self._square(centred)
        if self._drifted(len(rows), sums):
            self._flush()
            self._add_block(rows, target)
            return
        self.n_samples += len(rows)
        self.first += sums
        for start in range(0, len(self.first), _PANEL):  # the upper triangle, in BLAS's own order
            part = (slice(start + _PANEL), slice(start, start + _PANEL))
            self.second[part] += self.gram[part]
        if target is not None:
            self._add_target(centred, target)

    def _add_target(self, centred: NDArray[Any], target: Floats) -> None:
        y = target - self.target_shift
        self.target_first += y.sum(axis=0)
        self.target_second += y.T @ y
        self.cross += centred.T @ y.astype(self.work)

    def _sums(self, centred: NDArray[Any]) -> NDArray[Any]:
        """Σ of the rows, by the BLAS that squares them: NumPy's own would keep its threads busy."""
        from scipy.linalg.blas import dgemv, sgemv

        product = sgemv if self.work is np.float32 else dgemv
        return np.asarray(product(1.0, centred.T, np.ones(len(centred), self.work)))

    def _square(self, centred: NDArray[Any]) -> None:
        """Put the upper triangle of centredᵀ centred into `gram`."""
        from scipy.linalg.blas import dsyrk, ssyrk

        if len(self.gram) == 0:
            self.gram = np.zeros(self.second.shape, self.work, order="F")
        product = ssyrk if self.work is np.float32 else dsyrk
        product(1.0, centred.T, beta=0.0, c=self.gram, overwrite_c=1)

    def _start(self, rows: NDArray[Any], target: Floats | None) -> None:
        """Take this block's mean as the pilot, and a power of two that keeps squares in range."""
        pilot = rows[0].astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = pilot + np.mean(rows - pilot, axis=0)
            spread = float(np.max(np.abs(rows - mean)))
            self.shift = mean.astype(self.work)
        if not spread < _LARGEST:
            raise InputError(
                f"the data spread over {spread:.3g}, and squares of that are beyond what a number "
                "can hold; divide them by a constant"
            )
        if self.done is None and spread > 0 and not 1e-12 < spread < 1e12:
            self.scale = float(2.0 ** -np.floor(np.log2(spread)))
        if target is not None:
            self.target_shift = target.mean(axis=0)
        centred = self._centred(rows)
        basis = leading(centred)
        if basis is not None:
            self.directions = Directions(basis)
            self.directions.learn(centred)
            self._begin()
        elif self.work is np.float32 and falls_far(centred):
            self._work_in(np.float64)

    def _work_in(self, work: type[np.floating[Any]]) -> None:
        self.work = work
        self.buffer = np.empty((0, len(self.first)), work)
        self.gram = np.zeros((0, 0), work)

    def _centred(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Rows less the pilot mean, with what is taken out of them behind."""
        assert self.shift is not None
        if len(self.buffer) < len(rows):
            self.buffer = np.empty((len(rows), len(self.first)), self.work)
        out, p = self.buffer[: len(rows)], self.n_inputs
        for start in range(0, len(rows), _CACHED):  # each part while it is in the cache
            part = out[start : start + _CACHED]
            np.subtract(
                rows[start : start + _CACHED], self.shift, out=part[:, :p], casting="unsafe"
            )
            if self.scale != 1.0:
                part[:, :p] *= self.work(self.scale)
            if self.directions is not None:
                part[:, p:] = 0.0
                self.directions.take_out(part)
        return out

    def _drifted(self, n: int, sums: NDArray[Any]) -> bool:
        """Whether these rows lie so far from the pilot that digits are lost."""
        if self.n_samples == 0:
            return False
        p, step = self.n_inputs, len(self.first) + 1
        diagonal = self.gram.ravel("K")[::step][:p]
        if self.directions is not None and float(diagonal.sum()) > self.directions.most * n:
            return True
        n += self.n_samples
        mean_square = ((self.first + sums)[:p] / n) ** 2
        square = (self.second.ravel("K")[::step][:p] + diagonal) / n
        return bool(np.any(mean_square > _DRIFT**2 * np.maximum(square - mean_square, 0) + 1e-300))

    def _flush(self) -> None:
        self.done = self._joined()
        self.shift = self.directions = None
        self.n_samples = 0
        self.target_first[...] = 0
        self.target_second[...] = 0
        self._begin()

    def moments(self) -> Moments:
        """Central moments of all rows added so far."""
        self._add_waiting()
        return self._joined()

    def _joined(self) -> Moments:
        n = self.n_samples
        if n == 0 or self.shift is None:
            return self.done or Moments.empty(self.n_inputs, self.n_targets)
        unit = 1.0 / self.scale
        offset, target_offset = self.first / n, self.target_first / n
        scatter = _both_triangles(self.second)
        _add_outer(scatter, -self.first, offset)
        cross = self.cross - np.outer(self.first, target_offset)
        if self.directions is not None:
            cross = self.directions.whole_cross(cross)
            offset, scatter = self.directions.whole(n, self.first, scatter)
        scatter *= unit**2
        here = Moments(
            n,
            self.shift.astype(np.float64) + unit * offset,
            scatter,
            self.target_shift + target_offset,
            cross * unit,
            self.target_second - np.outer(self.target_first, target_offset),
        )
        return here if self.done is None else self.done + here

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that was summed, from which `restored` goes on without a bit lost."""
        state = {name: getattr(self, name) for name in (*_SUMS, "target_shift")}
        state["counts"] = np.array([self.n_samples, self.n_targets, self.n_inputs])
        state["scale"] = np.array(self.scale)
        state["like"], state["work"] = np.empty(0, self.dtype), np.empty(0, self.work)
        if self.shift is not None:
            state["shift"] = self.shift
        if self.directions is not None:
            state |= self.directions.state()
        if self.waiting:
            rows, target = self._joined_waiting()
            state["waiting"] = rows
            if target is not None:
                state["waiting_target"] = target
        if self.done is not None:
            state |= {f"done.{name}": value for name, value in self.done.arrays().items()}
        return state

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> "Accumulator":
        """Go on from what `state` gave."""
        n_samples, n_targets, n_inputs = (int(n) for n in state["counts"])
        sums = cls(n_inputs, n_targets, state["like"].dtype)
        for name in (*_SUMS, "target_shift"):
            setattr(sums, name, state[name])
        sums._work_in(state["work"].dtype.type)
        sums.n_samples, sums.scale = n_samples, float(state["scale"])
        sums.shift, sums.directions = state.get("shift"), Directions.restored(state)
        if "waiting" in state:
            sums.waiting = [(state["waiting"], state.get("waiting_target"))]
        done = {k.removeprefix("done."): v for k, v in state.items() if k.startswith("done.")}
        sums.done = Moments.from_arrays(done) if done else None
        return sums


def _both_triangles(upper: Floats) -> Floats:
    """Copy a matrix of which the upper triangle is known, with the lower one filled."""
    whole = np.array(upper, order="C")
    for start in range(0, len(whole), 256):
        stop = start + 256
        whole[stop:, start:stop] = whole[start:stop, stop:].T
        diagonal = whole[start:stop, start:stop]
        diagonal[...] = np.triu(diagonal) + np.triu(diagonal, 1).T
    return whole


def _add_outer(matrix: Floats, a: Floats, b: Floats) -> None:
    """Add a bᵀ in place, without another matrix of that size."""
    for start in range(0, len(matrix), 256):
        matrix[start : start + 256] += np.outer(a[start : start + 256], b)

"""One pass over rows: blocks in single precision, sums in double.

Each block is shifted by a pilot mean before it is squared, so that a mean many times the
standard deviation costs no digits. The Gram matrix of a block is one symmetric product
(`ssyrk`), added to a float64 sum; that is as fast as single precision and, because rounding
errors of blocks average out, far more accurate than it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.measure.moments import Floats, Moments

_SMALL = 128  # below so many columns float64 costs nothing
_DRIFT = 0.3  # standard deviations between a block's mean and the pilot that call for a new pilot
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
        self.done: Moments | None = None
        self.waiting: list[tuple[NDArray[Any], Floats | None]] = []
        self.n_targets = n_targets
        self.shift: NDArray[Any] | None = None
        self.scale = 1.0
        p, c = n_inputs, n_targets
        self.buffer = np.empty((0, p), self.work)
        self.gram = np.empty((p, p), self.work)
        self.target_shift = np.zeros(c)
        self.n_samples = 0
        self.first = np.zeros(p)
        self.second = np.zeros((p, p))
        self.target_first = np.zeros(c)
        self.cross = np.zeros((p, c))
        self.target_second = np.zeros((c, c))

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
        sums = np.ones(len(rows), self.work) @ centred
        np.matmul(centred.T, centred, out=self.gram)
        if self._drifted(len(rows), sums):
            self._flush()
            self._add_block(rows, target)
            return
        self.n_samples += len(rows)
        self.first += sums
        self.second += self.gram
        if target is not None:
            self._add_target(centred, target)

    def _add_target(self, centred: NDArray[Any], target: Floats) -> None:
        y = target - self.target_shift
        self.target_first += y.sum(axis=0)
        self.target_second += y.T @ y
        self.cross += centred.T @ y.astype(self.work)

    def _start(self, rows: NDArray[Any], target: Floats | None) -> None:
        """Take this block's mean as the pilot, and a power of two that keeps squares in range."""
        anchor = rows[0].astype(np.float64)
        mean = anchor + np.mean(rows - anchor, axis=0)
        self.shift = mean.astype(self.work)
        spread = float(np.max(np.abs(rows - mean)))
        if self.done is None and spread > 0 and not 1e-12 < spread < 1e12:
            self.scale = float(2.0 ** -np.floor(np.log2(spread)))
        if target is not None:
            self.target_shift = target.mean(axis=0)

    def _centred(self, rows: NDArray[Any]) -> NDArray[Any]:
        assert self.shift is not None
        if len(self.buffer) < len(rows):
            self.buffer = np.empty_like(self.buffer, shape=(len(rows), self.buffer.shape[1]))
        out = self.buffer[: len(rows)]
        np.subtract(rows, self.shift, out=out, casting="unsafe")
        if self.scale != 1.0:
            out *= self.work(self.scale)
        return out

    def _drifted(self, n: int, sums: NDArray[Any]) -> bool:
        """Whether the rows so far lie so far from the pilot that digits are lost."""
        if self.n_samples == 0:
            return False
        n += self.n_samples
        mean_square = ((self.first + sums) / n) ** 2
        square = (np.diagonal(self.second) + np.diagonal(self.gram)) / n
        return bool(np.any(mean_square > _DRIFT**2 * np.maximum(square - mean_square, 0) + 1e-300))

    def _flush(self) -> None:
        self.done = self._joined()
        self.shift = None
        self.n_samples = 0
        for name in _SUMS:
            getattr(self, name)[...] = 0

    def moments(self) -> Moments:
        """Central moments of all rows added so far."""
        self._add_waiting()
        return self._joined()

    def _joined(self) -> Moments:
        p, c, n = len(self.first), self.n_targets, self.n_samples
        if n == 0 or self.shift is None:
            return self.done if self.done is not None else Moments.empty(p, c)
        unit = 1.0 / self.scale
        offset, target_offset = self.first / n, self.target_first / n
        here = Moments(
            n,
            self.shift.astype(np.float64) + unit * offset,
            (self.second - np.outer(self.first, offset)) * unit**2,
            self.target_shift + target_offset,
            (self.cross - np.outer(self.first, target_offset)) * unit,
            self.target_second - np.outer(self.target_first, target_offset),
        )
        return here if self.done is None else self.done + here

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that was summed, from which `restored` goes on without a bit lost."""
        state = {name: getattr(self, name) for name in (*_SUMS, "target_shift")}
        state["counts"] = np.array([self.n_samples, self.n_targets, len(self.first)])
        state["scale"] = np.array(self.scale)
        state["like"] = np.empty(0, self.dtype)
        if self.shift is not None:
            state["shift"] = self.shift
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
        sums.n_samples, sums.scale = n_samples, float(state["scale"])
        sums.shift = state.get("shift")
        if "waiting" in state:
            sums.waiting = [(state["waiting"], state.get("waiting_target"))]
        done = {k.removeprefix("done."): v for k, v in state.items() if k.startswith("done.")}
        sums.done = Moments.from_arrays(done) if done else None
        return sums

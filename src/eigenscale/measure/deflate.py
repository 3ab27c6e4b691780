"""Taking the leading directions out of a block before it is squared in single precision.

A product in float32 is wrong by a share of its largest eigenvalue, which buries eigenvalues a
million times smaller. So a row x is kept as two parts: a = Vᵀx along a few leading directions V
of a pilot block, and z = x − Va, in which nothing large is left. Up to rounding x = Va + z, hence

    Σ xxᵀ = Σ zzᵀ + V Σ azᵀ + (V Σ azᵀ)ᵀ + V (Σ aaᵀ) Vᵀ

whatever V is; the sums on the right are taken in float32 blocks, the rest in float64. The error
of small eigenvalues then is a share of the largest one of Σ zzᵀ.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.measure.moments import Floats

_LEFT = 0.01  # largest eigenvalue that may stay, as a share of the largest
_MOST = 20  # directions; where more are needed the spectrum is too flat to lose digits
_SPARE = 4  # further directions of the subspace iteration
_ROUNDS = 3
_SPILL = 4.0  # times the variance that the pilot block leaves beside them: directions are stale

_LARGEST = 1024  # inputs up to which the pilot's own eigenvalues cost little
_LOST = 2e-5  # share of the largest eigenvalue below which float32 misses by more than 1e-5

Array = NDArray[Any]


def leading(rows: Array) -> Array | None:
    """Choose directions V, shape (p, r), of centred float32 rows; None where none are needed.

    As few as leave less than 1 % of the largest eigenvalue, and none where 20 (or p/24, but at
    least 8) do not: such a spectrum falls too slowly to need them.
    """
    n, p = rows.shape
    most = min(max(p // 24, 8), _MOST)
    if rows.dtype != np.float32 or n < 4 * (most + _SPARE):
        return None
    basis: Array = np.random.default_rng(0).standard_normal((p, most + _SPARE), np.float32)
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(rows.T @ (rows @ basis))[0]
    _, singular, turn = np.linalg.svd(rows @ basis, full_matrices=False)
    variances = singular.astype(np.float64) ** 2
    few = int(np.sum(variances > _LEFT * variances[0]))
    if not 0 < few <= most:
        return None
    chosen = (basis @ turn.T)[:, :few]
    chosen[~rows.any(axis=0)] = 0.0  # a constant column stays one
    return np.asfortranarray(chosen)


def falls_far(rows: Array) -> bool:
    """Whether eigenvalues reach so low that float32 loses them, with no few directions to blame.

    Told by the eigenvalues of the pilot block, up to 1,024 inputs; the lower half, which a sample
    of few rows distorts, is taken to fall on as fast as the quarter above it.
    """
    n, p = rows.shape
    if p > _LARGEST or n < p // 2 + 2:
        return False
    values = np.linalg.eigvalsh(rows.T @ rows)[::-1].clip(min=0.0)
    quarter, half = values[p // 4], values[p // 2]
    return bool(half**3 < _LOST * values[0] * quarter**2)


class Directions:
    """Leading directions V (p, r), and the sums along them that z = x − Va lacks."""

    NAMES = ("first", "with_inputs", "with_itself", "with_target")

    def __init__(self, basis: Array, n_targets: int) -> None:
        p, r = basis.shape
        self.basis, self.most = basis, np.inf
        self.first = np.zeros(r)
        self.with_inputs = np.zeros((r, p))
        self.with_itself = np.zeros((r, r))
        self.with_target = np.zeros((r, n_targets))

    def take_out(self, rows: Array) -> Array:
        """Leave z in the place of `rows` (n, p), C-contiguous; give a, shape (n, r)."""
        from scipy.linalg.blas import sgemm

        # Transposed, rows are a matrix in BLAS's own order, so that it can be changed in place.
        along: Array = sgemm(1.0, self.basis, rows.T, trans_a=1).T
        sgemm(-1.0, self.basis, along.T, beta=1.0, c=rows.T, overwrite_c=1)
        return along

    def learn(self, rows: Array) -> None:
        """Note how much variance centred pilot rows have beside the directions."""
        left = rows.copy()
        self.take_out(left)
        self.most = _SPILL * float(np.vdot(left, left)) / len(rows)

    def add(self, along: Array, rows: Array, target: Array | None) -> None:
        """Add a block's sums of a with itself, with z and with the target."""
        from scipy.linalg.blas import sgemm

        # All by SciPy's BLAS: NumPy brings another, whose waiting threads would slow both.
        self.first += along.sum(axis=0, dtype=np.float64)
        self.with_inputs += sgemm(1.0, rows.T, along.T, trans_b=1).T
        self.with_itself += sgemm(1.0, along.T, along.T, trans_b=1)
        if target is not None:
            self.with_target += along.T @ target

    def whole(self, n: int, offset: Floats, scatter: Floats) -> tuple[Floats, Floats]:
        """Mean offset and scatter of x, from those of z about its own mean."""
        mean = self.first / n
        inner = self.with_itself - np.outer(self.first, mean)
        outer = self.with_inputs - np.outer(self.first, offset)
        directions = self.basis.astype(np.float64)
        # V (Σ azᵀ + ½ Σ aaᵀ Vᵀ) and its transpose together hold all that has V in it.
        half = outer + 0.5 * inner @ directions.T
        for start in range(0, len(scatter), 256):  # without another matrix of that size
            part = slice(start, start + 256)
            scatter[part] += directions[part] @ half + (directions @ half[:, part]).T
        return offset + directions @ mean, scatter

    def whole_cross(self, cross: Floats, target_offset: Floats) -> Floats:
        """Σ x yᵀ about the means, from that of z."""
        own = self.with_target - np.outer(self.first, target_offset)
        return np.asarray(cross + self.basis.astype(np.float64) @ own)

    def state(self) -> dict[str, Array]:
        """Arrays that `restored` understands."""
        sums = {f"leading.{name}": getattr(self, name) for name in self.NAMES}
        return sums | {"leading.basis": self.basis, "leading.most": np.array(self.most)}

    @classmethod
    def restored(cls, state: Mapping[str, Array]) -> "Directions | None":
        """Go on from what `state` gave, if it gave anything."""
        if "leading.basis" not in state:
            return None
        found = cls(
            np.asfortranarray(state["leading.basis"]), state["leading.with_target"].shape[1]
        )
        for name in cls.NAMES:
            setattr(found, name, state[f"leading.{name}"])
        found.most = float(state["leading.most"])
        return found

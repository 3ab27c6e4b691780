"""Taking the leading directions out of a block before it is squared in single precision.

A product in float32 is wrong by a share of its largest eigenvalue, which buries eigenvalues a
million times smaller. So a row x is kept as two parts: a = Vᵀx along a few leading directions V
of a pilot block, and z = x − Va, in which nothing large is left. Up to rounding x = Va + z, hence

    Σ xxᵀ = Σ zzᵀ + V Σ azᵀ + (V Σ azᵀ)ᵀ + V (Σ aaᵀ) Vᵀ

whatever V is; the sums on the right are taken in float32 blocks, the rest in float64. The error
of small eigenvalues then is a share of the largest one of Σ zzᵀ.
"""

from collections.abc import Mapping

import numpy as np

from eigenscale.arrays import Array, Floats

_LEFT = 0.01  # largest eigenvalue that may stay, as a share of the largest
_MOST = 20  # directions; where more are needed the spectrum is too flat to lose digits
_SPARE = 4  # further directions of the subspace iteration
_ROUNDS = 3
_SPILL = 4.0  # times the variance that the pilot block leaves outside them: directions are stale

_LARGEST = 1024  # inputs up to which the pilot's own eigenvalues cost little
_LOST = 2e-5  # share of the largest eigenvalue below which float32 misses by more than 1e-5
_SAFE = 0.2  # of that miss is borne


def leading(rows: Array) -> Array | None:
    """Choose directions V, shape (p, r), of centred float32 rows; None where none are needed.

    As few as leave less than 1 % of the largest eigenvalue, or a larger share that single precision
    can bear next to the smallest; and none where 20 (or p/24, but at least 8) do not: such a
    spectrum falls too slowly to need them.
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
    few = int(np.sum(variances > _bearable(rows) * variances[0]))
    if not 0 < few <= most:
        return None
    chosen = (basis @ turn.T)[:, :few]
    chosen[~rows.any(axis=0)] = 0.0  # a constant column stays one
    return np.asfortranarray(chosen)


def _bearable(rows: Array) -> float:
    """Share of the largest eigenvalue that may stay.

    Judged by the smallest eigenvalue of the pilot block, which a sample makes too small, where rows
    are at least twice as many as inputs and inputs few; otherwise 1 %.
    """
    n, p = rows.shape
    if n < 2 * p or p > _LARGEST or not rows.any():
        return _LEFT
    values = np.linalg.eigvalsh(rows.T @ rows)
    return float(np.clip(_SAFE / _LOST * values[0] / values[-1], _LEFT, 1.0))


def falls_far(rows: Array) -> bool:
    """Whether eigenvalues reach so low that float32 loses them, with no few directions to blame.

    Judged by the eigenvalues of the pilot block, up to 1,024 inputs; the lower half, which a sample
    of few rows distorts, is taken to fall on as fast as the quarter above it.
    """
    n, p = rows.shape
    if p > _LARGEST or n < p // 2 + 2:
        return False
    values = np.linalg.eigvalsh(rows.T @ rows)[::-1].clip(min=0.0)
    quarter, half = values[p // 4], values[p // 2]
    return bool(half**3 < _LOST * values[0] * quarter**2)


class Directions:
    """Leading directions V (p, r), which split rows x into z = x − Va and a.

    Rows come with r columns of zeros behind their own, which take up a: one product of such rows
    with themselves then has all of Σ zzᵀ, Σ zaᵀ and Σ aaᵀ in it.
    """

    def __init__(self, basis: Array) -> None:
        r = basis.shape[1]
        self.basis, self.most = basis, np.inf
        unit = np.eye(r, dtype=basis.dtype)
        self._along = np.asfortranarray(np.concatenate([basis, 0 * unit]))
        self._out = np.asfortranarray(np.concatenate([basis, -unit]))

    @property
    def count(self) -> int:
        """Number of directions r."""
        return int(self.basis.shape[1])

    def take_out(self, rows: Array) -> None:
        """Put z and a in the place of `rows` (n, p + r), C-contiguous, the last r columns zero."""
        from scipy.linalg.blas import sgemm

        # Transposed, rows are a matrix in BLAS's own order, so that it can be changed in place.
        along = sgemm(1.0, self._along, rows.T, trans_a=1)
        sgemm(-1.0, self._out, along, beta=1.0, c=rows.T, overwrite_c=1)

    def learn(self, rows: Array) -> None:
        """Note how much variance centred pilot rows (n, p) have outside the directions."""
        left = rows - (rows @ self.basis) @ self.basis.T
        self.most = _SPILL * float(np.vdot(left, left)) / len(rows)

    def whole(self, n: int, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """Mean offset and scatter of x from the sums of (z, a), shape (p + r,), and their scatter.

        The scatter, shape (p + r, p + r), is about the mean; its first p columns are used up.
        """
        p = len(self.basis)
        scatter, outer, inner = second[:p, :p], second[p:, :p], second[p:, p:]
        directions = self.basis.astype(np.float64)
        # V (Σ azᵀ + ½ Σ aaᵀ Vᵀ) and its transpose together hold all that has V in it.
        half = outer + 0.5 * inner @ directions.T
        for start in range(0, p, 256):  # without another matrix of that size
            part = slice(start, start + 256)
            scatter[part] += directions[part] @ half + (directions @ half[:, part]).T
        return (first[:p] + directions @ first[p:]) / n, scatter

    def whole_cross(self, cross: Floats) -> Floats:
        """Σ x yᵀ about the means, from that of (z, a)."""
        p = len(self.basis)
        return np.asarray(cross[:p] + self.basis.astype(np.float64) @ cross[p:])

    def state(self) -> dict[str, Array]:
        """Arrays that `restored` understands."""
        return {"leading.basis": self.basis, "leading.most": np.array(self.most)}

    @classmethod
    def restored(cls, state: Mapping[str, Array]) -> "Directions | None":
        """Go on from what `state` gave, if it gave anything."""
        if "leading.basis" not in state:
            return None
        found = cls(np.asfortranarray(state["leading.basis"]))
        found.most = float(state["leading.most"])
        return found

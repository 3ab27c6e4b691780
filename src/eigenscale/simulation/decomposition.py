"""One decomposition of drawn features, from which every ridge, time and noise level follows.

With whitened data ξ (M×T), features ũ = u Λ^½ (N×M) and φ = ũ ξ = A diag(s) Bᵀ, the student of a
teacher w and noise ε is θ* = (wx + ε) B diag(h) Aᵀ with h = s/(s² + γ), or
h = s (1 - e^(-t(s² + γ)/(NT)))/(s² + γ) after gradient flow for a time t. Its error in whitened
modes is S = ξ B diag(h) Aᵀ ũ - 1, so that the loss is a quadratic form in h,

    L = ½ [Σ v_J² - 2 d·h + hᵀ (P∘Q) h + σ² Σ_a h_a² Q_aa],
    P = (ξB)ᵀ diag(v²) (ξB),   Q = (Aᵀũ)(Aᵀũ)ᵀ,   d = diag(Aᵀũ diag(v²) ξB),

averaged exactly over the teacher's directions (v_J² = λ_J E w_J²), the noise and the test point.
Only x and u are drawn. Source: the model of arXiv:2210.16859, rederived.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import (
    array_namespace,
    device,
    is_cupy_array,
    is_torch_array,
    to_device,
)

from eigenscale.arrays import Floats, Mask

# Ratio of eigenvalues of φφᵀ below which they lose digits that count (a loss would be off by about
# 1e-5 of itself): there the singular values of φ take over.
_SQUARE_IS_SAFE = 1e-11


@dataclass(frozen=True, eq=False)
class Basis:
    """Singular value decompositions of φ, of a stack of draws, without what is rounding only.

    Attributes
    ----------
    values : array, shape (draws, r)
        Singular values s, ascending; r = min(N, T, number of modes).
    left : array, shape (draws, N, r)
        A.
    right : array, shape (draws, T, r)
        B.
    """

    values: Any
    left: Any
    right: Any


@dataclass(frozen=True, eq=False)
class Form:
    """The loss of a stack of draws as a quadratic form in the filter h.

    Attributes
    ----------
    values : array, shape (draws, r)
        Singular values s of φ.
    overlap : array, shape (draws, r, r)
        P∘Q, in units of the target squared.
    cross : array, shape (draws, r)
        d.
    noise : array, shape (draws, r)
        Diagonal of Q.
    power : array, shape (draws,)
        Σ v_J².
    complete : array of bool, shape (draws,)
        Whether the features span all modes; the student without a ridge is then the teacher, and
        the form is taken around it, so that a tiny loss keeps its digits.
    """

    values: Floats
    overlap: Floats
    cross: Floats
    noise: Floats
    power: Floats
    complete: Mask

    def losses(self, ridge: float, time: float | None, noise_var: float, sizes: int) -> Floats:
        """Loss of every draw, shape (draws,).

        Parameters
        ----------
        ridge : float
            γ of features of unit variance.
        time : float or None
            Of gradient flow, for features of variance 1/N; None trains to the end.
        noise_var : float
            σ², in units of the target squared.
        sizes : int
            N·T.
        """
        inverse, missing = filters(self.values, ridge, time, sizes)
        noise = noise_var * np.sum(inverse**2 * self.noise, axis=-1)
        missed = self.power - 2.0 * np.sum(inverse * self.cross, axis=-1)
        missed += _quadratic(self.overlap, inverse)
        if self.complete.any():
            missed = np.where(self.complete, _quadratic(self.overlap, missing), missed)
        return np.asarray(0.5 * (np.maximum(missed, 0.0) + noise))


def _quadratic(form: Floats, vectors: Floats) -> Floats:
    """Return hᵀ F h for each draw; one product per filter, whose bits no neighbour moves."""
    return np.asarray(np.sum(vectors * (form @ vectors[..., None])[..., 0], axis=-1))


def filters(values: Floats, ridge: float, time: float | None, sizes: int) -> tuple[Floats, Floats]:
    """Return what the student makes of singular values, h, and what it misses of 1/s, 1/s - h."""
    alive = values > 0
    s = np.where(alive, values, 1.0)
    rate = s**2 + ridge
    untrained = 0.0 if time is None else np.exp(-time * (rate / sizes))
    trained = 1.0 if time is None else -np.expm1(-time * (rate / sizes))
    inverse = np.where(alive, s / rate * trained, 0.0)
    missing = np.where(alive, (ridge / s + s * untrained) / rate, 0.0)
    return inverse, missing


def decompose(seen: Any, rank: int) -> Basis:
    """Decompose φ, shape (draws, N, T), of known rank, by the smaller of φφᵀ and φᵀφ."""
    xp = array_namespace(seen)
    n_features, n_samples = seen.shape[1:]
    kept = min(n_features, n_samples, rank)
    rows = seen if n_features <= n_samples else seen.mT
    squares, small = xp.linalg.eigh(rows @ rows.mT)
    squares, small = squares[:, -kept:], small[:, :, -kept:]
    values = xp.sqrt(xp.where(squares > 0, squares, 0.0 * squares))
    coarse = squares[:, 0] < _SQUARE_IS_SAFE * squares[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):  # those draws are decomposed again
        large = (rows.mT @ small) / values[:, None, :]
    for draw in range(seen.shape[0]):
        if coarse[draw]:
            values[draw], small[draw], large[draw] = _by_singular_values(rows[draw], kept)
    return Basis(values, *((small, large) if n_features <= n_samples else (large, small)))


def _by_singular_values(rows: Any, kept: int) -> tuple[Any, Any, Any]:
    """Decompose one draw without squaring it; what is rounding counts as 0."""
    xp = array_namespace(rows)
    left, values, right = xp.linalg.svd(rows, full_matrices=False)
    values = xp.flip(values[:kept], axis=0)
    floor = values[-1] * max(rows.shape) * xp.finfo(rows.dtype).eps
    alive = xp.where(values > floor, values, 0.0 * values)
    return alive, xp.flip(left[:, :kept], axis=1), xp.flip(right[:kept, :], axis=0).mT


def linear_form(data: Any, features: Any, power: Floats, rank: int) -> Form:
    """Reduce drawn data ξᵀ (draws, T, M) and features ũ (draws, N, M) to the quadratic form.

    Parameters
    ----------
    data, features : array
        As `eigenscale.simulation.draws.draw_linear` gives them, of NumPy or of any other library
        that follows the array API standard, on any device.
    power : array, shape (M,)
        v_J².
    rank : int
        Number of modes with a positive eigenvalue.

    Returns
    -------
    Form
        Of NumPy's arrays.
    """
    xp = array_namespace(data, features)
    kind = data.dtype
    basis = decompose(xp.astype(features @ data.mT, xp.float64, copy=False), rank)
    known = xp.astype(basis.left, kind, copy=False).mT @ features
    taught = xp.astype(basis.right, kind, copy=False).mT @ data
    roots = xp.asarray(np.sqrt(power), dtype=kind, device=device(data))
    taught *= roots
    cross = (known * taught) @ roots
    second = known @ known.mT
    overlap = (taught @ taught.mT) * second
    values = _as_floats(basis.values)
    return Form(
        values,
        _as_floats(overlap),
        _as_floats(cross),
        np.array(_as_floats(xp.linalg.diagonal(second))),
        np.full(len(values), power.sum()),
        (values > 0).sum(axis=1) == power.size,
    )


def _as_floats(array: Any) -> Floats:
    here = to_device(array, "cpu") if is_torch_array(array) or is_cupy_array(array) else array
    return np.asarray(here, dtype=np.float64)

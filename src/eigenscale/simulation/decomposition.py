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

import numpy as np

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

    values: Floats
    left: Floats
    right: Floats


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


def decompose(seen: Floats, rank: int) -> Basis:
    """Decompose φ, shape (draws, N, T), of known rank, by the smaller of φφᵀ and φᵀφ."""
    n_features, n_samples = seen.shape[1:]
    kept = min(n_features, n_samples, rank)
    rows = seen if n_features <= n_samples else np.swapaxes(seen, 1, 2)
    squares, small = np.linalg.eigh(rows @ np.swapaxes(rows, 1, 2))
    squares, small = squares[:, -kept:], small[:, :, -kept:]
    values = np.sqrt(np.maximum(squares, 0.0))
    coarse = squares[:, 0] < _SQUARE_IS_SAFE * squares[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):  # those draws are decomposed again
        large = (np.swapaxes(rows, 1, 2) @ small) / values[:, None, :]
    for draw in np.flatnonzero(coarse):
        values[draw], small[draw], large[draw] = _by_singular_values(rows[draw], kept)
    return Basis(values, *((small, large) if n_features <= n_samples else (large, small)))


def _by_singular_values(rows: Floats, kept: int) -> tuple[Floats, Floats, Floats]:
    """Decompose one draw without squaring it; what is rounding counts as 0."""
    left, values, right = np.linalg.svd(rows, full_matrices=False)
    values = values[:kept][::-1]
    floor = values[-1] * max(rows.shape) * np.finfo(rows.dtype).eps
    return np.where(values > floor, values, 0.0), left[:, :kept][:, ::-1], right[:kept][::-1].T


def linear_form(data: Floats, features: Floats, power: Floats, rank: int) -> Form:
    """Reduce drawn data ξᵀ (draws, T, M) and features ũ (draws, N, M) to the quadratic form.

    Parameters
    ----------
    data, features : array
        As `eigenscale.simulation.draws.draw_linear` gives them.
    power : array, shape (M,)
        v_J².
    rank : int
        Number of modes with a positive eigenvalue.
    """
    seen = features @ np.swapaxes(data, 1, 2)
    basis = decompose(seen.astype(np.float64, copy=False), rank)
    known = np.swapaxes(basis.left.astype(features.dtype, copy=False), 1, 2) @ features
    taught = np.swapaxes(basis.right.astype(data.dtype, copy=False), 1, 2) @ data
    second = known @ np.swapaxes(known, 1, 2)
    roots = np.sqrt(power).astype(taught.dtype, copy=False)
    taught *= roots
    cross = (known * taught) @ roots
    overlap = (taught @ np.swapaxes(taught, 1, 2)) * second
    noise = np.diagonal(second, axis1=1, axis2=2)
    return Form(
        basis.values,
        overlap.astype(np.float64, copy=False),
        cross.astype(np.float64, copy=False),
        noise.astype(np.float64, copy=False),
        np.full(len(seen), power.sum()),
        (basis.values > 0).sum(axis=1) == power.size,
    )

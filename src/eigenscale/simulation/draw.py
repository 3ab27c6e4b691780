"""The loss of drawn data and features, averaged exactly over teacher and noise.

With whitened data ξ (M×T, standard normal), features ũ = u Λ^½ (N×M) and φ = ũ ξ, the student
of a teacher w and noise ε is θ* = (wx + ε) φᵀ q. Its error in whitened modes is

    S = ξ G - 1,   G = φᵀ q ũ  (T×M),   L = ½ [Σ_JK v_J² S_JK² + σ² Σ_tK G_tK²]

with q = 1/(φφᵀ + γ), or (1 - e^(-t(φφᵀ + γ)/T))/(φφᵀ + γ) after gradient flow for a time t,
on average over the teacher's directions (v_J² = λ_J E w_J²) and the noise, and exactly so over
the test point. Only x and u are drawn. Source: theory of the model (arXiv:2210.16859), rederived.
"""

import numpy as np

from eigenscale.arrays import Floats

_RIDGE_IS_SAFE = 1e-6  # relative to the largest eigenvalue of φφᵀ: no digits are lost that count


def draw(
    rng: np.random.Generator, draws: int, n_features: int, n_samples: int, roots: Floats
) -> tuple[Floats, Floats]:
    """Draw ξ, shape (draws, M, T), and ũ, shape (draws, N, M), for the square roots of λ."""
    data = rng.standard_normal((draws, roots.size, n_samples))
    features = rng.standard_normal((draws, n_features, roots.size)) * roots
    return data, features


def losses(
    data: Floats,
    features: Floats,
    power: Floats,
    noise_var: float,
    ridge: float,
    time: float | None = None,
) -> Floats:
    """Loss of each draw, shape (draws,); `ridge` goes with features of unit variance.

    `time` is that of features of variance 1/N, None for training to the end.
    """
    return _measure(data, student(features @ data, features, ridge, time), power, noise_var)


def student(seen: Floats, features: Floats, ridge: float, time: float | None) -> Floats:
    """G = φᵀ q ũ, shape (draws, T, M), from φ, shape (draws, N, T)."""
    turned = seen.mT
    size = np.einsum("dij,dij->d", seen, seen).max()
    if ridge <= _RIDGE_IS_SAFE * size or time is not None:
        return _student_by_singular_values(seen, features, ridge, time)
    if seen.shape[1] <= seen.shape[2]:
        inner = np.linalg.solve(seen @ turned + ridge * np.eye(seen.shape[1]), features)
        return np.asarray(turned @ inner)
    return np.asarray(
        np.linalg.solve(turned @ seen + ridge * np.eye(seen.shape[2]), turned @ features)
    )


def _student_by_singular_values(
    seen: Floats, features: Floats, ridge: float, time: float | None
) -> Floats:
    """Do without the square of φ, of which a small or no ridge would show the rounding."""
    left, values, right = np.linalg.svd(seen, full_matrices=False)
    floor = values[:, :1] * max(seen.shape[1:]) * np.finfo(float).eps
    kept = values > floor
    inverse = np.where(kept, values / np.where(kept, values**2 + ridge, 1.0), 0.0)
    if time is not None:
        inverse *= -np.expm1(-time * (values**2 + ridge) / (seen.shape[1] * seen.shape[2]))
    return right.mT @ (inverse[:, :, None] * (left.mT @ features))


def _measure(data: Floats, student: Floats, power: Floats, noise_var: float) -> Floats:
    """½ [Σ v_J² S_JK² + σ² Σ G²] for each draw, by whichever of M and T is smaller."""
    if data.shape[1] <= data.shape[2]:
        error = data @ student
        error -= np.eye(data.shape[1])
        missed = np.einsum("j,djk,djk->d", power, error, error, optimize=True)
    else:
        inner = student @ student.mT
        weighted = (data.mT * power) @ data
        overlap = np.einsum("j,djt,dtj->d", power, data, student, optimize=True)
        missed = np.einsum("dst,dst->d", weighted, inner) - 2.0 * overlap + power.sum()
    noise = np.einsum("dtk,dtk->d", student, student)
    return np.asarray(0.5 * (missed + noise_var * noise))

"""What drawn models learn: the eigenvalues they see, and the share of each mode they take up."""

from collections.abc import Callable

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.simulation.draw import draw, student
from eigenscale.simulation.simulate import whole_modes
from eigenscale.spectrum import Spectrum


def simulate_learned(
    spectrum: Spectrum,
    n_features: int,
    n_samples: int,
    *,
    time: float | None = None,
    draws: int = 16,
    rng: int | np.random.Generator | None = None,
) -> Floats:
    """Average over draws what the student has of each mode of the teacher.

    Returns
    -------
    array, shape (M,)
        1 where a mode is learned, 0 where it is not.

    Examples
    --------
    >>> simulate_learned(Spectrum.power_law(0.5, 30), 20, 20, draws=4, rng=0).shape
    (30,)
    """
    values, _ = whole_modes(spectrum, 1.0)
    generator = np.random.default_rng(rng)
    total = np.zeros(values.size)
    for _ in range(draws):
        data, features = draw(generator, 1, n_features, n_samples, np.sqrt(values))
        total += np.einsum("djt,dtj->j", data, student(features @ data, features, 0.0, time))
    return total / draws


def simulate_eigenvalues(
    spectrum: Spectrum,
    n_samples: int,
    n_features: int | None = None,
    *,
    activation: Callable[[Floats], Floats] | None = None,
    draws: int = 4,
    rng: int | np.random.Generator | None = None,
) -> Floats:
    """Average the ordered eigenvalues of φφᵀ/T over draws.

    Parameters
    ----------
    spectrum : Spectrum
        Of the latent data.
    n_samples, n_features : int
        T and N; without N the latent data are their own features.
    activation : callable, optional
        Applied to the features, whose mean over samples is then taken off.
    draws, rng
        Number of draws, and their seed.

    Returns
    -------
    array, shape (min(N, T),)
        Descending.

    Examples
    --------
    >>> simulate_eigenvalues(Spectrum.power_law(0.5, 30), 100, rng=0).shape
    (30,)
    """
    values, _ = whole_modes(spectrum, 1.0)
    generator = np.random.default_rng(rng)
    found = []
    for _ in range(draws):
        size = values.size if n_features is None else n_features
        data, weights = draw(generator, 1, size, n_samples, np.sqrt(values))
        seen = data[0] * np.sqrt(values)[:, None]
        if n_features is not None:
            seen = weights[0] / np.sqrt(size) @ data[0]
        if activation is not None:
            seen = activation(seen)
            seen = seen - seen.mean(axis=1, keepdims=True)
        found.append(np.linalg.svd(seen, compute_uv=False) ** 2 / n_samples)
    return np.asarray(np.mean(found, axis=0))

"""What drawn models learn: the eigenvalues they see, and the fraction of each mode they take up."""

from collections.abc import Callable

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.simulation.decomposition import decompose, filters
from eigenscale.simulation.draws import Streams, as_seed, draw_linear
from eigenscale.simulation.problem import Modes
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
    modes = Modes.of(spectrum)
    streams = Streams(as_seed(rng), (modes.eigenvalues.size, n_features, n_samples))
    total = np.zeros(modes.eigenvalues.size)
    for draw in range(draws):
        data, features = draw_linear(
            streams, range(draw, draw + 1), n_features, n_samples, np.sqrt(modes.eigenvalues)
        )
        basis = decompose(features @ np.swapaxes(data, 1, 2), modes.rank)
        inverse, _ = filters(basis.values, 0.0, time, n_features * n_samples)
        known, taught = basis.left[0].T @ features[0], basis.right[0].T @ data[0]
        total += inverse[0] @ (known * taught)
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
        Descending; to 1e-16 of the largest, from products of the features with themselves.

    Examples
    --------
    >>> simulate_eigenvalues(Spectrum.power_law(0.5, 30), 100, rng=0).shape
    (30,)
    """
    values = Modes.of(spectrum).eigenvalues
    roots = np.sqrt(values)
    streams = Streams(as_seed(rng), (values.size, n_features or 0, n_samples))
    found = []
    for draw in range(draws):
        data, weights = draw_linear(
            streams, range(draw, draw + 1), n_features or 0, n_samples, roots
        )
        seen = data[0] * roots if n_features is None else data[0] @ weights[0].T / n_features**0.5
        if activation is not None:
            seen = activation(seen)
            seen = seen - seen.mean(axis=0)
        rows = seen if seen.shape[0] <= seen.shape[1] else seen.T
        found.append(np.linalg.eigvalsh(rows @ rows.T)[::-1] / n_samples)
    return np.asarray(np.maximum(np.mean(found, axis=0), 0.0))

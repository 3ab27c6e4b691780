"""One set of features, fixed: what a random-feature model is once its features are drawn.

At given u the student is ridge regression on inputs φ = ux with the covariance u Λ uᵀ, and the part
of the target that no linear function of φ reaches acts as noise and stays in the loss. So the model
has two levels: features from the population (here), and training from samples (the kernel limit
N = ∞ of the one equation on the spectrum of the features). On average over u, the second
level on the first gives the loss in N and T.
"""

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.errors import InputError
from eigenscale.spectrum import Spectrum


def spectrum_of_features(
    spectrum: Spectrum, weights: ArrayLike, weight_var: float = 1.0
) -> Spectrum:
    """Give the spectrum of φ = ux, with the power of the target that its modes hold.

    Parameters
    ----------
    spectrum : Spectrum
        Of the data x, every mode by itself (multiplicities 1), in descending order.
    weights : array_like, shape (N, M)
        u, in the basis in which the covariance of x is diagonal.
    weight_var : float
        σ_w² of the isotropic teacher, where the spectrum has no target of its own.

    Returns
    -------
    Spectrum
        min(N, M) eigenvalues of u Λ uᵀ, their target power averaged over the teacher's signs,
        and as `unexplained` the power that no feature holds, with that of the given spectrum.

    Raises
    ------
    InputError
        Where the shapes do not fit.

    Examples
    --------
    >>> data = Spectrum.from_eigenvalues([2.0, 1.0])
    >>> features = spectrum_of_features(data, [[1.0, 0.0]])
    >>> features.eigenvalues, features.target_power, features.unexplained
    (array([2.]), array([1.]), 0.5)
    """
    u = np.asarray(weights, float)
    if u.ndim != 2 or u.shape[1] != spectrum.eigenvalues.size:
        raise InputError(
            f"weights have shape {u.shape}; give (features, {spectrum.eigenvalues.size}), "
            "one column for each eigenvalue"
        )
    if (spectrum.multiplicities != 1).any():
        raise InputError("multiplicities are not all 1; give every mode for itself")
    power = spectrum.power(weight_var)
    # Right singular vectors of u Λ^½ are the modes of the features in whitened data.
    _, roots, modes = np.linalg.svd(u * np.sqrt(spectrum.eigenvalues), full_matrices=False)
    kept = roots > roots[0] * max(u.shape) * np.finfo(float).eps
    if not kept.any():
        raise InputError("weights are all 0 where the data vary; give features that see the data")
    held = (modes[kept] ** 2) @ power
    rest = max(0.0, float(power.sum() - held.sum()))
    return Spectrum.from_eigenvalues(roots[kept] ** 2, held, spectrum.unexplained + rest)

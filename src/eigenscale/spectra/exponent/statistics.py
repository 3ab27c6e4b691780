"""What a sample's spectrum is expected to be, with its fluctuations, in closed form.

The statistics are the log-determinants L(ζ) = Σ_i log(1 + a_i/ζ) of the sample's eigenvalues a_i
at a grid of ζ: smooth counts of the eigenvalues above ζ, on which all eigenvalues act. With g, z
and k from the one equation (★) at each ζ, N features and T samples,

    E L(ζ)        = Σ_J log(1 + λ_J/g) - N [log(1-z/N) + z/N] - T [log(1-z/T) + z/T]
                    + ½ log(1-Γ_N) + ½ log(1-Γ_T)                     (both Γ at ζ, ζ)
    Cov(L₁, L₂)   = -2 log(1-Γ_N) - 2 log(1-Γ_T)                      (both Γ at ζ₁, ζ₂)
    Γ_N           = (g₁z₁ - g₂z₂) / (N (g₁-g₂)),   Γ_T = (k₁z₁ - k₂z₂) / (T (k₁-k₂))

The first line integrates dL/dlog ζ = -z. The corrections of order one and the covariance are
those of Bai and Silverstein (2004, doi:10.1214/aop/1078415845) for real Gaussian data, applied
once to the samples and once to the random features. Where the two samples are nested, the
covariance has max(T₁, T₂) in place of T, and each z, g and k belong to their own T. Checked against
simulation in the tests.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.root import Root, solve
from eigenscale.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class Expected:
    """Mean and effective ridge g, shape (k,), and covariance, shape (k, k), of the statistics."""

    mean: Floats
    covariance: Floats
    g: Floats


def observed(eigenvalues: Floats, log_zeta: Floats) -> Floats:
    """L(ζ) of measured eigenvalues at each ζ, shape (k,)."""
    positive = eigenvalues[eigenvalues > 0]
    return np.asarray(np.log1p(positive / np.exp(log_zeta)[:, None]).sum(axis=1))


def expected(
    spectrum: Spectrum, n_features: float, n_samples: float | Floats, log_zeta: Floats
) -> Expected:
    """Mean and covariance of L(ζ) for a population, N random features (or inf), T samples.

    Parameters
    ----------
    spectrum : Spectrum
        Of the latent features.
    n_features : float
        Columns, as random linear maps of the latent features with variance 1/N per entry;
        ``inf`` where the columns are the latent features themselves, up to rotation.
    n_samples : float or ndarray, shape (k,)
        Degrees of freedom of the sample covariance, n - 1; one for each ζ where samples of
        several sizes are seen together, each part of the next.
    log_zeta : ndarray, shape (k,)
        The grid, in logarithms.
    """
    root = solve(spectrum, n_features, n_samples, log_zeta)
    sizes = np.broadcast_to(np.asarray(n_samples, dtype=np.float64), root.z.shape)
    features, samples = _overlaps(root, n_features, sizes)
    counts = np.log1p(spectrum.eigenvalues / root.g[:, None]) @ spectrum.multiplicities
    mean = (
        counts
        - _penalty(n_features, root.z, root.left_features)
        - (sizes * np.log(root.left_samples) + root.z)
        + 0.5 * np.log1p(-np.diagonal(features))
        + 0.5 * np.log1p(-np.diagonal(samples))
    )
    return Expected(mean, -2 * (np.log1p(-features) + np.log1p(-samples)), root.g)


def _penalty(size: float, z: Floats, left: Floats) -> Floats | float:
    return size * np.log(left) + z if np.isfinite(size) else 0.0


def _overlaps(root: Root, n_features: float, n_samples: Floats) -> tuple[Floats, Floats]:
    """Γ_N and Γ_T for all pairs of ζ; of nested samples the larger counts."""
    if np.isfinite(n_features):
        features = _divided(root.g, root.z, root.q) / n_features
        stretch = 1.0 + root.slope / n_features / root.left_features  # dlog k / dlog g
    else:
        features, stretch = np.zeros((root.z.size, root.z.size)), np.ones(root.z.size)
    samples = _divided(root.k, root.z, root.z - root.slope / stretch)
    samples = samples / np.maximum(n_samples[:, None], n_samples)
    return features, samples


def _divided(x: Floats, z: Floats, diagonal: Floats) -> Floats:
    """Divided differences of x z with respect to x; its derivative on the diagonal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        table = ((x * z)[:, None] - x * z) / (x[:, None] - x)
    near = np.abs(x[:, None] / x - 1.0) < 1e-7
    return np.where(near, 0.5 * (diagonal[:, None] + diagonal), table)

"""Test loss at any ridge, its parts, its training loss, and its local exponents.

The effective ridge g solves (★) (`eigenscale.equation.root`); the loss is then explicit
(`eigenscale.theory.parts`). σ² is the noise of the labels and what no linear function of the
modes explains.
Source: Maloney, Roberts and Sully 2022 (arXiv:2210.16859) and Zhang 2024 (arXiv:2405.19398),
rederived.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats, Mask
from eigenscale.equation.modes import modes_of
from eigenscale.equation.root import Root, solve
from eigenscale.equation.target import PowerSums, Target, skew_of, target_of
from eigenscale.spectrum import Spectrum
from eigenscale.theory.parts import Parts


@dataclass(frozen=True, eq=False)
class RidgeLoss:
    """Loss on a grid and its parts; all arrays have the broadcast shape.

    Attributes
    ----------
    loss : array
        Half the mean squared error on noise-free labels; ``inf`` where it diverges.
    train_loss : array
        Half the mean squared error on the noisy training labels, (1 - z/T)² (L + σ²/2).
    bias, variance, noise : array
        Bias² of the mean student, variance from drawing data and features, and what the
        noise of the labels adds; their sum is the loss.
    exponent_features, exponent_samples, exponent_ridge : array
        -∂ln L/∂ln N, -∂ln L/∂ln T and -∂ln L/∂ln γ, the others fixed; NaN where the loss is
        0, diverges, or has a kink (no ridge, and N or T is the number of modes).
    diverges : array of bool
        Where the loss is infinite (no ridge and N = T < M, or noise and T = M).
    root : Root
        The solution of (★).
    """

    loss: Floats
    train_loss: Floats
    bias: Floats
    variance: Floats
    noise: Floats
    exponent_features: Floats
    exponent_samples: Floats
    exponent_ridge: Floats
    diverges: Mask
    root: Root


def ridge_loss(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    log_zeta: ArrayLike = -np.inf,
    *,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> RidgeLoss:
    """Solve (★) and give the loss with its parts for every element of the broadcast arguments.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues, and the target's power where it is known.
    n_features, n_samples : array_like
        N and T, positive; ``inf`` is allowed.
    log_zeta : array_like
        Logarithm of the ridge per sample ζ in normalised features (see `log_ridge_per_sample`).
    noise_var : float
        Variance of the label noise; the spectrum's unexplained variance is added.
    weight_var : float
        σ_w² of the isotropic teacher, used where the spectrum has no target power.

    Examples
    --------
    >>> spectrum = Spectrum.from_eigenvalues([1.0, 1.0, 1.0, 1.0])
    >>> result = ridge_loss(spectrum, 2, 4)
    >>> float(result.loss)  # (σ_w²/2M) Δ m / (1 - m/T) with Δ = 1, m = 2
    0.5
    """
    root = solve(spectrum, n_features, n_samples, log_zeta)
    points = root.z.size
    modes, target = modes_of(spectrum, points), target_of(spectrum, points, weight_var)
    log_g = root.log_g.ravel() - modes.log_unit
    third = skew_of(modes, log_g).reshape(root.z.shape)
    power = target.moments(log_g)
    shaped = PowerSums(*(x.reshape(root.z.shape) for x in vars(power).values()))
    return _assemble(root, third, shaped, target, noise_var + spectrum.unexplained)


def log_ridge_per_sample(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    ridge: ArrayLike,
    feature_var: float = 1.0,
) -> Floats:
    """Turn γ, which is added to φφᵀ, into log ζ with ζ = γ M / (N σ_u² T).

    Where N is infinite, the features are first normalised by σ_u² = M/N, since φφᵀ would grow
    without bound: γ is then what is added to the kernel matrix Σ_J x_J x_J, and ζ = γ/T.
    """
    N, T = np.asarray(n_features, float), np.asarray(n_samples, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ridge = np.log(np.asarray(ridge, float))
        features = np.log(spectrum.latent_dim) - np.log(N) - np.log(feature_var)
        zeta = log_ridge + np.where(np.isinf(N), 0.0, features) - np.log(T)
    return np.where(np.isposinf(log_ridge), np.inf, zeta)


def ridge_of(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    log_zeta: ArrayLike,
    feature_var: float = 1.0,
) -> Floats:
    """Turn log ζ back into γ, the inverse of `log_ridge_per_sample`; ``inf`` above float64."""
    N, T = np.asarray(n_features, float), np.asarray(n_samples, float)
    zeta = np.asarray(log_zeta, float)
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        features = np.log(N) + np.log(feature_var) - np.log(spectrum.latent_dim)
        ridge = np.exp(zeta + np.where(np.isinf(N), 0.0, features) + np.log(T))
    return np.where(np.isneginf(zeta), 0.0, ridge)


def _assemble(
    root: Root, third: Floats, power: PowerSums, target: Target, noise_var: float
) -> RidgeLoss:
    parts = Parts.of(
        root.n_features,
        root.n_samples,
        root.z,
        root.q,
        root.slope,
        root.left_features,
        root.left_samples,
        power,
        target.in_units(noise_var),
    )
    loss, scale = parts.loss, target.scale
    with np.errstate(invalid="ignore", over="ignore"):
        train = np.where(np.isinf(loss), 0.0, parts.b**2 * (loss + 0.5 * parts.noise_var))
        scaled = [scale * x for x in (loss, train, parts.variance, parts.noise)]
    diverges = np.isposinf(scaled[0])  # or is beyond float64
    flat = diverges | (loss == 0)
    along = (np.where(flat, np.nan, x) for x in parts.exponents(third))
    along_features, along_samples, along_ridge = along
    # An endless resource cannot grow: ζ does not depend on it.
    along_features = np.where(np.isinf(root.n_features) & ~flat, 0.0, along_features)
    along_samples = np.where(np.isinf(root.n_samples) & ~flat, 0.0, along_samples)
    return RidgeLoss(
        loss=scaled[0],
        train_loss=scaled[1],
        bias=scale * 0.5 * power.missed,
        variance=scaled[2],
        noise=scaled[3],
        exponent_features=along_features,
        exponent_samples=along_samples,
        exponent_ridge=along_ridge,
        diverges=diverges,
        root=root,
    )

"""Test loss at any ridge, its parts, its training loss, and its local exponents.

With the root g of (★), f_J = λ_J/(λ_J+g) learned and c_J = 1 - f_J missed of each mode, let

    a = 1 - z/N,   b = 1 - z/T,   p = z - q = Σ f c,   w = (p/N) / (a + p/N) in [0, 1],
    B = Σ v² c² + w Σ v² c f,   Γ = (q + p w)/T,   1 - Γ = b + (1 - w) p/T,
    L = ½ (B + σ² Γ) / (1 - Γ).

These are A(k) = Σ v² (g/k)/(λ+g), B = -k² dA/dk and Γ = (1/T) d(kz)/dk with the derivatives worked
out, in a form where every term is positive: nothing cancels at any size or ridge. σ² is the noise
of the labels and what no linear function of the modes explains.
Source: Maloney, Roberts and Sully 2022 (arXiv:2210.16859) and Zhang 2024 (arXiv:2405.19398),
rederived.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.resolvent.equation import Root, solve
from eigenscale.resolvent.modes import modes_of
from eigenscale.resolvent.target import Moments, Target, moments, target_of
from eigenscale.spectrum import Spectrum

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


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
        0 or diverges.
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
    diverges: Flags
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
    modes, target = modes_of(spectrum), target_of(spectrum, weight_var)
    log_g = root.log_g.ravel() - modes.log_unit
    third = moments(modes.values, modes.counts, log_g).skew.reshape(root.z.shape)
    power = target.moments(log_g)
    shaped = Moments(*(x.reshape(root.z.shape) for x in vars(power).values()))
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


def _over(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with 0/0 = 0 and x/0 = inf."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numerator == 0, 0.0, numerator / denominator)


@dataclass(frozen=True, eq=False)
class _Parts:
    """What the loss and its derivatives share, in the notation of the module's docstring."""

    a: Floats
    b: Floats
    per_feature: Floats
    per_sample: Floats
    w: Floats
    gamma: Floats
    left: Floats

    @classmethod
    def of(cls, root: Root) -> "_Parts":
        per_feature, per_sample = root.slope / root.n_features, root.slope / root.n_samples
        a, b = root.left_features, root.left_samples
        # Where both vanish, with all modes resolved by exactly as many features, w tends to 1/2.
        w = np.where(a + per_feature > 0, _over(per_feature, a + per_feature), 0.5)
        gamma = (root.q + root.slope * w) / root.n_samples
        return cls(a, b, per_feature, per_sample, w, gamma, b + (1.0 - w) * per_sample)


def _assemble(
    root: Root, third: Floats, power: Moments, target: Target, noise_var: float
) -> RidgeLoss:
    parts = _Parts.of(root)
    noise_var = noise_var / target.scale
    drawn = parts.w * power.mixed
    source = power.missed + drawn + noise_var * parts.gamma
    loss = 0.5 * _over(source, parts.left)
    diverges = np.isposinf(loss)
    with np.errstate(invalid="ignore"):
        train = np.where(diverges, 0.0, parts.b**2 * (loss + 0.5 * noise_var))
    with np.errstate(invalid="ignore", over="ignore"):
        exponents = _exponents(root, third, power, parts, noise_var, source)
    flat = diverges | (loss == 0)
    along_n, along_t, along_ridge = (np.where(flat, np.nan, x) for x in exponents)
    scale = target.scale
    return RidgeLoss(
        loss=scale * loss,
        train_loss=scale * train,
        bias=scale * 0.5 * power.missed,
        variance=scale * 0.5 * _over(drawn + power.missed * parts.gamma, parts.left),
        noise=scale * 0.5 * _over(noise_var * parts.gamma, parts.left),
        exponent_features=along_n,
        exponent_samples=along_t,
        exponent_ridge=along_ridge,
        diverges=diverges,
        root=root,
    )


def _exponents(
    root: Root,
    third: Floats,
    power: Moments,
    parts: _Parts,
    noise_var: float,
    source: Floats,
) -> list[Floats]:
    """-∂ln L in ln N, ln T and ln γ, by implicit differentiation of (★).

    At fixed γ, ln ζ = ln g + ln a + ln b falls with ln N and ln T. The derivatives of ln a and
    ln b are written so that they keep their relative accuracy where a or b vanishes.
    """
    a, b, u, v = parts.a, parts.b, parts.per_feature, parts.per_sample
    N, T = root.n_features, root.n_samples
    bottom = a * b + u * b + v * a
    q, z = root.q, root.z
    # Rows: derivative of (ln g, ln a, ln b, ln N, ln T) along ln N, ln T, ln γ.
    directions = [
        (-b, q / N * b + z / N * v, -v, 1.0, 0.0),
        (-a, -u, q / T * a + z / T * u, 0.0, 1.0),
        (a * b, u * b, v * a, 0.0, 0.0),
    ]
    log_slope = 1.0 - 2.0 * _over(third, root.slope)  # dln p/dln g
    results = []
    for dg, da, db, dN, dT in directions:
        dg, da, db = (_over(x, bottom) for x in (dg, da, db))
        dp = log_slope * dg
        dw = parts.w * (1.0 - parts.w) * (dp - dN - da)
        dleft = b * db + v * ((1.0 - parts.w) * (dp - dT) - dw)
        dpower = 2.0 * power.skew + parts.w * (power.mixed - 2.0 * power.skew)
        dsource = dg * dpower + dw * power.mixed - noise_var * dleft
        results.append(_over(dleft, parts.left) - _over(dsource, source))
    return results

"""The mean spectrum of N random features, and what of the target each of its modes holds.

Given u the features φ = ux, normalised to σ_u² = M/N, have the covariance u Λ uᵀ. At large size its
eigenvalues and the target's power in its modes follow from the one equation at T = ∞,

    Σ_i 1/(a_i + ζ) ~ z(g)/ζ,    Σ_i p_i/(a_i + ζ) ~ Σ_J v_J² (g/ζ)/(λ_J + g),    ζ = g (1 - z/N):

on the negative axis, ζ = -a + i0, the imaginary parts are the densities of both. The power at a = 0
is what no linear function of the features expresses.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Complexes, Floats
from eigenscale.equation.modes import blocks
from eigenscale.equation.root import solve
from eigenscale.equation.sample import sample_spectrum
from eigenscale.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class FeatureModes:
    """Modes that training sees, descending.

    Attributes
    ----------
    values : array, shape (n,)
        Eigenvalues a of the features' covariance.
    counts : array, shape (n,)
        How many modes each of them stands for.
    power : array, shape (n,)
        Variance of the target that these modes hold together.
    missed : float
        Variance of the target that no linear function of the features expresses.
    """

    values: Floats
    counts: Floats
    power: Floats
    missed: float


def feature_modes(spectrum: Spectrum, n_features: float, weight_var: float = 1.0) -> FeatureModes:
    """Give the modes of N random features of the data; those of the data where N is infinite.

    Parameters
    ----------
    spectrum : Spectrum
        Of the data, with the target's power where it is known.
    n_features : float
        N, positive; ``inf`` is the kernel limit.
    weight_var : float
        σ_w² of the isotropic teacher, used where the spectrum has no target power.

    Examples
    --------
    >>> data = Spectrum.power_law(alpha=0.5, latent_dim=1000)
    >>> modes = feature_modes(data, 100)
    >>> trace = modes.values @ modes.counts
    >>> round(float(modes.counts.sum())), bool(abs(trace / data.trace - 1) < 1e-3)
    (100, True)
    """
    power = spectrum.power(weight_var)
    if np.isinf(n_features):
        kept = spectrum.eigenvalues > 0
        counts = spectrum.multiplicities
        held = counts * power
        lost = float(held[~kept].sum())
        return FeatureModes(spectrum.eigenvalues[kept], counts[kept], held[kept], lost)
    curve = sample_spectrum(spectrum, n_features)
    counts = np.diff(curve.count)
    held = _held(spectrum, power, curve.log_g)
    # Power per eigenvalue changes slowly along the curve; where a band ends both vanish.
    with np.errstate(invalid="ignore", divide="ignore"):
        share = held / (np.pi * curve.density * curve.eigenvalues)
    share = np.where(curve.density > 0, share, np.nan)
    filled = counts > 0
    ends = np.stack([share[:-1], share[1:]])[:, filled]
    known = np.isfinite(ends)
    per_mode = np.where(known, ends, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    values = 0.5 * (curve.eigenvalues[:-1] + curve.eigenvalues[1:])[filled]
    total = float(spectrum.multiplicities @ power)
    missed = power_missed(spectrum, n_features, weight_var)
    found = counts[filled] * per_mode
    return FeatureModes(values, counts[filled], found * ((total - missed) / found.sum()), missed)


def _held(spectrum: Spectrum, power: Floats, log_g: Complexes) -> Floats:
    """Give the imaginary part of Σ v² g/(λ+g) at each complex g, by blocks."""
    out = np.empty(log_g.size)
    values, weights = spectrum.eigenvalues, spectrum.multiplicities * power
    with np.errstate(divide="ignore", over="ignore"):
        logs = np.log(values)
    for part in blocks(log_g.size, values.size):
        # g/(λ+g) = 1/(1 + λ/g): its imaginary part is r sin / |1 + r e^(-i arg)|² with r = λ/|g|.
        ratio = np.exp(np.clip(logs - log_g.real[part, None], -700.0, 300.0))
        angle = log_g.imag[part, None]
        bottom = (1.0 - ratio) ** 2 + 4.0 * ratio * np.cos(0.5 * angle) ** 2
        out[part] = (ratio * np.sin(angle) / bottom) @ weights
    return np.abs(out)


def power_missed(spectrum: Spectrum, n_features: float, weight_var: float = 1.0) -> float:
    """Give Σ v² Δ/(λ+Δ) with z(Δ) = N: the power that N random features do not express."""
    power = spectrum.power(weight_var)
    g = float(solve(spectrum, n_features, np.inf).g)
    values = spectrum.eigenvalues
    share = np.where(values > 0, g / np.where(values + g > 0, values + g, 1.0), 1.0)
    return float(spectrum.multiplicities @ (power * share))

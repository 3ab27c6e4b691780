"""The target's power over the modes, and the sums of it that the loss is made of."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.gauss import condense
from eigenscale.equation.modes import (
    Modes,
    blocks,
    finite_g,
    is_condensed,
    modes_of,
    relative_eigenvalues,
)
from eigenscale.errors import InputError
from eigenscale.spectrum import Spectrum

_FAINT = 1e-290
_LOUD = 1e300


@dataclass(frozen=True, eq=False)
class PowerSums:
    """Weighted sums at each g, with f = λ/(λ+g) and c = g/(λ+g).

    Attributes
    ----------
    missed : array
        Σ w c².
    mixed : array
        Σ w c f.
    skew : array
        Σ w c² f.
    """

    missed: Floats
    mixed: Floats
    skew: Floats


def moments(values: Floats, weights: Floats, log_g: Floats, lost: float = 0.0) -> PowerSums:
    """Sum over modes of relative eigenvalue `values` at relative log g, shape (points,), by blocks.

    `lost` is the weight of modes with eigenvalue zero: they are missed whatever g is.
    """
    out = np.empty((3, log_g.size))
    g = finite_g(log_g)
    for part in blocks(log_g.size, values.size):
        share = 1.0 / (values + g[part, None])
        missed = g[part, None] * share
        learned = np.multiply(values, share, out=share)
        mixed = learned * missed
        out[1, part] = mixed @ weights
        out[2, part] = (mixed * missed) @ weights
        out[0, part] = np.square(missed, out=missed) @ weights
    out[0] += lost
    nothing, everything = np.isneginf(log_g), np.isposinf(log_g)
    out[:, nothing | everything] = 0.0
    out[0, nothing] = lost
    out[0, everything] = lost + weights.sum()
    return PowerSums(*out)


def skew_of(modes: Modes, log_g: Floats) -> Floats:
    """Give Σ c² f over the modes at relative log g, shape (points,), by blocks."""
    out, g = np.empty(log_g.size), finite_g(log_g)
    for part in blocks(log_g.size, modes.values.size):
        share = modes.values + g[part, None]
        missed = g[part, None] / share
        np.divide(modes.values, share, out=share)
        missed *= missed
        missed *= share
        out[part] = missed @ modes.counts
    out[np.isinf(log_g)] = 0.0
    return out


@dataclass(frozen=True, eq=False)
class Target:
    """Target power over the positive modes, in units of the whole power.

    Attributes
    ----------
    values, weights : array, shape (n,)
        Relative eigenvalues, and multiplicity times v_J² over `scale`.
    lost : float
        Power in modes whose eigenvalue is zero, over `scale`.
    scale : float
        Σ v_J² of all modes, in units of the target squared (1 where there is none).
    """

    values: Floats
    weights: Floats
    lost: float
    scale: float

    def in_units(self, variance: float) -> float:
        """Give a variance, such as that of the noise, in units of `scale`.

        Raises
        ------
        InputError
            Where the ratio is beyond float64.
        """
        ratio = variance / self.scale
        if ratio > _LOUD:
            raise InputError(
                f"noise_var {variance:g} is more than {_LOUD:g} times the target's variance "
                f"{self.scale:g}; scale one to the other"
            )
        return ratio

    def moments(self, log_g: Floats) -> PowerSums:
        """Sum the power at relative log g."""
        return moments(self.values, self.weights, log_g, self.lost)


_CACHE: WeakKeyDictionary[Spectrum, dict[bool, Target]] = WeakKeyDictionary()


def target_of(spectrum: Spectrum, points: int, weight_var: float) -> Target:
    """Give the power of a spectrum's target, or else of the isotropic teacher, in its modes."""
    if spectrum.target_power is None:
        return _teacher(spectrum, points, weight_var)
    short = is_condensed(spectrum, points)
    known = _CACHE.setdefault(spectrum, {})
    if short not in known:
        known[short] = _measured(spectrum, spectrum.target_power, short)
    return known[short]


def _unit(total: float) -> float:
    """Choose the unit of power: the whole, but never so small that the noise in it overflows."""
    return max(total, _FAINT) if total > 0 else 1.0


def _teacher(spectrum: Spectrum, points: int, weight_var: float) -> Target:
    modes = modes_of(spectrum, points)
    total = weight_var * spectrum.trace / spectrum.latent_dim
    scale = _unit(total)
    weights = modes.shares if total == scale else modes.shares * (total / scale)
    return Target(modes.values, weights, 0.0, scale)


def _measured(spectrum: Spectrum, target_power: Floats, short: bool) -> Target:
    values = relative_eigenvalues(spectrum)
    power = spectrum.multiplicities * target_power
    scale = _unit(float(power.sum()))
    positive = int(np.count_nonzero(values))
    lost = float(power[positive:].sum()) / scale
    values, weights = values[:positive], power[:positive] / scale
    if short and weights.any():
        values, weights = condense(values, weights)
    return Target(values, weights, lost, scale)

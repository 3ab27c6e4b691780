"""The ridge with the smallest test loss, for whole grids at once.

At fixed N and T the loss is explicit in the effective ridge g, and (★) gives the ridge that belongs
to it. So the search runs over log g, not over the ridge, and needs no root inside: one table of
sums over the modes serves every (N, T) for a first look, then the best cell is narrowed by the sign
of the exact derivative. The ends are part of the search: no ridge (ζ = 0) and nothing learned
(ζ = ∞). No closed form is needed; Zhang 2024 (arXiv:2405.19398) treats the optimum with diagrams.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.equation.modes import Modes, modes_of, sums
from eigenscale.equation.root import INFINITE
from eigenscale.equation.target import Target, skew_of, target_of
from eigenscale.errors import ConvergenceError
from eigenscale.spectrum import Spectrum
from eigenscale.theory.parts import Parts
from eigenscale.theory.ridge import RidgeLoss, ridge_loss

_STEP = 0.5  # of the table in log g: nothing in the sums is narrower than about 2
_CELLS = 1 << 17
_NO_BRACKET = -1  # SciPy's status of a bracket without a change of sign
_STEEP = 1e30  # slopes beyond, and below the inverse, are rounding
_MANY = 1 << 20  # points, for which modes are condensed: every search makes thousands of sums


@dataclass(frozen=True, eq=False)
class _Search:
    """Everything that does not depend on N and T."""

    modes: Modes
    target: Target
    noise_var: float  # in units of the target's scale

    def at(self, N: Floats, T: Floats, log_g: Floats) -> tuple[Parts, Floats]:
        """Give the parts of the loss at log g, and Σ f c²; arrays that broadcast."""
        total = sums(self.modes, log_g)
        third = skew_of(self.modes, log_g)
        a, b = (((n - total.above) + (total.missing - total.extra)) / n for n in (N, T))
        power = self.target.moments(log_g)
        return Parts.of(N, T, total.z, total.q, total.slope, a, b, power, self.noise_var), third

    def ends(self) -> tuple[float, float]:
        """Find ends of log g beyond which less or more ridge changes nothing that float64 shows.

        Below, every mode is resolved and the loss is its limit plus a term linear in g against
        the noise; above, the loss falls short of its limit by Σ v²λ/g against σ² Σλ²/g².
        """
        modes, power = self.modes, self.target
        noise = math.log(self.noise_var) if self.noise_var > 0 else 0.0
        low = math.log(modes.values[-1]) + min(0.0, noise) - 40.0
        signal = float(power.weights @ power.values)
        squares = float(modes.counts @ modes.values**2)
        high = noise + math.log(squares) - math.log(signal)
        return low, max(0.0, math.log(modes.trace), high) + 40.0


def best_log_zeta(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> Floats:
    """Give log ζ of the ridge with the smallest loss, for every element of the broadcast arguments.

    Parameters
    ----------
    spectrum, n_features, n_samples, noise_var, weight_var
        As for `eigenscale.theory.ridge.ridge_loss`.

    Returns
    -------
    array
        log ζ; ``-inf`` where no ridge is best, ``inf`` where learning nothing is best.

    Examples
    --------
    >>> spectrum = Spectrum.from_eigenvalues([1.0, 1.0, 1.0, 1.0])
    >>> best = best_log_zeta(spectrum, np.inf, 8, noise_var=0.5)
    >>> round(float(np.exp(best)), 6)  # σ² M / (T Σ v²), the Bayes answer
    0.25
    """
    N, T = np.broadcast_arrays(np.asarray(n_features, float), np.asarray(n_samples, float))
    bare = ridge_loss(spectrum, N, T, noise_var=noise_var, weight_var=weight_var)
    modes, target = modes_of(spectrum, _MANY), target_of(spectrum, _MANY, weight_var)
    search = _Search(modes, target, target.in_units(noise_var + spectrum.unexplained))
    if not target.weights.any():
        return np.full(N.shape, np.inf)
    zeta = np.full(N.size, -np.inf)
    finite = np.flatnonzero(np.isfinite(T))  # of endless data no ridge makes better use
    if finite.size:
        least = bare.root.log_g.ravel()[finite] - modes.log_unit
        n = np.minimum(N.ravel()[finite], INFINITE)
        found, loss = _search_all(search, n, T.ravel()[finite], least)
        better = target.scale * loss < (1 - 1e-13) * bare.loss.ravel()[finite]
        zeta[finite] = np.where(better, found + modes.log_unit, -np.inf)
    return zeta.reshape(N.shape)


def _search_all(search: _Search, N: Floats, T: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Find relative log ζ of the best ridge, and its loss in units of the target's scale."""
    log_g = _narrow(search, N, T, *_coarse(search, N, T, least))
    parts, _ = search.at(N, T, log_g)
    with np.errstate(divide="ignore", invalid="ignore"):
        zeta = log_g + np.log(parts.a) + np.log(parts.b)
    zeta = np.where(np.isposinf(log_g), np.inf, zeta)
    bare = log_g <= np.maximum(least, search.ends()[0] + _STEP)
    return np.where(bare, -np.inf, zeta), parts.loss


def best_ridge_loss(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> RidgeLoss:
    """Give the loss at the ridge of `best_log_zeta`, with the same arguments."""
    noise = {"noise_var": noise_var, "weight_var": weight_var}
    zeta = best_log_zeta(spectrum, n_features, n_samples, **noise)
    return ridge_loss(spectrum, n_features, n_samples, zeta, **noise)


def _coarse(search: _Search, N: Floats, T: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Find ends of log g around the smallest loss on one table that all points share."""
    first, last = search.ends()
    used = np.where(np.isfinite(least), least, first)
    table = np.arange(min(used.min(), last) - _STEP, max(last, used.max() + 2) + _STEP, _STEP)
    low, high = np.empty_like(N), np.empty_like(N)
    step = max(1, _CELLS // table.size)
    for start in range(0, N.size, step):
        part = slice(start, start + step)
        parts, _ = search.at(N[part, None], T[part, None], table)
        # Below the end without ridge a and b are negative, and within rounding of it unsure.
        loss = np.where(table > used[part, None] + 1e-6, parts.loss, np.inf)
        best = np.argmin(loss, axis=1)
        low[part] = np.maximum(table[np.maximum(best - 1, 0)], used[part])
        high[part] = table[np.minimum(best + 1, table.size - 1)]
        high[part] = np.where(best == table.size - 1, np.inf, high[part])
    return low, high


def _narrow(search: _Search, N: Floats, T: Floats, low: Floats, high: Floats) -> Floats:
    """Find where the loss stops to fall with log g between the ends; an end where it does not."""
    from scipy.optimize.elementwise import find_root

    def rise(log_g: Floats, n: Floats, t: Floats) -> Floats:
        parts, third = search.at(n, t, log_g)
        # Where the loss diverges, with no ridge and N = T, any ridge is better.
        slope = np.clip(np.where(parts.left > 0, -parts.fall(third), -np.inf), -_STEEP, _STEEP)
        return np.where(np.abs(slope) < 1.0 / _STEEP, 0.0, slope)

    log_g = np.where(np.isposinf(high), np.inf, low)
    inside = np.flatnonzero(np.isfinite(high))
    starts_down = rise(low[inside], N[inside], T[inside]) < 0
    log_g[inside] = np.where(starts_down, high[inside], low[inside])
    ends_up = rise(high[inside], N[inside], T[inside]) > 0
    within = inside[starts_down & ends_up]
    if within.size:
        found = find_root(
            rise,
            (low[within], high[within]),
            args=(N[within], T[within]),
            tolerances={"xatol": 1e-9, "xrtol": 1e-12},
        )
        # A bracket that is none on another look has an end where the slope is 0 to rounding.
        flat = found.status == _NO_BRACKET
        if not (found.success | flat).all():
            raise ConvergenceError("the best ridge was not found; give the ridge as a number")
        log_g[within] = np.where(flat, low[within], found.x)
    return log_g

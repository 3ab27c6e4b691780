"""The real root of the one equation, for any spectrum, size, number of samples and ridge.

With z(g) = Σ λ/(λ+g), the degrees of freedom df₁ (how many modes are resolved), the effective
ridge g > 0 solves

    ζ = g (1 - z/N)(1 - z/T),    z < min(N, T).                                    (★)

Let m = min(N, T), ρ = m/max(N, T) and a = 1 - z/m. Then (★) reads a (1 - ρ + ρ a) = ζ/g, a
quadratic in a with the root a(ζ/g), and the equation is

    z(g) + m a(ζ/g) = m.

Both terms are positive and fall with g. That form has no difference of nearly equal numbers, holds
at ζ = 0 (the ridgeless limit, z = m), and its logarithm is nearly straight in log g: safeguarded
Newton steps converge in a few rounds. On a plateau of z, where the spectrum has a gap at m,
the modes above g are counted as wholes and only what they miss is summed.
Source: Maloney, Roberts and Sully 2022 (arXiv:2210.16859); rederived.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats, Mask
from eigenscale.equation.modes import Modes, Sums, modes_of, sums
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.spectrum import Spectrum

INFINITE = 1e300  # stands for infinity where a difference is taken
_ROUNDS = 200
_EPS = 4 * np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class Root:
    """The root of (★) on a grid; all arrays have the broadcast shape.

    Attributes
    ----------
    log_g : array
        log g; -inf where every mode is resolved (no ridge and rank ≤ min(N, T)).
    z : array
        Number of resolved modes Σ λ/(λ+g).
    q : array
        Σ λ²/(λ+g)².
    slope : array
        z - q = -dz/dlog g = Σ λ g/(λ+g)², summed as such.
    left_features, left_samples : array
        1 - z/N and 1 - z/T, free of cancellation.
    n_features, n_samples, log_zeta : array
        What it was solved for.
    """

    log_g: Floats
    z: Floats
    q: Floats
    slope: Floats
    left_features: Floats
    left_samples: Floats
    n_features: Floats
    n_samples: Floats
    log_zeta: Floats

    @property
    def g(self) -> Floats:
        """The effective ridge g, in units of the eigenvalues."""
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(self.log_g)

    @property
    def k(self) -> Floats:
        """K = g (1 - z/N)."""
        return self.g * self.left_features

    @property
    def ridgeless(self) -> Mask:
        """Where there is no ridge."""
        return np.isneginf(self.log_zeta)


def solve(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    log_zeta: ArrayLike = -np.inf,
) -> Root:
    """Solve (★) for every element of the broadcast arguments.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues of the data.
    n_features, n_samples : array_like
        N and T, positive; ``inf`` is allowed (kernel limit, population limit).
    log_zeta : array_like
        log ζ, where ζ is the ridge per sample in normalised features; ``-inf`` is no ridge,
        ``inf`` an infinite one.

    Returns
    -------
    Root
        Arrays of the broadcast shape.

    Raises
    ------
    InputError
        Where N or T is not positive, or log ζ is NaN.
    ConvergenceError
        Where a root was not reached, which no spectrum is known to cause.

    Examples
    --------
    >>> root = solve(Spectrum.from_eigenvalues([1.0, 1.0, 1.0, 1.0]), 2, np.inf)
    >>> round(float(root.g), 12)  # z = 4/(1+g) = 2
    1.0
    """
    N, T, zeta = np.broadcast_arrays(
        *(np.asarray(x, float) for x in (n_features, n_samples, log_zeta))
    )
    for name, value in (("n_features", N), ("n_samples", T)):
        if not (value > 0).all():
            bad = value[~(value > 0)].flat[0]
            raise InputError(f"{name} has {bad:g}; sizes are positive; mend or drop it")
    if np.isnan(zeta).any():
        raise InputError("log_zeta has NaN; give the logarithm of the ridge per sample")
    modes = modes_of(spectrum, N.size)
    flat = _solve(modes, _Problem.of(N.ravel(), T.ravel(), zeta.ravel() - modes.log_unit))
    log_g, z, q, slope, left_features, left_samples = (x.reshape(N.shape) for x in flat)
    return Root(log_g + modes.log_unit, z, q, slope, left_features, left_samples, N, T, zeta)


@dataclass(frozen=True, eq=False)
class _Problem:
    """N, T, ζ as the iteration sees them: the smaller m, ρ = m/max, and half of log ζ."""

    smaller: Floats
    ratio: Floats
    gap: Floats  # 1 - ratio, exact
    log_zeta: Floats
    features_smaller: Mask

    @classmethod
    def of(cls, N: Floats, T: Floats, log_zeta: Floats) -> "_Problem":
        N, T = np.minimum(N, INFINITE), np.minimum(T, INFINITE)
        small, large = np.minimum(N, T), np.maximum(N, T)
        return cls(small, small / large, (large - small) / large, log_zeta, N <= T)

    def __getitem__(self, index: NDArray[np.intp]) -> "_Problem":
        return _Problem(
            self.smaller[index],
            self.ratio[index],
            self.gap[index],
            self.log_zeta[index],
            self.features_smaller[index],
        )


def _left(problem: _Problem, log_g: Floats) -> tuple[Floats, Floats]:
    """Solve the quadratic a (gap + ratio·a) = ζ/g for a = 1 - z/m; return it and -da/dlog g."""
    half = np.exp(np.minimum(0.5 * (problem.log_zeta - log_g), 1.0))  # sqrt(ζ/g)
    root = np.hypot(problem.gap, 2.0 * np.sqrt(problem.ratio) * half)
    safe = np.where(root > 0, root, 1.0)
    return 2.0 * half * (half / (problem.gap + safe)), half * (half / safe)


def _bracket(modes: Modes, problem: _Problem) -> tuple[Floats, Floats, Floats]:
    """Find ends of log g that hold the root, and a first guess between them."""
    m = problem.smaller
    with np.errstate(divide="ignore"):
        high = np.maximum(np.log(2 * modes.trace / m), problem.log_zeta + np.log(4.0)) + 1.0
        spare = np.log(np.maximum(modes.rank - m, 0.0)) - np.log(modes.inverse_trace)
    enough = np.searchsorted(modes.before[1:], 2 * m)
    inside = enough < modes.values.size
    ranked = np.log(modes.values[np.minimum(enough, modes.values.size - 1)])
    low = np.maximum(np.where(inside, np.maximum(ranked, spare), spare), problem.log_zeta) - 1.0
    at = np.minimum(np.searchsorted(modes.before[1:], m), modes.values.size - 1)
    guess = np.maximum(np.log(modes.values[at]), problem.log_zeta)
    return low, high, np.clip(guess, low, high)


def _residual(problem: _Problem, total: Sums, log_g: Floats) -> tuple[Floats, Floats]:
    """Residual of (★), positive to the right of the root, and its Newton step in log g."""
    left, left_slope = _left(problem, log_g)
    m = problem.smaller
    falling = total.z + m * left
    spare = m - total.above
    have = np.maximum(spare, 0.0) + total.missing
    need = np.maximum(-spare, 0.0) + total.extra + m * left
    # Far off the root a side may underflow: there the step is NaN and the bracket is halved.
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = total.missing_slope / have + (total.extra_slope + m * left_slope) / need
        fine = np.log(have) - np.log(need)
        coarse = np.log(m) - np.log(falling)
        near = np.abs(coarse) < 0.1
        step = np.where(near, fine / rise, coarse * falling / (total.slope + m * left_slope))
    return fine, -step


def _solve(modes: Modes, problem: _Problem) -> tuple[Floats, ...]:
    """Safeguarded Newton in relative log g; elements leave the batch when they are done."""
    low, high, log_g = _bracket(modes, problem)
    all_resolved = np.isneginf(problem.log_zeta) & (modes.rank <= problem.smaller)
    none_resolved = np.isposinf(problem.log_zeta)
    log_g = np.where(all_resolved, -np.inf, np.where(none_resolved, np.inf, log_g))
    active = np.flatnonzero(~(all_resolved | none_resolved))
    for turn in range(_ROUNDS):
        if not active.size:
            break
        now, part = log_g[active], problem[active]
        residual, step = _residual(part, sums(modes, now), now)
        low[active] = np.where(residual < 0, now, low[active])
        high[active] = np.where(residual > 0, now, high[active])
        new = now + step
        lost = ~((new > low[active]) & (new < high[active])) | (turn % 10 == 9)
        small = np.abs(step) <= _EPS * np.maximum(1.0, np.abs(now))
        done = (residual == 0) | small | (high[active] - low[active] <= _EPS * np.abs(now))
        middle = 0.5 * (low[active] + high[active])
        log_g[active] = np.where(done, now, np.where(lost, middle, new))
        active = active[~done]
    if active.size:
        raise ConvergenceError(
            f"(★) has no root to rounding at {active.size} of {log_g.size} points; "
            "please report the spectrum"
        )
    return _finish(modes, problem, log_g)


def _finish(modes: Modes, problem: _Problem, log_g: Floats) -> tuple[Floats, ...]:
    total = sums(modes, log_g)
    everything = np.isneginf(log_g)
    z, q = (
        np.where(everything, modes.rank, np.where(np.isposinf(log_g), 0.0, x))
        for x in (total.z, total.q)
    )
    slope = np.where(np.isfinite(log_g), total.slope, 0.0)
    with np.errstate(invalid="ignore"):
        left = _left(problem, log_g)[0]
    left = np.where(everything, (problem.smaller - modes.rank) / problem.smaller, left)
    left = np.where(np.isposinf(log_g), 1.0, left)
    other = problem.gap + problem.ratio * left
    first = problem.features_smaller
    return log_g, z, q, slope, np.where(first, left, other), np.where(first, other, left)

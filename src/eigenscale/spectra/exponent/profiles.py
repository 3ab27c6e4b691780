"""Profiles of the likelihood against the latent dimension, and the intervals they give.

How far the likelihood may fall inside an interval comes from simulation at the fits: where the
sample does not say how many latent features there are, or how the inputs see them, the likelihood
ratio of α is not χ² of one degree of freedom: several models compete, and the best of them is
chosen. Its quantile is then simulated (hybrid resampling: Chuang and Lai 2000). The statistics
are Gaussian with known mean and covariance at each fit, and close to it linear in the parameters,
so that a simulated sample costs two small products and no new fit.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.results import Interval
from eigenscale.spectra.exponent.likelihood import Fitted

_DRAWS = 400
_WIDE = 30.0  # deviance above the least beyond which a model cannot win a simulated sample
_TRUTHS = 12.0  # deviance above the least beyond which a model is not taken for the truth
_PARTS = 24  # between two latent dimensions that were fitted


@dataclass(frozen=True, eq=False)
class LatentDim:
    """How many latent features the data has, as far as the spectrum says.

    Attributes
    ----------
    value, low, high : float
        Estimate and interval; ``high`` is inf where only a lower bound is known.
    level : float
        Of the interval.
    status : str
        "interval", "lower bound" or "not identifiable".
    reason : str
        Why it is not identifiable, where that is not for want of information.
    """

    value: float
    low: float
    high: float
    level: float
    status: str
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"{self.status}: {self.reason}"
        if self.status == "not identifiable":
            return f"not identifiable: anything from {self.low:.4g} up fits"
        if self.status == "lower bound":
            return f"at least {self.low:.4g} ({100 * self.level:.3g} %)"
        if self.low == self.high:
            return f"{self.value:.4g}, as many as the inputs"
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}] ({100 * self.level:.3g} %)"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fit at one structure and one latent dimension."""

    structure: str
    n_features: float
    latent_dim: float
    fit: Fitted


@dataclass(frozen=True, eq=False)
class Profile:
    """Fits of one structure against log M, refined between them; arrays of one shape.

    `rise` is the deviance above the least of all; `alpha_limit` and `model_limit` are how far it
    may rise inside the intervals of α and of the latent dimension.
    """

    log_m: Floats
    rise: Floats
    alpha: Floats
    error: Floats
    alpha_limit: Floats
    model_limit: Floats


def profiles_of(
    candidates: Sequence[Candidate], dispersion: float, level: float
) -> dict[str, Profile]:
    """Profiles of all structures, with the limits that simulation gives."""
    limits = dispersion * np.array(likelihood_limits([c.fit for c in candidates], level))
    least = min(c.fit.deviance for c in candidates)
    fits = [c.fit for c in candidates]
    rows = np.array([[f.deviance - least, f.theta[0], f.covariance[0, 0] ** 0.5] for f in fits]).T
    log_m = np.log([c.latent_dim for c in candidates])
    found = {}
    for structure in {c.structure for c in candidates}:
        mine = np.array([c.structure == structure for c in candidates])
        found[structure] = _refined(log_m[mine], np.concatenate([rows, limits])[:, mine])
    return found


def _refined(log_m: Floats, rows: Floats) -> Profile:
    if len(log_m) < 4:
        return Profile(log_m, *rows)
    from scipy.interpolate import PchipInterpolator

    parts = [np.linspace(a, b, _PARTS, endpoint=False) for a, b in itertools.pairwise(log_m)]
    fine = np.concatenate([*parts, log_m[-1:]])
    return Profile(fine, *(np.asarray(PchipInterpolator(log_m, row)(fine)) for row in rows))


def alpha_interval(
    profiles: dict[str, Profile], best: Candidate, dispersion: float, level: float
) -> Interval:
    """Hull of the α whose likelihood, at the best M and structure, is within its limit."""
    low = high = value = best.fit.theta[0]
    for profile in profiles.values():
        room = np.sqrt(np.maximum(profile.alpha_limit - profile.rise, 0.0)) * profile.error
        inside = profile.rise <= profile.alpha_limit
        if inside.any():
            low = min(low, float(np.min((profile.alpha - room)[inside])))
            high = max(high, float(np.max((profile.alpha + room)[inside])))
    error = float(best.fit.covariance[0, 0] ** 0.5 * dispersion**0.5)
    return Interval(float(value), float(low), float(high), level, error)


def _and_next(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add the neighbours of what is inside, since an interval ends between two."""
    wider = inside.copy()
    wider[1:] |= inside[:-1]
    wider[:-1] |= inside[1:]
    return wider


def latent_interval(profiles: dict[str, Profile], best: Candidate, level: float) -> LatentDim:
    """Give the latent dimensions whose likelihood is within its limit, whatever the structure."""
    inside = [p.log_m[_and_next(p.rise <= p.model_limit)] for p in profiles.values()]
    value = best.latent_dim
    accepted = np.concatenate([*inside, [np.log(value)]])
    tried = np.concatenate([p.log_m for p in profiles.values()])
    first, last = accepted.min(), accepted.max()
    low = value if first > np.log(value) - 1e-9 else float(np.exp(first))
    high = value if last < np.log(value) + 1e-9 else float(np.exp(last))
    if tried.max() > tried.min() and last >= tried.max():
        status = "not identifiable" if first <= tried.min() else "lower bound"
        return LatentDim(value, low, float("inf"), level, status)
    return LatentDim(value, low, high, level, "interval")


def likelihood_limits(fits: Sequence[Fitted], level: float) -> tuple[Floats, Floats]:
    """Quantiles of two likelihood ratios under each fit in turn, shape (fits,) each.

    The first is that of α alone: the least deviance at the true α less the least of all. The
    second is that of the model: the deviance of the true model less the least of all. Neither is
    taken to be below the χ² quantile of one degree of freedom.
    """
    from scipy.stats import chi2

    least = float(chi2.ppf(level, 1))
    deviance = np.array([f.deviance for f in fits]) - min(f.deviance for f in fits)
    alpha, model = np.full((2, len(fits)), least)
    kept = [f for f, d in zip(fits, deviance, strict=True) if d < _WIDE]
    if len(kept) < 2:
        return alpha, model
    views = [_View(f) for f in kept]
    noise = np.random.default_rng(0).standard_normal((_DRAWS, len(fits[0].mean)))
    for i in np.flatnonzero(deviance < _TRUTHS).tolist():
        seen = fits[i].mean + noise @ fits[i].factor.T
        free, fixed = np.empty((2, len(views), _DRAWS))
        for j, view in enumerate(views):
            free[j], fixed[j] = view.deviances(seen, float(fits[i].theta[0]))
        lowest = free.min(axis=0)
        own = free[kept.index(fits[i])]
        alpha[i] = max(least, float(np.quantile(fixed.min(axis=0) - lowest, level)))
        model[i] = max(least, float(np.quantile(own - lowest, level)))
    return alpha, model


class _View:
    """A fit's likelihood of other data, linear in its parameters around the fit."""

    def __init__(self, fit: Fitted) -> None:
        self.fit = fit
        self.whiten = np.linalg.inv(fit.factor)
        self.basis, self.triangle = np.linalg.qr(self.whiten @ fit.jacobian)
        self.constant = 2 * float(np.log(np.diagonal(fit.factor)).sum())
        self.error = float(np.linalg.norm(np.linalg.pinv(self.triangle)[0]))

    def deviances(self, seen: Floats, alpha: float) -> tuple[Floats, Floats]:
        """Least deviance of each row of `seen`, with all parameters free and with α fixed."""
        white = (seen - self.fit.mean) @ self.whiten.T
        along = white @ self.basis
        free = np.sum(white**2, axis=1) - np.sum(along**2, axis=1) + self.constant
        found = self.fit.theta[0] + along @ np.linalg.pinv(self.triangle)[0]
        return free, free + ((found - alpha) / self.error) ** 2

"""How far the likelihood may fall inside an interval, by simulation at the fits.

Where the sample does not say how many latent features there are, or how the inputs see them, the
likelihood ratio of α is not χ² of one degree of freedom: several models compete, and the
best of them is chosen. Its quantile is then simulated (hybrid resampling: Chuang and Lai 2000). The
statistics are Gaussian with known mean and covariance at each fit, and close to it linear in the
parameters, so that a simulated sample costs two small products and no new fit.
"""

from collections.abc import Sequence

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.spectra.exponent.likelihood import Fitted

_DRAWS = 400
_WIDE = 30.0  # deviance above the least beyond which a model cannot win a simulated sample
_TRUTHS = 12.0  # deviance above the least beyond which a model is not taken for the truth


def likelihood_reach(fits: Sequence[Fitted], level: float) -> tuple[Floats, Floats]:
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

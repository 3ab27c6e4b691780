"""The scatter of a curve around its law: how large, and how long a deviation lasts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats

FAR = 5.0  # robust deviations beyond which a residual is cut off: it is no noise
LASTING = 0.98  # correlation of neighbouring records that is taken for possible, at most
SMOOTH, ROUGH = 0.18, 0.27
"""Scatter between neighbouring records, over the size of residuals, of a law that misfits and of
noise. Noise of correlation rho has sqrt(1 - rho): .22 at .95."""


@dataclass(frozen=True)
class Noise:
    """Residuals as a sum of an autoregression of first order and independent scatter.

    Attributes
    ----------
    deviation : float
        Standard deviation of one record.
    correlation : float
        Of the lasting part, from one record to the next.
    lasting : float
        Share of the variance that lasts.
    """

    deviation: float
    correlation: float
    lasting: float

    @property
    def memory(self) -> float:
        """Records that together carry as much as one independent one."""
        rho = self.correlation
        return 1 + 2 * self.lasting * rho / (1 - rho)

    def draw(self, rng: np.random.Generator, draws: int, length: int) -> Floats:
        """Draw series of residuals, (draws, length)."""
        rho = self.correlation
        slow = rng.normal(size=(length, draws))
        for i in range(1, length):
            slow[i] = rho * slow[i - 1] + np.sqrt(1 - rho**2) * slow[i]
        fast = rng.normal(size=(draws, length))
        lasting = np.sqrt(self.lasting)
        return np.asarray(self.deviation * (lasting * slow.T + np.sqrt(1 - self.lasting) * fast))


def estimate_noise(series: Sequence[Floats], parameters: int) -> Noise:
    """Estimate size and memory from residuals of one or several curves.

    Parameters
    ----------
    series : sequence of arrays
        Residuals of each curve, in the order of steps.
    parameters : int
        How many parameters were fitted; residuals are that much too small.
    """
    n = sum(len(s) for s in series)
    size = FAR * float(np.median(np.abs(np.concatenate(list(series))))) / 0.6745
    if size > 0:
        series = [np.clip(s, -size, size) for s in series]
    spread = [_product(series, lag) for lag in range(3)]
    if spread[0] <= 0:
        return Noise(0.0, 0.0, 0.0)
    # Fitting takes out slow parts first: what is left looks less lasting than it was.
    first, second = ((c / spread[0]) + parameters / n for c in spread[1:])
    if first <= 2 / np.sqrt(n):
        rho, lasting = 0.0, 0.0
    else:
        rho = float(np.clip(second / first, min(first, LASTING), LASTING))
        lasting = float(np.clip(first / rho, 0.0, 1.0))
    effective = max(n / (1 + 2 * lasting * rho / (1 - rho)), parameters + 2.0)
    inflated = spread[0] * effective / (effective - min(parameters, effective / 2))
    return Noise(float(np.sqrt(inflated)), rho, lasting)


def misfit_share(series: Sequence[Floats]) -> float:
    """Tell from residuals how far they are the law's misfit rather than noise, 0 to 1.

    Late in training the rate is low and noise is small, so that residuals which run smoothly
    from record to record and yet lie off the law are no noise. A single curve does not tell:
    the law bends to it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> misfit_share([rng.normal(size=200) for _ in range(3)])
    0.0
    >>> misfit_share([np.sin(np.linspace(0, 5, 200)) for _ in range(3)])
    1.0
    """
    if len(series) < 2:
        return 1.0
    ratios = [_roughness(one[len(one) // 2 :]) for one in series if len(one) > 3]
    ratio = float(np.median(ratios)) if ratios else 0.0
    return float(np.clip((ROUGH - ratio) / (ROUGH - SMOOTH), 0.0, 1.0))


def _roughness(residual: Floats) -> float:
    """Scatter between neighbours, as that of independent records, over the size of residuals."""
    size = float(np.sqrt(np.mean(residual**2)))
    steps = float(np.median(np.abs(np.diff(residual)))) / (0.6745 * np.sqrt(2))
    return steps / size if size > 0 else 0.0


def _product(series: Sequence[Floats], lag: int) -> float:
    """Mean product of residuals that are `lag` records apart."""
    pairs = [s[lag:] @ s[: len(s) - lag] for s in series if len(s) > lag]
    count = sum(len(s) - lag for s in series if len(s) > lag)
    return float(sum(pairs)) / max(count, 1)

"""The exponent of a spectrum by least squares on log eigenvalue against log rank."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.results import Interval
from eigenscale.spectra.diagonalised import Diagonalised

_CLUSTERS = 12  # pieces of the window, even in log rank, whose residuals count as one each


@dataclass(frozen=True)
class Exponent:
    """α of λ_J = scale · J^-(1+α) over a window of ranks.

    Attributes
    ----------
    alpha : Interval
        The spectrum falls as 1+α, the loss as α.
    ranks : tuple of int
        First and last rank of the window, counted from 1, both included.
    scale : float
        λ at rank 1 of the fitted line.
    rule : str
        How the window was chosen, one sentence.
    r_squared : float
        Share of the variance of log λ in the window that the line explains.
    """

    alpha: Interval
    ranks: tuple[int, int]
    scale: float
    rule: str
    r_squared: float

    def line(self, ranks: Any) -> Floats:
        """Evaluate the fitted λ at `ranks`."""
        return self.scale * np.asarray(ranks, dtype=np.float64) ** -(1 + self.alpha.value)


def default_window(spectrum: Diagonalised) -> tuple[int, int]:
    """Ranks that are neither head nor distorted tail.

    The last rank is the least of a quarter of the inputs, an eighth of the samples and the
    measured rank: beyond it eigenvalues of a sample fall below those of the population. The
    first is 10, or a tenth of the last where there are fewer than 100.
    """
    last = min(spectrum.n_inputs // 4, spectrum.n_samples // 8, spectrum.rank)
    last = max(last, min(spectrum.rank, 8))
    return max(1, min(10, last // 10)), last


def least_squares(
    spectrum: Diagonalised, ranks: tuple[int, int] | None = None, level: float = 0.9
) -> Exponent:
    """Fit a line to log λ against log rank; see `MeasuredSpectrum.exponent`.

    The interval joins two errors: the sampling of eigenvalues (variance 2/n each, taken as
    independent, which is on the safe side because neighbours repel) and the departure from a
    straight line (residuals clustered in pieces even in log rank, since neighbours share them).

    Raises
    ------
    InputError
        Where the window is not inside the spectrum or has fewer than 3 ranks.
    """
    rule = "given"
    if ranks is None:
        ranks = default_window(spectrum)
        rule = (
            "from rank 10 or a tenth of the last, to a quarter of the inputs or an eighth of the "
            "samples, whichever is less"
        )
        if spectrum.tail is not None and ranks[1] == spectrum.rank:
            rule = "from rank 10 or a tenth of the last, to the last that is known"
    first, last = _checked(ranks, spectrum)
    window = spectrum.eigenvalues[first - 1 : last]
    slope, scale, explained = fit_line(window, first, 2.0 / spectrum.n_samples, level)
    alpha = Interval(-slope.value - 1, -slope.high - 1, -slope.low - 1, level, slope.se)
    return Exponent(alpha, (first, last), scale, rule, explained)


def fit_line(
    values: Floats, first: int, variance: Floats | float, level: float, further: float = 0.0
) -> tuple[Interval, float, float]:
    """Fit log `values` of ranks from `first` on; `variance` is that of each logarithm.

    A `further` variance of the slope is added.

    Returns the slope with its interval, the value of the line at rank 1, and R².
    """
    x = np.log(np.arange(first, first + len(values)))
    y = np.log(values)
    x_mean, y_mean = x.mean(), y.mean()
    weights = (x - x_mean) / np.sum((x - x_mean) ** 2)
    slope = float(weights @ y)
    residuals = y - y_mean - slope * (x - x_mean)
    sampled = float(np.sum(variance * weights**2)) + further
    error = (_clustered(x, weights * residuals) + sampled) ** 0.5
    explained = 1 - float(residuals @ residuals) / max(float(np.sum((y - y_mean) ** 2)), 1e-300)
    interval = _interval(slope, error, len(x), level)
    return interval, float(np.exp(y_mean - slope * x_mean)), explained


def _checked(ranks: tuple[int, int], spectrum: Diagonalised) -> tuple[int, int]:
    first, last = ranks
    if not 1 <= first < last <= spectrum.rank:
        raise InputError(
            f"ranks {first} to {last} do not lie in the spectrum, which has ranks 1 to "
            f"{spectrum.rank} above zero; choose a window inside"
        )
    if last - first < 2:
        raise InputError(
            f"ranks {first} to {last} are {last - first + 1}; an exponent needs 3 or more"
        )
    return int(first), int(last)


def _clustered(x: Floats, scores: Floats) -> float:
    """Variance of a slope whose residuals hang together within pieces of log rank."""
    edges = np.linspace(x[0], x[-1], _CLUSTERS + 1)[1:-1]
    sums = np.bincount(np.searchsorted(edges, x), scores, minlength=_CLUSTERS)
    used = min(_CLUSTERS, len(x))
    return float(np.sum(sums**2)) * used / max(used - 2, 1)


def _interval(value: float, se: float, n: int, level: float) -> Interval:
    from scipy.stats import t

    half = float(t.ppf((1 + level) / 2, max(min(n, _CLUSTERS) - 2, 1))) * se
    return Interval(value, value - half, value + half, level, se)

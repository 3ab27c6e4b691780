"""The exponent by the theory of finite samples: all eigenvalues at once, the bent tail included."""

import itertools
from dataclasses import dataclass
from functools import partial

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.results import Interval
from eigenscale.spectra.completion import beyond, resolved
from eigenscale.spectra.diagonalised import Diagonalised
from eigenscale.spectra.exponent.likelihood import Problem, fit_shape
from eigenscale.spectra.exponent.populations import POWER_LAW, Shape
from eigenscale.spectra.exponent.profiles import (
    Candidate,
    LatentDim,
    Profile,
    alpha_interval,
    latent_interval,
    profiles_of,
)
from eigenscale.spectrum import Spectrum

_RATIOS = np.array([1, 1.12, 1.5, 2.5, 5, 12, 40, 200, 1e4, 1e6])
_REFINE = 5  # halvings of the grid in log M around the likeliest
_MORE = 12  # further fits where the likelihood falls in large steps
_NEAR = 4.0  # deviance above the least up to which the fall is followed
_FINE = 1.0  # step in deviance that is small enough
_APART = 1.0005  # latent dimensions closer than that are alike
_COST = 2.0  # of the latent dimension as a further parameter (Akaike), where inputs are direct
_HEADS = (2, 4, 8, 16, 32, 64)  # first ranks tried where the whole spectrum is refused
_REFUSED = 0.05  # p below which a fit counts as refused
_HOPELESS = 0.01  # p below which no latent dimension is read off
FEWEST = 8  # ranks below which there is nothing to fit


@dataclass(frozen=True, eq=False)
class FiniteSampleFit:
    """A power law fitted to a sample's spectrum through the theory of finite samples.

    Attributes
    ----------
    alpha : Interval
        The spectrum falls as 1+α.
    scale : float
        λ at rank 1 of the population.
    latent_dim : LatentDim
        Number of latent features M.
    structure : str
        "direct": the inputs are the latent features, up to rotation; "map to more": the inputs are
        random linear maps of fewer latent features, all of them seen; "random map": the inputs
        are random linear maps of M latent features.
    ranks : tuple of int
        Window, first and last rank.
    chi_square, freedom, p_value : float
        Of the fit: a small p says that this is not a power law of Gaussian data.
    dispersion : float
        Factor by which variances were widened because the fit misses by more than sampling.
    deviance : float
        -2 log likelihood, to compare with other shapes on the same ranks.
    n_features, n_samples : float
        As the theory counts them; n_features is inf for "direct".
    """

    alpha: Interval
    scale: float
    latent_dim: LatentDim
    structure: str
    ranks: tuple[int, int]
    chi_square: float
    freedom: float
    p_value: float
    dispersion: float
    deviance: float
    n_features: float
    n_samples: float

    @property
    def population(self) -> Spectrum:
        """The fitted spectrum of the population."""
        theta = np.array([self.alpha.value, np.log(self.scale)])
        return POWER_LAW.build(theta, self.latent_dim.value)


def finite_sample_fit(
    spectrum: Diagonalised,
    ranks: tuple[int, int] | None = None,
    level: float = 0.9,
    structure: str = "auto",
) -> FiniteSampleFit:
    """Fit α, the scale and the latent dimension to the whole spectrum of a sample.

    The likelihood is that of the log-determinants of `eigenscale.spectra.exponent.statistics`. The
    interval of α is where the likelihood, at the best latent dimension and structure for each α,
    is near its maximum. How near is the χ² quantile, or what simulation at the fits gives where
    latent dimension or structure are not known (`spectra.exponent.profiles`); it is widened
    where the fit misses by more than sampling does.

    Parameters
    ----------
    ranks : (first, last), optional
        Window; with one the head counts as modes of any size. By default all ranks, or, where
        that is refused (p < 0.05), the first of the windows from rank 2, 4, 8, … 64 that is not.
    structure : {"auto", "direct", "random map"}
        See `FiniteSampleFit`; by default the likelier.

    Raises
    ------
    InputError
        With fewer than 8 ranks, a window outside the spectrum, or an unknown structure.
    """
    if structure not in ("auto", "direct", "random map"):
        raise InputError(f"structure {structure!r} is not known; use auto, direct or random map")
    most = resolved(spectrum)
    first, last = ranks if ranks is not None else (1, most)
    if not 1 <= first < last <= most or last - first + 1 < FEWEST:
        known = "the spectrum" if spectrum.tail is None else "those that its unknown tail spares"
        raise InputError(
            f"ranks {first} to {last} of {most}: the fit needs a window of at least "
            f"{FEWEST} ranks inside {known}"
        )
    fit = _fit_window(spectrum, (first, last), structure, level)
    if ranks is not None or fit.p_value > _REFUSED:
        return fit
    for head in (h for h in _HEADS if h < last / 8):
        shorter = _fit_window(spectrum, (head, last), structure, level)
        if shorter.p_value > _REFUSED:
            return shorter
    return fit


def _fit_window(
    spectrum: Diagonalised, ranks: tuple[int, int], structure: str, level: float
) -> FiniteSampleFit:
    problem = problem_of(spectrum, ranks)
    return conclude(fits_of(problem, spectrum, ranks, structure), problem, ranks, level)


def problem_of(spectrum: Diagonalised, ranks: tuple[int, int]) -> Problem:
    """Take the statistics of a measured spectrum over a window, its unknown tail included."""
    values = spectrum.eigenvalues[: spectrum.rank]
    return Problem.of(values, spectrum.n_samples - 1.0, ranks, partial(beyond, spectrum))


def fits_of(
    problem: Problem, spectrum: Diagonalised, ranks: tuple[int, int], structure: str
) -> list[Candidate]:
    """Fit every structure over a grid of latent dimensions, refined around the best."""
    columns = dimension(spectrum)
    fixed = ranks[1] == spectrum.rank and spectrum.tail is None
    found: list[Candidate] = []
    if structure != "random map":
        ratios = np.ones(1) if fixed else _RATIOS
        found += _profiled(
            problem, first_guess(spectrum, ranks, POWER_LAW), "direct", np.inf, columns * ratios
        )
    if structure != "direct":
        start = found[0].fit.theta if found else first_guess(spectrum, ranks, POWER_LAW)
        if columns < spectrum.n_inputs:
            # More inputs than modes: a linear map to more features, which adds no mode.
            guess, more = [start], float(spectrum.n_inputs)
            found += _fits_at(problem, guess, "map to more", more, float(columns))
        found += _profiled(problem, start, "random map", float(columns), columns * _RATIOS)
    return found


def dimension(spectrum: Diagonalised) -> int:
    """Columns that are linearly independent, as far as rounding lets one see."""
    rank, whole = spectrum.rank, min(spectrum.n_inputs, spectrum.n_samples - 1)
    if rank == whole or spectrum.tail is not None:
        return spectrum.n_inputs
    drop = spectrum.eigenvalues[rank] / spectrum.eigenvalues[rank - 1]
    return rank if drop < 1e-3 else spectrum.n_inputs


def first_guess(
    spectrum: Diagonalised, ranks: tuple[int, int], shape: Shape, part: float = 0.25
) -> Floats:
    """Least squares over the first part of the window, where a sample is least distorted."""
    first, last = ranks[0], max(ranks[0] + 6, ranks[0] + int((ranks[1] - ranks[0]) * part))
    log_values = np.log(spectrum.eigenvalues[first - 1 : last])
    return shape.start(np.log(np.arange(first, last + 1)), log_values)


def _profiled(
    problem: Problem, start: Floats, structure: str, n_features: float, dimensions: Floats
) -> list[Candidate]:
    """Fits at each latent dimension; then closer and closer around the likeliest."""
    found: list[Candidate] = []
    for latent_dim in dimensions:
        guesses = [found[-1].fit.theta, start] if found else [start]
        found += _fits_at(problem, guesses, structure, n_features, float(latent_dim))
    for _ in range(_REFINE if len(found) > 1 else 0):
        best = min(range(len(found)), key=lambda i: found[i].fit.deviance)
        left, right = found[max(best - 1, 0)], found[min(best + 1, len(found) - 1)]
        middle, guess = found[best].latent_dim, found[best].fit.theta
        for end in (end for end in (left, right) if end is not found[best]):
            between = (end.latent_dim * middle) ** 0.5
            found += _fits_at(problem, [guess], structure, n_features, between)
        found.sort(key=lambda c: c.latent_dim)
    return _resolved(problem, found)


def _resolved(problem: Problem, found: list[Candidate]) -> list[Candidate]:
    """Halve the steps in which the likelihood falls from its maximum, to know where it ends."""
    for _ in range(_MORE):
        least = min((c.fit.deviance for c in found), default=0.0)
        rise = [c.fit.deviance - least for c in found]
        steps = [abs(b - a) if min(a, b) < _NEAR else 0.0 for a, b in itertools.pairwise(rise)]
        at = int(np.argmax(steps)) if steps else 0
        if not steps or steps[at] < _FINE:
            break
        left, right = found[at], found[at + 1]
        between = (left.latent_dim * right.latent_dim) ** 0.5
        near = left if rise[at] < rise[at + 1] else right
        new = _fits_at(problem, [near.fit.theta], near.structure, near.n_features, between)
        if not new or between / left.latent_dim < _APART:
            break
        found.insert(at + 1, new[0])
    return found


def _fits_at(
    problem: Problem, guesses: list[Floats], structure: str, n_features: float, latent_dim: float
) -> list[Candidate]:
    """Fit from the first guess that has a likelihood; nothing where none has."""
    for guess in guesses:
        try:
            fit = fit_shape(problem, POWER_LAW, guess, n_features, latent_dim)
        except ConvergenceError:
            continue
        return [Candidate(structure, n_features, latent_dim, fit)]
    return []


def conclude(
    candidates: list[Candidate], problem: Problem, ranks: tuple[int, int], level: float
) -> FiniteSampleFit:
    """Choose among the fits, and give the intervals that all of them leave."""
    from scipy.stats import chi2

    if not candidates:
        raise ConvergenceError(f"no power law has a likelihood over ranks {ranks[0]} to {ranks[1]}")
    best = min(candidates, key=lambda c: c.fit.deviance + _COST * (c.structure != "direct"))
    freedom = max(best.fit.freedom, 1.0)
    dispersion = max(1.0, best.fit.chi_square / freedom)
    p_value = float(chi2.sf(best.fit.chi_square, freedom))
    if p_value > _REFUSED:
        dispersion = 1.0
    profiles = profiles_of(candidates, dispersion, level)
    return FiniteSampleFit(
        alpha_interval(profiles, best, dispersion, level),
        float(np.exp(best.fit.theta[1])),
        _latent_dim(profiles, best, p_value, level),
        best.structure,
        ranks,
        best.fit.chi_square,
        freedom,
        p_value,
        dispersion,
        best.fit.deviance,
        best.n_features,
        float(problem.n_samples.max()),
    )


def _latent_dim(
    profiles: dict[str, Profile], best: Candidate, p_value: float, level: float
) -> LatentDim:
    """Read the latent dimension off, but not where a power law is refused."""
    if p_value > _HOPELESS:
        return latent_interval(profiles, best, level)
    why = f"a power law of Gaussian data is refused (p = {p_value:.1g})"
    return LatentDim(best.latent_dim, 1.0, float("inf"), level, "not identifiable", why)

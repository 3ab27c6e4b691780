"""Simulate the solvable model for any spectrum: batched draws, bounded memory, standard error."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.progress import Progress
from eigenscale.simulation.draw import draw, losses
from eigenscale.spectrum import Spectrum
from eigenscale.threads import few_threads

MAX_MODES = 20_000
_MOST = 2.5e8  # numbers held by one draw
_BLOCK = 4e6  # numbers held by one batch of draws: 32 MB and its copies


@dataclass(frozen=True, eq=False)
class Simulation:
    """Mean loss over draws with its standard error.

    Attributes
    ----------
    loss : float
        Mean over the draws; teacher, noise and test points are averaged exactly.
    standard_error : float
        Standard deviation over the draws divided by the root of their number.
    draws : int
        Number of draws of data and features.
    losses : array, shape (draws,)
        The loss of each draw.
    """

    loss: float
    standard_error: float
    draws: int
    losses: Floats

    def __repr__(self) -> str:
        return f"Simulation(loss={self.loss:.6g} ± {self.standard_error:.2g}, draws={self.draws})"

    def to_dict(self) -> dict[str, Any]:
        """Keys `loss`, `standard_error`, `draws`."""
        return {"loss": self.loss, "standard_error": self.standard_error, "draws": self.draws}


def simulate(
    spectrum: Spectrum,
    n_features: int,
    n_samples: int,
    *,
    ridge: float = 0.0,
    time: float | None = None,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
    feature_var: float = 1.0,
    draws: int = 64,
    rng: int | np.random.Generator | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Draw data and features, solve for the student, and average its exact test loss.

    Parameters
    ----------
    spectrum : Spectrum
        With whole multiplicities and at most 20,000 modes.
    n_features, n_samples : int
        N and T, at least 1. No more than about 1,000 each is practical.
    ridge : float
        γ, added to φφᵀ (a sum over samples, not a mean).
    time : float, optional
        Train by gradient flow for this time, in units of 1/λ, and not to the end; the ridge is
        then weight decay. See `eigenscale.theory.training.flow`.
    noise_var, weight_var, feature_var : float
        Variances of label noise, teacher weights and feature weights; what the spectrum leaves
        unexplained counts as noise.
    draws : int
        Number of draws, at least 2.
    rng : int or Generator
        Seed; the same seed gives the same bits.

    Raises
    ------
    InputError
        Where a value breaks its rule.

    Examples
    --------
    >>> simulate(Spectrum.power_law(0.5, 40), 10, 20, ridge=0.01, draws=8, rng=0).draws
    8
    """
    values, power = whole_modes(spectrum, weight_var)
    N, T = _whole(n_features, "n_features", 1), _whole(n_samples, "n_samples", 1)
    count = _whole(draws, "draws", 2)
    if not 0 <= ridge < np.inf:
        raise InputError(f"ridge {ridge!r} cannot be drawn; it is finite and at least 0")
    if time is not None and not time >= 0:
        raise InputError(f"time {time!r} cannot be drawn; it is at least 0")
    generator = np.random.default_rng(rng)
    # u has variance σ_u²/M: dividing φφᵀ and γ by that leaves the student as it is.
    unit_ridge = ridge * values.size / feature_var
    batch = max(1, int(_BLOCK / _held(values.size, N, T)))
    noise, found = noise_var + spectrum.unexplained, np.empty(count)
    with few_threads(max(N, T)):
        for start in range(0, count, batch):
            part = slice(start, min(count, start + batch))
            drawn = draw(generator, part.stop - start, N, T, np.sqrt(values))
            found[part] = losses(*drawn, power, noise, unit_ridge, time)
            if progress is not None:
                progress(part.stop, count)
    return Simulation(float(found.mean()), float(found.std(ddof=1) / count**0.5), count, found)


def _held(M: int, N: int, T: int) -> float:
    """Count the numbers that one draw holds; refuse what no machine would."""
    held = float(M) * (N + 2.0 * T) + float(N) * T
    if held > _MOST:
        raise InputError(
            f"n_features {N:,} and n_samples {T:,} cannot be drawn with {M:,} modes; one draw "
            f"would hold {8e-9 * held:,.0f} GB, {8e-9 * _MOST:g} are allowed; lower them"
        )
    return held


def _whole(value: float, name: str, least: int) -> int:
    if not (np.isfinite(value) and value == int(value) and value >= least):
        raise InputError(f"{name} {value!r} cannot be drawn; it is a whole number from {least}")
    return int(value)


def whole_modes(spectrum: Spectrum, weight_var: float) -> tuple[Floats, Floats]:
    """Eigenvalue and target power of every single mode."""
    counts = spectrum.multiplicities
    if spectrum.latent_dim > MAX_MODES or (counts != np.rint(counts)).any():
        raise InputError(
            f"latent_dim {spectrum.latent_dim:g} cannot be drawn; simulation takes at most "
            f"{MAX_MODES:,} whole modes; lower it"
        )
    whole = counts.astype(int)
    return np.repeat(spectrum.eigenvalues, whole), np.repeat(spectrum.power(weight_var), whole)

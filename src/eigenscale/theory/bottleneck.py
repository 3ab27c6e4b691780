"""Which resource limits the loss at any sizes, time and ridge, and how fast more of it helps.

Each scale in turn is lifted: features or samples without end, training on to the best time, the
best ridge instead of the one given. The one whose lifting lowers the loss most limits it. What is
held fixed is the ridge per sample, so that lifting one scale does not move another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.results import Rows, plain
from eigenscale.spectrum import Spectrum
from eigenscale.theory.optimal import best_ridge_loss
from eigenscale.theory.ridge import ridge_loss
from eigenscale.theory.training.decay import best_decay
from eigenscale.theory.training.flow import timed_loss
from eigenscale.theory.training.stopping import best_stopping

SCALES = ("features", "samples", "time", "ridge")
"""What can be lifted; noise and the latent dimension limit by the rules of `theory.regimes`."""

_STEP = 0.02  # in the log of a scale, for its local exponent


@dataclass(frozen=True, eq=False)
class Bottleneck(Rows):
    """What limits the loss on a grid; every array has the broadcast shape of the inputs.

    Attributes
    ----------
    loss : array
        The loss as it is.
    limited_by : array of str
        ``"features"``, ``"samples"``, ``"time"``, ``"ridge"``, ``"noise"`` or
        ``"latent dimension"``.
    exponent : array
        -∂ln L/∂ln of the scale that limits: features, samples or time; for the ridge and the noise
        ∂ln L/∂ln of it. NaN where the latent dimension limits, which nobody can raise.
    lifted : dict of str to array
        The loss where each scale alone is lifted; a scale that does not apply is left out.
    """

    loss: Floats
    limited_by: NDArray[np.str_]
    exponent: Floats
    lifted: dict[str, Floats]

    def __repr__(self) -> str:
        names, counts = np.unique(self.limited_by, return_counts=True)
        told = ", ".join(f"{name} at {count}" for name, count in zip(names, counts, strict=True))
        return f"Bottleneck({told})"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give one dictionary per point, in the order of the flattened arrays."""
        for i in range(self.loss.size):
            yield {
                "loss": float(self.loss.flat[i]),
                "limited_by": str(self.limited_by.flat[i]),
                "limiting_exponent": float(self.exponent.flat[i]),
                "lifted": {name: float(value.flat[i]) for name, value in self.lifted.items()},
            }

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Key ``rows``: a list with one dictionary per point."""
        return {"rows": list(self.rows())}


@dataclass(frozen=True, eq=False)
class _Losses:
    """The loss of one spectrum at any point; a decay of None is the best one."""

    spectrum: Spectrum
    timed: bool
    noise: dict[str, float]

    def at(self, N: Floats, T: Floats, t: Floats, decay: Floats | None) -> Floats:
        if not self.timed:
            if decay is None:
                return best_ridge_loss(self.spectrum, N, T, **self.noise).loss
            with np.errstate(divide="ignore"):
                return ridge_loss(self.spectrum, N, T, np.log(decay), **self.noise).loss
        if decay is None:
            return best_decay(self.spectrum, N, T, t, **self.noise).loss
        return timed_loss(self.spectrum, N, T, t, decay=decay, **self.noise).loss


def bottleneck(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    time: ArrayLike = np.inf,
    decay: ArrayLike | None = None,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> Bottleneck:
    """Say which scale limits the loss at each point, and the exponent there.

    Noise limits where without it the loss would be less than half. Else the latent dimension does
    where both sizes reach half the number of modes. Else it is the scale that, lifted alone, lowers
    the loss most.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues, and the target's power where it is known.
    n_features, n_samples : array_like
        N and T; ``inf`` is allowed.
    time : array_like
        Of gradient flow; ``inf`` trains to the end.
    decay : array_like, optional
        Ridge per sample ζ; the best at each point where left out.
    noise_var, weight_var : float
        As everywhere in the theory.

    Examples
    --------
    >>> found = bottleneck(Spectrum.power_law(0.5, 10**9), 100, 10**6)
    >>> str(found.limited_by), round(float(found.exponent), 1)
    ('features', 0.5)
    """
    fixed = None if decay is None else np.asarray(decay, dtype=float)
    arrays = (n_features, n_samples, time, 0.0 if fixed is None else fixed)
    N, T, t, zeta = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in arrays))
    given = None if fixed is None else zeta
    losses = _Losses(
        spectrum, bool(np.isfinite(t).any()), {"noise_var": noise_var, "weight_var": weight_var}
    )
    now = losses.at(N, T, t, given)
    lifted = _lifted(losses, N, T, t, given)
    found = np.asarray(list(lifted))[np.argmin(np.stack(list(lifted.values())), axis=0)]
    found = np.where(np.minimum(N, T) >= 0.5 * spectrum.rank, "latent dimension", found)
    silent = _with_noise(losses, 0.0).at(N, T, t, given)
    found = np.where(silent < 0.5 * now, "noise", found)
    found = np.where(now == 0, "latent dimension", found)
    exponent = _exponents(losses, N, T, t, given, found)
    return Bottleneck(now, found, exponent, {k: np.asarray(v) for k, v in lifted.items()})


def _lifted(
    losses: _Losses, N: Floats, T: Floats, t: Floats, decay: Floats | None
) -> dict[str, Floats]:
    """Give the loss with each scale lifted alone, of the shape of N."""
    endless = np.full(N.shape, np.inf)
    found = {
        "features": losses.at(endless, T, t, decay),
        "samples": losses.at(N, endless, t, decay),
    }
    if losses.timed:
        found["time"] = (
            best_ridge_loss(losses.spectrum, N, T, **losses.noise).loss
            if decay is None
            else best_stopping(losses.spectrum, N, T, decay=decay, **losses.noise).loss
        )
    if decay is not None:
        found["ridge"] = losses.at(N, T, t, None)
    return {name: np.broadcast_to(value, N.shape) for name, value in found.items()}


def _exponents(
    losses: _Losses,
    N: Floats,
    T: Floats,
    t: Floats,
    decay: Floats | None,
    limited_by: NDArray[np.str_],
) -> Floats:
    """Give the slope of ln L in the log of what limits, by a central difference."""
    up, down = np.exp(0.5 * _STEP), np.exp(-0.5 * _STEP)

    def slope(name: str, ends: list[Floats]) -> None:
        here = limited_by == name
        if here.any():
            with np.errstate(divide="ignore", invalid="ignore"):
                out[here] = (np.log(ends[0] / ends[1]) / _STEP)[here]

    out = np.full(N.shape, np.nan)
    names = set(np.unique(limited_by).tolist())
    if "features" in names:
        slope("features", [losses.at(N * s, T, t, decay) for s in (down, up)])
    if "samples" in names:
        slope("samples", [losses.at(N, T * s, t, decay) for s in (down, up)])
    if "time" in names:
        slope("time", [losses.at(N, T, t * s, decay) for s in (down, up)])
    if "ridge" in names and decay is not None:
        slope("ridge", [losses.at(N, T, t, decay * s) for s in (up, down)])
    if "noise" in names:
        noisy = losses.noise["noise_var"] + losses.spectrum.unexplained
        ends = [_with_noise(losses, noisy * s).at(N, T, t, decay) for s in (up, down)]
        slope("noise", ends)
    return out


def _with_noise(losses: _Losses, noise_var: float) -> _Losses:
    spectrum = losses.spectrum
    plain = Spectrum(spectrum.eigenvalues, spectrum.multiplicities, spectrum.target_power)
    return _Losses(plain, losses.timed, losses.noise | {"noise_var": noise_var})

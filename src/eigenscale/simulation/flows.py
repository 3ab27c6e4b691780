"""Gradient flow of models that learn features: a quadratic model and a two-layer linear net.

Both see the latent data linearly, f(x) = β(θ)·x, so that the test loss of a draw is exact,
½ (β-w)ᵀ Λ (β-w), and training is θ̇ = -(∂β/∂θ)ᵀ C (β-w) with C the covariance of the samples, or Λ
for fresh data. What moves is the map θ → β:

- *two-layer*: β = Wᵀa, from W = 0 and output weights of norm s. W stays of rank one, for any width:
  with time in units of 1/s² and ρ = 1/s², β = A U, U̇ = A r, Ȧ = ρ² U·r, where r = C (w-β). ρ → 0 is
  lazy, the linear model; ρ → ∞ is rich.
- *quadratic*: β = uᵀθ + (ε/2) θᵀψθ with N random features u and symmetric Gaussian ψ, both linear
  in the data (Roberts, Yaida and Hanin 2022, chapter 11); ε = 0 is the model of random features.

For a target that is hard, with source exponent β = ω/(1+α) < 1, the lazy loss falls as t^-β and
the rich one as t^(-2β/(1+β)) (Bordelon, Atanasov and Pehlevan 2024, arXiv:2409.17858): the norm of
what is learned grows without end, and with it the rate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.spectrum import Spectrum

_ACCURACY = 1e-7
_MOST = 2_000  # modes: the integrator keeps a matrix of them


@dataclass(frozen=True, eq=False)
class _Model:
    """A map from parameters to effective weights, and the rate at which both move."""

    start: Floats
    weights: Callable[[Floats], Floats]
    move: Callable[[Floats, Floats], Floats]


def simulate_flow(
    spectrum: Spectrum,
    times: ArrayLike,
    *,
    model: Literal["two-layer", "quadratic"] = "two-layer",
    richness: float = 0.0,
    n_features: int | None = None,
    n_samples: int | None = None,
    weight_var: float = 1.0,
    draws: int = 1,
    rng: int | np.random.Generator | None = None,
) -> Floats:
    """Train by gradient flow and give the exact test loss of each draw after each time.

    Parameters
    ----------
    spectrum : Spectrum
        Of the data, at most 2,000 eigenvalues. On fresh data, without `n_features`, an eigenvalue
        may stand for many modes: they are learned alike.
    times : array_like, shape (k,)
        Ascending, positive, in units of 1/λ.
    model : {"two-layer", "quadratic"}
        See the module.
    richness : float
        ρ or ε, at least 0; 0 learns no features.
    n_features : int, optional
        N, needed by the quadratic model; the two-layer net has none.
    n_samples : int, optional
        T; without it every step sees fresh data.
    weight_var : float
        σ_w² of the isotropic teacher, used where the spectrum has no target power.
    draws : int
        Of teacher, features and samples.
    rng : int or Generator
        Seed.

    Returns
    -------
    array, shape (draws, k)

    Raises
    ------
    InputError
        Where a value breaks its rule.
    ConvergenceError
        Where the flow runs away: a quadratic model may, where ε is large.

    Examples
    --------
    >>> data = Spectrum.power_law(0.5, 100)
    >>> lazy, rich = (simulate_flow(data, [100.0], richness=r, rng=0) for r in (0.0, 100.0))
    >>> bool(rich[0, 0] < lazy[0, 0])
    True
    """
    marks = np.atleast_1d(np.asarray(times, dtype=float))
    _check(spectrum, marks, model, richness, n_features, n_samples, draws)
    generator = np.random.default_rng(rng)
    roots = np.sqrt(spectrum.multiplicities * spectrum.power(weight_var))
    values = spectrum.eigenvalues
    scale = np.where(values > 0, np.sqrt(np.where(values > 0, values, 1.0)), np.inf)
    found = []
    for _ in range(draws):
        teacher = roots / scale * generator.standard_normal(values.size)
        if spectrum.multiplicities.max() > 1:  # the sum over modes of one eigenvalue
            teacher = roots / scale
        covariance = _covariance(values, n_samples, generator)
        built = (
            _two_layer(values.size, richness)
            if model == "two-layer"
            else _quadratic(values.size, n_features or 0, richness, generator)
        )
        found.append(_trained(built, values, teacher, covariance, marks))
    return np.array(found)


def _two_layer(modes: int, richness: float) -> _Model:
    def weights(state: Floats) -> Floats:
        return np.asarray(state[0] * state[1:])

    def move(state: Floats, force: Floats) -> Floats:
        return np.concatenate([[richness**2 * (state[1:] @ force)], state[0] * force])

    return _Model(np.concatenate([[1.0], np.zeros(modes)]), weights, move)


def _quadratic(modes: int, n_features: int, richness: float, rng: np.random.Generator) -> _Model:
    """Build a quadratic model whose features have variance 1/N, as everywhere after a time."""
    features = rng.standard_normal((n_features, modes)) / n_features**0.5
    bend = rng.standard_normal((n_features, n_features, modes)) / n_features
    bend = 0.5**0.5 * (bend + bend.swapaxes(0, 1))

    def moved(state: Floats) -> Floats:
        return np.asarray(features + richness * np.tensordot(state, bend, axes=1))

    def weights(state: Floats) -> Floats:
        return np.asarray(0.5 * (state @ (features + moved(state))))

    def move(state: Floats, force: Floats) -> Floats:
        return np.asarray(moved(state) @ force)

    return _Model(np.zeros(n_features), weights, move)


def _covariance(
    values: Floats, n_samples: int | None, rng: np.random.Generator
) -> Callable[[Floats], Floats]:
    """Give the product with the covariance of the samples, or of the population."""
    if n_samples is None:
        return lambda vector: values * vector
    rows = rng.standard_normal((n_samples, values.size)) * np.sqrt(values)
    return lambda vector: (rows @ vector) @ rows / n_samples


def _trained(
    model: _Model,
    values: Floats,
    teacher: Floats,
    covariance: Callable[[Floats], Floats],
    marks: Floats,
) -> Floats:
    from scipy.integrate import solve_ivp

    def flow(_: float, state: Floats) -> Floats:
        return model.move(state, covariance(teacher - model.weights(state)))

    found = solve_ivp(
        flow,
        (0.0, float(marks[-1])),
        model.start,
        method="LSODA",
        t_eval=marks,
        rtol=_ACCURACY,
        atol=1e-3 * _ACCURACY * float(np.abs(teacher).max()),
    )
    if not found.success or not np.isfinite(found.y).all():
        raise ConvergenceError("gradient flow runs away; lower the richness")
    missed = np.array([teacher - model.weights(state) for state in found.y.T])
    return np.asarray(0.5 * missed**2 @ values)


def _check(
    spectrum: Spectrum,
    marks: Floats,
    model: str,
    richness: float,
    n_features: int | None,
    n_samples: int | None,
    draws: int,
) -> None:
    spectrum.check_whole()
    if spectrum.eigenvalues.size > _MOST:
        raise InputError(
            f"spectrum has {spectrum.eigenvalues.size:,} eigenvalues; gradient flow of models that "
            f"learn features takes {_MOST:,} at most; lower latent_dim"
        )
    if marks.ndim != 1 or not ((marks > 0) & (marks < np.inf)).all() or (np.diff(marks) <= 0).any():
        raise InputError("times are not a list of positive numbers that ascend; give them so")
    if model not in ("two-layer", "quadratic"):
        raise InputError(f"model {model!r} is not known; use two-layer or quadratic")
    if not 0 <= richness < np.inf:
        raise InputError(f"richness {richness!r} is not a number of at least 0; 0 is lazy")
    if (model == "quadratic") != (n_features is not None):
        rule = "needs" if model == "quadratic" else "has no"
        raise InputError(
            f"the {model} model {rule} n_features; {'give' if n_features is None else 'drop'} them"
        )
    for name, value in (("n_features", n_features), ("n_samples", n_samples), ("draws", draws)):
        if value is not None and not (value >= 1 and value == int(value)):
            raise InputError(f"{name} {value!r} cannot be drawn; it is a whole number from 1")
    many = spectrum.multiplicities.max() > 1
    if many and (n_features is not None or n_samples is not None):
        raise InputError("multiplicities above 1 go with the two-layer net on fresh data only")

"""Loss of one pass of stochastic gradient descent, for features, steps, batch and learning rate."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.results import Rows, to_plain
from eigenscale.spectrum import Spectrum
from eigenscale.theory.sgd.features import FeatureModes, feature_modes
from eigenscale.theory.sgd.recursion import Recursion, largest_rate

_MOST = 2.0**60  # steps


@dataclass(frozen=True, eq=False)
class SgdLoss(Rows):
    """Loss of one-pass SGD on a grid; every array has the broadcast shape of the inputs.

    Attributes
    ----------
    n_features, steps, batch, lr : array
        Inputs N, r, b and η.
    loss : array
        Half the mean squared test error on noise-free labels, ½ (Σ a c + what N features miss).
    missed : array
        The part of it that N features cannot express, whatever the training.
    noise : array
        The part of it that the noise of labels adds.
    exponent_steps : array
        -∂ln L/∂ln r, from one more step.
    largest_lr : array
        The largest stable learning rate for these features and this batch.
    """

    n_features: Floats
    steps: Floats
    batch: Floats
    lr: Floats
    loss: Floats
    missed: Floats
    noise: Floats
    exponent_steps: Floats
    largest_lr: Floats

    def __repr__(self) -> str:
        ends = f"{self.loss.min():.4g} … {self.loss.max():.4g}"
        return f"SgdLoss(shape={self.loss.shape}, loss={ends})"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give one dictionary per grid point, in the order of the flattened arrays."""
        names = [f.name for f in fields(self)]
        columns = [getattr(self, name).ravel().tolist() for name in names]
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True)) | {"status": "ok"}

    def to_dict(self) -> dict[str, Any]:
        """Key ``rows``: a list with one dictionary per grid point."""
        return {"rows": [to_plain(row) for row in self.rows()]}


def sgd_loss(
    spectrum: Spectrum,
    n_features: ArrayLike,
    steps: ArrayLike,
    *,
    batch: ArrayLike = 1.0,
    lr: ArrayLike,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> SgdLoss:
    """Give the mean test loss after steps of SGD from zero, each on a batch never seen before.

    Exact in modes for Gaussian data: the mean over batches, teachers and noise. For finite N the
    features enter by their mean spectrum at large size.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues, and the target's power where it is known; what it leaves unexplained acts as
        noise.
    n_features : array_like
        N, positive; ``inf`` is the kernel limit, SGD on the latent features themselves.
    steps : array_like
        Whole numbers r ≥ 0. The samples used are r·b.
    batch : array_like
        Samples b in each step, whole numbers of at least 1; ``inf`` is descent on the population.
    lr : array_like
        Learning rate η > 0 of ``θ ← θ - η ∇``, with the gradient of half the mean squared error of
        the batch, in features normalised to σ_u² = M/N: in units of 1/λ.
    noise_var : float
        Variance of the label noise.
    weight_var : float
        σ_w² of the isotropic teacher, used where the spectrum has no target power.

    Raises
    ------
    InputError
        Where a rate is beyond the largest stable one, which the message tells, or a value breaks
        its rule.

    Examples
    --------
    >>> one = Spectrum.from_eigenvalues([1.0], target_power=[1.0])
    >>> float(sgd_loss(one, np.inf, 1, batch=1, lr=0.5).loss)  # ½ (1 - 2η + 3η²)
    0.375
    """
    spectrum.check_whole()
    arrays = (n_features, steps, batch, lr)
    N, r, b, rate = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in arrays))
    _check(N, r, b, rate)
    out = np.empty((5, N.size))
    flat = np.stack([N.ravel(), b.ravel(), rate.ravel()])
    groups, where = np.unique(flat, axis=1, return_inverse=True)
    known: dict[float, FeatureModes] = {}
    for i, (size, samples, speed) in enumerate(groups.T.tolist()):
        if size not in known:
            known[size] = feature_modes(spectrum, size, weight_var)
        here = np.flatnonzero(where.ravel() == i)
        noise = noise_var + spectrum.unexplained
        out[:, here] = _one(known[size], r.ravel()[here], samples, speed, noise)
    loss, missed, noise_part, exponent, largest = (row.reshape(N.shape) for row in out)
    return SgdLoss(N, r, b, rate, loss, missed, noise_part, exponent, largest)


def sgd_curve(
    spectrum: Spectrum,
    n_features: float,
    rates: ArrayLike,
    *,
    batch: float = 1.0,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> Floats:
    """Give the mean test loss before and after each step of a schedule of learning rates.

    Parameters
    ----------
    rates : array_like, shape (steps,)
        η_t of every step, not negative; warm-up and decay as they are. Steps may exceed the rate
        that is stable for ever.
    spectrum, n_features, batch, noise_var, weight_var
        As for `sgd_loss`.

    Returns
    -------
    array, shape (steps + 1,)

    Examples
    --------
    >>> one = Spectrum.from_eigenvalues([1.0], target_power=[1.0])
    >>> sgd_curve(one, np.inf, [0.5, 0.0], batch=1)
    array([0.5  , 0.375, 0.375])
    """
    spectrum.check_whole()
    schedule = np.asarray(rates, float)
    if schedule.ndim != 1 or not ((schedule >= 0) & (schedule < np.inf)).all():
        raise InputError(
            "rates are not a list of finite numbers of at least 0; give one for a step"
        )
    _check(np.asarray(float(n_features)), np.zeros(1), np.asarray(float(batch)), np.ones(1))
    modes = feature_modes(spectrum, float(n_features), weight_var)
    noise = noise_var + spectrum.unexplained + modes.missed
    with np.errstate(over="ignore", invalid="ignore"):
        found = 0.5 * (Recursion.of(modes).follow(schedule, float(batch), noise) + modes.missed)
    return np.where(np.isnan(found), np.inf, found)


def stable_rate(
    spectrum: Spectrum, n_features: float = np.inf, batch: float = 1.0, weight_var: float = 1.0
) -> float:
    """Give the largest learning rate at which one-pass SGD is stable.

    Examples
    --------
    >>> stable_rate(Spectrum.from_eigenvalues([2.0]), batch=1)
    0.3333333333333333
    """
    spectrum.check_whole()
    return largest_rate(feature_modes(spectrum, float(n_features), weight_var), float(batch))


def _one(
    modes: FeatureModes, steps: Floats, batch: float, rate: float, noise: float
) -> tuple[Floats, ...]:
    largest = largest_rate(modes, batch)
    if rate >= largest:
        raise InputError(
            f"lr {rate:g} is not stable with batches of {batch:g}: the largest stable rate is "
            f"{largest:.6g}; lower it, or take larger batches"
        )
    recursion = Recursion.of(modes)
    excess, change = recursion.after(steps, batch, rate, noise + modes.missed)
    silent = recursion.after(steps, batch, rate, modes.missed)[0] if noise > 0 else excess
    loss = 0.5 * (excess + modes.missed)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(loss > 0, -0.5 * change * steps / loss, np.nan)
    constant = np.full(steps.size, 0.5 * modes.missed)
    return loss, constant, 0.5 * (excess - silent), exponent, np.full(steps.size, largest)


def _check(N: Floats, steps: Floats, batch: Floats, rate: Floats) -> None:
    whole_batch = np.isinf(batch) | (batch == np.rint(batch))
    for name, value, good, rule in (
        ("n_features", N, N > 0, "positive"),
        (
            "steps",
            steps,
            (steps >= 0) & (steps <= _MOST) & (steps == np.rint(steps)),
            "a whole number from 0 to 1e18",
        ),
        ("batch", batch, (batch >= 1) & whole_batch, "a whole number of at least 1"),
        ("lr", rate, (rate > 0) & (rate < np.inf), "positive and finite"),
    ):
        if not good.all():
            raise InputError(f"{name} has {value[~good].flat[0]:g}; it is {rule}; mend the value")

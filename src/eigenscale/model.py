"""The solvable model: one object that answers from theory, and from simulation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats, broadcast_inputs
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.progress import Progress
from eigenscale.simulation.problem import Precision
from eigenscale.simulation.result import Simulation
from eigenscale.simulation.sampled import TEST_SAMPLES
from eigenscale.simulation.simulate import simulate
from eigenscale.spectrum import Spectrum
from eigenscale.surface import Provenance
from eigenscale.theory.baselines import model_baseline
from eigenscale.theory.bottleneck import Bottleneck, bottleneck
from eigenscale.theory.optimal import best_log_zeta
from eigenscale.theory.regimes import limits, limits_in_time
from eigenscale.theory.ridge import RidgeLoss, log_ridge_per_sample, ridge_loss, ridge_of
from eigenscale.theory.sgd.loss import SgdLoss, sgd_loss, stable_rate
from eigenscale.theory.solution import Solution
from eigenscale.theory.training.decay import best_decay
from eigenscale.theory.training.flow import TimedLoss, timed_loss
from eigenscale.theory.training.learned import learned_in_time
from eigenscale.theory.training.stopping import best_stopping

_NUDGE = 5e-3  # step in ln N and ln T of the local exponents after a time


@dataclass(frozen=True, eq=False)
class ModelSurface:
    """The model's loss as a function of size and data alone, for planning and drawing.

    Attributes
    ----------
    model : SolvableModel
        What it asks.
    ridge : float or "optimal"
        The ridge at every point.
    """

    model: "SolvableModel"
    ridge: float | str

    @property
    def size_name(self) -> str:
        """The size counts features."""
        return "n_features"

    @property
    def data_name(self) -> str:
        """The data are samples."""
        return "n_samples"

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Loss; the arguments broadcast."""
        return self.model.solve(size, data, ridge=self.ridge).loss

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """No draws, shape (0, *broadcast): the theory has nothing uncertain."""
        shape = np.broadcast_shapes(np.shape(size), np.shape(data))
        return np.empty((0, *shape))

    def provenance(self) -> Provenance:
        """Say where this surface comes from, for planning."""
        return Provenance("the solvable model", latent_dim=float(self.model.spectrum.latent_dim))


@dataclass(frozen=True, eq=False)
class SolvableModel:
    """Random features on data of a given spectrum, trained by ridge regression.

    Latent data x_J ~ N(0, λ_J); teacher y = wx + ε with w_J ~ N(0, σ_w²/M) and noise ε of
    variance σ_ε²; features φ = ux with u_iJ ~ N(0, σ_u²/M); student θφ trained on T samples with
    ½‖θφ - y‖² + ½γ‖θ‖². Its test loss for large N, T and M is known in closed form.

    Attributes
    ----------
    spectrum : Spectrum
        Eigenvalues λ_J, and the target's power per mode where it is measured.
    noise_var : float
        σ_ε², in units of the target squared.
    weight_var : float
        σ_w² of the isotropic teacher; without meaning where the spectrum has a target.
    feature_var : float
        σ_u². It only scales the ridge.

    Examples
    --------
    >>> model = SolvableModel(Spectrum.power_law(alpha=0.5, latent_dim=10**12), noise_var=0.01)
    >>> model.loss(n_features=[100, 1000], n_samples=10**4, ridge=1e-3).shape
    (2,)
    """

    spectrum: Spectrum
    noise_var: float = 0.0
    weight_var: float = 1.0
    feature_var: float = 1.0

    def __post_init__(self) -> None:
        self.spectrum.check_whole()
        for name, positive in (("noise_var", False), ("weight_var", False), ("feature_var", True)):
            value = getattr(self, name)
            if not (0 <= value < math.inf) or (positive and value == 0):
                least = "positive" if positive else "at least 0"
                raise InputError(f"{name} {value!r} is not a variance; it is finite and {least}")

    @property
    def loss_untrained(self) -> float:
        """½ Σ v_J², the loss of a student that predicts 0."""
        return 0.5 * float(self.spectrum.multiplicities @ self.spectrum.power(self.weight_var))

    def loss(
        self,
        n_features: ArrayLike,
        n_samples: ArrayLike,
        *,
        ridge: ArrayLike | str = 0.0,
        time: ArrayLike | str | None = None,
        step: ArrayLike = 0.0,
        normalise: bool = False,
    ) -> Any:
        """Test loss, half the mean squared error on noise-free labels.

        Parameters
        ----------
        n_features, n_samples : array_like
            N and T, positive; ``inf`` gives the kernel limit and the population limit.
        ridge : array_like or "optimal"
            γ, added to φφᵀ, a sum over samples and not a mean. Where N is infinite, γ is added
            to the kernel matrix Σ_J x_J x_J instead. ``"optimal"`` takes the ridge with the
            smallest loss at each point and time.
        time : array_like or "best", optional
            Train by full-batch gradient flow on the T samples for this time, in units of 1/λ, and
            not to the end: a mode of an infinite problem is then learned as 1 - e^(-λt), and the
            ridge acts as weight decay. ``"best"`` stops where the loss is least.
        step : array_like
            Train by full-batch gradient descent with steps of this size, in units of 1/λ, and not
            by flow. Every step uses all T samples; T = ∞ is descent on the population. One pass of
            stochastic descent, which sees each sample once, has a larger loss: see `sgd`.
        normalise : bool
            Divide by the loss of an untrained student, `loss_untrained`.

        Returns
        -------
        float or array
            Of the broadcast shape; ``inf`` where the loss diverges.

        Raises
        ------
        InputError
            Where a size is not positive, a ridge or a time is negative, or shapes do not fit.
        ConvergenceError
            Where a loss after a time misses its accuracy of 1e-6.
        """
        if time is None:
            loss = self.solve(n_features, n_samples, ridge=ridge).loss
        else:
            found, *_ = self._timed_loss(n_features, n_samples, ridge, time, step)
            loss = found.loss
            if (found.status == "inexact").any():
                raise ConvergenceError(
                    "a loss after a time misses its accuracy of 1e-6; "
                    "ask `solve`, which gives each value with its error"
                )
        if normalise:
            loss = loss / self.loss_untrained
        return float(loss) if loss.ndim == 0 else loss

    def solve(
        self,
        n_features: ArrayLike,
        n_samples: ArrayLike,
        *,
        ridge: ArrayLike | str = 0.0,
        time: ArrayLike | str | None = None,
        step: ArrayLike = 0.0,
    ) -> Solution:
        """Loss with its parts, training loss, resolved modes and local exponents.

        The parameters are those of `loss`; the arrays of the result broadcast alike.
        """
        if time is not None:
            return self._solve_in_time(n_features, n_samples, ridge, time, step)
        N, T = _sizes(n_features, n_samples, ridge=ridge)
        found, ridges = self._ridge_loss(N, T, ridge)
        shape = found.loss.shape
        return Solution(
            np.broadcast_to(N, shape),
            np.broadcast_to(T, shape),
            np.broadcast_to(ridges, shape),
            found.loss,
            found.train_loss,
            found.bias,
            found.variance,
            found.noise,
            found.root.z,
            found.exponent_features,
            found.exponent_samples,
            np.where(found.diverges, "diverges", "ok"),
        )

    def _ridge_loss(self, N: Floats, T: Floats, ridge: ArrayLike | str) -> tuple[RidgeLoss, Floats]:
        noise = {"noise_var": self.noise_var, "weight_var": self.weight_var}
        if isinstance(ridge, str):
            if ridge != "optimal":
                raise InputError(f"ridge {ridge!r} is not known; give a number, or 'optimal'")
            zeta = best_log_zeta(self.spectrum, N, T, **noise)
            ridges = ridge_of(self.spectrum, N, T, zeta, self.feature_var)
        else:
            ridges = _check_number(ridge, "ridge", "optimal")
            zeta = log_ridge_per_sample(self.spectrum, N, T, ridges, self.feature_var)
        return ridge_loss(self.spectrum, N, T, zeta, **noise), ridges

    def limits(
        self, n_features: ArrayLike, n_samples: ArrayLike, *, time: ArrayLike | None = None
    ) -> NDArray[np.str_]:
        """Say which resource limits the loss, see `eigenscale.theory.regimes`.

        Without a time at the best ridge; with one after gradient flow for that time.

        Returns
        -------
        array of str
            ``"features"``, ``"samples"``, ``"noise"``, ``"latent dimension"`` or ``"time"``.
        """
        noise = {"noise_var": self.noise_var, "weight_var": self.weight_var}
        if time is None:
            return limits(self.spectrum, n_features, n_samples, **noise)
        return limits_in_time(self.spectrum, n_features, n_samples, time, **noise)

    def _timed_loss(
        self,
        n_features: ArrayLike,
        n_samples: ArrayLike,
        ridge: ArrayLike | str,
        time: ArrayLike | str,
        step: ArrayLike,
    ) -> tuple[TimedLoss, Floats, Floats, Floats, Floats]:
        """Loss after a time, with the inputs as arrays of one shape: N, T, γ and t."""
        N, T = _sizes(n_features, n_samples, ridge=ridge, time=time, step=step)
        noise = {"noise_var": self.noise_var, "weight_var": self.weight_var}
        if isinstance(ridge, str):
            decay, ridges = self._best_decay(N, T, ridge, time)
        else:
            ridges = _check_number(ridge, "ridge", "optimal")
            decay = np.exp(log_ridge_per_sample(self.spectrum, N, T, ridges, self.feature_var))
        if isinstance(time, str):
            if time != "best":
                raise InputError(f"time {time!r} is not known; give a number, or 'best'")
            times = best_stopping(self.spectrum, N, T, decay=decay, **noise).time
        else:
            times = _check_number(time, "time", "best")
        N, T, ridges, times, decay, step = np.broadcast_arrays(
            N, T, ridges, times, decay, _check_number(step, "step", "")
        )
        found = timed_loss(self.spectrum, N, T, times, decay=decay, step=step, **noise)
        return found, N, T, ridges, times

    def _best_decay(
        self, N: Floats, T: Floats, ridge: str, time: ArrayLike | str
    ) -> tuple[Floats, Floats]:
        """Find the weight decay with the least loss after each time, and the ridge that it is."""
        if ridge != "optimal":
            raise InputError(f"ridge {ridge!r} is not known; give a number, or 'optimal'")
        if isinstance(time, str):
            raise InputError(
                f"ridge 'optimal' and time {time!r} are both to be found, and each makes up for "
                "the other; give a number for one of them"
            )
        times = _check_number(time, "time", "best")
        noise = {"noise_var": self.noise_var, "weight_var": self.weight_var}
        decay = best_decay(self.spectrum, N, T, times, **noise).decay
        with np.errstate(divide="ignore"):
            log_decay = np.log(decay)
        return decay, ridge_of(self.spectrum, N, T, log_decay, self.feature_var)

    def _solve_in_time(
        self,
        n_features: ArrayLike,
        n_samples: ArrayLike,
        ridge: ArrayLike | str,
        time: ArrayLike | str,
        step: ArrayLike,
    ) -> Solution:
        found, N, T, ridges, times = self._timed_loss(n_features, n_samples, ridge, time, step)
        slopes: list[Floats] = []
        for scale_N, scale_T in ((_NUDGE, 0.0), (0.0, _NUDGE)):
            ends = [
                self._timed_loss(
                    N * np.exp(d * scale_N), T * np.exp(d * scale_T), ridges, times, step
                )[0]
                for d in (1.0, -1.0)
            ]
            with np.errstate(divide="ignore", invalid="ignore"):
                slope = -np.log(ends[0].loss / ends[1].loss) / (2 * _NUDGE)
            slopes.append(np.where(np.isfinite(slope), slope, np.nan) + 0.0)  # no -0
        return Solution(
            N,
            T,
            ridges,
            found.loss,
            found.train_loss,
            found.bias,
            found.variance,
            found.noise,
            found.resolved_modes,
            slopes[0],
            slopes[1],
            found.status,
            times,
            found.error,
            found.exponent_time,
        )

    def bottleneck(
        self,
        n_features: ArrayLike,
        n_samples: ArrayLike,
        *,
        ridge: ArrayLike | str = "optimal",
        time: ArrayLike = np.inf,
    ) -> Bottleneck:
        """Say which of the scales limits the loss and the exponent there, at any point.

        The scales are features, samples, training time, ridge, noise and the latent dimension; see
        `eigenscale.theory.bottleneck`.

        Examples
        --------
        >>> model = SolvableModel(Spectrum.power_law(alpha=0.5, latent_dim=10**6))
        >>> model.bottleneck(1000, 1000, ridge=0.0, time=[1.0, 1e9]).limited_by.tolist()
        ['time', 'samples']
        """
        N, T = _sizes(n_features, n_samples, ridge=ridge, time=time)
        noise = {"noise_var": self.noise_var, "weight_var": self.weight_var}
        decay = None
        if not isinstance(ridge, str):
            ridges = _check_number(ridge, "ridge", "optimal")
            decay = np.exp(log_ridge_per_sample(self.spectrum, N, T, ridges, self.feature_var))
        elif ridge != "optimal":
            raise InputError(f"ridge {ridge!r} is not known; give a number, or 'optimal'")
        times = _check_number(time, "time", "")
        return bottleneck(self.spectrum, N, T, time=times, decay=decay, **noise)

    def learned_fraction(
        self,
        n_features: ArrayLike,
        n_samples: ArrayLike,
        *,
        ridge: ArrayLike | str = 0.0,
        time: ArrayLike | None = None,
    ) -> Floats:
        """Fraction of the teacher that the mean student has, mode by mode.

        It is λ_J/(λ_J+g); after gradient flow for a time its average along a contour, see
        `eigenscale.theory.training.learned`.

        Returns
        -------
        array, shape (*broadcast, n)
            For the n eigenvalues of the spectrum.
        """
        if time is not None:
            return self._learned_in_time(n_features, n_samples, ridge, time)
        N, T = _sizes(n_features, n_samples, ridge=ridge)
        g = self._ridge_loss(N, T, ridge)[0].root.g[..., None]
        values = self.spectrum.eigenvalues
        return np.divide(values, values + g, out=np.zeros((values + g).shape), where=values > 0)

    def _learned_in_time(
        self, n_features: ArrayLike, n_samples: ArrayLike, ridge: ArrayLike | str, time: ArrayLike
    ) -> Floats:
        """Learned fractions after a time: none at 0, those of the ridge student at the end."""
        N, T = _sizes(n_features, n_samples, ridge=ridge, time=time)
        times = _check_number(time, "time", "")
        if isinstance(ridge, str):
            decay, ridges = self._best_decay(N, T, ridge, times)
        else:
            ridges = _check_number(ridge, "ridge", "optimal")
            decay = np.exp(log_ridge_per_sample(self.spectrum, N, T, ridges, self.feature_var))
        N, T, ridges, times, decay = np.broadcast_arrays(N, T, ridges, times, decay)
        out = np.zeros((*N.shape, self.spectrum.eigenvalues.size))
        ended = np.isinf(times)
        out[ended] = self.learned_fraction(N[ended], T[ended], ridge=ridges[ended])
        points = (N[~ended], T[~ended], times[~ended])
        out[~ended] = learned_in_time(self.spectrum, *points, decay=decay[~ended])
        return out

    def simulate(
        self,
        n_features: ArrayLike,
        n_samples: ArrayLike,
        *,
        ridge: ArrayLike | str = 0.0,
        time: ArrayLike | str | None = None,
        draws: int = 64,
        rng: int | np.random.Generator | None = None,
        normalise: bool = False,
        latent_map: str | Callable[[Floats], Any] | None = None,
        target_map: str | Callable[[Floats], Any] | None = None,
        test_samples: int = TEST_SAMPLES,
        precision: Precision = "float64",
        device: str | None = None,
        store: str | Path | None = None,
        engine: Any = None,
        jobs: int | None = None,
        progress: Progress | None = None,
    ) -> Simulation:
        """Draw the model and solve it, see `eigenscale.simulation.simulate.simulate`.

        Arguments broadcast as in `loss`; ``ridge="optimal"`` and ``time="best"`` are those of
        theory.
        """
        if isinstance(ridge, str) or isinstance(time, str):
            best = self.solve(n_features, n_samples, ridge=ridge, time=time)
            ridge, time = best.ridge, best.time
        return simulate(
            self.spectrum,
            n_features,
            n_samples,
            ridge=ridge,
            time=time,
            noise_var=self.noise_var,
            weight_var=self.weight_var,
            feature_var=self.feature_var,
            draws=draws,
            rng=rng,
            normalise=normalise,
            latent_map=latent_map,
            target_map=target_map,
            test_samples=test_samples,
            precision=precision,
            device=device,
            store=store,
            engine=engine,
            jobs=jobs,
            progress=progress,
        )

    def sgd(
        self,
        n_features: ArrayLike,
        steps: ArrayLike,
        *,
        batch: ArrayLike = 1.0,
        lr: ArrayLike,
    ) -> SgdLoss:
        """Loss of one pass of SGD over fresh data, see `eigenscale.theory.sgd.loss.sgd_loss`."""
        noise = {"noise_var": self.noise_var, "weight_var": self.weight_var}
        return sgd_loss(self.spectrum, n_features, steps, batch=batch, lr=lr, **noise)

    def largest_lr(self, n_features: float, batch: float = 1.0) -> float:
        """Give the largest learning rate at which one-pass SGD is stable."""
        return stable_rate(self.spectrum, n_features, batch, self.weight_var)

    def baseline(
        self, name: str, n_features: float, n_samples: float, **inputs: float
    ) -> dict[str, Any]:
        """Error that a classical baseline gives, see `eigenscale.theory.baselines`."""
        noise = {"noise_var": self.noise_var, "weight_var": self.weight_var}
        return model_baseline(self.spectrum, name, n_features, n_samples, inputs, **noise)

    def surface(self, ridge: float | str = "optimal") -> ModelSurface:
        """Loss surface over features and samples, for `plan` and the figures."""
        return ModelSurface(self, ridge)


def _sizes(
    n_features: ArrayLike, n_samples: ArrayLike, **others: ArrayLike | str
) -> tuple[Floats, Floats]:
    """N and T as arrays, once they and the other inputs are known to fit together."""
    numbers = {
        name: _check_number(values, name, {"ridge": "optimal", "time": "best"}.get(name, ""))
        for name, values in others.items()
        if not isinstance(values, str)
    }
    broadcast_inputs({"n_features": n_features, "n_samples": n_samples, **numbers})
    return np.asarray(n_features, float), np.asarray(n_samples, float)


def _check_number(values: ArrayLike, name: str, other: str) -> Floats:
    """Numbers of at least 0; `other` is what may stand for one."""
    mend = f"give one, or '{other}'" if other else "give one"
    try:
        numbers = np.asarray(values, float)
    except (TypeError, ValueError):
        raise InputError(f"{name} {values!r} is not a number; {mend}") from None
    if not (numbers >= 0).all():
        bad = numbers[~(numbers >= 0)].flat[0]
        raise InputError(f"{name} has {bad:g}; it is at least 0; {mend}")
    return numbers

"""The solvable model: one object that answers from theory, and from simulation."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.errors import InputError
from eigenscale.progress import Progress
from eigenscale.results import to_plain
from eigenscale.simulate import Simulation, simulate
from eigenscale.spectrum import Spectrum
from eigenscale.theory.optimal import best_log_zeta
from eigenscale.theory.regimes import limits
from eigenscale.theory.ridge import RidgeLoss, log_ridge_per_sample, ridge_loss, ridge_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solution:
    """What the theory says on a grid; every array has the broadcast shape of the inputs.

    Attributes
    ----------
    n_features, n_samples, ridge : array
        Inputs N, T and γ; the ridge that was found where the best one was asked for.
    loss : array
        Half the mean squared test error on noise-free labels; ``inf`` where it diverges.
    train_loss : array
        Half the mean squared error on the noisy training labels.
    bias, variance, noise : array
        The loss is their sum: bias² of the mean student, variance from drawing data and
        features, and what label noise adds.
    resolved_modes : array
        z = Σ λ/(λ+g), the effective number of modes that are learned.
    exponent_features, exponent_samples : array
        -∂ln L/∂ln N and -∂ln L/∂ln T at fixed ridge; NaN where the loss is 0, diverges, or
        has a kink (no ridge, and N or T is the number of modes).
    status : array of str
        ``"ok"`` or ``"diverges"``.
    """

    n_features: Floats
    n_samples: Floats
    ridge: Floats
    loss: Floats
    train_loss: Floats
    bias: Floats
    variance: Floats
    noise: Floats
    resolved_modes: Floats
    exponent_features: Floats
    exponent_samples: Floats
    status: NDArray[np.str_]

    def __repr__(self) -> str:
        bad = int((self.status != "ok").sum())
        ends = (
            f"{self.loss.min():.4g} … {self.loss.max():.4g}"
            if self.loss.size > 1
            else f"{self.loss.item():.6g}"
        )
        return f"Solution(shape={self.loss.shape}, loss={ends}, diverging={bad})"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give one dictionary per grid point, in the order of the flattened arrays."""
        names = [f.name for f in fields(self)]
        columns = [getattr(self, name).ravel().tolist() for name in names]
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Key ``rows``: a list with one dictionary per grid point."""
        return {"rows": [to_plain(row) for row in self.rows()]}


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
        for name, positive in (("noise_var", False), ("weight_var", False), ("feature_var", True)):
            value = getattr(self, name)
            if not (0 <= value < math.inf) or (positive and value == 0):
                least = "positive" if positive else "at least 0"
                raise InputError(f"{name} {value!r} is not a variance; it is finite and {least}")

    def loss(
        self, n_features: ArrayLike, n_samples: ArrayLike, *, ridge: ArrayLike | str = 0.0
    ) -> Any:
        """Test loss, half the mean squared error on noise-free labels.

        Parameters
        ----------
        n_features, n_samples : array_like
            N and T, positive; ``inf`` gives the kernel limit and the population limit.
        ridge : array_like or "optimal"
            γ, added to φφᵀ, a sum over samples and not a mean. Where N is infinite, γ is added
            to the kernel matrix Σ_J x_J x_J instead. ``"optimal"`` takes the ridge with the
            smallest loss at each point.

        Returns
        -------
        float or array
            Of the broadcast shape; ``inf`` where the loss diverges.

        Raises
        ------
        InputError
            Where a size is not positive or a ridge is negative.
        """
        loss = self.solve(n_features, n_samples, ridge=ridge).loss
        return float(loss) if loss.ndim == 0 else loss

    def solve(
        self, n_features: ArrayLike, n_samples: ArrayLike, *, ridge: ArrayLike | str = 0.0
    ) -> Solution:
        """Loss with its parts, training loss, resolved modes and local exponents.

        The parameters are those of `loss`; the arrays of the result broadcast alike.
        """
        N, T = np.asarray(n_features, float), np.asarray(n_samples, float)
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
            ridges = _check_ridge(ridge)
            zeta = log_ridge_per_sample(self.spectrum, N, T, ridges, self.feature_var)
        return ridge_loss(self.spectrum, N, T, zeta, **noise), ridges

    def limits(self, n_features: ArrayLike, n_samples: ArrayLike) -> NDArray[np.str_]:
        """Say which resource limits the loss at the best ridge, see `theory.regimes.limits`.

        Returns
        -------
        array of str
            ``"features"``, ``"samples"``, ``"noise"`` or ``"latent dimension"``.
        """
        return limits(
            self.spectrum,
            n_features,
            n_samples,
            noise_var=self.noise_var,
            weight_var=self.weight_var,
        )

    def learned_fraction(
        self, n_features: ArrayLike, n_samples: ArrayLike, *, ridge: ArrayLike | str = 0.0
    ) -> Floats:
        """Fraction λ_J/(λ_J+g) of the teacher that the mean student has, mode by mode.

        Returns
        -------
        array, shape (*broadcast, n)
            For the n eigenvalues of the spectrum.
        """
        N, T = np.asarray(n_features, float), np.asarray(n_samples, float)
        g = self._ridge_loss(N, T, ridge)[0].root.g[..., None]
        values = self.spectrum.eigenvalues
        return np.divide(values, values + g, out=np.zeros((values + g).shape), where=values > 0)

    def simulate(
        self,
        n_features: int,
        n_samples: int,
        *,
        ridge: float = 0.0,
        draws: int = 64,
        rng: int | np.random.Generator | None = None,
        progress: Progress | None = None,
    ) -> Simulation:
        """Draw the model and solve it, see `eigenscale.simulate.simulate`."""
        return simulate(
            self.spectrum,
            n_features,
            n_samples,
            ridge=ridge,
            noise_var=self.noise_var,
            weight_var=self.weight_var,
            feature_var=self.feature_var,
            draws=draws,
            rng=rng,
            progress=progress,
        )

    def surface(self, ridge: float | str = "optimal") -> ModelSurface:
        """Loss surface over features and samples, for `plan` and the figures."""
        return ModelSurface(self, ridge)


def _check_ridge(ridge: ArrayLike) -> Floats:
    try:
        ridges = np.asarray(ridge, float)
    except (TypeError, ValueError):
        raise InputError(f"ridge {ridge!r} is not a number; give one, or 'optimal'") from None
    if not (ridges >= 0).all():
        bad = ridges[~(ridges >= 0)].flat[0]
        raise InputError(f"ridge has {bad:g}; it is at least 0; give one, or 'optimal'")
    return ridges

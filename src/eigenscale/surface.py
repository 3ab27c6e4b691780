"""The loss surface: where the solved theory and the fitted law meet."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats


@runtime_checkable
class LossSurface(Protocol):
    """Loss as a function of size and data, with what is not known about it.

    A solved theory is one (features N, samples T); a fitted law is one (parameters N,
    tokens D). Planning, comparing and drawing are written for this protocol.
    """

    @property
    def size_name(self) -> str:
        """What the first argument counts: ``"params"`` or ``"n_features"``."""

    @property
    def data_name(self) -> str:
        """What the second argument counts: ``"tokens"`` or ``"n_samples"``."""

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> NDArray[np.float64]:
        """Best estimate of the loss; the arguments broadcast."""

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> NDArray[np.float64]:
        """Plausible losses, shape ``(draws, *broadcast)``; no draws where nothing is uncertain."""


def _no_error_scale() -> float:
    return math.nan


@dataclass(frozen=True, eq=False)
class Provenance:
    """Where a loss surface comes from: what it can say of itself beyond its values.

    Attributes
    ----------
    name : str
        For sentences: ``"chinchilla, fitted to 240 runs"``.
    law : str
        Name of the law whose parameters `theta` are; empty where there is no single one.
    inputs : tuple of str
        What the law depends on; empty where that is size and data.
    theta : (p,) or None
    draws : (B, p) or None
        Plausible parameters; None where there are none.
    runs : mapping of str to (n,)
        Size, data and ``"flops"`` of the runs, by the surface's names, where there are runs.
    ranges : mapping of str to (low, high)
        The same as ranges, for a fit that was saved without its runs.
    residuals : (n,)
        Log predicted − log measured of the runs.
    error_scale : callable
        Log error beyond the runs, over 1 + decades of compute, that a share `level` of the
        backtest stays below; NaN where there is no backtest. Called where it is needed.
    counting : str
        What counts as a parameter, where it is published.
    unit : str
        Unit of the losses that people see; see `eigenscale.io.runs.loss_units`.
    latent_dim : float or None
        Of a solved theory; None for laws.
    """

    name: str
    law: str = ""
    inputs: tuple[str, ...] = ()
    theta: Floats | None = None
    draws: Floats | None = None
    runs: Mapping[str, Floats] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    residuals: Floats = field(default_factory=lambda: np.empty(0))
    error_scale: Callable[[], float] = _no_error_scale
    counting: str = ""
    unit: str = "nats/token"
    latent_dim: float | None = None


@runtime_checkable
class TracedSurface(LossSurface, Protocol):
    """A loss surface that says where it comes from."""

    def provenance(self) -> Provenance:
        """Say what is known of the surface beyond its values."""

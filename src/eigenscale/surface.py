"""The loss surface: where the solved theory and the fitted law meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

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


class RunIntervals(NamedTuple):
    """Where losses of single runs lie: ends, arrays, and sentences on points that are no guide."""

    low: Floats
    high: Floats
    warnings: tuple[str, ...]


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
        Size, data and ``"flops"`` of the runs, by the surface's names, where there are runs;
        ``"spent"`` too where some share a trunk that was paid for once.
    ranges : mapping of str to (low, high)
        The same as ranges, for a fit that was saved without its runs.
    largest : mapping of str to float
        Size and data of the run that cost most, by the surface's names.
    residuals : (n,)
        Log predicted − log measured of the runs.
    run_intervals : callable or None
        ``(size, data, level) -> RunIntervals``, arrays in nats as `loss` gives them: the interval
        that a prediction of one run at that point has. None where the surface has no draws.
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
    largest: Mapping[str, float] = field(default_factory=dict)
    residuals: Floats = field(default_factory=lambda: np.empty(0))
    run_intervals: Callable[[Floats, Floats, float], RunIntervals] | None = None
    counting: str = ""
    unit: str = "nats/token"
    latent_dim: float | None = None


@runtime_checkable
class TracedSurface(LossSurface, Protocol):
    """A loss surface that says where it comes from."""

    def provenance(self) -> Provenance:
        """Say what is known of the surface beyond its values."""

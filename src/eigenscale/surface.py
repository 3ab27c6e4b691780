"""The loss surface: where the solved theory and the fitted law meet."""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray


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

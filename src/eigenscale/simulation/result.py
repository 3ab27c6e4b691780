"""What a simulation gives: the mean loss over draws with its standard error, and its table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats, Mask
from eigenscale.results import Rows, to_plain


@dataclass(frozen=True, eq=False)
class Simulation(Rows):
    """Mean loss over draws with its standard error, at one point or on a grid.

    Attributes
    ----------
    loss : float or array
        Mean over the draws; teacher, noise and test points are averaged exactly (test points of
        nonlinear features are drawn). An array of the broadcast shape where inputs are arrays.
    standard_error : float or array
        Standard deviation over the draws divided by the root of their number.
    draws : int
        Number of draws of data and features.
    losses : array, shape (*broadcast, draws)
        The loss of each draw.
    n_features, n_samples, ridge, noise_var : array
        Inputs, of the broadcast shape.
    time : array or None
        Likewise, for training that is stopped.
    from_store : array of bool or None
        Which points a store had; None without a store.
    """

    loss: Any
    standard_error: Any
    draws: int
    losses: Floats
    n_features: Floats
    n_samples: Floats
    ridge: Floats
    noise_var: Floats
    time: Floats | None = None
    from_store: Mask | None = None

    def __repr__(self) -> str:
        if np.ndim(self.loss) == 0:
            error = f"{self.standard_error:.2g}"
            return f"Simulation(loss={self.loss:.6g} ± {error}, draws={self.draws})"
        ends = f"{np.min(self.loss):.4g} … {np.max(self.loss):.4g}"
        return f"Simulation(shape={np.shape(self.loss)}, loss={ends}, draws={self.draws})"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give one dictionary per point: inputs, `loss`, `standard_error`, `draws`."""
        columns = {
            "n_features": self.n_features,
            "n_samples": self.n_samples,
            "ridge": self.ridge,
            **({} if self.time is None else {"time": self.time}),
            "noise_var": self.noise_var,
            "loss": self.loss,
            "standard_error": self.standard_error,
            "draws": np.full(self.n_features.shape, self.draws),
            **({} if self.from_store is None else {"from_store": self.from_store}),
        }
        lists = [np.ravel(values).tolist() for values in columns.values()]
        for values in zip(*lists, strict=True):
            yield dict(zip(columns, values, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Keys `loss`, `standard_error`, `draws` of one point; `rows` of a grid."""
        if np.ndim(self.loss):
            return {"rows": [to_plain(row) for row in self.rows()]}
        return {"loss": self.loss, "standard_error": self.standard_error, "draws": self.draws}

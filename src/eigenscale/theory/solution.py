"""What the theory says on a grid of sizes, samples, ridges and times."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.results import Result, to_plain


@dataclass(frozen=True, eq=False)
class Solution(Result):
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
        ``"ok"``, ``"diverges"``, or ``"inexact"`` where a loss after a time misses its accuracy.
    time, error, exponent_time : array or None
        For training that is stopped: its time t, the absolute numerical error of the loss, and
        -∂ln L/∂ln t.
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
    time: Floats | None = None
    error: Floats | None = None
    exponent_time: Floats | None = None

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
        names = [f.name for f in fields(self) if getattr(self, f.name) is not None]
        columns = [getattr(self, name).ravel().tolist() for name in names]
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Key ``rows``: a list with one dictionary per grid point."""
        return {"rows": [to_plain(row) for row in self.rows()]}

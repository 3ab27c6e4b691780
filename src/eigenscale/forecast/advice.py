"""What to do next: what more data or features bring, and where a loss that is wanted is reached."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.forecast.forecaster import Forecaster
from eigenscale.results import Interval, to_plain

_REACH = 1000.0


@dataclass(frozen=True)
class Advice:
    """Losses at the best ridge, and the samples at which `target_loss` is reached.

    Attributes
    ----------
    now, ten_times_data : Interval
        Loss with as many samples as there are, and with ten times as many.
    twice_features : Interval or None
        Loss with twice the random features; None for other learners.
    far : Interval
        Loss with a thousand times the samples: close to the floor.
    samples_needed : float or None
        Samples at which the expected loss is `target_loss`; None where that is not reached.
    summary : str
    """

    now: Interval
    ten_times_data: Interval
    twice_features: Interval | None
    far: Interval
    samples_needed: float | None
    summary: str

    def to_dict(self) -> dict[str, Any]:
        """Plain form for JSON."""
        plain: dict[str, Any] = to_plain(vars(self))
        return plain


def advise(
    forecaster: Forecaster,
    n_samples: int,
    n_features: float = np.inf,
    target_loss: float | None = None,
    level: float = 0.9,
) -> Advice:
    """Ask the forecaster at the best ridge for what matters next."""
    if target_loss is not None and not 0 < target_loss < np.inf:
        raise InputError(f"target_loss {target_loss:g} is not positive and finite; give a loss")
    T = n_samples * np.array([1.0, 10.0, _REACH, 1.0])
    N = n_features * np.array([1.0, 1.0, 1.0, 2.0])
    got = forecaster.ask(T, N, "optimal")[1]
    now, ten, far, wide = (
        Interval.from_draws(v, d, level) for v, d in zip(got.value, got.draws.T, strict=True)
    )
    twice = wide if forecaster.learner.kind == "random" else None
    words = f"With {n_samples:,} samples expect {now}, with ten times as many {ten}."
    if twice is not None:
        words += f" Twice the features give {twice}."
    needed = None
    if target_loss is not None:
        grid = np.geomspace(10, _REACH * n_samples, 60)
        loss = forecaster.ask(grid, np.full(60, n_features), "optimal")[1].value
        below = np.flatnonzero(loss <= target_loss)
        needed = float(np.ceil(grid[below[0]])) if below.size else None
        words += (
            f" A loss of {target_loss:g} is not reached within {_REACH:g} times the samples: {far}."
            if needed is None
            else f" A loss of {target_loss:g} takes about {needed:.2g} samples."
        )
    return Advice(now, ten, twice, far, needed, words)

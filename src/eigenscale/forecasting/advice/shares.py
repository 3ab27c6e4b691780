"""What the loss consists of now, and so what limits it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from eigenscale.forecasting.advice.crossing import REACH
from eigenscale.forecasting.forecaster import Forecaster
from eigenscale.surface import LossSurface

Limit = Literal["data", "features", "noise", "floor", "unknown"]

_WORTH = 0.05  # a fall of the loss by less than this share, with ten times the data, is none
_ODD = 1.005


@dataclass(frozen=True)
class Shares:
    """Parts of the loss at one size; they add up to it.

    Attributes
    ----------
    floor : float
        What neither samples nor features of this kind remove: label noise, and what they cannot
        express.
    noise : float
        Noise of the training labels that the fit takes for signal; goes as 1/samples.
    data : float
        Signal that so many samples do not show yet.
    features : float
        What more random features would remove.
    """

    floor: float
    noise: float
    data: float
    features: float

    @property
    def total(self) -> float:
        """The loss."""
        return self.floor + self.noise + self.data + self.features


def shares(surface: LossSurface, n_samples: float, n_features: float) -> Shares:
    """Take the loss apart; a fitted law tells its floor and the rest only."""
    T = n_samples * np.array([1.0, 1.0, REACH])
    if not isinstance(surface, Forecaster):
        now, _, floor = surface.loss(n_features, T)
        floor = min(float(floor), float(now))
        return Shares(floor, 0.0, float(now) - floor, 0.0)
    prediction = surface.ask(T, np.array([n_features, np.inf, np.inf]))[1]
    here, whole, floor = (float(x) for x in prediction.value)
    whole = min(whole, here)
    floor = min(floor, whole)
    # Variance comes from what a fit does not explain, the floor's share of which is noise.
    bias = float(prediction.place(surface.nested.top.whole.bias)[1])
    variance = max(whole - bias, 0.0)
    noise = min(variance * min(floor / max(bias, 1e-300), 1.0), whole - floor)
    return Shares(floor, noise, whole - floor - noise, here - whole)


def limit(parts: Shares, now: float, ten_times_data: float, twice: tuple[float, float]) -> Limit:
    """Name what limits; `twice` are the losses with twice the data and twice the features."""
    if now == 0:
        return "floor"
    if ten_times_data > _ODD * now:
        return "unknown"  # a tail that the sample does not resolve: at the best ridge none rises
    by_data, by_features = (1 - loss / now for loss in twice)
    if 1 - ten_times_data / now < _WORTH and by_features < _WORTH / 2:
        return "floor"
    if by_features > by_data:
        return "features"
    return "noise" if parts.noise > parts.data else "data"

"""What results share: intervals, and a plain form that JSON can carry."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Interval:
    """A value with the interval that holds the truth with probability `level`.

    Attributes
    ----------
    value, low, high : float
        Estimate and ends, in the unit of the quantity.
    level : float
        Nominal coverage, in (0, 1).
    se : float or None
        Standard error, where one is known.

    Examples
    --------
    >>> Interval(0.5, 0.4, 0.65, level=0.9)
    0.5 [0.4, 0.65] (90 %)
    """

    value: float
    low: float
    high: float
    level: float = 0.9
    se: float | None = None

    def __repr__(self) -> str:
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}] ({100 * self.level:.3g} %)"

    @classmethod
    def from_draws(cls, value: float, draws: ArrayLike, level: float = 0.9) -> "Interval":
        """Percentile interval of `draws`, which may be empty: then both ends are NaN."""
        sample = np.asarray(draws, dtype=float)
        sample = sample[~np.isnan(sample)]
        if sample.size < 2:
            return cls(float(value), math.nan, math.nan, level)
        low, high = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2])
        with np.errstate(over="ignore"):  # of draws near the largest number: infinite
            se = float(sample.std(ddof=1))
        return cls(float(value), float(low), float(high), level, se)

    def to_dict(self) -> dict[str, float]:
        """Keys `value`, `low`, `high`, `level`, and `se` where known."""
        return {k: v for k, v in dataclasses.asdict(self).items() if v is not None}


def to_plain(thing: Any) -> Any:
    """Turn results into what JSON can carry: NaN and infinities become ``None``.

    Objects with a ``to_dict`` method are asked for it, other dataclasses give their fields.

    Examples
    --------
    >>> to_plain({"loss": np.array([0.5, np.inf]), "n": np.int64(3)})
    {'loss': [0.5, None], 'n': 3}
    """
    if hasattr(thing, "to_dict"):
        return to_plain(thing.to_dict())
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: to_plain(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): to_plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [to_plain(value) for value in thing]
    if isinstance(thing, np.ndarray | np.generic):
        return to_plain(thing.tolist())
    if isinstance(thing, float) and not math.isfinite(thing):
        return None
    return thing

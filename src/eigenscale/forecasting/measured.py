"""A loss that was measured: where, how large, and how well it is known."""

from dataclasses import dataclass
from typing import Any

from eigenscale.results import Interval, to_plain


@dataclass(frozen=True)
class MeasuredPoint:
    """Measured test loss at one number of samples.

    Attributes
    ----------
    n_samples : int
        Training samples.
    n_features : int or None
    ridge : float or None
        None where the learner is not ridge regression.
    loss : Interval
        Mean over `draws` training sets; ends are of the mean.
    draws : int
    """

    n_samples: int
    n_features: int | None
    ridge: float | None
    loss: Interval
    draws: int

    def to_dict(self) -> dict[str, Any]:
        """Plain form; keys that do not apply are left out."""
        plain: dict[str, Any] = to_plain({k: v for k, v in vars(self).items() if v is not None})
        return plain

"""Rows of a forecast and measured losses, as plain data."""

import math
from dataclasses import dataclass
from typing import Any

from eigenscale.laws.backtest.extrapolation import UNSETTLED
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


@dataclass(frozen=True)
class MetricValue:
    """A metric at one size: its name as on the command line, and its interval."""

    name: str
    value: Interval


@dataclass(frozen=True)
class ForecastRow:
    """Expected test loss at one number of samples, features and ridge.

    Attributes
    ----------
    n_samples : int
        Training samples T.
    n_features : int or None
        Columns of the fixed features, or random features; None for a kernel.
    ridge : float or None
        Per sample, in ``ΦᵀΦ/T + ridge·I``; None for learners of another kind.
    loss : Interval
        Mean squared test error on real labels, summed over target columns, no half.
    error_rate : Interval or None
        Share of wrong classes; None for regression.
    resolved_modes : float or None
        z, the modes that the fit resolves; None for learners of another kind.
    extrapolated : str
        "" within the sample; "samples" beyond its size; "tail" where modes count that the sample
        does not resolve, and a power law stands in for them.
    status : str
        "ok" or "diverges".
    metric : MetricValue or None
        In what the user asked.
    """

    n_samples: int
    n_features: int | None
    ridge: float | None
    loss: Interval
    error_rate: Interval | None
    resolved_modes: float | None
    extrapolated: str
    status: str = "ok"
    metric: MetricValue | None = None

    @property
    def reliable(self) -> bool:
        """Whether the loss is a guide: it exists, and is known to a log error of `UNSETTLED`.

        The bar is that of laws of training runs, see `laws.backtest.extrapolation`.
        """
        low, high = self.loss.low, self.loss.high
        if self.status != "ok" or not (math.isfinite(low) and math.isfinite(high)):
            return False
        return low == high or (low > 0 and math.log(high / low) <= 2 * UNSETTLED)

    def to_dict(self) -> dict[str, Any]:
        """Plain form; keys that do not apply are left out."""
        fields = {
            "n_samples": self.n_samples,
            "n_features": self.n_features,
            "ridge": self.ridge,
            "loss": self.loss.to_dict(),
            "resolved_modes": self.resolved_modes,
            "extrapolated": self.extrapolated,
            "status": self.status,
            "reliable": self.reliable,
        }
        if self.ridge is None:
            fields = {k: v for k, v in fields.items() if v is not None}
        if self.error_rate is not None:
            fields["error_rate"] = self.error_rate.to_dict()
        if self.metric is not None:
            fields["metric"] = to_plain(self.metric)
        return fields

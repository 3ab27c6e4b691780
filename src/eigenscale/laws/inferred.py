"""A fitted law with its intervals and its backtest: what analyses are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from eigenscale.arrays import Floats
from eigenscale.io.runs.loss_units import of_runs
from eigenscale.laws.backtest.calibration import ErrorScale, error_scale
from eigenscale.laws.backtest.record import Holdout, Rolling
from eigenscale.laws.backtest.rolling import roll
from eigenscale.laws.estimation import delta
from eigenscale.laws.estimation.fitted import Fitted
from eigenscale.laws.estimation.stated import DEFAULT
from eigenscale.results import Interval


@dataclass(frozen=True, eq=False)
class Inferred(Fitted):
    """A fitted law, the intervals of its parameters, and its errors on larger runs.

    Attributes
    ----------
    holdout : Holdout or None
    first : Inferred or None
        Of a law in the loss: the law of the loss itself, its draws from the same resampled tables.
    record : Rolling or None
        Errors of the backtest, where it has been computed.
    """

    holdout: Holdout | None = None
    first: "Inferred | None" = None
    record: Rolling | None = None

    @property
    def unit(self) -> str:
        """Unit of the loss that people see, as in the table that was fitted."""
        if self.runs is not None:
            return of_runs(self.runs)
        told = self.settings.get("data")
        return str(told.get("unit", "nats/token")) if isinstance(told, Mapping) else "nats/token"

    @cached_property
    def parameters(self) -> dict[str, Interval]:
        """Estimate and interval of each parameter: of percentiles, else by the delta method."""
        if self.by_delta:
            return delta.intervals(self)
        return {
            name: Interval(self.fixed[name], self.fixed[name], self.fixed[name], self.level, 0.0)
            if name in self.fixed
            else Interval.from_draws(self.theta[i], self.draws[:, i], self.level)
            for i, name in enumerate(self.law.names)
        }

    @cached_property
    def sample(self) -> Floats:
        """Parameters that may be true, (B, p): the draws, else by the delta method."""
        return delta.drawn(self) if self.by_delta else self.draws

    @cached_property
    def rolling(self) -> Rolling:
        """Backtest: errors on larger runs of fits to smaller ones."""
        return roll(self) if self.record is None else self.record

    @cached_property
    def error_scale(self) -> ErrorScale | None:
        """What errors on larger runs are scaled by; None but for the default estimator."""
        if self.settings.get("estimator") != DEFAULT:
            return None
        if self.table is not None:
            return error_scale(self)
        known = self.settings.get("error_scale")
        return None if known is None else ErrorScale(**known)

    @cached_property
    def reach(self) -> float:
        """Log error, over 1 + decades beyond the runs, that a share `level` stays below; or NaN."""
        if self.table is None:
            known = self.settings.get("reach")
            return float(known) if isinstance(known, int | float) else float("nan")
        return self.rolling.reach(self.level)

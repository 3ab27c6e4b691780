"""Intervals as wide as extrapolations of other tables have missed by.

`calibration.json` holds a quantile regression of log |error| on larger runs, over public tables
and subsets of them, each table counting once (``benchmarks/extrapolation_default.py --calibrate``
makes it). What it looks at: the scatter of the residuals, the distance in compute, size and data,
and the table's own backtest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import inf, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.estimation.fitted import Fitted
from eigenscale.laws.estimation.prior import likely_scatter
from eigenscale.laws.estimation.stated import approach, state_again
from eigenscale.laws.estimation.weighting import compute_weights
from eigenscale.laws.table import Extent, Table, usable

SEEN, FEWEST = 2 / 3, 6  # share of the runs that the backtest may see, and runs that it needs
UNIT = 0.002  # log error that every table is allowed
CUT = 0.1  # log residuals beyond this count as this
SETTLED = 0.3
"""Decades beyond the runs, added up, at which an interval is as wide as that of extrapolations."""


@dataclass(frozen=True)
class ErrorScale:
    """What the errors of one fit on larger runs are scaled by.

    Attributes
    ----------
    scatter : float
        Standard deviation of its log residuals.
    backtest : float or None
        Mean log error on the largest third of the runs of a fit to the others, over what that fit
        led to expect; None where runs are too few.
    """

    scatter: float
    backtest: float | None = None

    def half_width(self, decades: ArrayLike, level: float = 0.9) -> Floats:
        """Log error that a share `level` of runs stays below; the backtest counts beyond the runs.

        Parameters
        ----------
        decades : array
            Distance beyond the largest run, decades of compute, size and data added up.

        Examples
        --------
        >>> scale = ErrorScale(scatter=0.01, backtest=1.0)
        >>> bool(scale.half_width(2.0) < scale.half_width(4.0) < scale.half_width(4.0, 0.95))
        True
        """
        known, away = calibration(), np.asarray(decades, dtype=float)
        within = known["constant"] + known["expected"] * log(self.scatter)
        log_half = within + known["expected"] * np.log1p(known["per_decade"] * away / self.scatter)
        if self.backtest is None:
            return np.asarray(np.exp(log_half + known["no_backtest"]) * _factor(level))
        missed = known["backtest"] * log(self.backtest)
        # No run beyond the others is surer than one among them.
        log_half = np.maximum(log_half + missed * (beyond_share(away) if missed > 0 else 1), within)
        return np.asarray(np.exp(log_half) * _factor(level))

    def reliable(self, decades: ArrayLike) -> Any:
        """Whether the 90 % interval is narrow enough to be a guide."""
        return self.half_width(decades) <= calibration()["guide"]


def beyond_share(decades: ArrayLike) -> Floats:
    """How far an interval has grown from that within the runs to that of extrapolations, 0 to 1.

    Examples
    --------
    >>> beyond_share([0.0, 0.15, 2.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.clip(np.asarray(decades, dtype=float) / SETTLED, 0.0, 1.0)


@cache
def calibration() -> dict[str, Any]:
    """Give the table of the package."""
    text = (files("eigenscale.laws.backtest") / "calibration.json").read_text(encoding="utf-8")
    known: dict[str, Any] = json.loads(text)
    return known


def _factor(level: float) -> float:
    """Half-width at another level, over that at 90 %."""
    known = calibration()["factors"]
    levels = np.array([float(text) for text in known])
    return float(np.exp(np.interp(level, levels, np.log(list(known.values())))))


def error_scale(found: Fitted) -> ErrorScale:
    """Measure what the errors of a fit by the default estimator are scaled by."""
    table = found.table
    assert table is not None
    weights = np.ones(len(table)) if table.weights is None else table.weights
    return ErrorScale(_scatter(found.residuals, weights, found), _backtest(found, table))


def _scatter(residuals: Floats, weights: Floats, found: Fitted) -> float:
    free = len(found.law.parameters) - len(found.fixed)
    return likely_scatter(residuals, weights, free - 1, cut=CUT, largest=inf)


def _backtest(found: Fitted, table: Table) -> float | None:
    """Fit again without the largest third of the runs: the error there, over what is expected."""
    count = round(SEEN * len(table))
    if len(table) < FEWEST or count < found.needed(found.fixed):
        return None
    order = np.argsort(table.compute(), kind="stable")
    try:
        part = usable(table.take(order[:count]), found.law, found.fixed, found.needed(found.fixed))
    except InputError:
        return None
    later = table.take(order[count:])
    problem = state_again(found, part, found.fixed)
    at = approach(problem, found.objective)
    inputs = {name: later.inputs[name] for name in found.law.inputs}
    with np.errstate(all="ignore"):
        missed = np.log(found.law.predict(problem.theta(at), **inputs) / later.target)
    error = float(np.mean(np.minimum(np.nan_to_num(np.abs(missed), nan=inf), 3.0)))
    scatter = _scatter(problem.residuals(at[None])[0][0], compute_weights(part, found.law), found)
    distance = float(np.mean(distance_beyond(Extent.of(part), inputs)))
    return (error + UNIT) / (scatter + float(calibration()["per_decade"]) * distance)


def distance_beyond(extent: Extent, inputs: Mapping[str, ArrayLike]) -> Floats:
    """Decades of compute, size and data beyond the largest run, added up; 0 within.

    Where only one input is known the others are taken to grow with it.
    """
    logs = {name: np.log10(np.asarray(x, dtype=float)) for name, x in inputs.items()}
    known = [name for name in ("params", "tokens") if name in logs and name in extent.largest]
    if not known:
        name = next((n for n in ("flops", "steps") if n in logs and n in extent.largest), None)
        if name is None:
            return np.zeros(())
        return np.asarray(2 * np.maximum(logs[name] - np.log10(extent.largest[name]), 0.0))
    apart = [logs[name] - np.log10(extent.largest[name]) for name in known]
    beyond = [np.maximum(x, 0.0) for x in (*apart, np.sum(np.broadcast_arrays(*apart), axis=0))]
    return np.asarray(np.sum(np.broadcast_arrays(*beyond), axis=0))

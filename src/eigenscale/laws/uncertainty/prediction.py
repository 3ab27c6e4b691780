"""What a fit says at new points, with intervals of the law and of a single run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats, Mask
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.laws.backtest.calibration import ErrorScale, beyond_share, distance_beyond
from eigenscale.laws.backtest.extrapolation import (
    UNSETTLED,
    allowance,
    beyond_sentences,
    calibrated_sentences,
)
from eigenscale.laws.inferred import Inferred
from eigenscale.results import Interval, Result
from eigenscale.surface import RunIntervals


@dataclass(frozen=True, eq=False)
class Prediction(Result):
    """Values of a fitted law at new points; every array has the shape of the inputs.

    Attributes
    ----------
    value : array
    low, high : array
        Confidence interval: where the law itself lies.
        As wide as the prediction interval where the law's record says that it is no guide.
    run_low, run_high : array
        Prediction interval: where the loss of one new run lies, its scatter included, and
        beyond the runs what fits to smaller runs have missed larger ones by.
    level : float
    decades : array
        How far beyond the largest run the points lie, in decades of compute; 0 within.
    reach : float
        Log error, over 1 + decades, of the backtest; NaN where there is none.
    half : array or None
        Calibrated log error at the points, see `laws.backtest.calibration`; None for plain fits.
    """

    value: Floats
    low: Floats
    high: Floats
    run_low: Floats
    run_high: Floats
    level: float
    decades: Floats = field(default_factory=lambda: np.zeros(()))
    reach: float = float("nan")
    half: Floats | None = None
    known: Mask | None = None

    @property
    def beyond(self) -> list[float]:
        """`decades` of every point, in C order."""
        return [float(x) for x in np.broadcast_to(self.decades, self.value.shape).flat]

    @property
    def reliable(self) -> list[bool]:
        """Whether the value of every point, in C order, is a guide."""
        if self.known is None:
            known = ~(allowance(self.reach, self.decades) > UNSETTLED)
        else:
            known = self.known
        return [bool(x) for x in np.broadcast_to(known, self.value.shape).flat]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about at these points."""
        if self.half is None:
            return tuple(beyond_sentences(self.reach, self.decades, self.level))
        return tuple(calibrated_sentences(self.half, self.reliable, self.beyond, self.level))

    def calibrated(self, scale: ErrorScale, distance: Floats, decades: Floats) -> "Prediction":
        """As wide as extrapolations of other tables have missed by; within the runs, of a run.

        From the edge of the runs on one grows into the other, with no jump.
        """
        half = np.broadcast_to(scale.half_width(distance, self.level), self.value.shape)
        low, high = self.value * np.exp(-half), self.value * np.exp(half)
        share = np.broadcast_to(beyond_share(distance), self.value.shape)
        return replace(
            self,
            low=_between(self.low, low, share),
            high=_between(self.high, high, share),
            run_low=_between(np.fmin(self.low, low), low, share),
            run_high=_between(np.fmax(self.high, high), high, share),
            decades=np.broadcast_to(decades, self.value.shape),
            half=half,
            known=np.broadcast_to(scale.reliable(distance), self.value.shape),
        )

    def widened(self, decades: Floats, reach: float) -> "Prediction":
        """At least as wide as a record allows: of runs, and of the law where it is no guide."""
        half = allowance(reach, decades)
        law = np.where(half > UNSETTLED, half, 0.0)
        return Prediction(
            self.value,
            np.minimum(self.low, self.value * np.exp(-law)),
            np.maximum(self.high, self.value * np.exp(law)),
            np.minimum(self.run_low, self.value * np.exp(-half)),
            np.maximum(self.run_high, self.value * np.exp(half)),
            self.level,
            np.broadcast_to(decades, self.value.shape),
            reach,
        )

    def in_unit(self, unit: str) -> "Prediction":
        """Give the same in the unit that people see; the ends of what rises change places."""
        change = loss_unit(unit).outward
        if change is np.asarray:
            return self
        low, high = np.sort([change(self.low), change(self.high)], axis=0)
        run_low, run_high = np.sort([change(self.run_low), change(self.run_high)], axis=0)
        value = np.asarray(change(self.value))
        return replace(self, value=value, low=low, high=high, run_low=run_low, run_high=run_high)

    def of_runs(self) -> RunIntervals:
        """Where single runs lie, and what is to be said where that is no guide."""
        lost = () if all(self.reliable) else tuple(self.warnings)
        return RunIntervals(self.run_low, self.run_high, lost)

    def intervals(self, *, run: bool = False) -> list[Interval]:
        """One `Interval` per point in C order: of the law, or of a single `run`."""
        low, high = (self.run_low, self.run_high) if run else (self.low, self.high)
        rows = zip(self.value.flat, low.flat, high.flat, strict=True)
        return [Interval(float(v), float(a), float(b), self.level) for v, a, b in rows]


def _between(near: Floats, far: Floats, share: Floats) -> Floats:
    """Interpolate ends of intervals in their logarithm; those that are not known count as far."""
    from_near = np.where(np.isnan(near), far, near) ** (1 - share) * far**share
    return np.where(share > 0, from_near, near)


def predict(
    fit: Inferred, inputs: Mapping[str, ArrayLike], level: float | None = None
) -> Prediction:
    """Predict, through the law of the loss first where the fit has one and no loss is given.

    Intervals have the level of the fit where none is given.
    """
    level = fit.level if level is None else level
    first = fit.first if inputs.get("loss") is None else None
    if first is None:
        value = fit.law.predict(fit.theta, **inputs)
    else:
        value = fit.law.predict(fit.theta, loss=first.law.predict(first.theta, **inputs))
    scale = fit.error_scale if first is None else None
    if scale is not None and fit.extent is not None:
        return _law_interval(fit, value, inputs, level).calibrated(
            scale, distance_beyond(fit.extent, inputs), decades_beyond(fit, inputs)
        )
    if len(fit.sample) < 2 or (first is not None and len(first.sample) < 2):
        unknown = np.full(value.shape, np.nan)
        return Prediction(value, unknown, unknown, unknown, unknown, level)
    draws, of_runs = _drawn(fit, first, inputs)
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(draws, ends, axis=0)
    run_low, run_high = np.quantile(of_runs, ends, axis=0)
    made = Prediction(value, low, high, run_low, run_high, level)
    decades = decades_beyond(fit, inputs) if first is None else np.zeros(())
    return made.widened(decades, fit.reach) if (decades > 0).any() else made


def _law_interval(
    fit: Inferred, value: Floats, inputs: Mapping[str, ArrayLike], level: float
) -> Prediction:
    """Where the law lies by its draws; ends that are NaN where there are none."""
    if len(fit.sample) < 2:
        low = high = np.full(value.shape, np.nan)
    else:
        ends = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(fit.law.predict(fit.sample, **inputs), ends, axis=0)
    return Prediction(value, low, high, low, high, level)


def decades_beyond(fit: Inferred, inputs: Mapping[str, ArrayLike]) -> Floats:
    """How far points lie beyond the largest run, in decades of compute; 0 within the runs."""
    names = [name for name in fit.law.inputs if name not in ("unique_tokens", "loss")]
    extent = fit.extent
    if not names or extent is None:
        return np.zeros(())
    at = np.sum([np.log10(x) for x in np.broadcast_arrays(*(inputs[n] for n in names))], axis=0)
    joint = "product" if set(names) == {"params", "tokens"} else names[0]
    if (len(names) == 1 or joint == "product") and joint in extent.ranges:
        largest = np.log10(extent.ranges[joint][1])
    else:
        largest = np.sum(np.log10([extent.largest.get(name, np.inf) for name in names]))
    return np.asarray(np.maximum(at - largest, 0.0))


def _drawn(
    fit: Inferred, first: Inferred | None, inputs: Mapping[str, ArrayLike]
) -> tuple[Floats, Floats]:
    """Give the value for every draw, of the law and of a single run, each (B, *shape)."""
    if first is None:
        draws = fit.law.predict(fit.sample, **inputs)
        return draws, draws * _noise(fit, len(draws), draws.ndim - 1, 0)
    count = min(len(fit.sample), len(first.sample))
    loss = first.law.predict(first.sample[:count], **inputs)
    noisy = loss * _noise(first, count, loss.ndim - 1, 1)
    columns = fit.law.columns(fit.sample[:count], loss.ndim - 1)
    draws, of_runs = (fit.law.evaluate(columns, {"loss": np.log(x)})[0] for x in (loss, noisy))
    return draws, of_runs * _noise(fit, count, loss.ndim - 1, 0)


def _noise(fit: Inferred, count: int, ndim: int, seed: int) -> Floats:
    """Factors by which single runs scatter, drawn from the residuals, (count, 1, …)."""
    picked = np.random.default_rng(seed).integers(fit.n_runs, size=count)
    return np.asarray(np.exp(fit.scatter[picked]).reshape(-1, *(1,) * ndim))

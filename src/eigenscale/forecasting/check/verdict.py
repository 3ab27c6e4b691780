"""The result of a check: measured losses beside the forecast, and how far to trust it."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from eigenscale.forecasting.row import ForecastRow, MeasuredPoint
from eigenscale.forecasting.sample.dependence import Dependence
from eigenscale.results import Interval, Result, to_plain
from eigenscale.text.numbers import count, percent

Verdict = Literal["agrees", "close", "disagrees", "unchecked"]

BEYOND_NOISE = 3.0  # standard errors; points share rows, so that several count little more than one
SMALL = 0.03  # a difference that is certain, but no reason for distrust


@dataclass(frozen=True)
class CheckPoint:
    """One size at which students were trained.

    Attributes
    ----------
    measured : MeasuredPoint
    predicted : ForecastRow
        From rows that hold none of those tested on.
    asked_ridge : float or "optimal"
        The curve that it belongs to, together with the number of features.
    error_rate : Interval or None
        Measured share of wrong classes; None for regression.
    """

    measured: MeasuredPoint
    predicted: ForecastRow
    asked_ridge: float | str
    error_rate: Interval | None = None

    @property
    def apart(self) -> float:
        """Measured over predicted, minus one."""
        return self.measured.loss.value / self.predicted.loss.value - 1

    @property
    def noise(self) -> float:
        """Standard error of `apart`: of what was measured and of the forecast."""
        measured, predicted = self.measured.loss, self.predicted.loss
        parts = [(one.se or 0.0) / one.value for one in (measured, predicted)]
        return float(np.hypot(parts[0], parts[1]))

    @property
    def beyond_noise(self) -> bool:
        """Whether measured and predicted differ by more than noise explains."""
        apart = np.log1p(
            max(self.apart, -1 + 1e-15)
        )  # rounding alone where nothing is left to learn
        return bool(abs(apart) > BEYOND_NOISE * max(self.noise, 1e-9))

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        plain: dict[str, Any] = {
            **self.measured.to_dict(),
            "predicted": to_plain(self.predicted.loss),
            "apart": self.apart,
            "beyond_noise": self.beyond_noise,
        }
        if self.error_rate is not None:
            plain["error_rate"] = to_plain(self.error_rate)
        if self.predicted.error_rate is not None:
            plain["predicted_error_rate"] = to_plain(self.predicted.error_rate)
        return plain


@dataclass(frozen=True, eq=False)
class Check(Result):
    """Students trained to check a forecast.

    Attributes
    ----------
    points : tuple of CheckPoint
    n_seen, n_pool, n_test : int
        Rows that the forecast was made from, that students were trained on, and held back.
    left_out : int
        Curves that were forecast and not checked.
    dependence : Dependence or None
        What the rows have to do with each other.
    """

    points: tuple[CheckPoint, ...]
    n_seen: int
    n_pool: int
    n_test: int
    left_out: int = 0
    dependence: Dependence | None = field(default=None)

    @property
    def apart(self) -> np.ndarray:
        """Measured over predicted, minus one, of every point."""
        return np.array([point.apart for point in self.points])

    @property
    def verdict(self) -> Verdict:
        """``"close"``: apart by more than noise, but by 3 % at most."""
        if not self.points:
            return "unchecked"
        sure = [abs(point.apart) for point in self.points if point.beyond_noise]
        if not sure:
            return "agrees"
        return "disagrees" if max(sure) > SMALL else "close"

    def _text(self) -> str:
        if not self.points:
            return "The forecast is finite at no size that could be trained: nothing was checked."
        sizes = [point.measured.n_samples for point in self.points]
        apart = np.abs(self.apart)
        head = (
            f"Trained on {count(min(sizes))} to {count(max(sizes))} rows and tested on "
            f"{count(self.n_test)} other rows that the forecast has not seen "
            f"({self.points[0].measured.draws} draws), the trained learner ends within "
            f"{percent(float(np.median(apart)))} of the forecast in the median and "
            f"{percent(float(apart.max()))} at most"
        )
        ends = {"agrees": self._agrees, "close": self._agrees, "disagrees": self._disagrees}
        text = head + ends[self.verdict](max(sizes))
        if self.dependence is not None and self.dependence.found:
            text += (
                " All of this is for rows drawn at random from these, which depend on each other."
            )
        return text

    def _agrees(self, most: int) -> str:
        noise = float(np.median([point.noise for point in self.points]))
        known = max(float(np.quantile(np.abs(self.apart), 0.9)), noise)
        found = (
            f", which noise explains (standard error {percent(noise)})"
            if self.verdict == "agrees"
            else ", at some sizes by more than noise explains, but by 3\u00a0% at most"
        )
        beyond = f"trust the curve to within about {percent(known)} up to {count(most)} samples"
        return f"{found}: {beyond}; nothing was measured beyond."

    def _disagrees(self, most: int) -> str:
        sure = [point for point in self.points if point.beyond_noise]
        worst = max(sure, key=lambda point: abs(point.apart))
        features = worst.measured.n_features
        on = f", {features:,} features" if self._several_features and features else ""
        if self._several_ridges:
            on += f", ridge {worst.measured.ridge:.3g}"
        side = "above" if worst.apart > 0 else "below"
        return (
            f". Forecast and measurement differ by more than noise explains: at "
            f"{count(worst.measured.n_samples)} samples{on} {worst.measured.loss.value:.3g} ± "
            f"{worst.measured.loss.se:.2g} was measured, {percent(abs(worst.apart))} {side} the "
            f"forecast of {worst.predicted.loss.value:.3g}{self._from_where(most)}."
        )

    def _from_where(self, most: int) -> str:
        """Say from what size on all points agree, or that the curve is not to be trusted."""
        last = max(p.measured.n_samples for p in self.points if p.beyond_noise)
        good = [p for p in self.points if p.measured.n_samples > last]
        if not good:
            return ". Do not trust the curve beyond the points that were measured"
        first = min(p.measured.n_samples for p in good)
        apart = max(abs(p.apart) for p in good)
        return (
            f". From {count(first)} to {count(most)} samples they agree within {percent(apart)}: "
            "trust the curve there"
        )

    @property
    def _several_features(self) -> bool:
        return len({point.measured.n_features for point in self.points}) > 1

    @property
    def _several_ridges(self) -> bool:
        sizes = [(point.measured.n_samples, point.measured.n_features) for point in self.points]
        return len(set(sizes)) < len(sizes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong, a line each; none where all is well."""
        found: list[str] = [self.summary] if self.verdict == "disagrees" else []
        if self.dependence is not None:
            found += self.dependence.warnings
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Plain form for JSON."""
        plain: dict[str, Any] = to_plain(
            {
                "points": [point.to_dict() for point in self.points],
                "verdict": self.verdict,
                "summary": self.summary,
                "n_seen": self.n_seen,
                "n_pool": self.n_pool,
                "n_test": self.n_test,
                "left_out": self.left_out,
                "dependence": self.dependence,
            }
        )
        return plain

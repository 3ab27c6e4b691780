"""A fitted law with the methods that users call."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.laws.allocation.split import best_split
from eigenscale.laws.estimation import delta
from eigenscale.laws.judged import Judged
from eigenscale.laws.left_out import left_out
from eigenscale.laws.points import point_columns
from eigenscale.laws.summary import summary
from eigenscale.laws.surface import (
    largest_run,
    resource_ranges,
    resources,
    surface_inputs,
    surface_loss,
)
from eigenscale.laws.uncertainty.prediction import Prediction, predict
from eigenscale.laws.uncertainty.profile import Profile, profile
from eigenscale.results import Result, plain
from eigenscale.surface import Provenance, RunIntervals


@dataclass(frozen=True, eq=False)
class LawFit(Judged, Result):
    """A law fitted to runs; a loss surface with draws.

    Its numbers are the attributes of `Fitted` and `Inferred`, its analyses those of `Judged`.
    """

    first: "LawFit | None" = None

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} {interval}" for name, interval in self.parameters.items())
        return f"LawFit({self.law.name} on {self.n_runs} runs: {shown})"

    def profile(self, parameter: str, level: float | None = None) -> Profile:
        """Profile likelihood of one parameter, see `laws.uncertainty.profile`."""
        return profile(self, parameter, level)

    def predict(self, points: Any = None, /, **inputs: ArrayLike) -> Prediction:
        """Predict at new points, with a confidence and a prediction interval.

        Parameters
        ----------
        points : mapping or dataframe, optional
            Columns named as the inputs, instead of `inputs`; others are not looked at.
        **inputs : arrays
            One per name in ``law.inputs``; they broadcast. Of a law in the loss, instead of
            ``loss``, the inputs that the loss itself is predicted from. Of a law in params and
            tokens, ``flops`` alone stands for the compute-optimal size of these budgets.

        Raises
        ------
        InputError
            An input is missing or not positive.
        """
        if points is not None:
            inputs = {**point_columns(points, self.law), **inputs}
        if set(inputs) == {"flops"} and {"params", "tokens"} <= set(self.law.inputs):
            inputs = dict(best_split(self.law, self.theta, inputs["flops"]))
        return predict(self, inputs).in_unit(self.unit if self.law.label == "loss" else "loss")

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Loss of `size` params on `data` fresh tokens; the arguments broadcast."""
        return surface_loss(self.law, self.theta, size, data)

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Give the same for every draw, shape (B, *broadcast)."""
        return surface_loss(self.law, self.draws, size, data)

    def provenance(self) -> Provenance:
        """Say where this surface comes from, for planning."""
        names = (self.size_name, self.data_name)
        return Provenance(
            name=f"{self.law.name}, fitted to {self.n_runs} runs",
            law=self.law.name,
            inputs=self.law.inputs,
            theta=self.theta,
            draws=self.draws if len(self.draws) else None,
            runs={} if self.table is None else resources(self.table.inputs, *names),
            ranges={} if self.measured is None else resource_ranges(self.measured.ranges, *names),
            largest={} if self.extent is None else largest_run(self.extent.largest, *names),
            residuals=self.residuals,
            run_intervals=self._run_intervals if len(self.draws) else None,
            unit=self.unit,
        )

    def _run_intervals(self, size: Floats, data: Floats, level: float) -> RunIntervals:
        return predict(self, surface_inputs(self.law, size, data), level).of_runs()

    def _text(self) -> str:
        return summary(self)

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form, as the command line prints it: what JSON carries, None for NaN."""
        family, _, _ = self.law.name.partition(":")
        return {
            "law": family,
            "equation": self.law.equation,
            "inputs": list(self.law.inputs),
            "unit": self.unit,
            "objective": {"name": self.objective.name, "value": self.objective_value},
            "n_runs": self.n_runs,
            "excluded": left_out(self),
            "parameters": {k: v.to_dict() for k, v in self.parameters.items()},
            "fixed": dict(self.fixed),
            "certificate": self.certificate.to_dict(),
            "residual_rms": float(np.sqrt(np.mean(self.residuals**2))),
            "draws": len(self.draws),
            "intervals": delta.CAUTION if self.by_delta else "percentiles of the draws",
            "failed_draws": self.failed_draws,
            "holdout": None if self.holdout is None else self.holdout.to_dict(),
            **({} if self.first is None else {"first": self.first.to_dict()}),
            **self.judgement(),
            "warnings": list(self.warnings),
        }

"""A fitted law: what it found, how sure it is, what it predicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.io.runs.container import Runs
from eigenscale.laws.allocation.approaches import approaches
from eigenscale.laws.allocation.growth import Growth
from eigenscale.laws.backtest.holdout import Holdout
from eigenscale.laws.backtest.rolling import Rolling, record_sentences, roll
from eigenscale.laws.estimation.certificate import Certificate
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.law import Law
from eigenscale.laws.surface import surface_loss
from eigenscale.laws.table import Extent, Table
from eigenscale.laws.uncertainty import delta
from eigenscale.laws.uncertainty.identify import Identifiability, identifiability
from eigenscale.laws.uncertainty.likelihood import aicc
from eigenscale.laws.uncertainty.prediction import Prediction, predict
from eigenscale.laws.uncertainty.profile import Profile, profile
from eigenscale.laws.uncertainty.sensitivity import Variation, sensitivity
from eigenscale.laws.uncertainty.structure import Structure, structure
from eigenscale.results import Interval


@dataclass(frozen=True, eq=False)
class LawFit:
    """A law fitted to runs; a loss surface with draws.

    Attributes
    ----------
    law : Law
    theta : array, shape (p,)
        Estimates in the order of ``law.names``.
    draws : array, shape (B, p)
        The fits of B resampled tables.
    objective : Objective
        What was minimised, summed over runs.
    objective_value : float
        Its value at `theta`.
    certificate : Certificate
        Evidence that it is the minimum.
    n_runs : int
    residuals : array, shape (n,)
        Log predicted − log measured of every run.
    level : float
        Nominal coverage of the intervals.
    fixed : mapping
        Parameters held at a value.
    failed_draws : int
        Resampled tables whose fit did not converge; they are left out of `draws`.
    holdout : Holdout or None
    first : LawFit or None
        Of a law in the loss: the law of the loss itself, its draws from the same resampled tables.
    record : Rolling or None
        What the law foretold of larger runs, where that has been worked out.
    warnings : tuple of str
    table : Table or None
        The runs as they were fitted; None in a fit loaded from a file.
    measured : Extent or None
        In a fit loaded from a file, where its runs were; see `extent`.
    runs : Runs or None
        The runs as they were read.
    """

    law: Law
    theta: Floats
    draws: Floats
    objective: Objective
    objective_value: float
    certificate: Certificate
    n_runs: int
    residuals: Floats
    level: float = 0.9
    fixed: Mapping[str, float] = field(default_factory=dict)
    failed_draws: int = 0
    holdout: Holdout | None = None
    first: "LawFit | None" = None
    record: Rolling | None = None
    warnings: tuple[str, ...] = ()
    excluded: tuple[Any, ...] = ()
    table: Table | None = None
    measured: Extent | None = None
    runs: Runs | None = None
    size_name: str = "params"
    data_name: str = "tokens"
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} {interval}" for name, interval in self.parameters.items())
        return f"LawFit({self.law.name} on {self.n_runs} runs: {shown})"

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

    @property
    def by_delta(self) -> bool:
        """Whether intervals are by the delta method, for want of draws."""
        return len(self.draws) < 2 and self.table is not None

    @property
    def groups(self) -> NDArray[np.int64] | None:
        """Number (n,) of each run's group, where whole groups share noise."""
        _, _, column = str(self.settings.get("resampling", "")).partition(":")
        if self.table is None or column not in self.table.labels:
            return None
        return np.unique(self.table.labels[column], return_inverse=True)[1].astype(np.int64)

    @cached_property
    def rolling(self) -> Rolling:
        """What this law would have foretold of larger runs from smaller ones."""
        return roll(self) if self.record is None else self.record

    @cached_property
    def reach(self) -> float:
        """Log error, over 1 + decades beyond the runs, that a share `level` stays below; or NaN."""
        if self.table is None:
            known = self.settings.get("reach")
            return float(known) if isinstance(known, int | float) else float("nan")
        return self.rolling.reach(self.level)

    @cached_property
    def identifiability(self) -> Identifiability:
        """What the runs cannot tell apart."""
        return identifiability(self)

    @cached_property
    def structure(self) -> Structure:
        """Whether the residuals still have a shape."""
        return structure(self)

    @cached_property
    def sensitivity(self) -> list[Variation]:
        """How the answer moves with outliers, delta, the floor and ways of counting."""
        return sensitivity(self)

    @cached_property
    def approaches(self) -> list[Growth]:
        """Approaches 1 and 2 of Hoffmann et al. beside this fit, see `laws.approaches`."""
        return approaches(self)

    @property
    def cautions(self) -> list[str]:
        """What to be careful about, in sentences; empty where nothing was found."""
        found = list(self.warnings)
        if self.table is not None:
            scatter = float(np.sqrt(np.mean(self.residuals**2)))
            found += [doubt.sentence for doubt in self.identifiability.doubts]
            found += self.structure.sentences(scatter)
            found += record_sentences(self)
        if self.failed_draws:
            found.append(f"{self.failed_draws} resampled tables did not converge and are left out")
        return found

    def profile(self, parameter: str, level: float | None = None) -> Profile:
        """Profile likelihood of one parameter, see `laws.uncertainty.profile`."""
        return profile(self, parameter, level)

    @property
    def problem(self) -> Problem:
        """The runs in fitting coordinates."""
        assert self.table is not None, "a fit loaded from a file has no runs"
        inputs = {name: self.table.inputs[name] for name in self.law.inputs}
        return Problem.build(self.law, inputs, self.table.target, self.fixed, self.table.weights)

    @cached_property
    def extent(self) -> Extent | None:
        """Ranges of the runs and the largest of them, with or without the runs themselves."""
        return self.measured if self.table is None else Extent.of(self.table)

    @property
    def cost(self) -> str:
        """What a run costs, in a word: compute, or the only input of the runs."""
        cost = "compute" if self.table is None else self.table.cost
        names = {"params": self.size_name, "tokens": self.data_name}
        return names.get(cost, cost).removeprefix("n_")

    @cached_property
    def cost_factor(self) -> float:
        """What compute is multiplied by when it is told.

        FLOPs are told as they are; where features and samples are counted it is their product.
        """
        if self.table is None or (self.size_name, self.data_name) == ("params", "tokens"):
            return 1.0
        inputs = self.table.inputs
        if not {"params", "tokens"} <= set(inputs):
            return 1.0
        return float(np.median(inputs["params"] * inputs["tokens"] / self.table.compute()))

    @cached_property
    def told(self) -> Table | None:
        """The runs with their compute as it is told, see `cost_factor`."""
        if self.table is None or self.cost_factor == 1.0:
            return self.table
        told = self.cost_factor * self.table.compute()
        return replace(self.table, inputs={**self.table.inputs, "flops": told})

    @property
    def scatter(self) -> Floats:
        """Log residuals as a sample of what a new run scatters by, freed from overfitting."""
        free = len(self.law.parameters) - len(self.fixed)
        return np.asarray(-self.residuals * np.sqrt(self.n_runs / max(self.n_runs - free, 1)))

    def predict(self, **inputs: ArrayLike) -> Prediction:
        """Predict at new points, with a confidence and a prediction interval.

        Parameters
        ----------
        **inputs : arrays
            One per name in ``law.inputs``; they broadcast. Of a law in the loss, instead of
            ``loss``, the inputs that the loss itself is foretold from.

        Raises
        ------
        InputError
            An input is missing or not positive.
        """
        return predict(self, inputs)

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Loss of `size` params on `data` fresh tokens; the arguments broadcast."""
        return surface_loss(self.law, self.theta, size, data)

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Give the same for every draw, shape (B, *broadcast)."""
        return surface_loss(self.law, self.draws, size, data)

    def summary(self) -> str:
        """Say what was found, as text."""
        from eigenscale.laws.summary import summary

        return summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        family, _, _ = self.law.name.partition(":")
        return {
            "law": family,
            "equation": self.law.equation,
            "inputs": list(self.law.inputs),
            "objective": {"name": self.objective.name, "value": self.objective_value},
            "n_runs": self.n_runs,
            "excluded": list(self.excluded),
            "parameters": {k: v.to_dict() for k, v in self.parameters.items()},
            "fixed": dict(self.fixed),
            "certificate": self.certificate.to_dict(),
            "residual_rms": float(np.sqrt(np.mean(self.residuals**2))),
            "draws": len(self.draws),
            "intervals": delta.CAUTION if self.by_delta else "percentiles of the draws",
            "failed_draws": self.failed_draws,
            "holdout": None if self.holdout is None else self.holdout.to_dict(),
            **({} if self.first is None else {"first": self.first.to_dict()}),
            **self._judgement(),
            "warnings": self.cautions,
        }

    def _judgement(self) -> dict[str, Any]:
        if self.table is None:
            return {}
        return {
            "identifiability": self.identifiability.to_dict(),
            "sensitivity": [v.to_dict(self.law.names) for v in self.sensitivity],
            "residual_structure": self.structure,
            "aicc": aicc(self),
            "approaches": [growth.to_dict() for growth in self.approaches],
        }

"""A fitted law as numbers: the estimate, what it was fitted to, and what follows from both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.io.runs.container import Runs
from eigenscale.laws.estimation.certificate import Certificate
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.prior import Prior
from eigenscale.laws.estimation.problem import Problem
from eigenscale.laws.law import Law
from eigenscale.laws.table import Extent, Table, needed_runs


@dataclass(frozen=True, eq=False)
class Fitted:
    """Numbers of a law fitted to runs; backtests and standard errors are computed from them.

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
    remarks : tuple of str
        What was said when the runs were read and the law was chosen.
    table : Table or None
        The runs as they were fitted; None in a fit loaded from a file.
    measured : Extent or None
        In a fit loaded from a file, where its runs were; see `extent`.
    runs : Runs or None
        The runs as they were read.
    prior : Prior or None
        What was added to the objective.
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
    remarks: tuple[str, ...] = ()
    excluded: tuple[Any, ...] = ()
    table: Table | None = None
    measured: Extent | None = None
    runs: Runs | None = None
    size_name: str = "params"
    data_name: str = "tokens"
    settings: Mapping[str, Any] = field(default_factory=dict)
    prior: Prior | None = None

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

    @property
    def problem(self) -> Problem:
        """The runs in fitting coordinates."""
        assert self.table is not None, "a fit loaded from a file has no runs"
        inputs = {name: self.table.inputs[name] for name in self.law.inputs}
        return Problem.build(
            self.law, inputs, self.table.target, self.fixed, self.table.weights, self.prior
        )

    def needed(self, fixed: Mapping[str, float]) -> int:
        """Count the runs that another fit of this kind needs."""
        return needed_runs(self.law, fixed, () if self.prior is None else self.prior.parameters)

    @cached_property
    def extent(self) -> Extent | None:
        """Ranges of the runs and the largest of them, with or without the runs themselves."""
        return self.measured if self.table is None else Extent.of(self.table)

    @property
    def cost(self) -> str:
        """What a run costs: compute, or the only input of the runs."""
        cost = "compute" if self.table is None else self.table.cost
        names = {"params": self.size_name, "tokens": self.data_name}
        return names.get(cost, cost).removeprefix("n_")

    @cached_property
    def cost_factor(self) -> float:
        """Factor of compute where it is shown.

        FLOPs are shown as they are; where features and samples are counted, their product is.
        """
        if self.table is None or (self.size_name, self.data_name) == ("params", "tokens"):
            return 1.0
        inputs = self.table.inputs
        if not {"params", "tokens"} <= set(inputs):
            return 1.0
        return float(np.median(inputs["params"] * inputs["tokens"] / self.table.compute()))

    @cached_property
    def shown_table(self) -> Table | None:
        """The runs with their compute as it is shown, see `cost_factor`."""
        if self.table is None or self.cost_factor == 1.0:
            return self.table
        shown = self.cost_factor * self.table.compute()
        return replace(self.table, inputs={**self.table.inputs, "flops": shown})

    @property
    def scatter(self) -> Floats:
        """Log residuals as a sample of what a new run scatters by, freed from overfitting."""
        free = len(self.law.parameters) - len(self.fixed)
        return np.asarray(-self.residuals * np.sqrt(self.n_runs / max(self.n_runs - free, 1)))

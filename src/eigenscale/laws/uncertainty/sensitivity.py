"""Sensitivity of the fit to choices of the analysis."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.laws.estimation.solve import refit
from eigenscale.laws.inferred import Inferred
from eigenscale.laws.table import Table, tabulate, usable

OUTLYING = 5.0  # robust standard deviations
BEYOND = 10.0


@dataclass(frozen=True, eq=False)
class Variation:
    """The fit after one change.

    Attributes
    ----------
    change : str
    n_runs : int
    theta : array (p,) or None
        None where the changed fit failed; `note` says why.
    beyond : float
        Relative change of the loss predicted at ten times the largest compute.
    """

    change: str
    n_runs: int
    theta: Floats | None
    beyond: float
    note: str = ""

    def row(self, names: tuple[str, ...]) -> dict[str, Any]:
        """One row of a table."""
        values = [np.nan] * len(names) if self.theta is None else self.theta.tolist()
        moved = 100 * self.beyond
        return {"change": self.change, "runs": self.n_runs, **dict(zip(names, values, strict=True)),
                "loss beyond, %": moved}  # fmt: skip

    def to_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Plain form."""
        values = None if self.theta is None else dict(zip(names, self.theta.tolist(), strict=True))
        return {
            "change": self.change,
            "n_runs": self.n_runs,
            "parameters": values,
            "loss_beyond_change": self.beyond,
            "note": self.note,
        }


def sensitivity(fit: Inferred) -> list[Variation]:
    """Fit again after each change that applies.

    Outliers left out (those the table flags, and those beyond 5 robust standard deviations);
    delta times and divided by ten; the floor pinned at the ends of its interval, or freed; sizes
    or compute counted by the table's other columns.
    """
    return [
        _vary(fit, change, **changed)
        for change, changed in [*_outliers(fit), *_deltas(fit), *_floors(fit), *_countings(fit)]
    ]


Change = tuple[str, dict[str, Any]]


def _outliers(fit: Inferred) -> list[Change]:
    table = fit.table
    assert table is not None
    changes: list[Change] = []
    if table.flagged is not None and table.flagged.any():
        changes.append(("without the rows the table flags", {"table": table.take(~table.flagged)}))
    spread = 1.4826 * float(np.median(np.abs(fit.residuals)))
    far = np.abs(fit.residuals) > OUTLYING * max(spread, 1e-12)
    if far.any():
        count = int(far.sum())
        text = f"without {count} run{'s' * (count > 1)} beyond {OUTLYING:g} sd"
        changes.append((text, {"table": table.take(~far)}))
    return changes


def _deltas(fit: Inferred) -> list[Change]:
    if not fit.objective.name.startswith("huber"):
        return [("huber:1e-3 objective", {"objective": "huber:1e-3"})]
    delta = fit.objective.delta
    return [
        (f"delta {factor * delta:g}", {"objective": f"huber:{factor * delta:.17g}"})
        for factor in (10.0, 0.1)
    ]


def _floors(fit: Inferred) -> list[Change]:
    if "E" not in fit.law.names:
        return []
    if "E" in fit.fixed:
        return [("E free", {"fixed": {k: v for k, v in fit.fixed.items() if k != "E"}})]
    ends = [fit.parameters["E"].low, fit.parameters["E"].high]
    known = dict.fromkeys(value for value in ends if np.isfinite(value)) or [0.0]
    return [
        (f"E pinned at {v:.4g}", {"fixed": {**fit.fixed, "E": v}})
        for v in known
        if v != fit.parameters["E"].value
    ]


def _countings(fit: Inferred) -> list[Change]:
    runs = fit.runs
    changes: list[Change] = []
    for name in ("params", "flops"):
        counts = name in fit.law.inputs or (name == "flops" and "tokens" in fit.law.inputs)
        if runs is None or not counts or (name == "flops" and not _counts_by_flops(fit)):
            continue
        changes += [
            (f"{name} counted as {column}", {"recount": (name, column)})
            for column in runs.alternatives.get(name, ())
            if column in runs.others
        ]
    return changes


def _counts_by_flops(fit: Inferred) -> bool:
    """Whether FLOPs enter the fit, themselves or as tokens = flops / (6 params)."""
    assert fit.runs is not None
    return "flops" in fit.law.inputs or "tokens" in fit.runs.derived


def _vary(fit: Inferred, change: str, **changed: Any) -> Variation:
    assert fit.table is not None
    table: Table = changed.get("table", fit.table)
    try:
        if "recount" in changed:
            assert fit.runs is not None
            recounted = fit.runs.recount(*changed["recount"])
            table = usable(tabulate(recounted, fit.law.label), fit.law, fit.fixed)
        theta = refit(fit, table, **{k: changed[k] for k in ("objective", "fixed") if k in changed})
    except (InputError, ConvergenceError) as error:
        return Variation(change, len(table), None, np.nan, str(error))
    return Variation(change, len(table), theta, _beyond(fit, theta, changed))


def _beyond(fit: Inferred, theta: Floats, changed: dict[str, Any]) -> float:
    """Change of the loss at ten times the largest compute; NaN where the inputs count otherwise."""
    if "recount" in changed:
        return float("nan")
    at = beyond(fit)
    return float(fit.law.predict(theta, **at) / fit.law.predict(fit.theta, **at) - 1)


def beyond(fit: Inferred, times: float = BEYOND) -> dict[str, Floats]:
    """Grow the inputs of the largest run alike, to `times` the compute.

    Of a law in the loss: the loss predicted there, else the smallest loss of the runs.
    """
    assert fit.table is not None
    if fit.first is not None:
        loss = fit.first.law.predict(fit.first.theta, **beyond(fit.first, times))
        return {"loss": np.asarray(loss)}
    if "loss" in fit.law.inputs:
        return {"loss": np.asarray(fit.table.inputs["loss"].min())}
    top = int(np.argmax(fit.table.compute()))
    grow = times ** (1 / len(fit.law.inputs))
    return {name: fit.table.inputs[name][top] * grow for name in fit.law.inputs}

"""What the report stands on: everything measured, fitted and simulated, before any words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws import LawFit
from eigenscale.measure import MeasuredSpectrum
from eigenscale.measure.exponent import Exponent
from eigenscale.plan.frontier import Frontier
from eigenscale.progress import Progress
from eigenscale.runs import Runs

if TYPE_CHECKING:
    from eigenscale.report.foreseen import Foreseen
    from eigenscale.report.solved import Solved

HELD_OUT = 0.2
BOOTSTRAP = 1000
FEWEST_WITH_HOLDOUT = 12
STEPS = 10
"""Budgets per decade of the plan, from a tenth of the largest run to a hundred times it."""
LARGEST, TENFOLD, HUNDREDFOLD = STEPS, 2 * STEPS, 3 * STEPS
"""Places of one, ten and a hundred times the largest run among the budgets."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Results by door; None where nothing was given for it.

    Attributes
    ----------
    spectrum, exponent, solved, foreseen : of the data
    runs, fit, frontier : of the training runs
    example : bool
        Whether data and runs are the bundled ones.
    """

    spectrum: MeasuredSpectrum | None = None
    exponent: Exponent | None = None
    solved: "Solved | None" = None
    foreseen: "Foreseen | None" = None
    runs: Runs | None = None
    fit: LawFit | None = None
    frontier: Frontier | None = None
    example: bool = False
    level: float = 0.9
    seed: int = 0


def fit_runs(
    runs: Runs, law: str, level: float, seed: int, progress: Progress | None = None
) -> LawFit:
    """Fit the law, and foretell the largest runs where there are enough to hold some out."""
    from eigenscale.laws import fit

    holdout = HELD_OUT if len(runs) >= FEWEST_WITH_HOLDOUT else None
    return fit(
        runs,
        choose_law(runs) if law == "auto" else law,
        bootstrap=BOOTSTRAP,
        holdout=holdout,
        level=level,
        rng=seed,
        progress=progress,
    )


def choose_law(runs: Runs) -> str:
    """Take ``power`` where just one of size, data and compute varies, else ``chinchilla``."""
    vary = [values is not None and np.ptp(values) > 0 for values in (runs.params, runs.tokens)]
    if all(vary) or len(runs) == 1:
        return "chinchilla"
    return "power"


def plan_ahead(fit: LawFit, level: float) -> Frontier | None:
    """Plan for budgets from the largest run to a hundred times it; None without two inputs."""
    from eigenscale.plan.compute_optimal import frontier
    from eigenscale.plan.surfaces import known

    try:
        spent = known(fit).measured.get("flops")
        if spent is None:
            return None
        budgets = spent[1] * np.geomspace(0.1, 100, HUNDREDFOLD + 1)
        return frontier(fit, budgets, level=level)
    except InputError:
        return None


def largest_run(fit: LawFit) -> dict[str, float]:
    """Size and data of the run that cost most."""
    assert fit.table is not None
    at = int(np.argmax(fit.table.compute()))
    return {name: float(values[at]) for name, values in fit.table.inputs.items()}


def as_runs(runs: Any) -> Runs:
    """Read a table of runs, unless it is read already."""
    from eigenscale.runs import read_runs

    return runs if isinstance(runs, Runs) else read_runs(runs)

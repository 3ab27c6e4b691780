"""What the report stands on: everything measured, fitted and simulated, before any words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.formats.text import is_text
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.fitting import fit
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.compare import Comparison, compare
from eigenscale.planning.design.next_runs import next_runs
from eigenscale.planning.design.proposal import Proposal
from eigenscale.planning.frontier import Frontier
from eigenscale.planning.plan import frontier
from eigenscale.planning.surfaces.known import known
from eigenscale.planning.training.answers import CurveAnswer
from eigenscale.progress import Progress
from eigenscale.reporting.predicted import Predicted
from eigenscale.reporting.solved import Solved
from eigenscale.spectra.dimension.dimension import Geometry, dimension
from eigenscale.spectra.exponent.answers import Answers
from eigenscale.spectra.exponent.least_squares import Exponent
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.spectra.zipf import Zipf, zipf

HELD_OUT = 0.2
CANDIDATES = ("chinchilla", "generalised", "kaplan")
"""Laws of size and data that are compared where the caller names none.

Not those that fix how the best size grows: they would answer the plan before the runs do.
"""
BOOTSTRAP = 1000
FEWEST_WITH_HOLDOUT = 12
DIMENSION_ROWS = 4000
FEWEST_TO_COMPARE = 30
STEPS = 10
"""Budgets per decade of the plan, from a tenth of the largest run to a hundred times it."""
LARGEST, TENFOLD, HUNDREDFOLD = STEPS, 2 * STEPS, 3 * STEPS
"""Places of one, ten and a hundred times the largest run among the budgets."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Results by door; None where nothing was given for it.

    Attributes
    ----------
    spectrum, nested, exponents, geometry, tokens, solved, predicted : of the data; `nested` are the
        spectra of parts of it, each part of the next, and last of all rows
    curves : of the training curves: their law and where running runs will end
    runs, fit, comparison, frontier, proposal : of the training runs; a comparison only where the
        law was chosen among several
    example : bool
        Whether data and runs are the bundled ones.
    """

    spectrum: MeasuredSpectrum | None = None
    nested: tuple[MeasuredSpectrum, ...] = ()
    exponents: Answers | None = None
    geometry: Geometry | None = None
    tokens: Zipf | None = None
    solved: Solved | None = None
    predicted: Predicted | None = None
    curves: CurveAnswer | None = None
    runs: Runs | None = None
    fit: LawFit | None = None
    comparison: Comparison | None = None
    frontier: Frontier | None = None
    proposal: Proposal | None = None
    example: bool = False
    level: float = 0.9
    seed: int = 0

    @property
    def exponent(self) -> Exponent | None:
        """The exponent by least squares over a window; None with fewer than three eigenvalues."""
        return None if self.exponents is None else self.exponents.least_squares


def fit_runs(
    evidence: Evidence, runs: Runs, law: str, progress: Progress | None = None
) -> Evidence:
    """Fit the law, and predict the largest runs where there are enough to hold some out.

    Where the law is ``"auto"``, runs are many, and size and data both vary, it is the one of
    `CANDIDATES` that predicts the held-out runs best.
    """
    options: dict[str, Any] = {
        "bootstrap": BOOTSTRAP,
        "holdout": HELD_OUT if len(runs) >= FEWEST_WITH_HOLDOUT else None,
        "level": evidence.level,
        "rng": evidence.seed,
        "progress": progress,
    }
    evidence = replace(evidence, runs=runs)
    if law == "auto" and _both_vary(runs) and len(runs) >= FEWEST_TO_COMPARE:
        comparison = compare(runs, CANDIDATES, **options)
        return replace(evidence, fit=comparison.best, comparison=comparison)
    if law == "auto":
        law = "chinchilla" if _both_vary(runs) or len(runs) == 1 else "power"
    return replace(evidence, fit=fit(runs, law, **options))


def _both_vary(runs: Runs) -> bool:
    both = (runs.params, runs.tokens)
    return all(values is not None and np.ptp(values) > 0 for values in both)


def plan_ahead(fit: LawFit, level: float) -> Frontier | None:
    """Plan for budgets from the largest run to a hundred times it; None without two inputs."""
    try:
        spent = known(fit).measured.get("flops")
        if spent is None:
            return None
        budgets = spent[1] * np.geomspace(0.1, 100, HUNDREDFOLD + 1)
        return frontier(fit, budgets, level=level)
    except InputError:
        return None


def propose(fit: LawFit, front: Frontier | None) -> Proposal | None:
    """Propose runs for as much compute as the largest took; None where none would help."""
    if front is None:
        return None
    target, cost = float(front.flops[TENFOLD]), float(front.flops[LARGEST])
    try:
        return next_runs(fit, target, cost)
    except InputError:
        return None


def measure_dimension(
    data: Any, columns: Sequence[str] | None, rows: int, level: float, seed: int
) -> Geometry | None:
    """Measure the dimension on a sample of the rows; None where they are too few or alike."""
    try:
        return dimension(
            data, columns=columns, samples=min(rows, DIMENSION_ROWS), level=level, rng=seed
        )
    except InputError:
        return None


def count_tokens(data: Any, level: float) -> Zipf | None:
    """Fit Zipf's law to text; None for other data, and for too little text."""
    if not isinstance(data, str | Path) or not is_text(Path(data)):
        return None
    try:
        return zipf(data, level)
    except InputError:
        return None


def largest_run(fit: LawFit) -> dict[str, float]:
    """Size and data of the run that cost most."""
    assert fit.table is not None
    at = int(np.argmax(fit.table.compute()))
    return {name: float(values[at]) for name, values in fit.table.inputs.items()}


def as_runs(runs: Any) -> Runs:
    """Read a table of runs, unless it is read already."""
    return runs if isinstance(runs, Runs) else read_runs(runs)

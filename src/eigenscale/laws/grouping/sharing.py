"""Whether groups share a law: the large runs of a group, predicted with and without the others."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.prior import weak_priors
from eigenscale.laws.fit_table import fit_table
from eigenscale.laws.forms.chinchilla import CHINCHILLA
from eigenscale.laws.grouping.groups import Group, grouped_law, marks_of, priors_of
from eigenscale.laws.table import Table, tabulate

HELD_OUT, FEWEST = 0.25, 6  # share of a group's runs, and runs of a group that can be judged
WORSE, MATTERS = 1.5, 0.003  # times the error of own laws, and log error, that speak against it


@dataclass(frozen=True)
class Sharing:
    """Errors on the largest quarter of each group's runs.

    Attributes
    ----------
    shared, own : float
        Root mean square log error of the shared law, fitted to everything but these runs, and of
        the group's own law, fitted to its smaller runs.
    groups : tuple of str
        Those that could be judged.
    """

    shared: float
    own: float
    groups: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the shared law predicts about as well as each group's own, or better."""
        return self.shared <= max(WORSE * self.own, self.own + MATTERS)

    def sentence(self) -> str:
        """Say it in words."""
        verdict = (
            "floor and exponents can be shared"
            if self.holds
            else "the groups do not share floor and exponents; fit each alone with --where"
        )
        return (
            "With a group's largest runs held out, the shared law predicts them within "
            f"{100 * self.shared:.2g} %, the group's own law within {100 * self.own:.2g} %: "
            f"{verdict}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "shared_error": self.shared,
            "own_error": self.own,
            "groups": list(self.groups),
            "holds": self.holds,
        }


def sharing(
    runs: Any, labels: NDArray[Any], groups: list[Group], objective: str = "huber:1e-3"
) -> Sharing | None:
    """Test whether `groups` share floor and exponents; None where they have too few runs."""
    names = [group.name for group in groups]
    mine = np.asarray(labels, dtype=str)
    mask = np.isin(mine, names)
    table, mine = tabulate(runs).take(mask), mine[mask]
    shared, own, judged = [], [], []
    for name in names:
        rows = np.flatnonzero(mine == name)
        if len(rows) < FEWEST:
            continue
        rows = rows[np.argsort(table.compute()[rows], kind="stable")]
        large = rows[round((1 - HELD_OUT) * len(rows)) :]
        kept = np.setdiff1d(np.arange(len(mine)), large)
        try:
            errors = (
                _shared(table, mine, names, kept, large, objective),
                _own(table, np.setdiff1d(rows, large), large, objective),
            )
        except (InputError, ConvergenceError):
            continue
        shared.append(errors[0])
        own.append(errors[1])
        judged.append(name)
    if not judged:
        return None
    return Sharing(_rms(shared), _rms(own), tuple(judged))


def _shared(
    table: Table, mine: NDArray[Any], names: list[str], kept: NDArray[Any], large: NDArray[Any],
    objective: str,
) -> Floats:  # fmt: skip
    law = grouped_law(tuple(names))
    full = replace(table, inputs={**table.inputs, **marks_of(mine, names)})
    found = fit_table(
        full.take(kept), law, parse_objective(objective), {}, 0, priors=priors_of(law, table),
        strict=False,
    )  # fmt: skip
    later = full.take(large)
    inputs = {name: later.inputs[name] for name in law.inputs}
    return np.asarray(np.log(law.predict(found.theta, **inputs) / later.target))


def _own(table: Table, small: NDArray[Any], large: NDArray[Any], objective: str) -> Floats:
    part, later = table.take(small), table.take(large)
    found = fit_table(
        part, CHINCHILLA, parse_objective(objective), {}, 0,
        priors=weak_priors(CHINCHILLA, float(part.target.min())), strict=False,
    )  # fmt: skip
    inputs = {name: later.inputs[name] for name in CHINCHILLA.inputs}
    return np.asarray(np.log(CHINCHILLA.predict(found.theta, **inputs) / later.target))


def _rms(parts: list[Floats]) -> float:
    """Root mean square, each group counting once."""
    return float(np.sqrt(np.mean([np.mean(part**2) for part in parts])))

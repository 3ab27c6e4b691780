"""`Runs`: a table of training runs, with the methods that users call."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.io.runs.assemble import from_columns
from eigenscale.io.runs.columns import NUMBERS, RunColumns
from eigenscale.io.runs.columns import Exclusion as Exclusion
from eigenscale.io.runs.loss_units import loss_unit, of_runs
from eigenscale.results import Tabular


@dataclass(frozen=True, eq=False, repr=False)
class Runs(RunColumns, Tabular):
    """A table of training runs.

    Attributes
    ----------
    loss : (n,) float64
        Loss of each run, in nats where it is a cross entropy; of accuracies 1 minus them.
    params, tokens, flops, unique_tokens, steps, score : (n,) float64 or None
        Model size, data seen, training FLOPs, distinct tokens, optimiser steps and task score;
        None where the table does not have them. `params` counts features and `tokens` counts
        samples where `size_name` and `data_name` say so.
    lr, loss_se : (n,) float64 or None
        Learning rate, and the standard error of the loss where the table states it; NaN where
        a run has none.
    spent : (n,) float64 or None
        FLOP that each run took beyond what another one paid, where runs share a trunk.
    family, experiment, seed, name, state : (n,) str or None
        Labels.
    unit : str
        Unit of the column that the loss was read from, as ``bits/byte``; see
        `eigenscale.io.runs.loss_units`.
    unit_factor : float
        Nats for one of that unit: ln 2 for bits.
    flagged : (n,) bool or None
        Rows that the table itself marks as outliers.
    rows : (n,) int
        Row of each run in the table it came from, counted from 1 below the header.
    recognised : mapping
        Field → the column it was read from, or the number given for every row.
    derived : mapping
        Field → the rule by which it was computed from the others.
    alternatives : mapping
        Field → the other columns that could have been taken.
    others : mapping
        Column → (n,) values of those alternatives that are numbers; see `recount`.
    warnings : tuple of str
        What looks suspicious.
    excluded : tuple of Exclusion
        What was left out, and why.
    """

    def __repr__(self) -> str:
        return describe(self)

    @classmethod
    def of(cls, columns: RunColumns) -> Self:
        """Join the methods to plain columns."""
        return cls(**{f.name: getattr(columns, f.name) for f in fields(RunColumns)})

    @classmethod
    def from_arrays(cls, loss: ArrayLike, **columns: ArrayLike | None) -> Self:
        """Make runs from arrays of equal length, named as the attributes.

        Examples
        --------
        >>> runs = Runs.from_arrays([3.1, 2.9], params=[1e8, 2e8], tokens=[2e9, 2e9])
        >>> runs.flops, runs.derived
        (array([1.2e+18, 2.4e+18]), {'flops': '6 params tokens'})
        """
        return cls.of(from_columns({"loss": loss, **columns}))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give one dictionary per run, so that ``pandas.DataFrame(runs)`` is its table."""
        columns = self.to_dict()["columns"]
        return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))

    def to_arrow(self) -> Any:
        """Return the columns that the runs have as a pyarrow table."""
        import pyarrow

        return pyarrow.table(self.to_dict()["columns"])


def recognised_lines(runs: RunColumns) -> list[str]:
    """One line per field: the column it comes from, its range, and what else there was."""
    lines = []
    for name in NUMBERS:
        values = getattr(runs, name)
        if values is None:
            continue
        label = {"params": runs.size_name, "tokens": runs.data_name}.get(name, name)
        origin = runs.derived.get(name) or runs.recognised.get(name, "given")
        mark = "=" if name in runs.derived else "←"
        if name == "loss" and name in runs.recognised:  # in the unit that people wrote
            unit = loss_unit(of_runs(runs))
            origin, mark = runs.recognised[name], "←"
            values = unit.outward(values / unit.factor)
        line = f"{label} {mark} {origin}: {np.nanmin(values):.4g} to {np.nanmax(values):.4g}"
        others = runs.alternatives.get(name, ())
        lines.append(line + (f" (also: {_few(others)})" if others else ""))
    for name in ("family", "experiment", "seed", "name", "state", "flagged"):
        values = getattr(runs, name)
        if values is None:
            continue
        many = int(values.sum()) if name == "flagged" else len(set(values))
        size = f"{many} {'row' if name == 'flagged' else 'value'}{'' if many == 1 else 's'}"
        lines.append(f"{name} ← {runs.recognised.get(name, 'given')}: {size}")
    return lines


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f", {len(names) - 3} more" if len(names) > 3 else "")


def describe(runs: RunColumns) -> str:
    """Write the repr of runs."""
    lines = [f"Runs: {len(runs)} from {runs.source}"]
    lines += [f"  {line}" for line in recognised_lines(runs)]
    lines += [f"  {one.sentence()}" for one in runs.excluded]
    lines += [f"  warning: {text}" for text in runs.warnings]
    return "\n".join(lines)

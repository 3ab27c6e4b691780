"""From runs to the arrays that a fit needs, and the refusals where they are too few."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.law import Law
from eigenscale.laws.registry import ONE_INPUT, get, is_family, simplest
from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN

NUMBERS = ("params", "tokens", "flops", "unique_tokens", "steps", "score", "spent")
FEWEST = 4  # runs, where all but some parameters have a prior
PRICED = ("params", "tokens", "steps")
LABELS = ("family", "seed", "experiment", "name")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of runs: numbers (n,) in `inputs` and `target`, labels (n,) in `labels`.

    `errors` are the stated standard errors of the target, relative to it; NaN where none is.
    """

    inputs: Mapping[str, Floats]
    target: Floats
    labels: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    flagged: NDArray[np.bool_] | None = None
    weights: Floats | None = None
    errors: Floats | None = None

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: NDArray[Any]) -> "Table":
        """Take the rows of a mask or of indices."""
        return Table(
            {name: column[rows] for name, column in self.inputs.items()},
            self.target[rows],
            {name: column[rows] for name, column in self.labels.items()},
            None if self.flagged is None else self.flagged[rows],
            None if self.weights is None else self.weights[rows],
            None if self.errors is None else self.errors[rows],
        )

    def compute(self) -> Floats:
        """Say what each run cost, up to a factor: FLOPs, else the product of size and data."""
        if "flops" in self.inputs:
            return self.inputs["flops"]
        parts = [self.inputs[name] for name in PRICED if name in self.inputs]
        return np.asarray(np.prod(parts, axis=0))

    @property
    def cost(self) -> str:
        """What `compute` counts: ``"compute"``, or the one input that there is."""
        parts = [name for name in PRICED if name in self.inputs]
        return parts[0] if len(parts) == 1 and "flops" not in self.inputs else "compute"


@dataclass(frozen=True)
class Extent:
    """Where a law was measured: what is kept of the runs when a fit is saved without them.

    Attributes
    ----------
    ranges : mapping of str to (low, high)
        Of every column that is a number, and of ``product``, size × data, where both are there.
    largest : mapping of str to float
        The run that cost most.
    """

    ranges: Mapping[str, tuple[float, float]]
    largest: Mapping[str, float]

    @classmethod
    def of(cls, table: Table) -> "Extent":
        """Take it from a table."""
        top = int(np.argmax(table.compute()))
        columns = dict(table.inputs)
        if {"params", "tokens"} <= set(columns):
            columns["product"] = columns["params"] * columns["tokens"]
        known = {name: v[np.isfinite(v)] for name, v in columns.items()}
        return cls(
            {n: (float(v.min()), float(v.max())) for n, v in known.items() if v.size},
            {n: float(v[top]) for n, v in table.inputs.items() if np.isfinite(v[top])},
        )


def split(table: Table, held_out: float, needed: int) -> tuple[Table, Table]:
    """Split off the largest runs by compute: a number of runs, or a share below 1."""
    n = len(table)
    count = round(held_out * n) if 0 < held_out < 1 else int(held_out)
    if (count != held_out and held_out >= 1) or count < 1 or n - count < needed:
        raise InputError(
            f"holdout {held_out:g} of {n} runs; hold out a whole number, or a share below 1, and "
            f"leave at least {needed}: at most {max(n - needed, 0)}"
        )
    order = np.argsort(table.compute(), kind="stable")
    small, large = np.sort(order[: n - count]), np.sort(order[n - count :])
    return table.take(small), table.take(large)


def tabulate(runs: Any, target: str = "loss") -> Table:
    """Take the columns of `Runs`, or of a mapping of names to arrays.

    Compute that is missing is 6 params × tokens; tokens that are missing are flops / (6 params).
    """
    columns = runs if isinstance(runs, Mapping) else vars(runs)
    if columns.get(target) is None:
        raise InputError(f"the runs have no {target}; a law is fitted to a column of that name")
    factor = columns.get("unit_factor", 1.0) if target == "loss" else 1.0
    values = np.asarray(columns[target], dtype=float) / factor
    wanted = [name for name in (*NUMBERS, "loss") if name != target]
    inputs = {
        name: _column(name, columns[name], len(values))
        for name in wanted
        if columns.get(name) is not None
    }
    _derive(inputs)
    labels = {n: np.asarray(columns[n]) for n in LABELS if columns.get(n) is not None}
    flagged = columns.get("flagged")
    if not np.isfinite(values).all() or (values <= 0).any():
        row = int(np.flatnonzero(~(np.isfinite(values) & (values > 0)))[0])
        raise InputError(
            f"{target} has {values[row]:g} in row {row + 1}; it is positive and finite; "
            "drop the row or mend the value"
        )
    flags = None if flagged is None else np.asarray(flagged, bool)
    errors = _errors(columns, len(values)) if target == "loss" else None
    weights = None if errors is None else error_weights(errors)
    return Table(inputs, values, labels, flags, weights, errors)


def _errors(columns: Mapping[str, Any], n: int) -> Floats | None:
    """Stated standard errors of the loss, relative to it; None where there are none."""
    if columns.get("loss_se") is None:
        return None
    errors = _column("loss_se", columns["loss_se"], n) / np.asarray(columns["loss"], dtype=float)
    return errors if np.isfinite(errors).any() else None


def error_weights(errors: Floats) -> Floats:
    """Weights (n,) of mean 1 of runs whose relative standard errors are stated.

    A run departs from a law by more than its own error, so that 1/(s² + m²) is the weight, s the
    run's error and m the median one: all of one error weigh alike, a very sure run counts at most
    twice as much as the median one. A run without a stated error counts as that one.
    """
    middle = float(np.nanmedian(errors))
    known = np.where(np.isfinite(errors), errors, middle)
    weights = 1.0 / np.maximum(known**2 + middle**2, np.finfo(float).tiny)
    return np.asarray(weights / weights.mean())


def _column(name: str, values: Any, n: int) -> Floats:
    column = np.asarray(values, dtype=float)
    if column.shape != (n,):
        raise InputError(f"{name} has shape {column.shape}; there are {n} losses; give one each")
    return column


def _derive(inputs: dict[str, Floats]) -> None:
    params, tokens, flops = (inputs.get(n) for n in ("params", "tokens", "flops"))
    if flops is None and params is not None and tokens is not None:
        inputs["flops"] = FLOPS_PER_PARAM_TOKEN * params * tokens
    if tokens is None and params is not None and flops is not None:
        inputs["tokens"] = flops / (FLOPS_PER_PARAM_TOKEN * params)
    if params is None and tokens is not None and flops is not None:
        inputs["params"] = flops / (FLOPS_PER_PARAM_TOKEN * tokens)


def choose(law: str | Law, runs: Any) -> tuple[Law, Table]:
    """Find the law, and the table of what it predicts.

    A family such as ``power`` takes the input that varies.
    """
    if isinstance(law, Law):
        return law, tabulate(runs, law.label)
    if not is_family(law):
        return get(law), tabulate(runs, get(law).label)
    table = tabulate(runs)
    return choose_family(law, table), table


def choose_family(law: str, table: Table) -> Law:
    """Find the law by name, a family such as ``power`` in the input that varies."""
    if not is_family(law):
        return get(law)
    for name in (*_alone(table), *ONE_INPUT):
        if name in table.inputs and varies(table.inputs[name]):
            return get(f"{law}:{name}")
    raise InputError(
        f"no column varies that {law} could be fitted in; it needs flops, tokens or params"
    )


def _alone(table: Table) -> list[str]:
    """Name the size or the data where the other one does not vary."""
    varying = [n for n in ("tokens", "params") if n in table.inputs and varies(table.inputs[n])]
    return varying if len(varying) == 1 else []


def varies(column: Floats) -> bool:
    """Tell whether a column of positive numbers is more than one number."""
    known = column[np.isfinite(column)]
    return known.size > 1 and float(np.ptp(np.log(known[known > 0]))) > 1e-9


def needed_runs(law: Law, fixed: Collection[str], known: Collection[str] = ()) -> int:
    """Count the runs that a law needs, where some parameters are fixed or have a prior."""
    free = set(law.names) - set(fixed)
    return max(len(free - set(known)) + 1, min(FEWEST, len(free) + 1))


def usable(table: Table, law: Law, fixed: Mapping[str, float], needed: int | None = None) -> Table:
    """Rows in which every input of the law is known; `InputError` where they are too few."""
    for name in law.inputs:
        if name not in table.inputs:
            raise InputError(
                f"{law.name} needs {name}, and the runs have {', '.join(table.inputs) or 'none'}; "
                "name the column, or take another law"
                + (f", as {example}" if (example := simplest(table.inputs)) else "")
            )
    full = np.all([np.isfinite(table.inputs[name]) for name in law.inputs], axis=0)
    table = table.take(full)
    free = len(law.parameters) - len(fixed)
    needed = free + 1 if needed is None else needed
    if len(table) < needed:
        raise InputError(
            f"{len(table)} run{'s' * (len(table) != 1)} for {law.name}, which has {free} "
            f"free parameters and needs at least {needed} runs; add runs, fix parameters or take "
            "a smaller law"
        )
    if np.ptp(table.target) <= 1e-12 * table.target.max():
        raise InputError(
            f"all {len(table)} losses are {table.target[0]:g}; a law needs losses that differ; "
            "check the column"
        )
    _refuse_constant(table, law, fixed)
    return table


def _refuse_constant(table: Table, law: Law, fixed: Mapping[str, float]) -> None:
    for name in law.inputs:
        if varies(table.inputs[name]):
            continue
        tied = [n for c in law.centre if c.input == name for n in (c.scale, c.exponent) if n]
        if not tied or set(tied) - set(fixed):
            raise InputError(
                f"{name} is {table.inputs[name][0]:g} in every run, so {law.name} cannot tell how "
                f"the loss depends on it; vary it, take a power law in the other column"
                + (f", or fix {' and '.join(tied)}" if tied else "")
            )

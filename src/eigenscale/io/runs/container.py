"""`Runs`: a table of training runs, and what was understood of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

Labels = NDArray[np.str_]

_NUMBERS = ("loss", "params", "tokens", "flops", "unique_tokens", "steps", "score")
_LABELS = ("family", "experiment", "seed", "name")
_ARRAYS = (*_NUMBERS, *_LABELS, "flagged", "rows")


@dataclass(frozen=True)
class Exclusion:
    """Rows of the table (counted from 1) left out, and why."""

    rows: tuple[int, ...]
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Runs:
    """A table of training runs.

    Attributes
    ----------
    loss : (n,) float64
        Loss of each run, in nats where it is a cross entropy.
    params, tokens, flops, unique_tokens, steps, score : (n,) float64 or None
        Model size, data seen, training FLOPs, distinct tokens, optimiser steps and task score;
        None where the table does not have them. `params` counts features and `tokens` counts
        samples where `size_name` and `data_name` say so.
    family, experiment, seed, name : (n,) str or None
        Labels.
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

    loss: Floats
    params: Floats | None = None
    tokens: Floats | None = None
    flops: Floats | None = None
    unique_tokens: Floats | None = None
    steps: Floats | None = None
    score: Floats | None = None
    family: Labels | None = None
    experiment: Labels | None = None
    seed: Labels | None = None
    name: Labels | None = None
    flagged: NDArray[np.bool_] | None = None
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    size_name: str = "params"
    data_name: str = "tokens"
    checkpoints: str | None = None
    source: str = "arrays"
    recognised: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others: Mapping[str, Floats] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    excluded: tuple[Exclusion, ...] = ()

    def __len__(self) -> int:
        return len(self.loss)

    def __repr__(self) -> str:
        from eigenscale.io.runs.describe import describe

        return describe(self)

    def require(self, *names: str) -> tuple[Floats, ...]:
        """Give the columns `names`, each (n,).

        Raises
        ------
        InputError
            When the table has no such column.
        """
        for name in names:
            if name not in _NUMBERS:
                raise InputError(f"{name!r} is not a number of a run; use {', '.join(_NUMBERS)}")
            if getattr(self, name) is None:
                raise InputError(
                    f"{self.source} has no {name}; name its column with "
                    f'columns={{"{name}": "…"}} (--columns {name}=…)'
                )
        return tuple(getattr(self, name) for name in names)

    def select(self, mask: ArrayLike, reason: str | None = None) -> "Runs":
        """Keep the runs where `mask` is true; with a `reason`, note the others in `excluded`.

        Raises
        ------
        InputError
            When the mask has another length, or leaves no run.
        """
        keep = np.asarray(mask, dtype=bool)
        if keep.shape != self.loss.shape:
            raise InputError(f"the mask has shape {keep.shape}; there are {len(self)} runs")
        if not keep.any():
            raise InputError(f"no run of {self.source} is left ({reason or 'selection'})")
        excluded = self.excluded
        if reason is not None and not keep.all():
            excluded += (Exclusion(tuple(self.rows[~keep].tolist()), reason),)
        changed: dict[str, Any] = {
            name: getattr(self, name)[keep] for name in _ARRAYS if getattr(self, name) is not None
        }
        others = {name: values[keep] for name, values in self.others.items()}
        return replace(self, **changed, others=others, excluded=excluded)

    def without_flagged(self) -> "Runs":
        """Leave out the rows that the table itself marks as outliers."""
        if self.flagged is None or not self.flagged.any():
            return self
        column = self.recognised.get("flagged", "flagged")
        return self.select(~self.flagged, f"flagged in column {column!r}")

    def without_highest_loss(self, count: int) -> "Runs":
        """Leave out the `count` runs of highest loss."""
        if not 0 <= count < len(self):
            raise InputError(f"cannot leave out {count} of {len(self)} runs; keep at least one")
        keep = np.ones(len(self), dtype=bool)
        keep[np.argsort(-self.loss, kind="stable")[:count]] = False
        return self.select(keep, f"the {count} highest losses")

    def recount(self, field: str, column: str) -> "Runs":
        """Read `field` of the same runs from another `column` of the table (see `others`).

        What was derived from the field is derived again.
        """
        from eigenscale.io.runs.derive import derive

        if column not in self.others:
            known = ", ".join(self.others) or "none"
            raise InputError(f"column {column!r} is not among the other columns: {known}")
        plain: dict[str, Any] = {field: self.others[column], **dict.fromkeys(self.derived)}
        recognised = {**self.recognised, field: column}
        return derive(replace(self, **plain, recognised=recognised, derived={}))

    @property
    def clusters(self) -> NDArray[np.int64] | None:
        """A number per group of runs that share their noise, for resampling whole groups.

        Groups are the families, else the runs that several checkpoints come from; None
        where the table tells neither.
        """
        labels = self.family if self.family is not None else None
        if labels is None and self.checkpoints == "every":
            labels = self.name
        if labels is None:
            return None
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: the columns, and what was understood of the table."""
        columns = {n: getattr(self, n) for n in _ARRAYS if getattr(self, n) is not None}
        return {
            "source": self.source,
            "n_runs": len(self),
            "size_name": self.size_name,
            "data_name": self.data_name,
            "checkpoints": self.checkpoints,
            "columns": {name: values.tolist() for name, values in columns.items()},
            "recognised": dict(self.recognised),
            "derived": dict(self.derived),
            "alternatives": {name: list(c) for name, c in self.alternatives.items()},
            "warnings": list(self.warnings),
            "excluded": [{"rows": list(e.rows), "reason": e.reason} for e in self.excluded],
        }

    @classmethod
    def from_arrays(cls, loss: ArrayLike, **columns: ArrayLike | None) -> "Runs":
        """Make runs from arrays of equal length, named as the attributes.

        Examples
        --------
        >>> runs = Runs.from_arrays([3.1, 2.9], params=[1e8, 2e8], tokens=[2e9, 2e9])
        >>> runs.flops, runs.derived
        (array([1.2e+18, 2.4e+18]), {'flops': '6 params tokens'})
        """
        from eigenscale.io.runs.assemble import from_columns

        return from_columns({"loss": loss, **columns})

"""The columns of a table of training runs as plain numbers; `Runs` adds reading and text."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

Labels = NDArray[np.str_]

FLOPS_PER_PARAM_TOKEN = 6.0
"""Two for the forward pass, four for the backward one (Kaplan et al. 2020, section 2.1)."""

NUMBERS = (
    "loss", "params", "tokens", "flops", "unique_tokens", "steps", "score", "lr", "loss_se",
    "spent",
)  # fmt: skip
SHOWN = 4  # rows that are named where some are left out
_LABELS = ("family", "experiment", "seed", "name", "state")
_ARRAYS = (*NUMBERS, *_LABELS, "flagged", "rows")


@dataclass(frozen=True)
class Exclusion:
    """Rows of the table (counted from 1) left out, and why.

    Attributes
    ----------
    rows : tuple of int
    reason : str
    runs : tuple of str
        Their names, where the table has names.
    numbers : mapping of str to tuple of float
        Their numbers, where they were read: what a law misses them by follows from these.
    """

    rows: tuple[int, ...]
    reason: str
    runs: tuple[str, ...] = ()
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        named = {"runs": list(self.runs)} if self.runs else {}
        return {"rows": list(self.rows), "reason": self.reason, **named}

    def sentence(self) -> str:
        """Say what is left out and why, with the first rows."""
        names = self.runs or ("",) * len(self.rows)
        shown = [f"{row} {name}".strip() for row, name in zip(self.rows, names, strict=True)]
        more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
        rows = f"{'rows' if len(shown) > 1 else 'row'} {', '.join(shown[:SHOWN])}{more}"
        many = f"{len(self.rows)} {'row' if len(self.rows) == 1 else 'rows'}"
        return f"left out {many}: {self.reason} ({rows})"


@dataclass(frozen=True, eq=False, repr=False)
class RunColumns:
    """Columns of a table of training runs, and what was recognised in it; see `Runs`."""

    loss: Floats
    params: Floats | None = None
    tokens: Floats | None = None
    flops: Floats | None = None
    unique_tokens: Floats | None = None
    steps: Floats | None = None
    score: Floats | None = None
    lr: Floats | None = None
    loss_se: Floats | None = None
    spent: Floats | None = None
    family: Labels | None = None
    experiment: Labels | None = None
    seed: Labels | None = None
    name: Labels | None = None
    state: Labels | None = None
    flagged: NDArray[np.bool_] | None = None
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    unit: str = "nats/token"
    unit_factor: float = 1.0
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

    def require(self, *names: str) -> tuple[Floats, ...]:
        """Give the columns `names`, each (n,).

        Raises
        ------
        InputError
            When the table has no such column.
        """
        for name in names:
            if name not in NUMBERS:
                raise InputError(f"{name!r} is not a number of a run; use {', '.join(NUMBERS)}")
            if getattr(self, name) is None:
                raise InputError(
                    f"{self.source} has no {name}; name its column with "
                    f'columns={{"{name}": "…"}} (--columns {name}=…)'
                )
        return tuple(getattr(self, name) for name in names)

    def select(self, mask: ArrayLike, reason: str | None = None) -> Self:
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
            excluded += (self._left_out(~keep, reason),)
        changed: dict[str, Any] = {
            name: getattr(self, name)[keep] for name in _ARRAYS if getattr(self, name) is not None
        }
        others = {name: values[keep] for name, values in self.others.items()}
        return replace(self, **changed, others=others, excluded=excluded)

    def _left_out(self, mask: NDArray[np.bool_], reason: str) -> Exclusion:
        """Note the runs of a mask."""
        known = {n: getattr(self, n) for n in NUMBERS if getattr(self, n) is not None}
        return Exclusion(
            tuple(self.rows[mask].tolist()),
            reason,
            () if self.name is None else tuple(str(one) for one in self.name[mask]),
            {name: tuple(values[mask].tolist()) for name, values in known.items()},
        )

    def without_flagged(self) -> Self:
        """Leave out the rows that the table itself marks as outliers."""
        if self.flagged is None or not self.flagged.any():
            return self
        column = self.recognised.get("flagged", "flagged")
        return self.select(~self.flagged, f"flagged in column {column!r}")

    def without_highest_loss(self, count: int) -> Self:
        """Leave out the `count` runs of highest loss."""
        if not 0 <= count < len(self):
            raise InputError(f"cannot leave out {count} of {len(self)} runs; keep at least one")
        keep = np.ones(len(self), dtype=bool)
        keep[np.argsort(-self.loss, kind="stable")[:count]] = False
        return self.select(keep, f"the {count} highest losses")

    def recount(self, field: str, column: str) -> Self:
        """Read `field` of the same runs from another `column` of the table (see `others`).

        What was derived from the field is derived again.
        """
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
            "unit": self.unit,
            "checkpoints": self.checkpoints,
            "columns": {name: values.tolist() for name, values in columns.items()},
            "recognised": dict(self.recognised),
            "derived": dict(self.derived),
            "alternatives": {name: list(c) for name, c in self.alternatives.items()},
            "warnings": list(self.warnings),
            "excluded": [one.to_dict() for one in self.excluded],
        }


Columns = TypeVar("Columns", bound=RunColumns)


def derive(runs: Columns) -> Columns:
    """Fill in the missing one of params, tokens and FLOPs by C = 6 N D; `derived` says how.

    The relation counts parameters and tokens of language models: tables of features or of
    samples are left as they are.
    """
    if (runs.size_name, runs.data_name) != ("params", "tokens"):
        return runs
    size, data, flops = runs.params, runs.tokens, runs.flops
    if flops is None and size is not None and data is not None:
        return _with(runs, flops=FLOPS_PER_PARAM_TOKEN * size * data, rule="6 params tokens")
    if data is None and size is not None and flops is not None:
        return _with(runs, tokens=flops / (FLOPS_PER_PARAM_TOKEN * size), rule="flops / (6 params)")
    if size is None and data is not None and flops is not None:
        return _with(runs, params=flops / (FLOPS_PER_PARAM_TOKEN * data), rule="flops / (6 tokens)")
    return runs


def _with(runs: Columns, *, rule: str, **column: object) -> Columns:
    name = next(iter(column))
    return replace(runs, **column, derived={**runs.derived, name: rule})  # type: ignore[arg-type]

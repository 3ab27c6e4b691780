"""From columns and what they mean to `Runs`: numbers parsed, units applied, rules checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.runs.container import Exclusion, Floats, Runs
from eigenscale.runs.derive import derive
from eigenscale.runs.names import LABELS, Recognition
from eigenscale.runs.suspicion import suspicions
from eigenscale.runs.table import Column, Table, as_column
from eigenscale.runs.units import LOSS_UNITS, count_scale, parse_quantity

COUNTS = ("params", "tokens", "flops", "unique_tokens", "steps", "batch_tokens")
_MEND = "drop the row or mend the value"


def numbers(values: Column, field: str, column: str, rows: NDArray[np.int64]) -> Floats:
    """Turn a column into float64, with NaN for what is missing.

    Raises
    ------
    InputError
        When a cell is text that is not a number; the message has its row and value.
    """
    if values.dtype == np.float64:
        return values
    if values.dtype == bool:
        raise InputError(f"column {column!r} for {field} holds true and false, not numbers")
    out = np.full(len(values), np.nan)
    for i, text in enumerate(values.tolist()):
        if text is None:
            continue
        number = parse_quantity(text, flops=field == "flops")
        if number is None:
            raise InputError(
                f"column {column!r} for {field} has {text!r} in row {rows[i]}, "
                f"which is not a number; {_MEND}"
            )
        out[i] = number
    return out


def _positive(values: Floats, field: str, column: str, rows: NDArray[np.int64]) -> None:
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if not bad.size:
        return
    value, row = values[bad[0]], rows[bad[0]]
    more = f" (and {bad.size - 1} more rows)" if bad.size > 1 else ""
    said = "is missing or NaN" if np.isnan(value) else f"has {value:.6g}"
    called = field if field == column else f"{field} (column {column!r})"
    raise InputError(f"{called} {said} in row {row}{more}; {field} must be positive "
                     f"and finite; {_MEND}")  # fmt: skip


def _to_nats(loss: Floats, unit: str) -> tuple[Floats, str | None]:
    if unit not in LOSS_UNITS:
        raise InputError(f"unit {unit!r} of loss is not known; use one of {', '.join(LOSS_UNITS)}")
    if unit == "bits":
        return loss * np.log(2.0), "bits × ln 2"
    if unit == "perplexity":
        return np.log(loss), "ln(perplexity)"
    return loss, None


def _labels(values: Column) -> NDArray[np.str_]:
    if values.dtype == np.float64:
        return np.array([f"{v:.15g}" for v in values.tolist()], dtype=np.str_)
    return np.array(["" if v is None else str(v) for v in values.tolist()], dtype=np.str_)


_TRUE = {"true", "yes", "1", "y", "x", "t"}


def _flags(values: Column) -> NDArray[np.bool_]:
    if values.dtype == np.float64:
        return np.array(np.nan_to_num(values) != 0)
    said = [str(v).strip().lower() in _TRUE for v in values.tolist()]
    return np.array(said, dtype=np.bool_)


class Assembly:
    """The columns of one table on their way to `Runs`."""

    def __init__(self, table: Table, known: Recognition) -> None:
        self.table = table
        self.known = known
        self.rows = np.arange(1, len(table) + 1)
        self.values: dict[str, Any] = {}
        self.derived: dict[str, str] = {}
        self.excluded: list[Exclusion] = []

    def number(self, field: str) -> Floats | None:
        """Give the numbers of a field in its unit, unchecked; None where the table has none."""
        if field in self.known.constants:
            return np.full(len(self.table), self.known.constants[field])
        column = self.known.columns.get(field)
        if column is None:
            return None
        found = numbers(self.table.columns[column], field, column, self.rows)
        if field in COUNTS:
            return found * count_scale(field, self.known.units.get(field, 1.0))
        return found

    def drop(self, mask: NDArray[np.bool_], reason: str) -> None:
        """Leave out the rows of the mask, and say why."""
        if mask.any():
            self.excluded.append(Exclusion(tuple(self.rows[mask].tolist()), reason))
            self.table, self.rows = self.table.take(~mask), self.rows[~mask]

    def name_of(self, field: str) -> str:
        """Name the column that a field is read from."""
        return self.known.columns.get(field, field)

    def collect(self) -> None:
        """Parse and check every field."""
        self._loss()
        for field in ("params", "tokens", "flops", "unique_tokens", "steps"):
            values = self.number(field)
            if values is not None:
                _positive(values, field, self.name_of(field), self.rows)
                self.values[field] = values
        self._tokens_from_steps()
        self.values["score"] = self.number("score")
        for field in LABELS:
            if field in self.known.columns:
                self.values[field] = _labels(self.table.columns[self.known.columns[field]])
        if "flagged" in self.known.columns:
            self.values["flagged"] = _flags(self.table.columns[self.known.columns["flagged"]])

    def _loss(self) -> None:
        loss = self.number("loss")
        if loss is None:
            raise InputError(
                f"{self.table.source} has no loss column; it has: "
                f"{', '.join(self.table.columns)}; name one with columns={{'loss': '…'}} "
                "(--columns loss=…)"
            )
        column = self.name_of("loss")
        _positive(loss, "loss", column, self.rows)
        loss, rule = _to_nats(loss, str(self.known.units.get("loss", "nats")))
        if rule is not None:
            self.derived["loss"] = f"{rule} of column {column!r}"
            _positive(loss, "loss", f"{column} in nats", self.rows)
        self.values["loss"] = loss

    def _tokens_from_steps(self) -> None:
        batch = self.number("batch_tokens")
        if "tokens" in self.values or batch is None or "steps" not in self.values:
            return
        _positive(batch, "batch_tokens", self.name_of("batch_tokens"), self.rows)
        self.values["tokens"] = self.values["steps"] * batch
        self.derived["tokens"] = "steps × tokens per batch"

    def others(self) -> dict[str, Floats]:
        """Collect the other columns that could be params, tokens, FLOPs or loss."""
        found: dict[str, Floats] = {}
        for field in ("params", "tokens", "flops", "loss"):
            for column in self.known.alternatives.get(field, ()):
                try:
                    values = numbers(self.table.columns[column], field, column, self.rows)
                except InputError:
                    continue
                if np.all(np.isfinite(values) & (values > 0)):
                    found[column] = values
        return found

    def kinds(self) -> tuple[str, str]:
        """Say what size and data count."""
        data = "n_samples" if self.known.kinds.get("tokens") == "n_samples" else "tokens"
        kind, column = self.known.kinds.get("params"), self.known.columns.get("params")
        features = kind == "n_features" or (data == "n_samples" and column in {"N", "n"})
        return ("n_features" if features else "params"), data

    def runs(self, **more: Any) -> Runs:
        """Finish: derive what is missing, say what is suspicious."""
        size_name, data_name = self.kinds()
        given = {name: f"{value:g} in every row" for name, value in self.known.constants.items()}
        present = {k: v for k, v in self.known.alternatives.items() if v}
        runs = Runs(
            **{name: values for name, values in self.values.items() if values is not None},
            rows=self.rows,
            size_name=size_name,
            data_name=data_name,
            source=self.table.source,
            recognised={**self.known.columns, **given},
            derived=self.derived,
            alternatives=present,
            others=self.others(),
            excluded=tuple(self.excluded),
            **more,
        )
        return suspicions(derive(runs), dict(self.known.units))


def assemble(table: Table, known: Recognition) -> Runs:
    """Make runs from a table whose columns are recognised."""
    if not table.columns or len(table) == 0:
        raise InputError(f"{table.source} has no rows; a table of runs has one row per run")
    work = Assembly(table, known)
    if "steps" in known.columns and (loss := work.number("loss")) is not None:
        work.drop(np.isnan(loss), "no loss logged at these steps")
    work.collect()
    return work.runs()


def from_columns(columns: Mapping[str, Any]) -> Runs:
    """Make runs from arrays named as the attributes of `Runs`."""
    given = {name: as_column(np.asarray(v)) for name, v in columns.items() if v is not None}
    sizes = {len(c) for c in given.values()}
    if len(sizes) > 1:
        raise InputError(f"the columns have different lengths {sorted(sizes)}; make them equal")
    names = {"n_features": "params", "n_samples": "tokens"}
    known = Recognition(columns={names.get(n, n): n for n in given})
    known.kinds = {names[n]: n for n in given if n in names}
    return assemble(Table(given, "arrays"), known)

"""From columns and what they mean to `Runs`: numbers parsed, units applied, rules checked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Array, Floats, Ints
from eigenscale.errors import InputError
from eigenscale.io.runs import curves
from eigenscale.io.runs.columns import Exclusion, Labels, RunColumns, derive
from eigenscale.io.runs.names import LABELS, Recognition
from eigenscale.io.runs.suspicion import suspicions
from eigenscale.io.runs.table import Table, as_column
from eigenscale.io.runs.units import LOSS_UNITS, count_scale, parse_quantity

COUNTS = ("params", "tokens", "flops", "unique_tokens", "steps", "batch_tokens")
TOO_LARGE = 1e60  # no count is; products of such would overflow
_MEND = "drop the row or mend the value"


def numbers(values: Array, field: str, column: str, rows: NDArray[np.int64]) -> Floats:
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


def check_positive(values: Floats, field: str, column: str, rows: NDArray[np.int64]) -> None:
    """Refuse what is missing, infinite, absurdly large, zero or negative.

    Raises
    ------
    InputError
        With the first bad value and its row.
    """
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0) & (values < TOO_LARGE)))
    if not bad.size:
        return
    value, row = values[bad[0]], rows[bad[0]]
    rule = "below 1e+60" if TOO_LARGE <= value < np.inf else "positive and finite"
    more = f" (and {bad.size - 1} more rows)" if bad.size > 1 else ""
    what = "is missing or NaN" if np.isnan(value) else f"has {value:.6g}"
    called = field if field == column else f"{field} (column {column!r})"
    raise InputError(f"{called} {what} in row {row}{more}; {field} must be {rule}; {_MEND}")


def _to_nats(loss: Floats, unit: str) -> tuple[Floats, str | None]:
    if unit not in LOSS_UNITS:
        raise InputError(f"unit {unit!r} of loss is not known; use one of {', '.join(LOSS_UNITS)}")
    if unit == "bits":
        return loss * np.log(2.0), "bits × ln 2"
    if unit == "perplexity":
        return np.log(loss), "ln(perplexity)"
    return loss, None


def _labels(values: Array) -> Labels:
    if values.dtype == np.float64:
        return np.array([f"{v:.15g}" for v in values.tolist()], dtype=np.str_)
    return np.array(["" if v is None else str(v) for v in values.tolist()], dtype=np.str_)


_TRUE = {"true", "yes", "1", "y", "x", "t"}


def _flags(values: Array) -> NDArray[np.bool_]:
    if values.dtype == np.float64:
        return np.array(np.nan_to_num(values) != 0)
    marked = [str(v).strip().lower() in _TRUE for v in values.tolist()]
    return np.array(marked, dtype=np.bool_)


class Assembly:
    """The fields of one table on their way to `Runs`: parse, take curves apart, check."""

    def __init__(self, table: Table, known: Recognition) -> None:
        self.source, self.known, self.log = table.source, known, table.log
        self.columns = table.columns
        self.rows = np.arange(1, len(table) + 1)
        self.derived: dict[str, str] = {}
        self.warnings: list[str] = []
        self.excluded: list[Exclusion] = []
        self.checkpoints: str | None = None
        self.values = self._numbers() | self._labels()
        self.others = self._others()

    def _numbers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in ("loss", *COUNTS, "score"):
            if field in self.known.constants:
                found[field] = np.full(len(self.rows), self.known.constants[field])
            elif field in self.known.columns:
                column = self.known.columns[field]
                values = numbers(self.columns[column], field, column, self.rows)
                if field in COUNTS:
                    values = values * count_scale(field, self.known.units.get(field, 1.0))
                found[field] = values
        return found

    def _labels(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in LABELS:
            if field in self.known.columns:
                found[field] = _labels(self.columns[self.known.columns[field]])
        if "flagged" in self.known.columns:
            found["flagged"] = _flags(self.columns[self.known.columns["flagged"]])
        return found

    def _others(self) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        for field in ("params", "tokens", "flops", "loss"):
            for column in self.known.alternatives.get(field, ()):
                try:
                    found[column] = numbers(self.columns[column], field, column, self.rows)
                except InputError:
                    continue
        return found

    def keep(self, mask: NDArray[np.bool_], reason: str) -> None:
        """Keep the rows of the mask; note the others with the reason."""
        if mask.all():
            return
        self.excluded.append(Exclusion(tuple(self.rows[~mask].tolist()), reason))
        self.rows = self.rows[mask]
        self.values = {name: values[mask] for name, values in self.values.items()}
        self.others = {name: values[mask] for name, values in self.others.items()}

    def name_of(self, field: str) -> str:
        """Name the column that a field is read from."""
        return self.known.columns.get(field, field)

    def codes(self) -> Ints:
        """Tell by a number which run a row belongs to."""
        params = self.values.get("params")
        usable = params if params is not None and np.isfinite(params).all() else None
        return curves.run_codes(self.values.get("name"), usable, len(self.rows))

    def take_curves_apart(self, rule: str | None) -> None:
        """Where rows are checkpoints: fill gaps, stitch restarts and apply the rule."""
        steps, codes = self.values.get("steps"), self.codes()
        if rule is not None and rule not in curves.RULES:
            curves.chosen(rule, codes, self.values["loss"])
        if steps is None or not curves.is_curve(self.log, codes, steps, "name" in self.values):
            return
        for field in COUNTS:
            if field != "steps" and field in self.values:
                up = field in {"tokens", "flops"}
                filled = curves.fill(codes, steps, self.values[field], counts_up=up)
                self.values[field] = filled
        default = "last" if self.log and codes.max() > 0 else "every"
        self._keep_logged()
        self.keep(
            ~curves.superseded(self.codes(), self.values["steps"]),
            "superseded: a restart logged the step again",
        )
        codes = self.codes()
        n_rows, n_runs = len(codes), int(codes.max()) + 1
        self.checkpoints = rule if rule is not None else default
        self.warnings.append(curves.sentence(self.checkpoints, n_rows, n_runs))
        self.keep(
            curves.chosen(self.checkpoints, codes, self.values["loss"]),
            f"other checkpoints (the {self.checkpoints} one counts)",
        )

    def _keep_logged(self) -> None:
        if self.log:
            self.keep(~np.isnan(self.values["loss"]), "no loss logged at these steps")
        if not len(self.rows):
            column = self.name_of("loss")
            raise InputError(f"{self.source} has no loss in any row of column {column!r}")
        self.keep(self.values["steps"] > 0, "before the first step")
        flops = self.values.get("flops")
        if flops is not None and {"params", "tokens"} <= set(self.values):
            complete = np.isfinite(self.values["params"] * self.values["tokens"]).all()
            if complete and not np.isfinite(flops).all():
                del self.values["flops"]
        for field in ("params", "tokens", "flops", "unique_tokens"):
            if field in self.values:
                present = np.isfinite(self.values[field]) & (self.values[field] > 0)
                if present.any():
                    self.keep(present, f"no {field} logged at or around these steps")

    def check(self) -> None:
        """Refuse what breaks a rule; loss to nats, tokens from steps."""
        column = self.name_of("loss")
        check_positive(self.values["loss"], "loss", column, self.rows)
        loss, rule = _to_nats(self.values["loss"], str(self.known.units.get("loss", "nats")))
        if rule is not None:
            self.derived["loss"] = f"{rule} of column {column!r}"
            check_positive(loss, "loss", f"{column} in nats", self.rows)
            self.values["loss"] = loss
        for field in COUNTS:
            if field in self.values:
                check_positive(self.values[field], field, self.name_of(field), self.rows)
        batch = self.values.pop("batch_tokens", None)
        if "tokens" not in self.values and batch is not None and "steps" in self.values:
            self.values["tokens"] = self.values["steps"] * batch
            self.derived["tokens"] = "steps × tokens per batch"

    def note_unfinished(self) -> None:
        """Warn of runs that a tracker's table says did not finish."""
        column = next((c for c in self.columns if c.lower() in {"state", "status"}), None)
        if column is None or self.columns[column].dtype != object:
            return
        states = np.array([str(v).lower() for v in self.columns[column]], dtype=np.str_)
        ended = np.isin(
            states, ("finished", "completed", "complete", "done", "success", "succeeded")
        )
        if ended.any() and not ended.all():
            self.warnings.append(
                f"{np.count_nonzero(~ended)} rows are not finished by column {column!r} "
                f"(the first is row {np.flatnonzero(~ended)[0] + 1}: {states[~ended][0]}); "
                f"keep the others with where={{{column!r}: '…'}}"
            )

    def kinds(self) -> tuple[str, str]:
        """Say what size and data count."""
        data = "n_samples" if self.known.kinds.get("tokens") == "n_samples" else "tokens"
        kind, column = self.known.kinds.get("params"), self.known.columns.get("params")
        features = kind == "n_features" or (data == "n_samples" and column in {"N", "n"})
        return ("n_features" if features else "params"), data

    def runs(self) -> RunColumns:
        """Finish: derive what is missing, say what is suspicious."""
        size_name, data_name = self.kinds()
        given = {name: f"{value:g} in every row" for name, value in self.known.constants.items()}
        runs = RunColumns(
            **self.values,
            rows=self.rows,
            size_name=size_name,
            data_name=data_name,
            checkpoints=self.checkpoints,
            source=self.source,
            recognised={**self.known.columns, **given},
            derived=self.derived,
            alternatives={k: v for k, v in self.known.alternatives.items() if v},
            others={k: v for k, v in self.others.items() if np.all(np.isfinite(v) & (v > 0))},
            warnings=tuple(self.warnings),
            excluded=tuple(self.excluded),
        )
        return suspicions(derive(runs), self.known.units)


def assemble(table: Table, known: Recognition, checkpoints: str | None = None) -> RunColumns:
    """Make runs from a table whose columns are recognised."""
    if not table.columns or len(table) == 0:
        raise InputError(f"{table.source} has no rows; a table of runs has one row per run")
    if "loss" not in {*known.columns, *known.constants}:
        raise InputError(
            f"{table.source} has no loss column; it has: {', '.join(table.columns)}; "
            "name one with columns={'loss': '…'} (--columns loss=…)"
        )
    work = Assembly(table, known)
    work.take_curves_apart(checkpoints)
    work.check()
    work.note_unfinished()
    return work.runs()


def from_columns(columns: Mapping[str, Any]) -> RunColumns:
    """Make runs from arrays named as the attributes of `Runs`."""
    given = {name: as_column(np.asarray(v)) for name, v in columns.items() if v is not None}
    sizes = {len(c) for c in given.values()}
    if len(sizes) > 1:
        raise InputError(f"the columns have different lengths {sorted(sizes)}; make them equal")
    names = {"n_features": "params", "n_samples": "tokens"}
    known = Recognition(columns={names.get(n, n): n for n in given})
    known.kinds = {names[n]: n for n in given if n in names}
    runs = assemble(Table(given, "arrays"), known, "every")
    return replace(runs, recognised={})

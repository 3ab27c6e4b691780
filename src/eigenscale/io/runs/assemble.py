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
from eigenscale.io.runs.ends import diverged_runs, in_words, share_of_steps, unfinished, which
from eigenscale.io.runs.loss_units import LossUnit, loss_unit, unit_of_scores
from eigenscale.io.runs.names import LABELS, Recognition
from eigenscale.io.runs.suspicion import suspicions
from eigenscale.io.runs.trunks import find_trunks
from eigenscale.io.runs.units import count_scale, parse_quantity
from eigenscale.io.tables.table import Table, as_column
from eigenscale.text.lines import listed

COUNTS = ("params", "tokens", "flops", "unique_tokens", "steps", "batch_tokens")
TOO_LARGE = 1e60  # no count is; products of such would overflow
_EXTRA = ("loss_se", "repeats", "lr", "spent")  # what is used where it is there
_MEND = "drop the row or mend the value"


def numbers(
    values: Array, field: str, column: str, rows: NDArray[np.int64], *, measured: bool = False
) -> Floats:
    """Turn a column into float64, with NaN for what is missing.

    A NaN that was written in a `measured` column is infinite: a result, though no number.

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
        out[i] = np.inf if measured and np.isnan(number) else number
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
        self.notes = table.notes
        self.warnings: list[str] = []
        self.excluded: list[Exclusion] = []
        self.checkpoints: str | None = None
        self.spent_is_share = False
        self.values = self._numbers() | self._labels()
        self.others = self._others()

    def _numbers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in ("loss", *COUNTS, "score", *_EXTRA):
            if field in self.known.constants:
                found[field] = np.full(len(self.rows), self.known.constants[field])
            elif field in self.known.columns:
                column = self.known.columns[field]
                try:
                    measured = field in {"loss", "score"}
                    values = numbers(
                        self.columns[column], field, column, self.rows, measured=measured
                    )
                except InputError:
                    if field not in _EXTRA:
                        raise
                    continue
                if field in COUNTS:
                    values = values * count_scale(field, self.known.units.get(field, 1.0))
                found[field] = values
        if "loss" not in found and "score" in found:
            found["loss"] = found["score"]
        return found

    def _labels(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in LABELS:
            if field in self.known.columns:
                found[field] = _labels(self.columns[self.known.columns[field]])
        if (kind := self.known.kinds.get("state", "")) and "state" in found:
            found["state"] = in_words(found["state"], kind, self.known.columns["state"])
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
        names = self.values.get("name")
        runs = () if names is None else tuple(str(one) for one in np.asarray(names)[~mask])
        self.excluded.append(Exclusion(tuple(self.rows[~mask].tolist()), reason, runs))
        self.rows = self.rows[mask]
        self.values = {name: values[mask] for name, values in self.values.items()}
        self.others = {name: values[mask] for name, values in self.others.items()}

    def name_of(self, field: str) -> str:
        """Name the column that a field is read from."""
        if field == "loss" and "loss" not in self.known.columns:
            field = "loss" if "loss" in self.known.constants else "score"
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
        self._fill(codes, steps)
        default = "last" if self.log and codes.max() > 0 else "every"
        self._keep_logged()
        self.keep(
            ~curves.superseded(self.codes(), self.values["steps"]),
            "superseded: a restart logged the step again",
        )
        if rule in (None, "last") and self._found_trunks():
            default = "last"
        codes = self.codes()
        n_rows, n_runs = len(codes), int(codes.max()) + 1
        self.checkpoints = rule if rule is not None else default
        self.warnings.append(curves.sentence(self.checkpoints, n_rows, n_runs))
        self.keep(
            curves.chosen(self.checkpoints, codes, self.values["loss"]),
            f"other checkpoints (the {self.checkpoints} one counts)",
        )

    def _found_trunks(self) -> bool:
        """Mark runs that share their first steps; what was not cooled down is no point."""
        codes, names = self.codes(), self.values.get("name")
        rates, params = self.values.get("lr"), self.values.get("params")
        found = find_trunks(codes, self.values["steps"], self.values["loss"], rates, params)
        if found is None:
            return False
        first = np.unique(codes, return_index=True)[1]
        called = None if names is None else names[first]
        self.warnings.append(found.sentence(called, rates is not None))
        labels = (
            np.array([f"trunk {i + 1}" for i in range(len(first))]) if called is None else called
        )
        self.values.setdefault("family", labels[found.trunk][codes])
        self.values["spent"], self.spent_is_share = found.fresh[codes], True
        self.keep(~found.unfinished[codes], "a trunk that was not cooled down")
        return True

    def _fill(self, codes: Ints, steps: Floats) -> None:
        """Fill sparse columns from other rows of the same run; totals become shares."""
        for field in COUNTS:
            if field == "steps" or field not in self.values:
                continue
            up = field in {"tokens", "flops"}
            if up and not (field == "flops" and {"params", "tokens"} <= set(self.values)):
                shared, count = share_of_steps(codes, steps, self.values[field])
                if count:
                    self.values[field] = shared
                    self.warnings.append(
                        f"{field} is one number for a whole run in {count} of {codes.max() + 1} "
                        f"runs (column {self.name_of(field)!r}); a checkpoint takes its share by "
                        "steps"
                    )
            self.values[field] = curves.fill(codes, steps, self.values[field], counts_up=up)

    def _leave_out_diverged(self) -> None:
        gone = diverged_runs(self.codes(), self.values["loss"])
        if gone.any() and not gone.all():
            names = self.values.get("name")
            told = which(None if names is None else names[gone], self.rows[gone])
            self.warnings.append(
                f"runs that diverged (their last loss is NaN or infinite) are left out: {told}"
            )
            self.keep(~gone, "diverged: the last loss is NaN or infinite")
        if np.isposinf(self.values["loss"]).any():
            self.keep(~np.isposinf(self.values["loss"]), "loss NaN or infinite at these steps")

    def _keep_logged(self) -> None:
        self._leave_out_diverged()
        if self.log:
            self.keep(~np.isnan(self.values["loss"]), "no loss logged at these steps")
        if not len(self.rows):
            column = self.name_of("loss")
            raise InputError(f"{self.source} has no loss in any row of column {column!r}")
        steps = self.values["steps"]
        self.keep(np.isfinite(steps) & (steps > 0), "before the first step")
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
        self._check_loss(column)
        for field in COUNTS:
            if field in self.values:
                check_positive(self.values[field], field, self.name_of(field), self.rows)
        self.values.pop("repeats", None)
        batch = self.values.pop("batch_tokens", None)
        if "tokens" not in self.values and batch is not None and "steps" in self.values:
            self.values["tokens"] = self.values["steps"] * batch
            self.derived["tokens"] = "steps × tokens per batch"

    def _check_loss(self, column: str) -> None:
        unit = self.unit
        if not unit.rises:
            check_positive(self.values["loss"], "loss", column, self.rows)
        if unit.rule:
            self.derived["loss"] = f"{unit.rule} of column {column!r}"
        loss = unit.inward(self.values["loss"]) * unit.factor
        if unit.rule:
            inside = "in nats" if unit.name in {"perplexity"} or unit.factor != 1 else "as a loss"
            check_positive(loss, "loss", f"{column} {inside}", self.rows)
        self.values["loss"] = loss
        if "loss_se" in self.values:
            self.values["loss_se"] = self._stated_error(unit)

    def _stated_error(self, unit: LossUnit) -> Floats:
        """Give the standard error of the loss inside, from what the table states."""
        error, column = np.abs(self.values["loss_se"]) * unit.factor, self.name_of("loss_se")
        repeats = self.values.pop("repeats", None)
        if self.known.kinds.get("loss_se") == "deviation" and repeats is not None:
            error = error / np.sqrt(repeats)
            self.warnings.append(
                f"column {column!r} is read as the standard deviation of repeats; the standard "
                f"error divides it by the root of {self.name_of('repeats')!r}, and weighs the runs"
            )
        else:
            self.warnings.append(
                f"column {column!r} is read as the standard error of the loss, which weighs the "
                "runs"
            )
        if unit.name == "perplexity":
            error = error / np.exp(self.values["loss"])
        return np.where(error > 0, error, np.nan)

    @property
    def unit(self) -> LossUnit:
        """Unit of the column that the loss is read from."""
        told = str(self.known.units.get("loss", "nats"))
        if "loss" not in self.known.columns and "loss" not in self.known.constants:
            return unit_of_scores(self.name_of("score"), self.values["loss"])
        plain = told == "nats" and self.kinds() != ("params", "tokens")
        return loss_unit("loss" if plain else told)

    def leave_out_unfinished(self) -> None:
        """Leave out runs that the table itself says did not finish, and name them."""
        states = self.values.get("state")
        gone = None if states is None else unfinished(states)
        if states is None or gone is None:
            return
        column, names = self.name_of("state"), self.values.get("name")
        told = which(None if names is None else names[gone], self.rows[gone], states[gone])
        count = len(set(names[gone])) if names is not None else int(gone.sum())
        said = _labels(self.columns[column])[self.rows - 1]
        ended = said[np.flatnonzero(~gone)[0]]
        self.warnings.append(
            f"{count} {'run' if count == 1 else 'runs'} did not finish by column {column!r} and "
            f"{'is' if count == 1 else 'are'} left out: {told}; keep them with "
            f"where={{{column!r}: …}} (--where {column}={ended},{said[gone][0]})"
        )
        self.keep(~gone, f"not finished by column {column!r}")

    def leave_out_without_loss(self) -> None:
        """Leave out runs that diverged or have no loss, and name them, where others have one."""
        loss = self.values["loss"]
        diverged, absent = np.isposinf(loss), np.isnan(loss)
        if not (diverged | absent).any() or not np.isfinite(loss).any():
            return
        names = self.values.get("name")
        for gone, what in ((diverged, "diverged (loss NaN or infinite)"), (absent, "have no loss")):
            if gone.any():
                told = which(None if names is None else names[gone], self.rows[gone])
                self.warnings.append(
                    f"{gone.sum()} {'run' if gone.sum() == 1 else 'runs'} "
                    f"{what.replace('have', 'has') if gone.sum() == 1 else what} and "
                    f"{'is' if gone.sum() == 1 else 'are'} left out: {told}; mend the cell, or "
                    "drop the row to silence this"
                )
        kept = ~(diverged | absent)
        self.keep(~diverged, "diverged: loss NaN or infinite")
        self.keep(kept[~diverged], "no loss")

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
            unit=self.unit.name,
            unit_factor=self.unit.factor,
            size_name=size_name,
            data_name=data_name,
            checkpoints=self.checkpoints,
            source=self.source,
            recognised={**self.known.columns, **given},
            derived=self.derived,
            alternatives={k: v for k, v in self.known.alternatives.items() if v},
            others={k: v for k, v in self.others.items() if np.all(np.isfinite(v) & (v > 0))},
            warnings=(*self.notes, *self.warnings),
            excluded=tuple(self.excluded),
        )
        runs = derive(runs)
        if self.spent_is_share:
            share, flops = runs.spent, runs.flops
            spent = None if share is None or flops is None else share * flops
            runs = replace(runs, spent=spent)
        return suspicions(runs, self.known.units)


def assemble(
    table: Table,
    known: Recognition,
    checkpoints: str | None = None,
    *,
    unfinished_too: bool = False,
    strict: bool = False,
) -> RunColumns:
    """Make runs from a table whose columns are recognised.

    Runs that did not finish are left out unless `unfinished_too`; a `strict` table has a loss in
    every row.
    """
    if not table.columns or len(table) == 0:
        raise InputError(f"{table.source} has no rows; a table of runs has one row per run")
    if not {"loss", "score"} & {*known.columns, *known.constants}:
        raise InputError(
            f"{table.source} has no loss column; it has: {listed(table.columns)}; "
            "name one with columns={'loss': '…'} (--columns loss=…)"
        )
    work = Assembly(table, known)
    if not unfinished_too:
        work.leave_out_unfinished()
    work.take_curves_apart(checkpoints)
    if not strict:
        work.leave_out_without_loss()
    work.check()
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
    runs = assemble(Table(given, "arrays"), known, "every", strict=True)
    return replace(runs, recognised={})

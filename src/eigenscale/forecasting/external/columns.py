"""Which columns of a table hold sizes, losses or scores, and their standard errors."""

import re
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.tables.table import Table


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SIZES = _set(
    "n_samples samples num_samples nsamples n_train train_size train_sizes size_train size "
    "sizes n n_examples num_examples examples rows n_rows training_size training_samples "
    "train_samples training_rows train_rows anchor sample_size dataset_size data_size "
    "training_set_size"
)
_LOSSES = _set(
    "loss error err mse rmse mae nll brier logloss perplexity deviance misclassification wer"
)
_SCORES = _set(
    "accuracy acc auc auroc f1 r2 precision recall score scores ap map kappa mcc top1 "
    "sensitivity specificity"
)
_SPREADS = _set("std se sem stderr sd stdev deviation ci")
_DEVIATIONS = _set("std sd stdev deviation")
_REPEATS = _set("n_seeds n_repeats repeats n_folds folds n_runs replicates cv n_cv seeds")
_TRAINED = _set("train training fit")


@dataclass(frozen=True, eq=False)
class Columns:
    """What a table of points holds.

    Attributes
    ----------
    sizes, losses : array, shape (rows,)
    errors : array, shape (rows,), or None
        Standard errors, in the unit of the losses.
    notes : tuple of str
        How scores became losses, and what was taken for standard errors.
    """

    sizes: Floats
    losses: Floats
    errors: Floats | None
    notes: tuple[str, ...]


def columns_of(table: Table, name: str) -> Columns:
    """Find the columns by their names; scores between 0 and 1 become 1 - score.

    Raises
    ------
    InputError
        Where there is no column of sizes, or none of losses or scores.
    """
    numbers = _numbers(table)
    sizes = next((key for key in numbers if _joined(key) in _SIZES), None)
    held = f"it has: {', '.join(table.columns)}"
    if sizes is None:
        raise InputError(
            f"{name} has no column of n_samples beside loss ({held}); name it n_samples, or give a "
            "target to forecast from data"
        )
    value = _value(numbers, sizes)
    if value is None:
        raise InputError(
            f"{name} has no column of losses or scores ({held}); name one loss, error or accuracy"
        )
    spread = next((key for key in numbers if _SPREADS & _words(key) and key != value), None)
    present = np.isfinite(numbers[sizes]) & np.isfinite(numbers[value])
    losses, unit, notes = _losses(value, numbers[value][present], name)
    errors = None
    if spread is not None:
        errors = numbers[spread][present] / unit
        repeats = next((k for k in numbers if _joined(k) in _REPEATS), None)
        if repeats is not None and _DEVIATIONS & _words(spread):
            errors = errors / np.sqrt(numbers[repeats][present])
            notes.append(
                f"{spread} is taken for the standard deviation of {repeats} values of {value}; "
                "the standard error of their mean is used"
            )
        else:
            notes.append(f"{spread} is taken for the standard error of {value}")
    if not present.all():
        notes.append(f"{int((~present).sum())} rows without a size or a value are left out")
    return Columns(numbers[sizes][present], losses, errors, tuple(notes))


def _numbers(table: Table) -> dict[str, Floats]:
    """Columns that hold numbers, in whatever form."""
    found = {}
    for key, column in table.columns.items():
        with suppress(ValueError, TypeError):
            found[key] = np.asarray(column, dtype=float)
    return found


def _value(numbers: dict[str, Floats], sizes: str) -> str | None:
    """Name of the column to forecast: of a test before any other, losses before scores."""

    def rank(key: str) -> tuple[bool, bool]:
        words = _words(key)
        return bool(_TRAINED & words), not _LOSSES & words

    known = _LOSSES | _SCORES
    found = [k for k in numbers if k != sizes and known & _words(k) and not _SPREADS & _words(k)]
    return min(found, key=rank) if found else None


def _losses(column: str, values: Floats, name: str) -> tuple[Floats, float, list[str]]:
    """Turn scores into losses; and the unit by which values were divided."""
    if _LOSSES & _words(column) and not (values < 0).all():
        return values, 1.0, []
    if (values <= 0).all():
        return -values, 1.0, [f"losses are {column} with its sign turned"]
    if ((values >= 0) & (values <= 1)).all():
        return 1 - values, 1.0, [f"losses are 1 - {column}"]
    if ((values >= 0) & (values <= 100)).all():
        return 1 - values / 100, 100.0, [f"losses are 1 - {column}, which is in per cent"]
    raise InputError(
        f"{name}: {column} runs from {values.min():.3g} to {values.max():.3g}, which is neither a "
        "score from 0 to 1 nor one in per cent; give a column of losses"
    )


def _joined(key: str) -> str:
    return "_".join(re.findall(r"[a-z]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1_\2", key).lower()))


def _words(key: str) -> frozenset[str]:
    joined = _joined(key)
    return frozenset(joined.split("_")) | frozenset(re.sub(r"_(?=\d)", "", joined).split("_"))

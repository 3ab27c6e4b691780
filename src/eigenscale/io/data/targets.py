"""Targets: numbers as they are, classes as one column of zeros and ones each."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.io.data.target_files import read_target
from eigenscale.io.files.amounts import amounts
from eigenscale.io.files.opening import opened

MAX_CLASSES = 4096
_FEW_VALUES = 20  # whole numbers that take no more values are classes
_EACH = 5  # rows for each value, from which on many values 0, 1, 2, … are classes

Kind = Literal["auto", "classes", "numbers"]
Missing = Literal["refuse", "drop"]


@dataclass(frozen=True, eq=False)
class Target:
    """What is to be predicted, one row per sample.

    Attributes
    ----------
    values : ndarray
        Shape (n, columns) of numbers, or (n,) of class numbers where `classes` is given.
    classes : tuple of str or None
        Names of the classes, which become one column each.
    name : str
        For messages.
    absent : ndarray of bool, shape (n,), or None
        Rows that have no target and are to be left out; None where all have one.
    """

    values: NDArray[Any]
    classes: tuple[str, ...] | None = None
    name: str = "target"
    absent: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def n_columns(self) -> int:
        """Columns that a learner predicts: one per class."""
        return len(self.classes) if self.classes is not None else int(self.values.shape[1])

    def rows(self, start: int, stop: int) -> NDArray[np.float64]:
        """Rows `start` to `stop` as numbers, classes one-hot; shape (rows, n_columns)."""
        part = self.values[start:stop]
        if self.classes is None:
            return np.asarray(part, dtype=np.float64)
        hot = np.zeros((len(part), len(self.classes)))
        hot[np.arange(len(part)), part] = 1.0
        return hot

    def check_length(self, n_rows: int, data: str) -> None:
        """Refuse a target that does not have one row for every row of the data."""
        if len(self) != n_rows:
            raise InputError(
                f"{self.name} has {len(self)} rows where {data} has {n_rows}; give one target "
                "for each row"
            )


class Column(NamedTuple):
    """Values of a column that were read already, and what to call it."""

    values: NDArray[Any]
    name: str


def as_target(target: Any, kind: Kind = "auto", missing: Missing = "refuse") -> Target:
    """Turn a path, an array or a column of labels into a `Target`.

    Text, booleans and whole numbers of few values are classes; everything else is numbers. Of more
    than twenty values, whole numbers are classes only where they number the classes, 0, 1, 2, …,
    with several rows each: a price or an age is a number, and so is text such as $1,200.
    `kind` overrules that. Rows with a missing value are refused, or marked to be left out.

    Examples
    --------
    >>> as_target(["cat", "dog", "cat"]).rows(0, 3)
    array([[1., 0.],
           [0., 1.],
           [1., 0.]])
    >>> as_target(["cat", None, "dog"], missing="drop").absent
    array([False,  True, False])
    """
    if isinstance(target, Target):
        return target
    if isinstance(target, str | Path):
        path, member = split_member(target)
        values, name = read_target(path, member), Path(target).name
    elif isinstance(target, Column):
        values, name = target
    else:
        values, name = _plain(target), "target"
    if values.ndim == 0 or len(values) == 0:
        raise InputError(f"{name} has shape {values.shape}; give one target for each row of data")
    if values.ndim == 2 and values.shape[1] == 1 and values.dtype.kind in "iubUSO":
        values = values[:, 0]
    if values.dtype.kind not in "fiubUSO":
        raise InputError(f"{name} has dtype {values.dtype}; a target is numbers or class names")
    bad = _missing(values)
    absent = np.asarray(bad.reshape(len(bad), -1).any(axis=1))
    if absent.any():
        if missing == "refuse":
            raise _refused(name, bad, absent)
        values = _filled(values, absent, name)
    made = _of_kind(values, name, kind)
    return replace(made, absent=absent) if absent.any() else made


def _of_kind(values: NDArray[Any], name: str, kind: Kind) -> Target:
    is_classes = values.ndim == 1 and (
        values.dtype.kind in "bUSO" or (values.dtype.kind in "iu" and _numbers_classes(values))
    )
    if kind != "classes" and values.ndim == 1 and values.dtype.kind in "USO":
        text = values.astype(str)
        read = amounts(text) if kind == "numbers" or len(np.unique(text)) > _FEW_VALUES else None
        if read is not None and not read.strays:
            return _numbers(read.values, name)
    if kind == "classes" or (kind == "auto" and is_classes):
        return _classes(values, name)
    return _numbers(values, name)


def _numbers_classes(values: NDArray[Any]) -> bool:
    """Whether whole numbers number classes, and do not measure anything."""
    found = np.unique(values)
    if len(found) <= _FEW_VALUES:
        return True
    runs = found[0] in (0, 1) and int(found[-1]) - int(found[0]) == len(found) - 1
    return bool(runs) and len(values) >= _EACH * len(found)


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where values are NaN, infinite or None."""
    if values.dtype.kind == "f":
        return np.asarray(~np.isfinite(values))
    if values.dtype.kind != "O":
        return np.zeros(values.shape, dtype=bool)
    flat = [is_missing(value) for value in values.ravel()]
    return np.array(flat, dtype=bool).reshape(values.shape)


def is_missing(value: Any) -> bool:
    """Whether a value of a column of objects is none: None, NaN, infinity, pandas' NA."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _refused(name: str, bad: NDArray[np.bool_], absent: NDArray[np.bool_]) -> InputError:
    return InputError(
        f"{name} has {int(bad.sum())} values that are missing or not finite in "
        f"{int(absent.sum())} rows, the first in row {int(np.argmax(absent)) + 1}; mend them, or "
        "drop those rows with missing='drop' (--missing drop)"
    )


def _filled(values: NDArray[Any], absent: NDArray[np.bool_], name: str) -> NDArray[Any]:
    """Put the first whole row in place of those that are left out; it is never looked at there."""
    if absent.all():
        raise InputError(f"{name} has no row without a missing value; give targets")
    filled = values.copy()
    filled[absent] = values[int(np.argmin(absent))]
    return np.array(filled.tolist()) if values.dtype.kind == "O" else filled


def _plain(target: Any) -> NDArray[Any]:
    if isinstance(target, np.ma.MaskedArray):
        kept: Any = target.astype(object if target.dtype.kind in "iubUS" else np.float64)
        return np.asarray(kept.filled(None if kept.dtype == object else np.nan))
    if isinstance(target, list | tuple) and any(is_missing(value) for value in target):
        return np.array(target, dtype=object)
    return np.asarray(target.to_numpy() if hasattr(target, "to_numpy") else target)


def _classes(values: NDArray[Any], name: str) -> Target:
    if values.ndim != 1:
        raise InputError(f"{name} has shape {values.shape}; classes are one column of labels")
    if values.dtype.kind == "O":
        values = values.astype(str)
    found, numbers = np.unique(values, return_inverse=True)
    if len(found) == 1:
        raise InputError(f"{name} has the single class {found[0]}; give two classes or more")
    if len(found) > MAX_CLASSES:
        raise InputError(
            f"{name} has {len(found)} different labels, and at most {MAX_CLASSES} can be classes;"
            " if they are numbers to predict, give them as floats or say target_kind='numbers' "
            "(--target-kind numbers)"
        )
    return Target(numbers.reshape(-1).astype(np.int64), tuple(str(c) for c in found), name)


def _numbers(values: NDArray[Any], name: str) -> Target:
    try:
        numbers = values.astype(np.float64)
    except (ValueError, TypeError):
        raise InputError(f"{name} holds text; it can be classes, not numbers") from None
    numbers = numbers.reshape(len(numbers), -1)
    if not (np.ptp(numbers, axis=0) > 0).any():
        raise InputError(f"{name} is constant; there is nothing to predict")
    return Target(numbers, None, name)


def split_member(name: str | Path) -> tuple[Path, str | None]:
    """Split ``archive.npz:member``; a path that exists as it stands has no member."""
    path = Path(name)
    if str(name) == "-":
        return opened(name), None
    if not path.exists() and ":" in str(name):
        head, _, member = str(name).rpartition(":")
        if Path(head).suffix or Path(head).exists():
            return _existing(Path(head)), member
    return _existing(path), None


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path")
    return path

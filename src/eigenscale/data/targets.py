"""Targets: numbers as they are, classes as one column of zeros and ones each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenscale.data.arrays import read_array
from eigenscale.errors import InputError

MAX_CLASSES = 4096

Kind = Literal["auto", "classes", "numbers"]


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
    """

    values: NDArray[Any]
    classes: tuple[str, ...] | None = None
    name: str = "target"

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


def as_target(target: Any, kind: Kind = "auto") -> Target:
    """Turn a path, an array or a column of labels into a `Target`.

    One-dimensional whole numbers, booleans and text are classes; everything else is numbers.
    `kind` overrules that.

    Examples
    --------
    >>> as_target(["cat", "dog", "cat"]).rows(0, 3)
    array([[1., 0.],
           [0., 1.],
           [1., 0.]])
    """
    if isinstance(target, Target):
        return target
    if isinstance(target, str | Path):
        values, name = _read(target), Path(target).name
    else:
        values, name = _plain(target), "target"
    if values.ndim == 0 or len(values) == 0:
        raise InputError(f"{name} has shape {values.shape}; give one target for each row of data")
    if values.ndim == 2 and values.shape[1] == 1 and values.dtype.kind in "iubUSO":
        values = values[:, 0]
    if values.dtype.kind not in "fiubUSO":
        raise InputError(f"{name} has dtype {values.dtype}; a target is numbers or class names")
    is_classes = values.ndim == 1 and values.dtype.kind in "iubUSO"
    if kind == "classes" or (kind == "auto" and is_classes):
        return _classes(values, name)
    return _numbers(values, name)


def _plain(target: Any) -> NDArray[Any]:
    return np.asarray(target.to_numpy() if hasattr(target, "to_numpy") else target)


def _classes(values: NDArray[Any], name: str) -> Target:
    if values.ndim != 1:
        raise InputError(f"{name} has shape {values.shape}; classes are one column of labels")
    if values.dtype.kind == "O":
        values = values.astype(str)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f"{name} has {np.sum(~np.isfinite(values))} labels that are not finite")
    found, numbers = np.unique(values, return_inverse=True)
    if len(found) == 1:
        raise InputError(f"{name} has the single class {found[0]}; give two classes or more")
    if len(found) > MAX_CLASSES:
        raise InputError(
            f"{name} has {len(found)} different labels, and at most {MAX_CLASSES} can be classes;"
            " if they are numbers to predict, give them as floats or say target_kind='numbers'"
        )
    return Target(numbers.reshape(-1).astype(np.int64), tuple(str(c) for c in found), name)


def _numbers(values: NDArray[Any], name: str) -> Target:
    try:
        numbers = values.astype(np.float64)
    except ValueError:
        raise InputError(f"{name} holds text; it can be classes, not numbers") from None
    numbers = numbers.reshape(len(numbers), -1)
    bad = int(np.sum(~np.isfinite(numbers)))
    if bad:
        row = int(np.argmax(~np.isfinite(numbers).all(axis=1)))
        raise InputError(
            f"{name} has {bad} values that are not finite, the first in row {row + 1}; drop those "
            "rows from data and target"
        )
    if not (np.ptp(numbers, axis=0) > 0).any():
        raise InputError(f"{name} is constant; there is nothing to predict")
    return Target(numbers, None, name)


def _read(target: str | Path) -> NDArray[Any]:
    from eigenscale.data.images import is_idx, read_idx

    path, member = split_member(target)
    suffix = path.suffix.lower()
    if suffix in (".npy", ".npz"):
        return np.asarray(read_array(path, member, "target"))
    if suffix in (".csv", ".tsv", ".txt"):
        return _csv_columns(path)
    if suffix == ".parquet":
        from pyarrow import parquet

        table = parquet.read_table(path)
        return _stack([c.to_numpy() for c in table.columns])
    if path.is_file() and is_idx(path):
        return np.asarray(read_idx(path))
    raise InputError(
        f"{path.name} ends in {suffix or 'nothing'}; a target is read from .npy, .npz, .csv, "
        ".parquet or IDX"
    )


def _csv_columns(path: Path) -> NDArray[Any]:
    import pyarrow as pa
    from pyarrow import csv

    try:
        table = csv.read_csv(path)
        if _looks_headless(table.schema.names):
            table = csv.read_csv(path, read_options=csv.ReadOptions(autogenerate_column_names=True))
    except pa.ArrowInvalid as error:
        text = " ".join(str(error).split())[:120]
        raise InputError(f"{path.name} cannot be read ({text}); mend the file") from None
    return _stack([c.to_numpy() for c in table.columns])


def _looks_headless(names: Sequence[str]) -> bool:
    try:
        return all(float(name) == float(name) for name in names)
    except ValueError:
        return False


def _stack(columns: list[NDArray[Any]]) -> NDArray[Any]:
    return columns[0] if len(columns) == 1 else np.column_stack(columns)


def split_member(name: str | Path) -> tuple[Path, str | None]:
    """Split ``archive.npz:member``; a path that exists as it stands has no member."""
    path = Path(name)
    if not path.exists() and ":" in str(name):
        head, _, member = str(name).rpartition(":")
        if Path(head).suffix:
            return _existing(Path(head)), member
    return _existing(path), None


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path")
    return path

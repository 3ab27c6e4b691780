"""Columns that must not be inputs: identifiers, copies of others or of the target, constants.

Each is left out with the reason, which is printed. What only looks suspicious is kept and warned
of: a column that alone tells the class, or one that looks like a group that rows belong to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.io.data.targets import Target
from eigenscale.io.files.index import index_is_kept
from eigenscale.io.preparation.roles import Column

_NAMED = re.compile(
    r"(^|[\W_])(id|ids|idx|index|key|uuid|guid|uid|rowid|row|rownames|serial|nr|no|number|code"
    r"|unnamed: ?\d+)$|^(patient|subject|customer|user|person|sample|case|record|account|client"
    r"|participant|observation|obs|name)([\W_]?(id|no|nr|number|code|name))?$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(Id|ID|No|Key|Code)$")
_FEWEST = 20  # rows from which on values that never recur say anything
_UNIQUE = 0.99
_RUN = 1.05  # range of integers over their number, up to which they count the rows
_SAME = 1 - 1e-9
_TELLS = 1.96
_ALMOST = 0.999  # rank correlation that a measured input hardly has


@dataclass(frozen=True)
class LeftOut:
    """A column that is no input, and why."""

    name: str
    why: str


def excluded(
    columns: Sequence[Column], target: Target | None
) -> tuple[list[LeftOut], list[str], list[str]]:
    """Find columns to leave out, groups that rows may belong to, and warnings.

    Returns
    -------
    left_out : list of LeftOut
    groups : list of str
        Names of columns that look like a group with several rows each.
    warnings : list of str
    """
    out: list[LeftOut] = []
    groups: list[str] = []
    warnings: list[str] = []
    kept: list[Column] = []
    for column in columns:
        why = _why(column, kept, target)
        if why == "group":
            groups.append(column.name)
            rows = len(column.values) / max(column.n_different, 1)
            why = f"it names a group of {rows:.3g} rows on average"
        if why:
            out.append(LeftOut(column.name, why))
            continue
        kept.append(column)
        told = "" if target is None else _told_by(column, target)
        if told:
            warnings.append(
                f"{told}: if it is known only after the target is, leave it out with --columns"
            )
    return out, groups, warnings


def _why(column: Column, kept: Sequence[Column], target: Target | None) -> str:
    known = column.values[column.known]
    if column.n_different == 0:
        return "it has no values"
    if column.n_different == 1 and column.known.all():
        return "it is constant"
    if target is not None and _is_target(column, target):
        return "it is the target in other words"
    found = _identity(column, known, target)
    if found:
        return found
    if column.role == "text":
        return f"it is free text ({column.n_different:,} different values)"
    for other in kept:
        if other.role == column.role and np.array_equal(
            other.values, column.values, equal_nan=True
        ):
            return f"it is a copy of {other.name}"
    return ""


def looks_like_identity(name: str) -> bool:
    """Whether a column is called as identifiers are.

    Examples
    --------
    >>> [looks_like_identity(n) for n in ("patient_id", "PassengerId", "width", "Unnamed: 0")]
    [True, True, False, True]
    """
    return bool(_NAMED.search(name) or _CAMEL.search(name))


def _identity(column: Column, known: Floats, target: Target | None) -> str:
    n, different = len(known), column.n_different
    kept = index_is_kept() and column.role == "number"
    if (
        kept
        or n < _FEWEST
        or column.role == "date"
        or (column.role == "number" and not column.whole)
    ):
        return ""
    named = looks_like_identity(column.name)
    if different >= _UNIQUE * n:
        if column.role == "text" and any(" " in label for label in column.labels[:50]):
            return f"it is free text ({different:,} different values)"
        if column.role != "number":
            return "its values are all different, as those of an identifier are"
        counts = np.ptp(known) + 1 <= _RUN * n
        if named or counts or not _associated(column, target):
            return "it is an identifier: whole numbers, no two alike"
        return ""
    several = different <= n / 2 and different >= max(8, n / 50)
    return "group" if named and several else ""


def _associated(column: Column, target: Target | None) -> bool:
    """Whether ranks of the column have to do with the target, at about five in a hundred."""
    if target is None or len(target) != len(column.values):
        return True
    from scipy.stats import rankdata

    rank = rankdata(column.values[column.known])
    wanted = target.rows(0, len(target))[column.known]
    a, b = rank - rank.mean(), wanted - wanted.mean(axis=0)
    size = np.sqrt((a**2).sum() * (b**2).sum(axis=0))
    correlation = np.abs(a @ b)[size > 0] / size[size > 0]
    limit = _TELLS * np.sqrt(1 + 2 * np.log(b.shape[1])) / np.sqrt(len(a))
    return bool(correlation.size and correlation.max() > limit)


def _is_target(column: Column, target: Target) -> bool:
    """Whether a column is the target itself: the same classes, or a rising or falling map of it."""
    if len(target) != len(column.values) or not column.known.all():
        return False
    if target.classes is not None:
        if column.n_different != len(target.classes):
            return False
        pairs = np.unique(np.column_stack([column.values, target.values]), axis=0)
        return len(pairs) == len(target.classes)
    if target.n_columns != 1 or column.role != "number":
        return False
    return abs(_correlation(column, target)) > _SAME or (
        column.n_different > _FEWEST and abs(_correlation(column, target, ranked=True)) > _SAME
    )


def _correlation(column: Column, target: Target, ranked: bool = False) -> float:
    """Correlation of a column of numbers, or of its ranks, with a target of numbers."""
    from scipy.stats import rankdata

    pair = np.array([column.values, target.values[:, 0]])[:, column.known]
    if ranked:
        pair = rankdata(pair, axis=1)
    with np.errstate(invalid="ignore"):
        return float(np.nan_to_num(np.corrcoef(pair)[0, 1]))


def _told_by(column: Column, target: Target) -> str:
    """Say how a column alone tells the target, where it does; empty where it does not."""
    if len(target) != len(column.values):
        return ""
    if _tells_class(column, target):
        return f"each value of {column.name} belongs to one class only"
    if column.role != "number":
        return ""
    if target.classes is None:
        ranked = target.n_columns == 1 and abs(_correlation(column, target, ranked=True))
        almost = column.n_different > _FEWEST and ranked > _ALMOST
        return f"{column.name} alone tells the target almost exactly" if almost else ""
    known = column.known
    order = np.lexsort((target.values[known], column.values[known]))
    changes = np.count_nonzero(np.diff(target.values[known][order]))
    parted = changes == len(target.classes) - 1 and known.mean() > 1 / 2
    return f"{column.name} alone parts the classes without an error" if parted else ""


def _tells_class(column: Column, target: Target) -> bool:
    """Whether each of a few values of the column goes with one class only."""
    if target.classes is None or len(target) != len(column.values):
        return False
    if column.n_different > len(column.values) / 10:
        return False
    pairs = np.unique(np.column_stack([column.values, target.values]), axis=0)
    return len(pairs) == len(np.unique(pairs[:, 0]))

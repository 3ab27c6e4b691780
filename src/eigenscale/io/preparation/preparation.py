"""One `Preparation` of a table's columns: encoded, filled and scaled, fitted on training rows only.

Scikit-learn does the work. Numbers are filled with the median beside an indicator of what was
missing, and scaled where columns have different units; categories become columns of zeros and ones,
at most twenty each, the rare ones together; dates are days.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.preparation.exclusions import LeftOut
from eigenscale.io.preparation.roles import Column, Role

Asked = Literal["auto", "none", "standard", "robust"]
Mode = Literal["none", "standard", "robust"]
MODES: tuple[Asked, ...] = ("auto", "none", "standard", "robust")

MOST_CATEGORIES = 20
_ONE_RANGE = 3.0  # ratio of standard deviations up to which columns have one range
_CENTRED = 0.5  # mean over standard deviation of columns that were centred
_ZEROS = 0.5  # share of zeros from which on whole numbers or weights are counts
_CLIP = 5.0


@dataclass(frozen=True)
class Encoded:
    """An input column: name, role, how many values are missing, what was read into its cells."""

    name: str
    role: Role
    labels: tuple[str, ...] = ()
    n_missing: int = 0
    said: str = ""


@dataclass(frozen=True, eq=False)
class Preparation:
    """What is done to the columns of a table; `fit` on training rows, then call on any.

    Attributes
    ----------
    asked : "auto", "none", "standard" or "robust"
    mode : "none", "standard" or "robust"
        What is done to numbers.
    why : str
        Why that was chosen.
    columns : tuple of Encoded
        Inputs, in the order of the raw array's columns.
    left_out : tuple of LeftOut
    groups : tuple of str
        Columns that look like a group that rows belong to.
    warnings : tuple of str
    transformer : ColumnTransformer or None
        None until it is fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from eigenscale.io.preparation.roles import Column
    >>> size = Column("size", "number", np.array([1.0, 3.0, np.nan, 5.0]))
    >>> colour = Column("colour", "category", np.array([0.0, 1.0, 1.0, 0.0]), ("blue", "red"))
    >>> made = prepare([size, colour], "none")
    >>> raw = np.column_stack([size.values, colour.values])
    >>> made.fit(raw)(raw)
    array([[1., 0., 0.],
           [3., 0., 1.],
           [3., 1., 1.],
           [5., 0., 0.]])
    """

    asked: Asked
    mode: Mode
    why: str
    columns: tuple[Encoded, ...]
    left_out: tuple[LeftOut, ...] = ()
    groups: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    transformer: Any = None

    @property
    def only_numbers(self) -> bool:
        """Whether all inputs are numbers as they stand, but for gaps."""
        return all(c.role == "number" and not c.said for c in self.columns)

    @property
    def changes_values(self) -> bool:
        """Whether the inputs differ from the columns as they stand."""
        gaps = any(c.n_missing for c in self.columns)
        return self.mode != "none" or gaps or not self.only_numbers

    def fit(self, raw: Floats) -> "Preparation":
        """Learn medians, scales and categories from training rows, shape (n, columns)."""
        if not self.changes_values:
            return self
        transformer = _transformer(self.columns, self.mode, raw)
        return replace(self, transformer=transformer.fit(raw))

    def __call__(self, raw: Floats) -> Floats:
        """Give the inputs of any rows, shape (n, n_inputs); as they are where nothing is done."""
        if self.transformer is None:
            return raw
        with warnings.catch_warnings():  # categories not seen in training count as rare ones
            warnings.filterwarnings("ignore", "Found unknown categories")
            return np.asarray(self.transformer.transform(raw), dtype=np.float64)

    def without_gaps(self) -> "Preparation":
        """Prepare for rows that have all values: no indicators of missing ones."""
        return replace(self, columns=tuple(replace(c, n_missing=0) for c in self.columns))

    @property
    def summary(self) -> tuple[str, ...]:
        """What was done, a line for each kind."""
        count = {
            role: [c.name for c in self.columns if c.role == role] for role in ("category", "date")
        }
        lines = []
        if self.mode != "none" or self.asked != "auto":
            lines.append(f"numbers are {_DONE[self.mode]} ({self.why})")
        if count["category"]:
            lines.append(f"{_listed(count['category'])}: one column of zeros and ones per category")
        if count["date"]:
            lines.append(f"{_listed(count['date'])}: read as dates, in days")
        lines += [f"{c.name}: {c.said}" for c in self.columns if c.said]
        filled = [c.name for c in self.columns if c.n_missing]
        if filled:
            lines.append(f"missing values are filled, with an indicator: {_listed(filled)}")
        reasons: dict[str, list[str]] = {}
        for gone in self.left_out:
            reasons.setdefault(gone.why, []).append(gone.name)
        lines += [f"{_listed(names)} left out: {why}" for why, names in reasons.items()]
        return tuple(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain form for JSON."""
        return {
            "asked": self.asked,
            "mode": self.mode,
            "why": self.why,
            "columns": [
                {
                    "name": c.name,
                    "role": c.role,
                    "missing": c.n_missing,
                    **({"categories": len(c.labels)} if c.role == "category" else {}),
                }
                for c in self.columns
            ],
            "left_out": [{"name": gone.name, "why": gone.why} for gone in self.left_out],
            "groups": list(self.groups),
            "warnings": list(self.warnings),
            "summary": list(self.summary),
        }


_DONE = {
    "none": "taken as they are",
    "standard": "scaled to mean 0 and standard deviation 1",
    "robust": f"scaled by median and quartiles and cut off at ±{_CLIP:g}",
}


def _listed(names: Sequence[str]) -> str:
    if len(names) <= 6:
        return ", ".join(names)
    return f"{', '.join(names[:5])} and {len(names) - 5} more"


def prepare(
    columns: Sequence[Column],
    asked: Asked = "auto",
    left_out: Sequence[LeftOut] = (),
    groups: Sequence[str] = (),
    suspicions: Sequence[str] = (),
) -> Preparation:
    """Decide how columns are encoded and scaled.

    Raises
    ------
    InputError
        Where `asked` is unknown, or no column is left.
    """
    if asked not in MODES:
        raise InputError(f"prepare {asked!r} is not known; use {', '.join(MODES)}")
    if not columns:
        why = "; ".join(f"{gone.name}: {gone.why}" for gone in left_out[:4])
        raise InputError(f"no column is left to learn from ({why}); name inputs with --columns")
    mode, why = _mode(columns) if asked == "auto" else (asked, "as asked")
    encoded = tuple(
        Encoded(c.name, c.role, c.labels, int(np.count_nonzero(~c.known)), c.said) for c in columns
    )
    return Preparation(asked, mode, why, encoded, tuple(left_out), tuple(groups), tuple(suspicions))


def prepare_array(rows: Floats, asked: Asked) -> Preparation:
    """Prepare columns without names, shape (n, columns): left as they are unless told otherwise."""
    if asked not in MODES:
        raise InputError(f"prepare {asked!r} is not known; use {', '.join(MODES)}")
    if asked == "auto":
        return Preparation(asked, "none", "columns have no names", ())
    names = range(rows.shape[1]) if asked != "none" else ()
    return Preparation(asked, asked, "as asked", tuple(Encoded(str(i), "number") for i in names))


def _mode(columns: Sequence[Column]) -> tuple[Mode, str]:
    """Choose none or standard, and say why."""
    numbers = [c for c in columns if c.role == "number" and c.n_different > 1]
    if any(c.role == "date" for c in columns):
        return "standard", "dates stand beside numbers"
    if len(numbers) < 2 and not (numbers and len(columns) > 1):
        return "none", "there is one column of numbers"
    values = np.column_stack([c.values for c in numbers])
    spread = np.nanstd(values, axis=0)
    low, high = np.quantile(spread, [0.05, 0.95])
    beside = any(c.role == "category" for c in columns)
    if high <= _ONE_RANGE * low and not (beside and not 0.1 < np.median(spread) < 3):
        return "none", "all columns have about one range"
    if _mostly_zero(values):
        return "none", "columns are counts or weights of one kind"
    if _numbered([c.name for c in numbers]) and _one_kind(values, spread):
        return "none", "numbered columns of one kind"
    return "standard", "columns have different units or ranges"


def _mostly_zero(values: Floats) -> bool:
    return bool(np.mean(values == 0) > _ZEROS and np.nanmin(values) >= 0)


def _numbered(names: Sequence[str]) -> bool:
    """Whether names are one word with numbers, as pixel0, pixel1, … are."""
    stems = {re.sub(r"\d+", "#", name) for name in names}
    return len(names) >= 4 and len(stems) <= 2 and all(re.search(r"\d", name) for name in names)


def _one_kind(values: Floats, spread: Floats) -> bool:
    """Whether columns are centred alike, as features of a model are, or end alike, as pixels do."""
    centred = np.median(np.abs(np.nanmean(values, axis=0)) / spread) < _CENTRED
    lows, highs = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    ends_alike = np.ptp(lows) == 0 and np.quantile(highs, 0.75) <= 2 * np.quantile(highs, 0.25)
    return bool(centred or ends_alike)


def _transformer(columns: Sequence[Encoded], mode: Mode, raw: Floats) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import MissingIndicator, SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    places = {
        kind: [i for i, c in enumerate(columns) if (c.role == "category") == (kind == "category")]
        for kind in ("category", "number")
    }
    missing = [i for i in places["number"] if columns[i].n_missing]
    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    plain, scaled = _by_scale(places["number"], mode, raw)
    parts: list[tuple[str, Any, list[int]]] = [
        ("numbers", make_pipeline(fill, *_scaler(mode)), scaled),
        ("even", make_pipeline(fill, *_scaler("standard")), plain),
        ("missing", MissingIndicator(features="all"), missing),
        (
            "categories",
            make_pipeline(
                SimpleImputer(strategy="constant", fill_value=-1.0, keep_empty_features=True),
                OneHotEncoder(
                    drop="if_binary",
                    handle_unknown="infrequent_if_exist",
                    max_categories=MOST_CATEGORIES,
                    sparse_output=False,
                ),
            ),
            places["category"],
        ),
    ]
    return ColumnTransformer([part for part in parts if part[2]])


def _by_scale(places: list[int], mode: Mode, raw: Floats) -> tuple[list[int], list[int]]:
    """Part columns whose quartiles coincide, which have no robust scale, from the others."""
    if mode != "robust":
        return [], places
    with np.errstate(invalid="ignore"):
        low, high = np.nanquantile(raw[:, places], [0.25, 0.75], axis=0)
    even = [i for i, equal in zip(places, high <= low, strict=True) if equal]
    return even, [i for i in places if i not in even]


def _scaler(mode: Mode) -> list[Any]:
    from sklearn.preprocessing import FunctionTransformer, RobustScaler, StandardScaler

    if mode == "standard":
        return [StandardScaler()]
    if mode == "robust":
        cut = FunctionTransformer(np.clip, kw_args={"a_min": -_CLIP, "a_max": _CLIP})
        return [RobustScaler(unit_variance=True), cut]
    return []

"""What results share: intervals, and a plain form that JSON can carry."""

import dataclasses
import html
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from importlib import import_module
from inspect import isclass, isroutine
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.frozen import freeze
from eigenscale.writing import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_LINES, SHOWN_ROWS, SHOWN_COLUMNS = 24, 8, 10
"""What a notebook shows of a result."""

T = TypeVar("T")


@dataclass(frozen=True)
class Interval:
    """A value with the interval that holds the truth with probability `level`.

    Attributes
    ----------
    value, low, high : float
        Estimate and ends, in the unit of the quantity.
    level : float
        Nominal coverage, in (0, 1).
    se : float or None
        Standard error, where one is known.

    Examples
    --------
    >>> Interval(0.5, 0.4, 0.65, level=0.9)
    0.5 [0.4, 0.65] (90 %)
    """

    value: float
    low: float
    high: float
    level: float = 0.9
    se: float | None = None

    def __repr__(self) -> str:
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}] ({100 * self.level:.3g} %)"

    @classmethod
    def from_draws(cls, value: float, draws: ArrayLike, level: float = 0.9) -> "Interval":
        """Percentile interval of `draws`, which may be empty: then both ends are NaN."""
        sample = np.asarray(draws, dtype=float)
        sample = sample[~np.isnan(sample)]
        if sample.size < 2:
            return cls(float(value), math.nan, math.nan, level)
        low, high = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2])
        with np.errstate(over="ignore"):  # of draws near the largest number: infinite
            se = float(sample.std(ddof=1))
        return cls(float(value), float(low), float(high), level, se)

    def to_dict(self) -> dict[str, float]:
        """Keys `value`, `low`, `high`, `level`, and `se` where known."""
        return {k: v for k, v in dataclasses.asdict(self).items() if v is not None}


def plain(to_dict: Callable[[T], dict[str, Any]]) -> Callable[[T], dict[str, Any]]:
    """Let a ``to_dict`` give what JSON can carry, as the command line prints it."""

    @wraps(to_dict)
    def plain_dict(self: T) -> dict[str, Any]:
        return dict(to_plain(to_dict(self)))

    return plain_dict


class Text(str):
    """Text that may also be called, so that `plan.summary` and `plan.summary()` are the same.

    Examples
    --------
    >>> Text("Train longer.")() == Text("Train longer.")
    True
    """

    __slots__ = ()

    def __call__(self) -> str:
        """Give the text as a plain string."""
        return str(self)


@runtime_checkable
class Described(Protocol):
    """What every public result offers, whatever it holds."""

    @property
    def summary(self) -> Text:
        """What was found, as text; `summary()` is the same."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the figures that `plot` draws of it."""

    def to_dict(self) -> dict[str, Any]:
        """Give what ``--json`` prints."""

    def save(self, path: str | Path) -> Path:
        """Write it to a file that `eigenscale.load` reads."""


class Result:
    """What public results share: text, JSON, files, figures, equality by value, copies."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        type.__setattr__(cls, "to_dict", plain(cls.to_dict))

    @property
    def summary(self) -> Text:
        """What was found, as text; `summary()` is the same."""
        return Text(self._text())

    def _text(self) -> str:
        return repr(self)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences; empty where nothing was found."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """Plain form, as ``--json`` prints it: what JSON carries, None for NaN."""
        return {name: to_plain(getattr(self, name)) for name in _field_names(self)}

    def save(self, path: str | Path) -> Path:
        """Write all of it to a JSON file, whole or not at all; `eigenscale.load` reads it.

        Raises
        ------
        InputError
            The place cannot be written, or it holds a function of your own, which no file keeps.
        """
        content = freeze(self, type(self).__qualname__, self.to_dict())
        with whole_file(path) as temporary:
            temporary.write_text(content, encoding="utf-8")
        return Path(path)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the figures that `plot` draws of it; the first is drawn by default."""
        return tuple(_figures().kinds(self))

    def plot(self, ax: "Axes | Sequence[Axes] | None" = None, kind: str | None = None) -> "Axes":
        """Draw a figure of it with matplotlib, on axes of your own where `ax` is given.

        Parameters
        ----------
        ax : matplotlib Axes, or a sequence of them, optional
            Where to draw; one for each panel of the figure. A new figure by default.
        kind : str, optional
            Which figure, one of `kinds`.

        Returns
        -------
        matplotlib Axes
            Of the first panel. No rcParams are changed.

        Raises
        ------
        InputError
            There is no such figure, or there are fewer axes than panels.
        """
        axes: Axes = _figures().plot(self, ax, kind)
        return axes

    def __eq__(self, other: object) -> bool:
        """Whether both are of one class and hold the same numbers; NaN equals NaN."""
        return type(self) is type(other) and _same_fields(self, other)

    def __hash__(self) -> int:
        return hash(type(self).__qualname__)

    def _repr_html_(self) -> str:
        """Show the first lines of the summary, a small table and a figure, where there are."""
        lines = self.summary.splitlines()
        if len(lines) > SHOWN_LINES:
            left = len(lines) - SHOWN_LINES
            lines = [*lines[:SHOWN_LINES], f"… {left} more lines: print(result.summary)"]
        parts = [f"<pre>{html.escape(chr(10).join(lines))}</pre>", *self._html_parts()]
        if self.kinds:
            parts.append(_figures().as_html(self))
        return "\n".join(parts)

    def _html_parts(self) -> list[str]:
        return []


def _figures() -> Any:
    # The room that draws lies above all results: its name is looked up when something is drawn.
    return import_module("eigenscale.figures.plots")


def _field_names(thing: Any) -> list[str]:
    return [f.name for f in dataclasses.fields(thing)]


def same(a: Any, b: Any) -> bool:
    """Whether two things hold the same values, arrays and NaN included.

    Examples
    --------
    >>> same({"x": np.array([1.0, np.nan])}, {"x": np.array([1.0, np.nan])}), same(1, 1.5)
    (True, False)
    """
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _same_arrays(np.asarray(a), np.asarray(b))
    if type(a) is not type(b):
        return False
    if dataclasses.is_dataclass(a):
        return _same_fields(a, b)
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, partial):
        return a.func is b.func and same(a.args, b.args) and same(a.keywords, b.keywords)
    if isinstance(a, MethodType):
        return a.__func__ is b.__func__ and same(a.__self__, b.__self__)
    if (
        "__eq__" not in vars(type(a))
        and hasattr(a, "__dict__")
        and not (isroutine(a) or isclass(a))
    ):
        return same(vars(a), vars(b))
    return bool(a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b)))


def _same_arrays(a: Any, b: Any) -> bool:
    return a.shape == b.shape and np.array_equal(
        a, b, equal_nan="f" in (a.dtype.kind, b.dtype.kind)
    )


def _same_fields(a: Any, b: Any) -> bool:
    return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))


def to_plain(thing: Any) -> Any:
    """Turn results into what JSON can carry: NaN and infinities become ``None``.

    Objects with a ``to_dict`` method are asked for it, other dataclasses give their fields.

    Examples
    --------
    >>> to_plain({"loss": np.array([0.5, np.inf]), "n": np.int64(3)})
    {'loss': [0.5, None], 'n': 3}
    """
    if hasattr(thing, "to_dict"):
        return to_plain(thing.to_dict())
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: to_plain(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): to_plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [to_plain(value) for value in thing]
    if isinstance(thing, np.ndarray | np.generic):
        return to_plain(thing.tolist())
    if isinstance(thing, float) and not math.isfinite(thing):
        return None
    return thing


class Tabular(Result):
    """Results that any dataframe library takes, and that can be written as a file."""

    def to_arrow(self) -> Any:
        """Return the table as a pyarrow table."""
        raise NotImplementedError

    def _html_parts(self) -> list[str]:
        table = self.to_arrow()
        names = table.column_names[:SHOWN_COLUMNS]
        rows = table.select(names).slice(0, SHOWN_ROWS).to_pylist()
        cells = [[_cell(row[name]) for name in names] for row in rows]
        body = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in cells)
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        left = [
            f"{count} more {what}"
            for count, what in (
                (table.num_rows - len(rows), "rows"),
                (table.num_columns - len(names), "columns"),
            )
            if count > 0
        ]
        more = f"<p>… {' and '.join(left)}</p>" if left else ""
        return [f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"]

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Export the table by the Arrow PyCapsule protocol, which dataframe libraries read."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """Return the table as a pandas dataframe."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the table as a polars dataframe."""
        import polars

        return polars.from_arrow(self.to_arrow())

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV, or as Parquet where `path` ends in ``.parquet``."""
        import pyarrow.csv
        import pyarrow.parquet

        parquet = Path(path).suffix.lower() == ".parquet"
        with whole_file(path) as temporary:
            if parquet:
                pyarrow.parquet.write_table(self.to_arrow(), temporary)
            else:
                pyarrow.csv.write_csv(self.to_arrow(), temporary)


def _cell(value: Any) -> str:
    return html.escape(f"{value:.6g}" if isinstance(value, float) else str(value))


class Rows(Tabular):
    """Results that are a table of rows."""

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give one dictionary per row."""
        raise NotImplementedError

    def to_arrow(self) -> Any:
        """Return the rows as a pyarrow table: columns as they first appear, null where absent."""
        import pyarrow

        rows = list(self.rows())
        names = list(dict.fromkeys(name for row in rows for name in row))
        return pyarrow.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> Any:
    """One column; what is of several kinds becomes text."""
    import pyarrow

    try:
        return pyarrow.array(values)
    except pyarrow.ArrowException:
        return pyarrow.array([None if value is None else str(value) for value in values])

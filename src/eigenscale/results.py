"""What results share: intervals, and a plain form that JSON can carry."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.writing import whole_file


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


class Rows:
    """Results that are a table: what `rows` gives, for any dataframe library and as a file."""

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give one dictionary per row."""
        raise NotImplementedError

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Export the rows by the Arrow PyCapsule protocol, which dataframe libraries read."""
        return _arrow(self).__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """Return the rows as a pandas dataframe."""
        return _arrow(self).to_pandas()

    def to_polars(self) -> Any:
        """Return the rows as a polars dataframe."""
        import polars

        return polars.from_arrow(_arrow(self))

    def to_csv(self, path: str | Path) -> None:
        """Write the rows as CSV, or as Parquet where `path` ends in ``.parquet``."""
        import pyarrow.csv
        import pyarrow.parquet

        parquet = Path(path).suffix.lower() == ".parquet"
        with whole_file(path) as temporary:
            if parquet:
                pyarrow.parquet.write_table(_arrow(self), temporary)
            else:
                pyarrow.csv.write_csv(_arrow(self), temporary)


def _arrow(table: Rows) -> Any:
    """Columns in the order of their first row; what a row lacks is null."""
    import pyarrow

    rows = list(table.rows())
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pyarrow.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> Any:
    """One column; what is of several kinds becomes text."""
    import pyarrow

    try:
        return pyarrow.array(values)
    except pyarrow.ArrowException:
        return pyarrow.array([None if value is None else str(value) for value in values])

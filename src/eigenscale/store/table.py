"""All that a store holds as one table: for CSV, Parquet and dataframes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.results import Rows
from eigenscale.store.cells import Store


@dataclass(frozen=True, eq=False)
class StoredTable(Rows):
    """Cells of every kind and version, one row each.

    Attributes
    ----------
    path : Path
        Of the store.
    table : tuple of dict
        `kind`, `version`, the inputs, what the value holds but for its lists, and `seconds`.
    """

    path: Path
    table: tuple[dict[str, Any], ...]

    def __repr__(self) -> str:
        return f"StoredTable({str(self.path)!r}, {len(self.table)} cells)"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give the rows."""
        yield from self.table

    def to_dict(self) -> dict[str, Any]:
        """Key `rows`."""
        return {"rows": list(self.table)}


def read_store(path: str | Path) -> StoredTable:
    """Read all that a store holds.

    Raises
    ------
    InputError
        Where the file is not there, or is no store.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Store(f"{folder}/work.sqlite", "square", 1) as store:
    ...         store.put({"x": 3}, 9.0)
    ...     list(read_store(f"{folder}/work.sqlite").rows())
    [{'kind': 'square', 'version': '1', 'x': 3, 'value': 9.0}]
    """
    if not Path(path).is_file():
        raise InputError(f"{path} is not there; name a file that a store wrote")
    rows = []
    with Store(path, "", "") as store:
        for kind, version in store.kinds():
            with Store(path, kind, version) as one:
                rows += [
                    {"kind": kind, "version": version, **_scalars(cell.inputs)}
                    | _scalars(
                        cell.value if isinstance(cell.value, dict) else {"value": cell.value}
                    )
                    | ({} if cell.seconds is None else {"seconds": cell.seconds})
                    for cell in one.cells()
                ]
    return StoredTable(Path(path), tuple(rows))


def _scalars(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not isinstance(value, list | dict)}
